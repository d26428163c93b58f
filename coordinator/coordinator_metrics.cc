#include "coordinator/coordinator_metrics.h"

#include <string>

#include "common/obs/metrics.h"

namespace mailhaul::coordinator {
CoordinatorMetrics::CoordinatorMetrics(prometheus::Registry& registry)
    : rows_queued(obs::AddCounter(registry, "mailhaul_coordinator_rows_queued_total",
                                  "Jobs put into the queue by finished submissions.")),
      watchers(
          obs::AddGauge(registry, "mailhaul_coordinator_watchers", "WatchBatch streams open now.")),
      workers(obs::AddGauge(registry, "mailhaul_coordinator_workers",
                            "Workers that report to this coordinator now.")),
      worker_slots(obs::AddGauge(registry, "mailhaul_coordinator_worker_slots",
                                 "Jobs that those workers may run at once.")),
      worker_jobs(obs::AddGauge(registry, "mailhaul_coordinator_worker_jobs",
                                "Jobs that those workers run now.")),
      queue_reachable(obs::AddGauge(registry, "mailhaul_coordinator_queue_reachable",
                                    "1 while the queue answers, else 0.")),
      tick_failures(obs::AddCounter(registry, "mailhaul_coordinator_tick_failures_total",
                                    "Times that housekeeping in the queue failed.")),
      calls_(prometheus::BuildCounter()
                 .Name("mailhaul_coordinator_calls_total")
                 .Help("Calls of the API that ended, by method and canonical code.")
                 .Register(registry)) {}

void CoordinatorMetrics::CountCall(absl::string_view method, const absl::Status& status) {
  calls_.Add({{"method", std::string(method)}, {"code", absl::StatusCodeToString(status.code())}})
      .Increment();
}

}  // namespace mailhaul::coordinator
