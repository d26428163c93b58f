#include "common/base/utf8.h"

#include <cstdint>

namespace mailhaul {
namespace {

// What may follow a lead octet: `more` octets, the first of them within [low, high] (RFC 3629
// section 4).
struct Tail {
  size_t more;
  uint8_t low;
  uint8_t high;
};

constexpr Tail kInvalid{0, 0, 0};

constexpr Tail TailOf(uint8_t lead) {
  if (lead < 0xC2) return kInvalid;
  if (lead < 0xE0) return {1, 0x80, 0xBF};
  if (lead == 0xE0) return {2, 0xA0, 0xBF};
  if (lead == 0xED) return {2, 0x80, 0x9F};
  if (lead < 0xF0) return {2, 0x80, 0xBF};
  if (lead == 0xF0) return {3, 0x90, 0xBF};
  if (lead < 0xF4) return {3, 0x80, 0xBF};
  if (lead == 0xF4) return {3, 0x80, 0x8F};
  return kInvalid;
}

}  // namespace

size_t Utf8Length(absl::string_view text) {
  if (text.empty()) return 0;
  const auto octet = [text](size_t at) { return static_cast<uint8_t>(text[at]); };
  if (octet(0) < 0x80) return 1;
  const Tail tail = TailOf(octet(0));
  if (tail.more == 0 || text.size() <= tail.more) return 0;
  if (octet(1) < tail.low || octet(1) > tail.high) return 0;
  for (size_t i = 2; i <= tail.more; ++i) {
    if ((octet(i) & 0xC0) != 0x80) return 0;
  }
  return tail.more + 1;
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t octets = Utf8Length(text);
    if (octets == 0) return false;
    text.remove_prefix(octets);
  }
  return true;
}

}  // namespace mailhaul
