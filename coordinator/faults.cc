#include "coordinator/faults.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "common/rpc/error.h"

namespace mailhaul::coordinator {
namespace {

// "Source User" -> "source_user": a header's spelling as part of a field path.
std::string PathSegment(absl::string_view column) {
  std::string segment;
  for (const char c : column) {
    segment.push_back(absl::ascii_isalnum(c) ? absl::ascii_tolower(c) : '_');
  }
  return segment;
}

std::string FieldPath(int64_t row, const csv::Violation& violation) {
  std::string path = row == 0 ? "header" : absl::StrCat("rows[", row, "]");
  if (!violation.column.empty()) absl::StrAppend(&path, ".", PathSegment(violation.column));
  return path;
}

}  // namespace

void Faults::Add(int64_t row, const std::vector<csv::Violation>& violations) {
  if (violations.empty()) return;
  if (row == 0) {
    bad_header_ = true;
  } else {
    ++bad_rows_;
  }
  for (const csv::Violation& violation : violations) {
    ++violations_;
    if (first_.field_violations_size() == kKept || octets_ >= kKeptOctets) continue;
    google::rpc::BadRequest::FieldViolation& kept = *first_.add_field_violations();
    kept.set_field(FieldPath(row, violation));
    kept.set_description(csv::Describe(violation));
    octets_ += kept.ByteSizeLong();
  }
}

absl::Status Faults::ToStatus() const {
  if (empty()) return absl::OkStatus();
  const std::string message =
      bad_header_ ? "the header row is not right; nothing was queued"
                  : absl::StrCat(bad_rows_, bad_rows_ == 1 ? " row is" : " rows are",
                                 " not right; nothing was queued");
  absl::Status status = rpc::MakeError(
      absl::StatusCode::kInvalidArgument, message,
      bad_header_ ? v1::ERROR_REASON_BAD_CSV : v1::ERROR_REASON_BAD_ROWS,
      {{"violations", absl::StrCat(violations_)}, {"bad_rows", absl::StrCat(bad_rows_)}});
  rpc::SetDetail(status, first_);
  return status;
}

}  // namespace mailhaul::coordinator
