#include "common/csv/utf8.h"

#include <cstddef>
#include <cstdint>

namespace mailhaul::csv {
namespace {

// What may follow a lead octet: `more` octets, the first of them within [low, high] (RFC 3629
// section 4).
struct Tail {
  size_t more;
  uint8_t low;
  uint8_t high;
};

constexpr Tail kInvalid{0, 1, 0};

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

bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto octet = [text](size_t at) { return static_cast<uint8_t>(text[at]); };
    if (octet(i) < 0x80) {
      ++i;
      continue;
    }
    const Tail tail = TailOf(octet(i));
    if (tail.more == 0 || text.size() - i <= tail.more) return false;
    if (octet(i + 1) < tail.low || octet(i + 1) > tail.high) return false;
    for (size_t k = 2; k <= tail.more; ++k) {
      if ((octet(i + k) & 0xC0) != 0x80) return false;
    }
    i += tail.more + 1;
  }
  return true;
}

}  // namespace mailhaul::csv
