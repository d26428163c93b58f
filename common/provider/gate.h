#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "common/provider/provider.h"

namespace mailhaul::provider {

enum class Direction { kSource, kDestination };

// Name of the limit that an account falls under: "src:o365:baya.com",
// "dst:imap:mail.example.org:993". `user` is the login name, with its domain where it has one.
std::string GateId(Direction direction, const Provider& provider, absl::string_view user,
                   absl::string_view host, int port);

// An operator's own cap for every gate whose id matches `pattern`, in which "*" stands for any
// octets:
// {"src:o365:*", 5}.
struct CapOverride {
  std::string pattern;
  uint32_t cap = 0;

  friend bool operator==(const CapOverride&, const CapOverride&) = default;
};

// The cap of a gate: the first override that matches its id, else the provider's default.
uint32_t CapOf(absl::string_view gate_id, Direction direction, const Provider& provider,
               const std::vector<CapOverride>& overrides);

}  // namespace mailhaul::provider
