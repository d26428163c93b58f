#include "common/csv/file_type.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace mailhaul::csv {
namespace {

constexpr absl::string_view kCandidates = ",;\t";  // the earlier one wins a tie

struct Magic {
  absl::string_view octets;
  absl::string_view what;
};

constexpr Magic kForeign[] = {
    {absl::string_view("\xFF\xFE", 2), "UTF-16 text"},
    {absl::string_view("\xFE\xFF", 2), "UTF-16 text"},
    {absl::string_view("PK\x03\x04", 4), "an Excel workbook or another ZIP archive"},
    {absl::string_view("\xD0\xCF\x11\xE0", 4), "an old Excel workbook"},
    {absl::string_view("\x1F\x8B", 2), "a gzip archive"},
    {absl::string_view("%PDF", 4), "a PDF document"},
};

}  // namespace

std::optional<std::string> ForeignFormat(absl::string_view start) {
  for (const Magic& magic : kForeign) {
    if (absl::StartsWith(start, magic.octets)) return std::string(magic.what);
  }
  return std::nullopt;
}

size_t BomOctets(absl::string_view start) {
  return absl::StartsWith(start, "\xEF\xBB\xBF") ? 3 : 0;
}

bool DelimiterFinder::Scan(absl::string_view octets) {
  for (const char c : octets) {
    const size_t candidate = kCandidates.find(c);
    if (c == '"' && (quoted_ || field_start_)) {
      quoted_ = !quoted_;  // a doubled quote toggles twice
    } else if (!quoted_ && c == '\n' && content_) {
      return true;
    } else if (!quoted_ && candidate != absl::string_view::npos) {
      ++count_[candidate];
    }
    content_ = content_ || (c != '\r' && c != '\n');
    field_start_ = candidate != absl::string_view::npos || c == '\n';
  }
  return false;
}

char DelimiterFinder::Best() const {
  return kCandidates[std::max_element(count_.begin(), count_.end()) - count_.begin()];
}

}  // namespace mailhaul::csv
