#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "absl/status/status.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/event.h"
#include "common/net/fence.h"
#include "common/queue/job_store.h"
#include "mailhaul/v1/job.pb.h"
#include "mailhaul/v1/worker_report.pb.h"
#include "worker/app.h"
#include "worker/copy/mailbox_copy.h"
#include "worker/job_messages.h"
#include "worker/outcome.h"
#include "worker/worker_metrics.h"

namespace mailhaul::worker {

// One run of one job, from its claim to its end: copies, stores checkpoints on the way, and tells
// the queue how it ended. One executor thread.
class JobRun {
 public:
  // `valid_until`: when the lease of the claim ends, by our clock, with a margin.
  JobRun(boost::asio::any_io_executor executor, queue::ClaimedJob job,
         net::BootClock::time_point valid_until, queue::JobStore& store,
         const WorkerOptions& options, WorkerMetrics& metrics);

  Task<void> Run();

  // Each may be called at any time, more than once.
  void HandBack();  // finish what was begun, then give the job back
  void Cancel();    // finish what was begun, then end as cancelled
  void CutOff();    // stop sending now; then as asked before, else give the job back
  void Lose();      // someone else may have the job: stop at once and write nothing more

  queue::LeaseRef lease() const { return {job_.id, job_.epoch}; }
  // The lease was renewed.
  void Renewed(net::BootClock::time_point valid_until);
  net::BootClock::time_point valid_until() const { return valid_until_; }
  bool Expired() const { return net::BootClock::now() >= valid_until_; }
  bool lost() const { return lost_; }
  v1::JobProgress Snapshot();

 private:
  // Reads what earlier runs left, and makes copy_ of it.
  Task<absl::Status> Prepare();
  Task<absl::Status> Copy();
  Task<void> KeepCheckpoints();
  queue::CheckpointRecords TakeChanges();
  Task<absl::Status> StoreCheckpoint();
  Task<absl::Status> StoreIntents();
  Task<void> End(const absl::Status& copied);
  Task<bool> SitOut();
  Task<absl::Status> TellQueue(Outcome outcome, std::string result);
  Task<void> PauseAfter(int attempt);
  static int64_t Settled(const v1::Tally& tally);

  boost::asio::any_io_executor executor_;
  queue::ClaimedJob job_;
  net::BootClock::time_point valid_until_;
  // Between us and the destination: it closes by itself when the lease has ended.
  const std::shared_ptr<net::Fence> fence_ = std::make_shared<net::Fence>();
  queue::JobStore& store_;
  const WorkerOptions& options_;
  WorkerMetrics& metrics_;
  std::mt19937_64 random_{std::random_device{}()};
  const RunStart start_;

  v1::JobSpec spec_;
  std::optional<copy::MailboxCopy> copy_;
  net::Event copy_ended_;
  net::Event cut_off_;
  net::Event stored_;
  bool storing_ = false;        // a checkpoint is on its way
  int64_t settled_before_ = 0;  // by earlier runs
  v1::Tally counted_;           // in the metrics
  uint64_t checkpoints_ = 0;    // sent by this run
  bool stop_asked_ = false;
  bool cancelled_ = false;
  bool lost_ = false;
};

}  // namespace mailhaul::worker
