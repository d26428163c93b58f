#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mailhaul::copy {

// date-time for APPEND (RFC 9051 9: "dd-Mon-yyyy hh:mm:ss +zzzz", day padded by a space), from what
// a source sent: some send a one-digit day without padding or leave the zone out, which then counts
// as UTC. Empty when it is no date at all; the destination then takes its own time.
std::string NormalizeInternalDate(absl::string_view sent);

}  // namespace mailhaul::copy
