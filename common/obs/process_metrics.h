#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace mailhaul::obs {

// What every Prometheus client exports about its own process, under the usual names:
// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds,
// process_start_time_seconds. Read from /proc when collected; a figure that cannot be read is left
// out.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace mailhaul::obs
