#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "common/csv/reader.h"
#include "common/csv/violation.h"

namespace mailhaul::csv {

// What a column of a job CSV can be. docs/csv.md describes each.
enum class Column {
  kSourceUser,
  kSourcePassword,
  kSourceHost,
  kSourcePort,
  kSourceSecurity,
  kSourceDomain,
  kDestinationUser,
  kDestinationPassword,
  kDestinationHost,
  kDestinationPort,
  kDestinationSecurity,
  kDestinationDomain,
  kDestinationFolder,
  kRequestType,
};
constexpr int kColumns = 14;

// "source_user": how we spell it. Headers may use other spellings (case, spaces, underscores) and
// LegacyFlo's words.
absl::string_view CanonicalName(Column column);

// Which field of a row is which column, as the header row says.
class Columns {
 public:
  // Appends everything wrong with the header to `violations` and returns nullopt if there was
  // anything: unknown names (each with the nearest known one), duplicates, required columns that
  // are missing.
  static std::optional<Columns> Resolve(const Row& header, std::vector<Violation>& violations);

  size_t width() const { return width_; }
  bool Has(Column column) const { return index_[static_cast<size_t>(column)].has_value(); }
  // As the header spells it, or the canonical name when the header has no such column.
  absl::string_view NameOf(Column column) const;
  // The field, surrounding blanks removed except from passwords; empty when the column or the field
  // is absent and for the word "blank". Points into `row`.
  absl::string_view Value(const Row& row, Column column) const;

 private:
  Columns() = default;
  void Place(Column column, size_t at, const Row& header, std::vector<Violation>& violations);
  void NameTheMissing(const Row& header, std::vector<Violation>& violations) const;

  size_t width_ = 0;
  std::array<std::optional<size_t>, kColumns> index_;
  std::array<std::string, kColumns> names_;
};

}  // namespace mailhaul::csv
