#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/string_view.h"

#include "common/queue/job_store.h"
#include "mailhaul/v1/worker_report.pb.h"

namespace mailhaul::coordinator {

// What the workers connected to this coordinator say they are doing right now. Nothing here is
// needed for anything but looking: after a restart it fills again with the workers' next reports.
// Lives on one thread.
class Progress {
 public:
  // A worker's stream of reports; a later stream of the same worker replaces the earlier one.
  using Session = uint64_t;
  Session Begin(absl::string_view worker);
  // False when a later session of the worker has begun: this one counts no more.
  bool Update(Session session, const v1::WorkerReport& report);
  void End(Session session);

  // A running job as `worker` last reported it; nullptr when it did not. Which worker that is says
  // the queue: one that has lost its lease may go on talking for a while.
  const v1::JobProgress* Find(queue::JobId job, absl::string_view worker) const;

  struct Totals {
    int workers = 0;
    int slots = 0;
    int jobs = 0;
  };
  Totals Count() const;

 private:
  struct Worker {
    Session session = 0;
    int slots = 0;
    std::unordered_map<queue::JobId, v1::JobProgress> jobs;
  };
  std::unordered_map<std::string, Worker> workers_;
  std::unordered_map<Session, std::string> sessions_;
  Session last_ = 0;
};

}  // namespace mailhaul::coordinator
