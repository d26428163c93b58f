#include "coordinator/intake.h"

#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "common/queue/defaults.h"
#include "common/rpc/error.h"
#include "mailhaul/v1/batch.pb.h"

namespace mailhaul::coordinator {
namespace {

constexpr size_t kMostRequestId = 128;
constexpr size_t kMostDisplayName = 200;
constexpr std::chrono::seconds kStoreCall{10};

bool IsRequestId(absl::string_view text) {
  if (text.empty() || text.size() > kMostRequestId) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) && !absl::StrContains("-_.:", absl::string_view(&c, 1))) {
      return false;
    }
  }
  return true;
}

absl::Status CheckHeader(const v1::CreateBatchRequest::Header& header) {
  if (!IsRequestId(header.request_id())) {
    return rpc::BadField("header.request_id",
                         "must be 1 to 128 of the characters A-Z a-z 0-9 - _ . :");
  }
  if (header.display_name().size() > kMostDisplayName) {
    return rpc::BadField("header.display_name", "must not be longer than 200 octets");
  }
  return absl::OkStatus();
}

absl::Status RequestIdReused(absl::string_view request_id) {
  return rpc::MakeError(absl::StatusCode::kAlreadyExists,
                        absl::StrCat("request id ", request_id,
                                     " was used before, for another file or name; nothing was "
                                     "queued"),
                        v1::ERROR_REASON_REQUEST_ID_REUSED,
                        {{"request_id", std::string(request_id)}});
}

queue::NewJob ToJob(uint32_t row, CheckedRow checked) {
  return {.row = row, .gates = std::move(checked.gates), .spec = checked.spec.SerializeAsString()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Submission>> Submission::Begin(
    const v1::CreateBatchRequest::Header& header, const IntakeOptions& options) {
  RETURN_IF_ERROR(CheckHeader(header));
  ASSIGN_OR_RETURN(Spool spool, Spool::Create(options.spool_folder, options.most_octets));
  return std::unique_ptr<Submission>(new Submission(header, std::move(spool), options));
}

Submission::Submission(v1::CreateBatchRequest::Header header, Spool spool,
                       const IntakeOptions& options)
    : header_(std::move(header)),
      options_(options),
      spool_(std::move(spool)),
      first_pass_(std::in_place, options.caps) {}

absl::Status Submission::Add(absl::string_view octets) {
  const absl::Status kept = spool_.Append(octets);
  if (absl::IsResourceExhausted(kept)) {
    return rpc::MakeError(kept.code(), kept.message(), v1::ERROR_REASON_UPLOAD_TOO_LARGE,
                          {{"limit_bytes", absl::StrCat(options_.most_octets)}});
  }
  RETURN_IF_ERROR(kept);
  first_pass_->Feed(octets);
  return CheckArrived();
}

absl::Status Submission::CheckArrived() {
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<CheckedRow> row, first_pass_->Next());
    if (!row) return absl::OkStatus();
  }
}

absl::Status Submission::Complete(int64_t octets) {
  if (octets != spool_.size()) {
    return rpc::BadField("end.size_bytes",
                         absl::StrCat("is ", octets, ", but ", spool_.size(), " octets arrived"));
  }
  first_pass_->End();
  RETURN_IF_ERROR(CheckArrived());
  rows_ = first_pass_->rows();
  if (rows_ == 0) {
    return rpc::MakeError(absl::StatusCode::kInvalidArgument,
                          "the file has no row beneath its header; nothing was queued",
                          v1::ERROR_REASON_BAD_CSV);
  }
  const absl::Status verdict = first_pass_->faults().ToStatus();
  first_pass_.reset();  // the second pass remembers the rows anew
  return verdict;
}

Task<absl::StatusOr<queue::BatchId>> Submission::Queue(queue::JobStore& store) {
  v1::BatchDescription description;
  description.set_display_name(header_.display_name());
  description.set_content_sha256(spool_.Sha256());
  description.set_rows(rows());
  const absl::StatusOr<queue::BatchId> batch = co_await store.CreateBatch(
      header_.request_id(), description.SerializeAsString(), Deadline::After(kStoreCall));
  if (absl::IsAlreadyExists(batch.status())) co_return RequestIdReused(header_.request_id());
  CO_RETURN_IF_ERROR(batch.status());
  CO_ASSIGN_OR_RETURN(const queue::BatchInfo info,
                      co_await store.GetBatch(*batch, Deadline::After(kStoreCall)));
  // A repeat: all of it was queued before, or none of it shall run any more.
  if (info.sealed || info.cancelled) co_return *batch;
  CO_RETURN_IF_ERROR(co_await QueueRows(store, *batch));
  CO_RETURN_IF_ERROR(co_await store.Seal(*batch, rows(), Deadline::After(kStoreCall)));
  co_return *batch;
}

Task<absl::Status> Submission::QueueRows(queue::JobStore& store, queue::BatchId batch) {
  CO_RETURN_IF_ERROR(spool_.Rewind());
  CheckedCsv second_pass(options_.caps);
  std::vector<queue::NewJob> block;
  bool ended = false;
  while (!ended) {
    CO_ASSIGN_OR_RETURN(const absl::string_view octets, spool_.Read());
    ended = octets.empty();
    if (ended) {
      second_pass.End();
    } else {
      second_pass.Feed(octets);
    }
    for (;;) {
      CO_ASSIGN_OR_RETURN(std::optional<CheckedRow> row, second_pass.Next());
      if (!row) break;
      block.push_back(ToJob(second_pass.row(), *std::move(row)));
      if (block.back().row % queue::kBlockRows != queue::kBlockRows - 1) continue;
      CO_RETURN_IF_ERROR(co_await store.Submit(batch, block, Deadline::After(kStoreCall)));
      block.clear();
    }
  }
  if (block.empty()) co_return absl::OkStatus();
  co_return co_await store.Submit(batch, block, Deadline::After(kStoreCall));
}

}  // namespace mailhaul::coordinator
