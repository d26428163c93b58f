#include "worker/job_run.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "common/base/backoff.h"
#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "common/obs/log.h"
#include "common/report/names.h"
#include "common/report/tally.h"
#include "worker/job_messages.h"

namespace mailhaul::worker {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;
using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A crash costs at most what was copied since the last checkpoint.
constexpr seconds kCheckpointEvery{5};
constexpr int64_t kCheckpointMessages = 1000;
constexpr milliseconds kLook{250};
constexpr seconds kQueueCall{5};

// Whether a call to the queue may work when it is tried again.
bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

JobRun::JobRun(boost::asio::any_io_executor executor, queue::ClaimedJob job,
               net::BootClock::time_point valid_until, queue::JobStore& store,
               const WorkerOptions& options, WorkerMetrics& metrics)
    : executor_(executor),
      job_(std::move(job)),
      valid_until_(valid_until),
      store_(store),
      options_(options),
      metrics_(metrics),
      copy_ended_(executor),
      cut_off_(executor),
      stored_(executor) {
  Renewed(valid_until);
}

void JobRun::Renewed(net::BootClock::time_point valid_until) {
  valid_until_ = valid_until;
  fence_->OpenUntil(valid_until);
}

Task<absl::Status> JobRun::Prepare() {
  if (!spec_.ParseFromString(job_.spec)) {
    co_return absl::InvalidArgumentError("the queue's record of the job cannot be read");
  }
  absl::StatusOr<queue::Past> past;
  for (int attempt = 1;; ++attempt) {
    past = co_await store_.ReadPast(lease(), spec_.pair(), Deadline::After(kQueueCall));
    if (absl::IsAborted(past.status())) Lose();
    if (!MayPass(past.status()) || stop_asked_ || Expired()) break;
    metrics_.queue_failures.Increment();
    co_await PauseAfter(attempt);
  }
  if (stop_asked_) co_return absl::CancelledError("stopped before it began");
  CO_RETURN_IF_ERROR(past.status());
  copy::MailboxCopy::Options copy_options = ToCopyOptions(spec_, *std::move(past), options_);
  copy_options.store = [this] { return StoreIntents(); };
  copy_options.destination.fence = fence_;
  for (const v1::FolderProgress& folder : copy_options.earlier) {
    report::Add(counted_, folder.tally());
  }
  settled_before_ = Settled(counted_);
  copy_.emplace(executor_, std::move(copy_options));
  co_return absl::OkStatus();
}

Task<void> JobRun::Run() {
  absl::Status copied = co_await Prepare();
  if (copied.ok()) copied = co_await (Copy() && KeepCheckpoints());
  const bool settled = lost_ || !copy_ || !copy_->under_way() || co_await SitOut();
  if (lost_) {
    metrics_.CountJob("lost");
    log::Warning("job lost: its lease ended", {{"job", job_.id}, {"epoch", job_.epoch}});
    co_return;
  }
  if (!settled) {
    metrics_.CountJob("left");
    log::Warning("job left to its lease: the destination may still be busy with it",
                 {{"job", job_.id}, {"error", Explain(copied)}});
    co_return;
  }
  co_await End(copied);
}

// Who takes the job from us at once must not meet what the destination still does with what we sent
// it: as long as after a worker's death we keep the lease. False when we may not wait, or lost it.
Task<bool> JobRun::SitOut() {
  const queue::LeaseTimes& times = store_.lease_times();
  if (cut_off_.is_set()) co_return false;
  co_await cut_off_.Wait(Deadline::After(times.margin() + times.grace()));
  co_return !cut_off_.is_set();
}

Task<absl::Status> JobRun::Copy() {
  absl::Status copied = co_await copy_->Run();
  copy_ended_.Set();
  co_return copied;
}

int64_t JobRun::Settled(const v1::Tally& tally) {
  return tally.copied() + tally.already_there() + tally.skipped() + tally.failed();
}

Task<void> JobRun::KeepCheckpoints() {
  int64_t stored = Settled(copy_->Total());
  Deadline next = Deadline::After(kCheckpointEvery);
  while (!copy_ended_.is_set()) {
    co_await copy_ended_.Wait(Deadline::After(kLook));
    if (lost_ || (!next.Passed() && Settled(copy_->Total()) - stored < kCheckpointMessages))
      continue;
    stored = Settled(copy_->Total());
    next = Deadline::After(kCheckpointEvery);
    // A failure costs nothing yet: the next checkpoint has the same and more.
    (void)co_await StoreCheckpoint();
  }
}

// Those of all folders that changed, and what the sum of their tallies says to the metrics.
queue::CheckpointRecords JobRun::TakeChanges() {
  queue::CheckpointRecords records;
  records.number = ++checkpoints_;
  records.pair = spec_.pair();
  const auto add = [&records](std::vector<copy::LedgerRecord> changes) {
    for (copy::LedgerRecord& record : changes)
      records.ledger.push_back({std::move(record.name), std::move(record.value)});
  };
  add(copy_->TakeStaleRecords());
  for (size_t i = 0; i < copy_->folders().size(); ++i) {
    copy::FolderCopy& folder = copy_->folders()[i];
    add(folder.TakeLedgerChanges());
    if (folder.TakeDirty())
      records.folders.push_back({static_cast<int>(i), folder.Progress().SerializeAsString()});
  }
  return records;
}

// One at a time, so that what is stored last is the newest.
Task<absl::Status> JobRun::StoreCheckpoint() {
  while (storing_) {
    stored_.Reset();
    co_await stored_.Wait(Deadline::After(2 * kQueueCall));
  }
  const v1::Tally total = copy_->Total();
  metrics_.CountMessages(total, std::exchange(counted_, total));
  queue::CheckpointRecords records = TakeChanges();
  if (records.folders.empty() && records.ledger.empty()) co_return absl::OkStatus();
  storing_ = true;
  absl::Status stored =
      co_await store_.Checkpoint(lease(), std::move(records), Deadline::After(kQueueCall));
  storing_ = false;
  stored_.Set();
  if (absl::IsAborted(stored)) Lose();
  if (!stored.ok()) {
    metrics_.queue_failures.Increment();
    for (copy::FolderCopy& folder : copy_->folders()) {
      folder.MarkDirty();
      folder.ledger().MarkAllChanged();
    }
  }
  co_return stored;
}

// What may be sent from here on is known to the queue. While that is away the copy waits, for as
// long as the lease is ours.
Task<absl::Status> JobRun::StoreIntents() {
  for (int attempt = 1;; ++attempt) {
    absl::Status stored = co_await StoreCheckpoint();
    if (!MayPass(stored)) co_return stored;
    if (lost_ || stop_asked_ || Expired()) co_return absl::CancelledError("the queue is away");
    co_await PauseAfter(attempt);
  }
}

Task<void> JobRun::End(const absl::Status& copied) {
  bool folder_failed = false;
  v1::Tally total;
  if (copy_) {
    total = copy_->Total();
    for (copy::FolderCopy& folder : copy_->folders())
      folder_failed = folder_failed || folder.failed();
  }
  const bool progressed = Settled(total) > settled_before_;
  Outcome outcome = Decide(copied, total, folder_failed, progressed, job_.attempt, random_);
  if (cancelled_ && !copied.ok()) outcome = Ended{queue::State::kCancelled};
  const auto* const ended = std::get_if<Ended>(&outcome);
  const queue::State state = ended != nullptr ? ended->state : queue::State::kFailed;
  const absl::Status error = cancelled_ ? absl::OkStatus() : copied;
  v1::JobResult result = MakeResult(spec_, state, job_.attempt, start_, error);
  *result.mutable_tally() = total;
  const absl::Status told = co_await TellQueue(outcome, result.SerializeAsString());
  const std::string word = ended != nullptr ? report::Word(ToProto(state)) : "handed back";
  metrics_.CountJob(ended != nullptr ? word : "handed_back");
  log::Info("job ended", {{"job", job_.id},
                          {"outcome", word},
                          {"copied", total.copied()},
                          {"error", copied.ok() ? std::string() : Explain(copied)},
                          {"queue", told.ok() ? std::string() : std::string(told.message())}});
}

// Stores the last checkpoint and the outcome. While the queue is away it tries again, for as long
// as the lease is ours.
Task<absl::Status> JobRun::TellQueue(Outcome outcome, std::string result) {
  for (int attempt = 1;; ++attempt) {
    absl::Status told = copy_ ? co_await StoreCheckpoint() : absl::OkStatus();
    const Deadline deadline = Deadline::After(kQueueCall);
    if (told.ok()) {
      if (const auto* ended = std::get_if<Ended>(&outcome)) {
        told = co_await store_.Finish(lease(), ended->state, result, deadline);
      } else {
        const TryLater& later = std::get<TryLater>(outcome);
        told = co_await store_.GiveBack(lease(), later.why, later.pause, result, deadline);
      }
    }
    // ABORTED: someone else has it, or an earlier try did arrive.
    if (told.ok() || absl::IsAborted(told) || lost_ || Expired()) co_return told;
    metrics_.queue_failures.Increment();
    co_await PauseAfter(attempt);
  }
}

Task<void> JobRun::PauseAfter(int attempt) {
  net::Event pause(executor_);
  co_await pause.Wait(
      Deadline::After(Backoff(attempt, milliseconds(100), milliseconds(2'000), random_)));
}

void JobRun::HandBack() {
  stop_asked_ = true;
  if (copy_) copy_->Stop();
}

void JobRun::Cancel() {
  cancelled_ = true;
  HandBack();
}

void JobRun::CutOff() {
  stop_asked_ = true;
  cut_off_.Set();
  if (copy_) copy_->Abort();
}

void JobRun::Lose() {
  if (std::exchange(lost_, true)) return;
  metrics_.leases_lost.Increment();
  fence_->Close();
  CutOff();
}

v1::JobProgress JobRun::Snapshot() {
  v1::JobProgress progress;
  progress.set_job_id(job_.id);
  progress.set_attempt(job_.attempt);
  *progress.mutable_start_time() =
      TimeUtil::SecondsToTimestamp(std::chrono::system_clock::to_time_t(start_.wall));
  if (!copy_) return progress;
  *progress.mutable_tally() = copy_->Total();
  progress.set_folders(static_cast<int32_t>(copy_->folders().size()));
  for (copy::FolderCopy& folder : copy_->folders()) {
    if (folder.Progress().done()) {
      progress.set_folders_done(progress.folders_done() + 1);
    } else if (progress.current_mailbox().empty()) {
      progress.set_current_mailbox(folder.plan().source_name);
    }
  }
  return progress;
}

}  // namespace mailhaul::worker
