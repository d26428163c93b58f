#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace mailhaul::csv {

// As many octets as the questions below need; fewer only when the file is shorter.
constexpr size_t kSniffOctets = 4;

// What a file that is not UTF-8 text is, by its first octets, and the remedy: "an Excel workbook
// ...". nullopt when nothing speaks against CSV.
std::optional<std::string> ForeignFormat(absl::string_view start);

// The number of octets of a UTF-8 byte order mark at the start: 3 or 0.
size_t BomOctets(absl::string_view start);

// Finds the delimiter: that of comma, semicolon and tab which the first line with content holds
// most often outside quotes; comma when it holds none.
class DelimiterFinder {
 public:
  // The next octets of the file. True once the line has ended within what was given.
  bool Scan(absl::string_view octets);
  // Judged by what was given so far.
  char Best() const;

 private:
  std::array<int, 3> count_{};
  bool content_ = false;
  bool quoted_ = false;
  bool field_start_ = true;
};

}  // namespace mailhaul::csv
