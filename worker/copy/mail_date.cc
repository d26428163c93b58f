#include "worker/copy/mail_date.h"

#include <array>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"

namespace mailhaul::copy {
namespace {

bool IsNumber(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return !text.empty();
}

// nullopt unless it is a number of at most `most_digits` digits.
std::optional<int> Number(absl::string_view text, size_t most_digits) {
  int value = 0;
  if (!IsNumber(text) || text.size() > most_digits || !absl::SimpleAtoi(text, &value)) {
    return std::nullopt;
  }
  return value;
}

std::string WithoutComments(absl::string_view text) {
  std::string plain;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (depth > 0 && text[i] == '\\') {
      ++i;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')' && depth > 0) {
      --depth;
      plain += ' ';
    } else if (depth == 0) {
      plain += text[i];
    }
  }
  return plain;
}

// By its first three letters: some write it out.
std::optional<int> Month(absl::string_view name) {
  constexpr absl::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (name.size() < 3) return std::nullopt;
  const size_t at = kMonths.find(absl::AsciiStrToLower(name.substr(0, 3)));
  if (at == absl::string_view::npos || at % 3 != 0) return std::nullopt;
  return static_cast<int>(at / 3 + 1);
}

std::optional<int> Year(absl::string_view text) {
  const std::optional<int> year = Number(text, 4);
  if (!year || text.size() < 2) return std::nullopt;
  if (text.size() == 4) return year;
  return *year + (text.size() == 2 && *year < 50 ? 2000 : 1900);  // RFC 5322 4.3
}

// Seconds since midnight.
std::optional<int> TimeOfDay(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  const auto hour = Number(parts[0], 2);
  const auto minute = Number(parts[1], 2);
  const auto second = parts.size() == 3 ? Number(parts[2], 2) : 0;
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  return (*hour * 60 + *minute) * 60 + *second;
}

// Seconds east of Greenwich.
std::optional<int> Zone(absl::string_view text) {
  struct Named {
    absl::string_view name;
    int hours;
  };
  static constexpr std::array<Named, 8> kNamed = {{{"EST", -5},
                                                   {"EDT", -4},
                                                   {"CST", -6},
                                                   {"CDT", -5},
                                                   {"MST", -7},
                                                   {"MDT", -6},
                                                   {"PST", -8},
                                                   {"PDT", -7}}};
  for (const Named& zone : kNamed) {
    if (absl::EqualsIgnoreCase(text, zone.name)) return zone.hours * 3600;
  }
  // GMT, UT, and all others, which nobody knows for sure (RFC 5322 4.3).
  if (absl::ascii_isalpha(static_cast<unsigned char>(text[0]))) return 0;
  const std::optional<int> digits = Number(text.substr(1), 4);
  if (text.size() != 5 || !digits || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int seconds = *digits / 100 * 3600 + *digits % 100 * 60;
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::optional<int64_t> ParseMailDate(absl::string_view text) {
  const std::string plain = WithoutComments(text);
  std::vector<absl::string_view> words =
      absl::StrSplit(plain, absl::ByAnyChar(" \t\r,"), absl::SkipEmpty());
  if (!words.empty() && !IsNumber(words[0])) words.erase(words.begin());  // the day's name
  if (words.size() < 4 || words.size() > 5) return std::nullopt;
  const auto day = Number(words[0], 2);
  const auto month = Month(words[1]);
  const auto year = Year(words[2]);
  const auto time = TimeOfDay(words[3]);
  const auto zone = words.size() == 5 ? Zone(words[4]) : 0;
  if (!day || !month || !year || !time || !zone) return std::nullopt;
  const absl::CivilDay date(*year, *month, *day);
  if (date.day() != *day) return std::nullopt;  // there is no such day: it was carried over
  return (date - absl::CivilDay(1970, 1, 1)) * int64_t{86'400} + *time - *zone;
}

}  // namespace mailhaul::copy
