#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "absl/strings/string_view.h"

#include "mailhaul/v1/job.pb.h"

namespace mailhaul::worker {

// Every metric the worker exports. Labels are closed sets: never a user, a mailbox or a message.
class WorkerMetrics {
 public:
  explicit WorkerMetrics(prometheus::Registry& registry);

  // Adds what a job settled since its last count.
  void CountMessages(const v1::Tally& now, const v1::Tally& before);
  // `outcome`: a final state in lower case, "retry", "interrupted", "lost" or "left"
  // (to its lease).
  void CountJob(absl::string_view outcome);

  // Jobs this worker may run at once, and those it runs now.
  prometheus::Gauge& slots;
  prometheus::Gauge& jobs;
  // Leases that ended, or were taken over, while this worker still had the job.
  prometheus::Counter& leases_lost;
  // Calls to the queue that failed.
  prometheus::Counter& queue_failures;

 private:
  prometheus::Counter& copied_;
  prometheus::Counter& copied_bytes_;
  prometheus::Counter& skipped_;
  prometheus::Counter& failed_;
  prometheus::Family<prometheus::Counter>& ended_;
};

}  // namespace mailhaul::worker
