#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace mailhaul::copy {

// Seconds since 1970 in UTC of a Date field's value (RFC 5322 3.3, with the obsolete forms of 4.3).
// The day's name may be missing or wrong; without a zone it is taken for UTC, as an unknown one is.
// nullopt when it is no date.
std::optional<int64_t> ParseMailDate(absl::string_view text);

}  // namespace mailhaul::copy
