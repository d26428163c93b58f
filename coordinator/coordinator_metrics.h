#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mailhaul::coordinator {

// Every metric the coordinator exports. Labels are closed sets: never a user, a batch or a job.
class CoordinatorMetrics {
 public:
  explicit CoordinatorMetrics(prometheus::Registry& registry);

  // Counts a call of the API that ended.
  void CountCall(absl::string_view method, const absl::Status& status);

  // Jobs put into the queue by submissions that came to their end.
  prometheus::Counter& rows_queued;
  // WatchBatch streams open now.
  prometheus::Gauge& watchers;
  // Workers reporting to this coordinator now, the jobs they may run at once, and those they run.
  prometheus::Gauge& workers;
  prometheus::Gauge& worker_slots;
  prometheus::Gauge& worker_jobs;
  // 1 while the queue answers, else 0.
  prometheus::Gauge& queue_reachable;
  // Times that housekeeping in the queue failed.
  prometheus::Counter& tick_failures;

 private:
  prometheus::Family<prometheus::Counter>& calls_;
};

}  // namespace mailhaul::coordinator
