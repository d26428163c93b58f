#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/csv/reader.h"
#include "common/provider/gate.h"
#include "coordinator/faults.h"
#include "coordinator/row_check.h"

namespace mailhaul::coordinator {

// A job CSV read and checked while it arrives. Used like csv::Reader: Feed, Next until nullopt, and
// so on; End after the last piece, then Next until nullopt once more. Bad rows are noted in
// faults() and passed over. Same octets, same rows: an upload is read twice.
class CheckedCsv {
 public:
  explicit CheckedCsv(std::vector<provider::CapOverride> caps) : caps_(std::move(caps)) {}

  void Feed(absl::string_view octets) { reader_.Feed(octets); }
  void End() { reader_.End(); }

  // The next good row; nullopt when it takes more octets or, after End(), when there are no more.
  // INVALID_ARGUMENT (BAD_CSV), fit for the caller, when the file is no CSV of ours: nothing that
  // follows could be read.
  absl::StatusOr<std::optional<CheckedRow>> Next();

  // Of the row that Next() returned, counted from 0 over the data rows.
  uint32_t row() const { return static_cast<uint32_t>(rows_ - 1); }
  // Data rows so far, bad ones included.
  int64_t rows() const { return rows_; }
  const Faults& faults() const { return faults_; }

 private:
  absl::Status ReadHeader(const csv::Row& header);

  const std::vector<provider::CapOverride> caps_;
  csv::Reader reader_;
  std::optional<RowCheck> check_;  // once the header is known
  int64_t rows_ = 0;
  Faults faults_;
};

}  // namespace mailhaul::coordinator
