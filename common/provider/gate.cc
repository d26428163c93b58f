#include "common/provider/gate.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mailhaul::provider {
namespace {

// "*" stands for any octets. After a failure only the last star is tried again, one octet further
// on: earlier ones could not do better, so that the time is at most the product of the lengths.
bool Matches(absl::string_view pattern, absl::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = absl::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == absl::string_view::npos;
}

std::string Server(absl::string_view host, int port) {
  return absl::StrCat(absl::AsciiStrToLower(host), ":", port);
}

}  // namespace

std::string GateId(Direction direction, const Provider& provider, absl::string_view user,
                   absl::string_view host, int port) {
  const size_t at = user.rfind('@');
  const bool by_domain = provider.tenancy == Tenancy::kDomain && at != absl::string_view::npos;
  return absl::StrCat(direction == Direction::kSource ? "src:" : "dst:", provider.key, ":",
                      by_domain ? absl::AsciiStrToLower(user.substr(at + 1)) : Server(host, port));
}

uint32_t CapOf(absl::string_view gate_id, Direction direction, const Provider& provider,
               const std::vector<CapOverride>& overrides) {
  for (const CapOverride& rule : overrides) {
    if (Matches(absl::AsciiStrToLower(rule.pattern), gate_id)) return rule.cap;
  }
  return direction == Direction::kSource ? provider.source_cap : provider.destination_cap;
}

}  // namespace mailhaul::provider
