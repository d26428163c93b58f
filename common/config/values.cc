#include "common/config/values.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

namespace mailhaul::config {
namespace {

constexpr size_t kNameOctets = 64;
constexpr uint32_t kMostCap = 1'000'000;

bool IsHost(absl::string_view text) {
  const bool bracketed = absl::StartsWith(text, "[") && absl::EndsWith(text, "]");
  if (bracketed) text = text.substr(1, text.size() - 2);
  for (const char c : text) {
    const bool plain = absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
    if (!plain && !(bracketed && c == ':')) return false;
  }
  return !text.empty();
}

std::optional<provider::CapOverride> ParseCap(absl::string_view text) {
  const size_t equals = text.rfind('=');
  if (equals == absl::string_view::npos) return std::nullopt;
  const absl::string_view pattern = absl::StripAsciiWhitespace(text.substr(0, equals));
  uint32_t cap = 0;
  const bool number = absl::SimpleAtoi(text.substr(equals + 1), &cap);
  if (pattern.empty() || !number || cap == 0 || cap > kMostCap) return std::nullopt;
  return provider::CapOverride{std::string(pattern), cap};
}

}  // namespace

bool IsHostPort(absl::string_view text, int least_port) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return false;
  int port = 0;
  return IsHost(text.substr(0, colon)) && absl::SimpleAtoi(text.substr(colon + 1), &port) &&
         port >= least_port && port <= 65535;
}

bool IsUnixAddress(absl::string_view text) {
  return absl::StartsWith(text, "unix:/") && !absl::EndsWith(text, "/");
}

bool IsRedisAddress(absl::string_view text) {
  if (IsUnixAddress(text)) return true;
  const bool url =
      absl::ConsumePrefix(&text, "redis://") || absl::ConsumePrefix(&text, "rediss://");
  if (const size_t slash = text.find('/'); url && slash != absl::string_view::npos) {
    int database = 0;
    const absl::string_view digits = text.substr(slash + 1);
    if (!digits.empty() && (!absl::SimpleAtoi(digits, &database) || database < 0)) return false;
    text = text.substr(0, slash);
  }
  return IsHost(text) || IsHostPort(text, 1);
}

bool IsName(absl::string_view text) {
  const auto fits = [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kNameOctets && std::all_of(text.begin(), text.end(), fits);
}

std::optional<bool> ParseSwitch(absl::string_view text) {
  for (const absl::string_view yes : {"true", "yes", "on", "1"}) {
    if (absl::EqualsIgnoreCase(text, yes)) return true;
  }
  for (const absl::string_view no : {"false", "no", "off", "0"}) {
    if (absl::EqualsIgnoreCase(text, no)) return false;
  }
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> ParseTime(absl::string_view text) {
  absl::Duration time;
  if (!absl::ParseDuration(text, &time)) return std::nullopt;
  if (time < absl::Milliseconds(1) || time > absl::Hours(24)) return std::nullopt;
  return absl::ToChronoMilliseconds(time);
}

std::string FormatTime(std::chrono::milliseconds time) {
  return absl::FormatDuration(absl::FromChrono(time));
}

std::optional<std::vector<provider::CapOverride>> ParseCaps(absl::string_view text) {
  std::vector<provider::CapOverride> caps;
  if (absl::StripAsciiWhitespace(text).empty()) return caps;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    std::optional<provider::CapOverride> cap = ParseCap(part);
    if (!cap) return std::nullopt;
    caps.push_back(*std::move(cap));
  }
  return caps;
}

std::string FormatCaps(const std::vector<provider::CapOverride>& caps) {
  return absl::StrJoin(caps, ",", [](std::string* out, const provider::CapOverride& cap) {
    absl::StrAppend(out, cap.pattern, "=", cap.cap);
  });
}

}  // namespace mailhaul::config
