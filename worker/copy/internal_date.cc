#include "worker/copy/internal_date.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace mailhaul::copy {
namespace {

// d a digit, m a letter, s a sign; anything else stands for itself.
bool Looks(absl::string_view text, absl::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    const char c = text[i];
    switch (shape[i]) {
      case 'd':
        if (!absl::ascii_isdigit(c)) return false;
        break;
      case 'm':
        if (!absl::ascii_isalpha(c)) return false;
        break;
      case 's':
        if (c != '+' && c != '-') return false;
        break;
      default:
        if (c != shape[i]) return false;
    }
  }
  return true;
}

}  // namespace

std::string NormalizeInternalDate(absl::string_view sent) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(sent);
  if (trimmed.size() < 2) return "";
  std::string date = absl::StrCat(trimmed.find('-') == 1 ? " " : "", trimmed);
  if (Looks(absl::string_view(date).substr(1), "d-mmm-dddd dd:dd:dd"))
    absl::StrAppend(&date, " +0000");
  const bool padded = date[0] == ' ' || absl::ascii_isdigit(date[0]);
  if (!padded || !Looks(absl::string_view(date).substr(1), "d-mmm-dddd dd:dd:dd sdddd")) return "";
  return date;
}

}  // namespace mailhaul::copy
