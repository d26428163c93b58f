#include "common/csv/violation.h"

#include "absl/strings/str_cat.h"

namespace mailhaul::csv {

std::string Describe(const Violation& violation) {
  std::string text = absl::StrCat("line ", violation.line);
  if (!violation.column.empty()) absl::StrAppend(&text, ", ", violation.column);
  absl::StrAppend(&text, ": ", violation.problem);
  if (!violation.allowed.empty()) absl::StrAppend(&text, "; allowed: ", violation.allowed);
  return text;
}

}  // namespace mailhaul::csv
