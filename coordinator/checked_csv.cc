#include "coordinator/checked_csv.h"

#include <utility>

#include "common/base/status.h"
#include "common/rpc/error.h"

namespace mailhaul::coordinator {
namespace {

absl::Status BadCsv(const absl::Status& status) {
  return rpc::MakeError(absl::StatusCode::kInvalidArgument, status.message(),
                        v1::ERROR_REASON_BAD_CSV);
}

}  // namespace

absl::StatusOr<std::optional<CheckedRow>> CheckedCsv::Next() {
  for (;;) {
    const absl::StatusOr<const csv::Row*> row = reader_.Next();
    if (!row.ok()) return BadCsv(row.status());
    if (*row == nullptr) return std::nullopt;
    if (!check_) {
      RETURN_IF_ERROR(ReadHeader(**row));
      continue;
    }
    ++rows_;
    std::vector<csv::Violation> violations;
    std::optional<CheckedRow> checked = check_->Check(**row, violations);
    faults_.Add(rows_, violations);
    if (checked) return checked;
  }
}

absl::Status CheckedCsv::ReadHeader(const csv::Row& header) {
  std::vector<csv::Violation> violations;
  std::optional<csv::Columns> columns = csv::Columns::Resolve(header, violations);
  faults_.Add(0, violations);
  if (!columns) return faults_.ToStatus();
  check_.emplace(*std::move(columns), caps_);
  return absl::OkStatus();
}

}  // namespace mailhaul::coordinator
