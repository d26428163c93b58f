#pragma once

#include <optional>
#include <vector>

#include "common/csv/columns.h"
#include "common/csv/reader.h"
#include "common/csv/violation.h"
#include "common/provider/provider.h"
#include "mailhaul/v1/job.pb.h"

namespace mailhaul::coordinator {

struct RowContent {
  provider::RequestType type;
  v1::JobSpec spec;  // complete: every default is filled in
};

// What a row of the CSV asks for, judged by itself. Appends everything wrong with it to
// `violations` and returns nullopt if there was anything. A violation never repeats a value: in a
// row whose columns were mixed up, any of them may be a password.
std::optional<RowContent> ReadRow(const csv::Columns& columns, const csv::Row& row,
                                  std::vector<csv::Violation>& violations);

}  // namespace mailhaul::coordinator
