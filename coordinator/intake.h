#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/base/task.h"
#include "common/provider/gate.h"
#include "common/queue/job_store.h"
#include "coordinator/checked_csv.h"
#include "coordinator/spool.h"
#include "mailhaul/v1/migration_service.pb.h"

namespace mailhaul::coordinator {

struct IntakeOptions {
  std::string spool_folder = "/tmp";
  int64_t most_octets = int64_t{256} << 20;
  std::vector<provider::CapOverride> caps = {};
};

// One upload from its first octet to its last queued job. Rows are checked while they arrive and
// the file is kept aside; only when every row is good is it read a second time and queued, a block
// of rows at a time. Memory stays the same for ten rows and for a million (but for RowCheck's 30
// octets a row).
//
// Errors are fit for the caller; each method names its own.
class Submission {
 public:
  // INVALID_ARGUMENT (BAD_REQUEST) for a bad header, UNAVAILABLE without room for the file.
  static absl::StatusOr<std::unique_ptr<Submission>> Begin(
      const v1::CreateBatchRequest::Header& header, const IntakeOptions& options);

  // The next piece. INVALID_ARGUMENT (BAD_CSV) as soon as it is plain that this is no job CSV,
  // RESOURCE_EXHAUSTED (UPLOAD_TOO_LARGE).
  absl::Status Add(absl::string_view octets);

  // All pieces are here, `octets` in all by the caller's own count. INVALID_ARGUMENT: BAD_REQUEST
  // when that is not what arrived, BAD_CSV, BAD_ROWS.
  absl::Status Complete(int64_t octets);

  // Queues it, or what of it an interrupted earlier try has not queued. ALREADY_EXISTS
  // (REQUEST_ID_REUSED), UNAVAILABLE: try the whole submission again. After Complete() was OK.
  Task<absl::StatusOr<queue::BatchId>> Queue(queue::JobStore& store);

  // Data rows; after Complete().
  int64_t rows() const { return rows_; }

 private:
  Submission(v1::CreateBatchRequest::Header header, Spool spool, const IntakeOptions& options);
  absl::Status CheckArrived();
  Task<absl::Status> QueueRows(queue::JobStore& store, queue::BatchId batch);

  const v1::CreateBatchRequest::Header header_;
  const IntakeOptions options_;
  Spool spool_;
  std::optional<CheckedCsv> first_pass_;  // until Complete()
  int64_t rows_ = 0;
};

}  // namespace mailhaul::coordinator
