#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mailhaul::cli {

// Values as people read them.
std::string Bytes(int64_t octets);                   // "3.4 MB": powers of 1000
std::string Rate(double octets_per_second);          // "290 kB/s"
std::string Clock(std::chrono::seconds time);        // "0:07", "1:02:03"
std::string Lasted(std::chrono::milliseconds time);  // "0.42 s"; from a minute on "1:02:03"

// `text` made safe for a terminal: control characters (a mail server may send any) become "\x1b".
std::string Printable(absl::string_view text);

// Columns that `text` (UTF-8) takes on a terminal.
size_t Width(absl::string_view text);

// `text` cut to `columns`, with an ellipsis where something is missing.
std::string Fit(absl::string_view text, size_t columns);

// Rows of cells in aligned columns, two spaces apart.
class Table {
 public:
  enum class Align { kLeft, kRight };
  explicit Table(std::vector<Align> columns) : align_(std::move(columns)) {}

  // As many cells as columns; each is made printable.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  // One line for each row, without line ends, each after `indent` spaces.
  std::vector<std::string> Lines(size_t indent = 0) const;

 private:
  const std::vector<Align> align_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace mailhaul::cli
