#include "common/csv/columns.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/nearest.h"

namespace mailhaul::csv {
namespace {

constexpr absl::string_view kCanonical[kColumns] = {
    "source_user",        "source_password",  "source_host",          "source_port",
    "source_security",    "source_domain",    "destination_user",     "destination_password",
    "destination_host",   "destination_port", "destination_security", "destination_domain",
    "destination_folder", "request_type",
};

struct Alias {
  absl::string_view name;
  Column column;
};

// LegacyFlo's words.
constexpr Alias kAliases[] = {
    {"Source user id", Column::kSourceUser},
    {"Source user password", Column::kSourcePassword},
    {"Source server", Column::kSourceHost},
    {"Source server port", Column::kSourcePort},
    {"Destination user id", Column::kDestinationUser},
    {"Destination user password", Column::kDestinationPassword},
    {"Destination server", Column::kDestinationHost},
    {"Destination server port", Column::kDestinationPort},
};

// Spellings that mean the same: lower case, without blanks and underscores.
std::string Plain(absl::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (!absl::ascii_isspace(c) && c != '_') plain.push_back(absl::ascii_tolower(c));
  }
  return plain;
}

const std::vector<Alias>& KnownNames() {
  static const auto* const kNames = [] {
    auto* names = new std::vector<Alias>;
    for (int i = 0; i < kColumns; ++i) names->push_back({kCanonical[i], static_cast<Column>(i)});
    names->insert(names->end(), std::begin(kAliases), std::end(kAliases));
    return names;
  }();
  return *kNames;
}

std::optional<Column> Recognise(absl::string_view name) {
  const std::string plain = Plain(name);
  for (const Alias& known : KnownNames()) {
    if (Plain(known.name) == plain) return known.column;
  }
  return std::nullopt;
}

std::string NearestTo(absl::string_view name) {
  std::vector<std::string> plain;
  for (const Alias& known : KnownNames()) plain.push_back(Plain(known.name));
  return std::string(KnownNames()[NearestWord(Plain(name), plain)].name);
}

// A file whose first line names no column at all has no header; its cells may then be credentials,
// and must not be repeated.
bool IsHeader(const Row& row) {
  for (const std::string& name : row.fields) {
    if (Recognise(name)) return true;
  }
  return false;
}

Violation NoHeader(const Row& row) {
  return {row.line, "",
          "no column name is known: is the header row missing, or the delimiter another one than "
          "comma, "
          "semicolon or tab?",
          absl::StrJoin(kCanonical, ", ")};
}

Violation UnknownName(const Row& header, size_t at) {
  const std::string& name = header.fields[at];
  if (absl::StripAsciiWhitespace(name).empty()) {
    return {header.line, "", absl::StrCat("column ", at + 1, " has no name"),
            "remove the delimiter at the end of every line, or name the column"};
  }
  return {header.line, name, "unknown column",
          absl::StrCat("the nearest known one is \"", NearestTo(name), "\"")};
}

}  // namespace

absl::string_view CanonicalName(Column column) { return kCanonical[static_cast<size_t>(column)]; }

std::optional<Columns> Columns::Resolve(const Row& header, std::vector<Violation>& violations) {
  if (!IsHeader(header)) {
    violations.push_back(NoHeader(header));
    return std::nullopt;
  }
  const size_t before = violations.size();
  Columns columns;
  for (size_t i = 0; i < header.fields.size(); ++i) {
    if (const auto column = Recognise(header.fields[i])) {
      columns.Place(*column, i, header, violations);
    } else {
      violations.push_back(UnknownName(header, i));
    }
  }
  columns.width_ = header.fields.size();
  columns.NameTheMissing(header, violations);
  if (violations.size() > before) return std::nullopt;
  return columns;
}

void Columns::Place(Column column, size_t at, const Row& header,
                    std::vector<Violation>& violations) {
  const std::string name(absl::StripAsciiWhitespace(header.fields[at]));
  std::optional<size_t>& index = index_[static_cast<size_t>(column)];
  if (index) {
    violations.push_back(
        {header.line, name,
         absl::StrCat("means the same as \"", NameOf(column), "\", column ", *index + 1),
         "each column once"});
    return;
  }
  index = at;
  names_[static_cast<size_t>(column)] = name;
}

void Columns::NameTheMissing(const Row& header, std::vector<Violation>& violations) const {
  std::vector<Column> required = {Column::kSourceUser, Column::kSourcePassword,
                                  Column::kDestinationUser, Column::kDestinationPassword};
  if (!Has(Column::kRequestType)) {  // without it both sides are plain IMAP servers, which have no
                                     // default host
    required.push_back(Column::kSourceHost);
    required.push_back(Column::kDestinationHost);
  }
  std::vector<absl::string_view> missing;
  for (const Column column : required) {
    if (!Has(column)) missing.push_back(CanonicalName(column));
  }
  if (missing.empty()) return;
  violations.push_back({header.line, "",
                        absl::StrCat(missing.size() == 1 ? "a required column is missing: "
                                                         : "required columns are missing: ",
                                     absl::StrJoin(missing, ", ")),
                        "a header with these columns, in any order"});
}

absl::string_view Columns::NameOf(Column column) const {
  return Has(column) ? absl::string_view(names_[static_cast<size_t>(column)])
                     : CanonicalName(column);
}

absl::string_view Columns::Value(const Row& row, Column column) const {
  const std::optional<size_t> index = index_[static_cast<size_t>(column)];
  if (!index || *index >= row.fields.size()) return {};
  const absl::string_view field = row.fields[*index];
  const absl::string_view trimmed = absl::StripAsciiWhitespace(field);
  if (trimmed.empty() || absl::EqualsIgnoreCase(trimmed, "blank")) return {};
  const bool password = column == Column::kSourcePassword || column == Column::kDestinationPassword;
  return password ? field : trimmed;
}

}  // namespace mailhaul::csv
