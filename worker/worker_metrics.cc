#include "worker/worker_metrics.h"

#include "common/obs/metrics.h"

namespace mailhaul::worker {
WorkerMetrics::WorkerMetrics(prometheus::Registry& registry)
    : slots(obs::AddGauge(registry, "mailhaul_worker_slots", "Jobs this worker may run at once.")),
      jobs(obs::AddGauge(registry, "mailhaul_worker_jobs", "Jobs this worker runs now.")),
      leases_lost(
          obs::AddCounter(registry, "mailhaul_worker_leases_lost_total",
                          "Leases that ended or were taken over while this worker had the job.")),
      queue_failures(obs::AddCounter(registry, "mailhaul_worker_queue_failures_total",
                                     "Calls to the queue that failed.")),
      copied_(obs::AddCounter(registry, "mailhaul_worker_messages_copied_total",
                              "Messages whose copy the destination confirmed.")),
      copied_bytes_(obs::AddCounter(registry, "mailhaul_worker_copied_bytes_total",
                                    "Octets of those messages.")),
      skipped_(obs::AddCounter(registry, "mailhaul_worker_messages_skipped_total",
                               "Messages left out or gone meanwhile.")),
      failed_(obs::AddCounter(registry, "mailhaul_worker_messages_failed_total",
                              "Messages that one side refused.")),
      ended_(prometheus::BuildCounter()
                 .Name("mailhaul_worker_job_runs_total")
                 .Help("Runs of jobs that ended, by outcome.")
                 .Register(registry)) {}

void WorkerMetrics::CountMessages(const v1::Tally& now, const v1::Tally& before) {
  copied_.Increment(static_cast<double>(now.copied() - before.copied()));
  copied_bytes_.Increment(static_cast<double>(now.copied_bytes() - before.copied_bytes()));
  skipped_.Increment(static_cast<double>(now.skipped() - before.skipped()));
  failed_.Increment(static_cast<double>(now.failed() - before.failed()));
}

void WorkerMetrics::CountJob(absl::string_view outcome) {
  ended_.Add({{"outcome", std::string(outcome)}}).Increment();
}

}  // namespace mailhaul::worker
