#include "coordinator/batch_watch.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/base/status.h"
#include "common/report/names.h"
#include "common/report/tally.h"
#include "coordinator/job_view.h"

namespace mailhaul::coordinator {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr int kReadAtOnce = 500;
// How often to look at what may have changed unseen: the batch, and running jobs that nobody
// reports on.
constexpr std::chrono::seconds kLook{5};

// In line and never run: a watcher learns of those from the batch's counts.
bool Waits(const v1::Job& job) { return job.state() == v1::JOB_STATE_QUEUED && job.attempt() == 0; }

}  // namespace

Task<absl::StatusOr<std::optional<v1::WatchBatchResponse>>> BatchWatch::Next(Deadline deadline) {
  if (changes_.TakeMissed()) snapshot_row_ = 0;
  if (!snapshot_row_) co_return co_await ReadChanges(deadline);
  CO_ASSIGN_OR_RETURN(v1::WatchBatchResponse page, co_await ReadSnapshotPage(deadline));
  co_return page;
}

Task<absl::StatusOr<v1::WatchBatchResponse>> BatchWatch::ReadSnapshotPage(Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const JobPage page,
                      co_await reader_.Read(batch_, *snapshot_row_, kReadAtOnce, deadline));
  v1::WatchBatchResponse response;
  AddNews(page, response);
  snapshot_row_ = page.next_row;
  if (!snapshot_row_) snapshot_complete_ = true;
  CO_RETURN_IF_ERROR(co_await Complete(response, deadline));
  co_return response;
}

Task<absl::StatusOr<std::optional<v1::WatchBatchResponse>>> BatchWatch::ReadChanges(
    Deadline deadline) {
  std::set<uint32_t> rows = changes_.Take();
  const bool changed = !rows.empty();
  v1::WatchBatchResponse response;
  RefreshOpen(rows, response);
  CO_RETURN_IF_ERROR(co_await ReadRows(std::move(rows), response, deadline));
  const bool look = Deadline::Clock::now() - batch_read_at_ >= kLook;
  if (!changed && response.jobs().empty() && !look) co_return std::nullopt;
  CO_RETURN_IF_ERROR(co_await Complete(response, deadline));
  co_return response;
}

// Running jobs by their workers' reports; those that nobody reports on are added to `to_read` every
// now and then, for their checkpoints.
void BatchWatch::RefreshOpen(std::set<uint32_t>& to_read, v1::WatchBatchResponse& response) {
  const auto now = Deadline::Clock::now();
  for (auto& [row, open] : open_) {
    if (to_read.contains(row) || open.job.state() != v1::JOB_STATE_RUNNING) continue;
    v1::Job job = open.job;
    if (reader_.Refresh(queue::MakeJobId(batch_, row), job)) {
      if (MessageDifferencer::Equals(job, open.job)) continue;
      open = {.job = job, .read_at = now};
      *response.add_jobs() = std::move(job);
    } else if (now - open.read_at >= kLook) {
      to_read.insert(row);
    }
  }
}

Task<absl::Status> BatchWatch::ReadRows(std::set<uint32_t> rows, v1::WatchBatchResponse& response,
                                        Deadline deadline) {
  while (!rows.empty()) {
    std::vector<queue::JobId> ids;
    while (!rows.empty() && ids.size() < kReadAtOnce) {
      ids.push_back(queue::MakeJobId(batch_, *rows.begin()));
      rows.erase(rows.begin());
    }
    CO_ASSIGN_OR_RETURN(const JobPage page, co_await reader_.ReadThese(std::move(ids), deadline));
    AddNews(page, response);
  }
  co_return absl::OkStatus();
}

void BatchWatch::AddNews(const JobPage& page, v1::WatchBatchResponse& response) {
  for (size_t i = 0; i < page.jobs.size(); ++i) {
    if (Note(queue::RowOf(page.ids[i]), page.jobs[i])) *response.add_jobs() = page.jobs[i];
  }
}

Task<absl::Status> BatchWatch::Complete(v1::WatchBatchResponse& response, Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const queue::BatchInfo info, co_await store_.GetBatch(batch_, deadline));
  batch_read_at_ = Deadline::Clock::now();
  *response.mutable_batch() = ViewOfBatch(info);
  *response.mutable_tally() = Sum();
  response.set_snapshot_complete(snapshot_complete_);
  // Counts may run ahead of the jobs sent: the end is told when no job is left to be told.
  rows_ = info.rows;
  told_ = std::count(has_ended_.begin(), has_ended_.end(), true);
  ended_ = snapshot_complete_ && HasEnded(info) && told_ >= info.rows;
  if (HasEnded(info) && told_ < info.rows && snapshot_complete_ && !snapshot_row_) {
    snapshot_row_ = 0;  // an end went by unseen
  }
  co_return absl::OkStatus();
}

// Keeps the books; true when the job is worth telling.
bool BatchWatch::Note(uint32_t row, const v1::Job& job) {
  if (Waits(job)) return open_.erase(row) > 0;
  if (row >= has_ended_.size()) has_ended_.resize(row + 1);
  if (report::IsFinal(job.state())) {
    open_.erase(row);
    if (has_ended_[row]) return false;
    has_ended_[row] = true;
    report::Add(ended_sum_, job.tally());
    return true;
  }
  const auto known = open_.find(row);
  const bool news = known == open_.end() || !MessageDifferencer::Equals(known->second.job, job);
  open_[row] = Open{.job = job, .read_at = Deadline::Clock::now()};
  return news;
}

v1::Tally BatchWatch::Sum() const {
  v1::Tally sum = ended_sum_;
  for (const auto& [row, open] : open_) report::Add(sum, open.job.tally());
  return sum;
}

}  // namespace mailhaul::coordinator
