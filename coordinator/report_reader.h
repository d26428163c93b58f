#pragma once

#include <deque>
#include <optional>

#include "absl/status/statusor.h"

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/queue/job_store.h"
#include "coordinator/job_reader.h"
#include "mailhaul/v1/migration_service.pb.h"

namespace mailhaul::coordinator {

// The report of a batch or of one job, entry by entry; holds one job's folders and one page of
// jobs.
class ReportReader {
 public:
  // Rows `first` to `last`, both included.
  ReportReader(queue::JobStore& store, JobReader reader, queue::BatchId batch, uint32_t first,
               uint32_t last)
      : store_(store), reader_(reader), batch_(batch), next_row_(first), last_(last) {}

  // The next entry; nullopt after the last. Errors: JobStore's.
  Task<absl::StatusOr<std::optional<v1::GetReportResponse>>> Next(Deadline deadline);

 private:
  Task<absl::Status> ReadPage(Deadline deadline);
  Task<absl::Status> ReadFolders(queue::JobId job, Deadline deadline);

  queue::JobStore& store_;
  const JobReader reader_;
  const queue::BatchId batch_;
  std::optional<uint32_t> next_row_;
  const uint32_t last_;
  std::deque<std::pair<queue::JobId, v1::Job>> jobs_;
  std::deque<v1::GetReportResponse> folders_;  // of the job returned last
};

}  // namespace mailhaul::coordinator
