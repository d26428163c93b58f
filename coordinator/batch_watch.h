#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/queue/job_store.h"
#include "coordinator/change_feed.h"
#include "coordinator/job_reader.h"
#include "mailhaul/v1/migration_service.pb.h"

namespace mailhaul::coordinator {

// One caller's view of a batch: first everything, then what changed. Holds the jobs that are open
// and have begun, and a bit for each that has ended; memory does not grow with the jobs in line.
class BatchWatch {
 public:
  BatchWatch(queue::JobStore& store, JobReader reader, ChangeFeed& feed, queue::BatchId batch)
      : store_(store), reader_(reader), changes_(feed, batch), batch_(batch) {}

  // The next part of the snapshot while that is not complete, else what changed since the last
  // call; nullopt when nothing did. Errors: JobStore's.
  Task<absl::StatusOr<std::optional<v1::WatchBatchResponse>>> Next(Deadline deadline);

  // The snapshot is complete: calls are now worth it about once a second.
  bool snapshot_complete() const { return snapshot_complete_; }
  // The jobs that are not told as ended have all changed: this may be the end, which should not
  // wait.
  bool MayEndNow() const {
    return changes_.pending() + static_cast<size_t>(told_) >= static_cast<size_t>(rows_);
  }
  // Everything was said: the batch has ended and the last response told so.
  bool ended() const { return ended_; }

 private:
  struct Open {
    v1::Job job;  // as last sent
    Deadline::Clock::time_point read_at;
  };

  Task<absl::StatusOr<v1::WatchBatchResponse>> ReadSnapshotPage(Deadline deadline);
  Task<absl::StatusOr<std::optional<v1::WatchBatchResponse>>> ReadChanges(Deadline deadline);
  Task<absl::Status> ReadRows(std::set<uint32_t> rows, v1::WatchBatchResponse& response,
                              Deadline deadline);
  Task<absl::Status> Complete(v1::WatchBatchResponse& response, Deadline deadline);
  void RefreshOpen(std::set<uint32_t>& to_read, v1::WatchBatchResponse& response);
  void AddNews(const JobPage& page, v1::WatchBatchResponse& response);
  bool Note(uint32_t row, const v1::Job& job);
  v1::Tally Sum() const;

  queue::JobStore& store_;
  const JobReader reader_;
  ChangeFeed::Subscription changes_;  // before the first read: no change falls between the two
  const queue::BatchId batch_;

  std::optional<uint32_t> snapshot_row_ = 0;
  bool snapshot_complete_ = false;
  bool ended_ = false;
  int64_t rows_ = INT64_MAX;
  int64_t told_ = 0;  // as ended
  Deadline::Clock::time_point batch_read_at_;

  std::map<uint32_t, Open> open_;  // began, not ended; by row
  std::vector<bool> has_ended_;    // by row
  v1::Tally ended_sum_;
};

}  // namespace mailhaul::coordinator
