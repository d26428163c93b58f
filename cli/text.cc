#include "cli/text.h"

#include <wchar.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace mailhaul::cli {
namespace {

// Takes the next code point off `text`; a stray octet stands for itself.
char32_t TakeCodePoint(absl::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t point = length == 1 ? lead : lead & (0x7Fu >> length);
  for (size_t i = 1; i < length && i < text.size(); ++i) {
    point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  text.remove_prefix(std::min(length, text.size()));
  return point;
}

size_t WidthOf(char32_t point) {
  const int width = wcwidth(static_cast<wchar_t>(point));
  return width < 0 ? 1 : static_cast<size_t>(width);  // unknown to the locale: most are one wide
}

bool IsControl(char32_t point) { return point < 0x20 || (point >= 0x7F && point < 0xA0); }

}  // namespace

std::string Bytes(int64_t octets) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(octets);
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  const int decimals = unit > 0 && value < 9.95 ? 1 : 0;
  return absl::StrFormat("%.*f %s", decimals, value, kUnits[unit]);
}

std::string Rate(double octets_per_second) {
  return absl::StrCat(Bytes(static_cast<int64_t>(octets_per_second)), "/s");
}

std::string Lasted(std::chrono::milliseconds time) {
  if (time >= std::chrono::minutes(1)) return Clock(std::chrono::round<std::chrono::seconds>(time));
  return absl::StrFormat("%.2f s", static_cast<double>(time.count()) / 1000);
}

std::string Clock(std::chrono::seconds time) {
  const int64_t s = time.count();
  if (s < 3600) return absl::StrFormat("%d:%02d", s / 60, s % 60);
  return absl::StrFormat("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
}

std::string Printable(absl::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const absl::string_view before = text;
    const char32_t point = TakeCodePoint(text);
    if (IsControl(point)) {
      absl::StrAppendFormat(&safe, "\\x%02x", static_cast<unsigned>(point));
    } else {
      absl::StrAppend(&safe, before.substr(0, before.size() - text.size()));
    }
  }
  return safe;
}

size_t Width(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) width += WidthOf(TakeCodePoint(text));
  return width;
}

std::string Fit(absl::string_view text, size_t columns) {
  if (Width(text) <= columns) return std::string(text);
  absl::string_view rest = text;
  size_t width = 0;
  size_t kept = 0;
  while (!rest.empty()) {
    width += WidthOf(TakeCodePoint(rest));
    if (width + 1 > columns) break;
    kept = text.size() - rest.size();
  }
  return absl::StrCat(text.substr(0, kept), "…");
}

void Table::Add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<std::string> Table::Lines(size_t indent) const {
  std::vector<size_t> widths(align_.size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows_) {
    std::string line(indent, ' ');
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - Width(row[i]), ' ');
      if (i > 0) line += "  ";
      if (align_[i] == Align::kRight) line += padding;
      line += row[i];
      if (align_[i] == Align::kLeft) line += padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace mailhaul::cli
