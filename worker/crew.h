#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <random>

#include "absl/status/status.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/event.h"
#include "common/net/fence.h"
#include "common/queue/job_store.h"
#include "mailhaul/v1/worker_report.pb.h"
#include "worker/app.h"
#include "worker/job_run.h"
#include "worker/worker_metrics.h"

namespace mailhaul::worker {

// The jobs a worker runs: claims them, renews their leases, and stops those it may no longer have.
// One executor thread.
//
// A lease counts as ours until its end by our own clock, which also runs while the machine sleeps,
// reckoned from when we asked and less a margin: the queue's clock and ours never meet, and a
// worker that cannot renew has stopped sending before another may start.
class Crew {
 public:
  Crew(boost::asio::any_io_executor executor, queue::JobStore& store, const WorkerOptions& options,
       WorkerMetrics& metrics);

  // To be run side by side; the first two until Stop, the last until StopRenewing.
  Task<void> KeepClaiming();
  Task<void> KeepHouse();
  Task<void> KeepRenewing();

  // No more claims; every job completes what it began and is handed back. Empty() comes true soon.
  void Stop();
  // What still runs is cut off.
  void CutOff();
  // Once it is empty.
  void StopRenewing();
  bool Empty() const { return runs_.empty(); }
  // Set whenever a run has ended.
  net::Event& run_ended() { return run_ended_; }

  void Cancel(queue::JobId job);
  v1::WorkerReport Snapshot();
  // How the last call to the queue went; UNAVAILABLE before the first.
  const absl::Status& health() const { return health_; }

 private:
  Task<absl::StatusOr<size_t>> ClaimOnce();
  Task<void> RenewOnce();
  void StartRun(queue::ClaimedJob job, net::BootClock::time_point valid_until);
  void Note(absl::string_view what, const absl::Status& status);
  Deadline NextRenewal();
  // When the first of the leases we hold counts as ended.
  Deadline FirstEnd() const;
  // When a lease given, or renewed, after `asked` counts as ended.
  net::BootClock::time_point EndOfLease(net::BootClock::time_point asked) const;

  boost::asio::any_io_executor executor_;
  queue::JobStore& store_;
  const WorkerOptions& options_;
  WorkerMetrics& metrics_;
  std::mt19937_64 random_{std::random_device{}()};
  std::map<queue::JobId, std::shared_ptr<JobRun>> runs_;
  uint64_t call_ = 1;
  net::Event run_ended_;
  net::Event slot_free_;
  net::Event stop_renewing_;
  net::Event claim_pause_;  // one waiter each
  net::Event house_pause_;
  bool stopped_ = false;
  absl::Status health_ = absl::UnavailableError("the queue was not asked yet");
};

}  // namespace mailhaul::worker
