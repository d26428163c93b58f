#include "coordinator/coordinator_metrics.h"

#include <string>

namespace mailhaul::coordinator {
namespace {

prometheus::Counter& Counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

CoordinatorMetrics::CoordinatorMetrics(prometheus::Registry& registry)
    : rows_queued(Counter(registry, "mailhaul_coordinator_rows_queued_total",
                          "Jobs put into the queue by finished submissions.")),
      watchers(Gauge(registry, "mailhaul_coordinator_watchers", "WatchBatch streams open now.")),
      workers(Gauge(registry, "mailhaul_coordinator_workers",
                    "Workers that report to this coordinator now.")),
      worker_slots(Gauge(registry, "mailhaul_coordinator_worker_slots",
                         "Jobs that those workers may run at once.")),
      worker_jobs(
          Gauge(registry, "mailhaul_coordinator_worker_jobs", "Jobs that those workers run now.")),
      queue_reachable(Gauge(registry, "mailhaul_coordinator_queue_reachable",
                            "1 while the queue answers, else 0.")),
      tick_failures(Counter(registry, "mailhaul_coordinator_tick_failures_total",
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
