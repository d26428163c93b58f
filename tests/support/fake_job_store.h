#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>

#include "common/net/event.h"
#include "common/queue/job_store.h"

namespace mailhaul::support {

// The queue in memory, for one thread: what the scripts do, without leases that end, gates or
// Redis. Tests may look into `batches` and break it by `failure`.
class FakeJobStore final : public queue::JobStore {
 public:
  struct StoredJob {
    queue::JobInfo info;
    std::vector<queue::Gate> gates;
    queue::Epoch epoch = 0;
    bool cancel_asked = false;
    std::map<int, std::string> folders;
    uint64_t checkpoints = 0;  // number of this lease's last one
  };
  struct StoredBatch {
    queue::BatchInfo info;
    std::map<uint32_t, StoredJob> jobs;  // by row
  };

  std::map<queue::BatchId, StoredBatch> batches;
  // By pair and name.
  std::map<std::string, std::map<std::string, std::string>> ledgers;
  std::string generation = "1";
  queue::LeaseTimes times;
  // While not OK, every call fails with it.
  absl::Status failure;
  // Submit calls so far; with keep_jobs off, all that is left of them.
  int64_t submits = 0;
  bool keep_jobs = true;

  StoredJob& Job(queue::JobId id) {
    return batches.at(queue::BatchOf(id)).jobs.at(queue::RowOf(id));
  }

  // ---- submission ----
  Task<absl::StatusOr<queue::BatchId>> CreateBatch(std::string request_id, std::string description,
                                                   Deadline) override {
    if (!failure.ok()) co_return failure;
    for (const auto& [id, batch] : batches) {
      if (batch.info.request_id != request_id) continue;
      if (batch.info.description == description) co_return id;
      co_return absl::AlreadyExistsError("request id");
    }
    const auto id = static_cast<queue::BatchId>(batches.size() + 1);
    queue::BatchInfo& info = batches[id].info;
    info.id = id;
    info.request_id = std::move(request_id);
    info.description = std::move(description);
    info.created_ms = 1'000'000;
    co_return id;
  }

