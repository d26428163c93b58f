#pragma once

#include <compare>
#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"

namespace mailhaul::copy {

// The header fields that tell messages apart, for BODY.PEEK[HEADER.FIELDS (...)] (RFC 9051 6.4.5).
inline constexpr absl::string_view kIdentityHeaders = "MESSAGE-ID DATE FROM TO CC SUBJECT";

// What a message is recognised by on any server: 128 bits of a SHA-256. Equal for copies of one
// message, also when a server has written its header anew. Messages that are there twice have it
// twice, so whoever matches by it must count.
struct Identity {
  uint64_t high = 0;
  uint64_t low = 0;

  friend auto operator<=>(const Identity&, const Identity&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Identity& id) {
    return H::combine(std::move(h), id.high, id.low);
  }
};

struct HeaderIdentity {
  Identity id;
  // Neither Message-ID nor Date nor From is there: many different messages may share this identity.
  bool weak = false;
};

// The identity of the message with this header: any line ends, folded or not, hostile or empty; of
// a repeated field the first occurrence counts. Other fields take no part. Linear in its length.
HeaderIdentity IdentityOf(absl::string_view header);

}  // namespace mailhaul::copy
