#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

#include "common/csv/columns.h"
#include "common/csv/reader.h"
#include "common/csv/violation.h"
#include "common/provider/gate.h"
#include "common/queue/job_store.h"
#include "mailhaul/v1/job.pb.h"

namespace mailhaul::coordinator {

// A row that may be queued.
struct CheckedRow {
  v1::JobSpec spec;
  // Source, destination, and one of the pair itself with cap 1 (the same in every batch), so that a
  // pair is never copied twice at a time.
  std::vector<queue::Gate> gates;
};

// Checks the rows of one CSV, one after the other. Remembers a hash and a line number of each row
// (about 30 octets) to find pairs that are given twice. Not thread-safe.
class RowCheck {
 public:
  RowCheck(csv::Columns columns, std::vector<provider::CapOverride> caps);

  // Appends everything wrong with the row to `violations` and returns nullopt if there was
  // anything.
  std::optional<CheckedRow> Check(const csv::Row& row, std::vector<csv::Violation>& violations);

 private:
  // The line on which a pair was given before; nullopt the first time.
  std::optional<uint32_t> FirstLineOf(absl::string_view pair_id, int64_t line);

  const csv::Columns columns_;
  const std::vector<provider::CapOverride> caps_;
  absl::flat_hash_map<uint64_t, uint32_t> line_of_pair_;
};

}  // namespace mailhaul::coordinator
