#include "coordinator/row_fields.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace mailhaul::coordinator {
namespace {

constexpr size_t kNameOctets = 253;  // RFC 1035 2.3.4, without the root's dot
constexpr size_t kLabelOctets = 63;
constexpr size_t kUserOctets = 512;
constexpr size_t kPathOctets = 1000;

bool IsAddress(const std::string& text) {
  in6_addr octets;  // room for either family
  return inet_pton(AF_INET, text.c_str(), &octets) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &octets) == 1;
}

bool IsLabel(absl::string_view label) {
  const auto fits = [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= kLabelOctets && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), fits);
}

bool IsName(absl::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.size() > kNameOctets) return false;
  const std::vector<absl::string_view> labels = absl::StrSplit(text, '.');
  if (!std::all_of(labels.begin(), labels.end(), IsLabel)) return false;
  // A last label of digits is a mistyped address: no such top-level domain exists.
  return !std::all_of(labels.back().begin(), labels.back().end(), absl::ascii_isdigit);
}

bool HasControl(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), absl::ascii_iscntrl);
}

}  // namespace

std::optional<std::string> ParseHost(absl::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    const std::string inner(text.substr(1, text.size() - 2));
    return IsAddress(inner) ? std::optional(inner) : std::nullopt;
  }
  std::string host(text);
  return IsAddress(host) || IsName(host) ? std::optional(std::move(host)) : std::nullopt;
}

std::optional<int> ParsePort(absl::string_view text) {
  int port = 0;
  if (!absl::SimpleAtoi(text, &port) || port < 1 || port > 65535) return std::nullopt;
  return port;
}

bool IsUser(absl::string_view text) {
  return !text.empty() && text.size() <= kUserOctets && !HasControl(text) &&
         absl::StripAsciiWhitespace(text) == text;
}

bool IsFolderPath(absl::string_view text) {
  if (text.size() > kPathOctets || HasControl(text)) return false;
  if (text.find_first_of("*%") != absl::string_view::npos) return false;
  const std::vector<absl::string_view> levels = absl::StrSplit(text, '/');
  return std::none_of(levels.begin(), levels.end(),
                      [](absl::string_view level) { return level.empty(); });
}

}  // namespace mailhaul::coordinator