  Task<absl::Status> Submit(queue::BatchId batch, std::span<const queue::NewJob> jobs,
                            Deadline) override {
    if (!failure.ok()) co_return failure;
    ++submits;
    for (const queue::NewJob& job : jobs) {
      if (job.row / 64 != jobs.front().row / 64) co_return absl::InternalError("not one block");
      if (!keep_jobs) continue;
      StoredJob& stored = batches.at(batch).jobs[job.row];
      if (stored.info.id != 0) continue;
      stored.info.id = queue::MakeJobId(batch, job.row);
      stored.info.spec = job.spec;
      stored.gates = job.gates;
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Seal(queue::BatchId batch, int64_t rows, Deadline) override {
    if (!failure.ok()) co_return failure;
    batches.at(batch).info.sealed = true;
    batches.at(batch).info.rows = rows;
    co_return absl::OkStatus();
  }

  // ---- reading ----
  Task<absl::StatusOr<queue::BatchInfo>> GetBatch(queue::BatchId batch, Deadline) override {
    if (!failure.ok()) co_return failure;
    const auto stored = batches.find(batch);
    if (stored == batches.end()) co_return absl::NotFoundError("batch");
    co_return Counted(stored->second);
  }

  Task<absl::StatusOr<std::vector<queue::BatchInfo>>> ListBatches(queue::BatchId before, int limit,
                                                                  Deadline) override {
    if (!failure.ok()) co_return failure;
    std::vector<queue::BatchInfo> found;
    for (auto it = batches.rbegin(); it != batches.rend(); ++it) {
      if (before != 0 && it->first >= before) continue;
      if (static_cast<int>(found.size()) < limit) found.push_back(Counted(it->second));
    }
    co_return found;
  }

  Task<absl::StatusOr<queue::Page>> ListJobs(queue::BatchId batch, uint32_t from_row, int limit,
                                             Deadline) override {
    if (!failure.ok()) co_return failure;
    const auto stored = batches.find(batch);
    if (stored == batches.end()) co_return absl::NotFoundError("batch");
    queue::Page page;
    for (auto it = stored->second.jobs.lower_bound(from_row); it != stored->second.jobs.end();
         ++it) {
      if (static_cast<int>(page.jobs.size()) == limit) {
        page.next_row = it->first;
        break;
      }
      page.jobs.push_back(it->second.info);
    }
    co_return page;
  }

  Task<absl::StatusOr<std::vector<queue::JobInfo>>> ReadJobs(std::span<const queue::JobId> jobs,
                                                             Deadline) override {
    if (!failure.ok()) co_return failure;
    std::vector<queue::JobInfo> found;
    for (const queue::JobId job : jobs) {
      if (Exists(job)) found.push_back(Job(job).info);
    }
    co_return found;
  }

  Task<absl::StatusOr<std::vector<std::string>>> ReadCheckpoint(queue::JobId job,
                                                                Deadline) override {
    if (!failure.ok()) co_return failure;
    std::vector<std::string> folders;
    if (!Exists(job)) co_return folders;
    for (const auto& [index, progress] : Job(job).folders) folders.push_back(progress);
    co_return folders;
  }

  // ---- control ----
  Task<absl::Status> CancelBatch(queue::BatchId batch, Deadline) override {
    if (!failure.ok()) co_return failure;
    const auto stored = batches.find(batch);
    if (stored == batches.end()) co_return absl::NotFoundError("batch");
    stored->second.info.cancelled = true;
    for (auto& [row, job] : stored->second.jobs) Cancel(job);
    co_return absl::OkStatus();
  }

  Task<absl::Status> CancelJob(queue::JobId job, Deadline) override {
    if (!failure.ok()) co_return failure;
    if (!Exists(job)) co_return absl::NotFoundError("job");
    Cancel(Job(job));
    co_return absl::OkStatus();
  }

  // ---- a worker's side ----
  Task<absl::Status> Vouch(Deadline) override { co_return failure; }
  const queue::LeaseTimes& lease_times() const override { return times; }
  Task<absl::StatusOr<std::vector<queue::ClaimedJob>>> Claim(absl::string_view worker, uint64_t,
                                                             int want, Deadline) override {
    if (!failure.ok()) co_return failure;
    std::vector<queue::ClaimedJob> claimed;
    for (auto& [id, batch] : batches) {
      for (auto& [row, job] : batch.jobs) {
        if (static_cast<int>(claimed.size()) == want) break;
        if (job.info.state == queue::State::kQueued) {
          claimed.push_back(Hand(job, std::string(worker)));
        }
      }
    }
    co_return claimed;
  }

  Task<absl::StatusOr<queue::Renewal>> Renew(absl::string_view,
                                             std::span<const queue::LeaseRef> leases,
                                             Deadline) override {
    if (!failure.ok()) co_return failure;
    queue::Renewal renewal;
    for (const queue::LeaseRef& lease : leases) {
      if (Job(lease.id).epoch != lease.epoch) renewal.lost.push_back(lease.id);
      if (Job(lease.id).cancel_asked) renewal.cancelled.push_back(lease.id);
    }
    co_return renewal;
  }

  Task<absl::StatusOr<queue::Past>> ReadPast(queue::LeaseRef lease, std::string pair,
                                             Deadline) override {
    if (!failure.ok()) co_return failure;
    const StoredJob& job = Job(lease.id);
    if (job.epoch != lease.epoch) co_return absl::AbortedError("epoch");
    queue::Past past;
    past.generation = generation;
    for (const auto& [index, progress] : job.folders) past.folders.push_back(progress);
    for (const auto& [name, value] : ledgers[pair]) past.ledger.push_back({name, value});
    co_return past;
  }

  Task<absl::Status> Checkpoint(queue::LeaseRef lease, queue::CheckpointRecords records,
                                Deadline) override {
    if (!failure.ok()) co_return failure;
    StoredJob& job = Job(lease.id);
    if (job.epoch != lease.epoch) co_return absl::AbortedError("epoch");
    if (records.number <= job.checkpoints) co_return absl::OkStatus();
    job.checkpoints = records.number;
    for (const queue::FolderRecord& folder : records.folders) {
      job.folders[folder.index] = folder.progress;
    }
    for (const queue::LedgerRecord& record : records.ledger) {
      auto& ledger = ledgers[records.pair];
      ledger[record.name] = record.value;
      if (record.value.empty()) ledger.erase(record.name);
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Finish(queue::LeaseRef lease, queue::State state, std::string result,
                            Deadline) override {
    if (!failure.ok()) co_return failure;
    StoredJob& job = Job(lease.id);
    if (job.epoch != lease.epoch) co_return absl::AbortedError("epoch");
    job.info.spec.clear();
    job.info.result = std::move(result);
    job.epoch = 0;
    Move(job, state);
    co_return absl::OkStatus();
  }

  Task<absl::Status> GiveBack(queue::LeaseRef lease, queue::Interruption, std::chrono::milliseconds,
                              std::string result, Deadline) override {
    if (!failure.ok()) co_return failure;
    StoredJob& job = Job(lease.id);
    if (job.epoch != lease.epoch) co_return absl::AbortedError("epoch");
    job.info.result = std::move(result);
    job.epoch = 0;
    Move(job, queue::State::kWaiting);
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<std::chrono::milliseconds>> Tick(Deadline) override {
    if (!failure.ok()) co_return failure;
    co_return std::chrono::milliseconds(1000);
  }

  Task<absl::Status> AwaitWork(std::chrono::milliseconds) override { co_return failure; }
  void Interrupt() override {}

  // ---- watching ----
  Task<absl::StatusOr<Changes>> AwaitChanges(std::string cursor,
                                             std::chrono::milliseconds patience) override {
    if (!failure.ok()) co_return failure;
    const size_t from = cursor.empty() ? changed_.size() : std::stoul(cursor);
    net::Event more(co_await boost::asio::this_coro::executor);
    waiter_ = &more;
    if (from == changed_.size()) co_await more.Wait(Deadline::After(std::min(patience, kPatience)));
    waiter_ = nullptr;
    Changes changes;
    changes.cursor = std::to_string(changed_.size());
    changes.jobs.assign(changed_.begin() + static_cast<std::ptrdiff_t>(from), changed_.end());
    co_return changes;
  }

 private:
  bool Exists(queue::JobId job) const {
    const auto batch = batches.find(queue::BatchOf(job));
    return batch != batches.end() && batch->second.jobs.contains(queue::RowOf(job));
  }

  static queue::BatchInfo Counted(const StoredBatch& batch) {
    queue::BatchInfo info = batch.info;
    info.counts.assign(queue::kStates, 0);
    for (const auto& [row, job] : batch.jobs) ++info.counts[static_cast<size_t>(job.info.state)];
    return info;
  }

  void Move(StoredJob& job, queue::State state) {
    job.info.state = state;
    job.info.worker.clear();
    changed_.push_back(job.info.id);
    if (waiter_ != nullptr) waiter_->Set();
  }

  void Cancel(StoredJob& job) {
    job.cancel_asked = true;
    if (job.info.state == queue::State::kQueued || job.info.state == queue::State::kWaiting) {
      job.info.spec.clear();
      Move(job, queue::State::kCancelled);
    }
  }

  queue::ClaimedJob Hand(StoredJob& job, std::string worker) {
    job.epoch = ++last_epoch_;
    job.checkpoints = 0;
    ++job.info.attempt;
    Move(job, queue::State::kRunning);
    job.info.worker = std::move(worker);
    queue::ClaimedJob claimed;
    claimed.id = job.info.id;
    claimed.epoch = job.epoch;
    claimed.attempt = job.info.attempt;
    claimed.spec = job.info.spec;
    return claimed;
  }

  // Early is allowed, and lets a coordinator under test stop at once.
  static constexpr std::chrono::milliseconds kPatience{20};

  std::vector<queue::JobId> changed_;
  net::Event* waiter_ = nullptr;
  queue::Epoch last_epoch_ = 0;
};

}  // namespace mailhaul::support
