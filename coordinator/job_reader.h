#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/queue/job_store.h"
#include "coordinator/progress.h"
#include "mailhaul/v1/batch.pb.h"

namespace mailhaul::coordinator {

struct JobPage {
  std::vector<v1::Job> jobs;
  std::vector<queue::JobId> ids;  // of `jobs`, in the same order
  std::optional<uint32_t> next_row;
};

// Jobs as they are now: the queue's truth, with what workers report of those that run, or their
// last checkpoint where nobody reports. Lives on one thread.
class JobReader {
 public:
  JobReader(queue::JobStore& store, const Progress& progress)
      : store_(store), progress_(progress) {}

  // Jobs from_row .. in row order, at most `limit` (<= 1000). Errors: JobStore's.
  Task<absl::StatusOr<JobPage>> Read(queue::BatchId batch, uint32_t from_row, int limit,
                                     Deadline deadline) const;
  // Those of `jobs` (<= 1000) that exist, in the order given.
  Task<absl::StatusOr<JobPage>> ReadThese(std::vector<queue::JobId> jobs, Deadline deadline) const;
  // NOT_FOUND when there is no such job.
  Task<absl::StatusOr<v1::Job>> ReadOne(queue::JobId job, Deadline deadline) const;
  // Brings a running job up to date from its worker's last report, without asking the queue. False
  // when nobody reports on it.
  bool Refresh(queue::JobId id, v1::Job& job) const;

 private:
  Task<absl::StatusOr<JobPage>> View(std::vector<queue::JobInfo> stored, Deadline deadline) const;

  queue::JobStore& store_;
  const Progress& progress_;
};

}  // namespace mailhaul::coordinator
