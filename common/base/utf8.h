#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace mailhaul {

// Octets of the character that `text` begins with; 0 when it begins with no well-formed UTF-8 (RFC
// 3629: no overlong forms, no surrogates, nothing above U+10FFFF) or is empty.
size_t Utf8Length(absl::string_view text);

// Whether all of `text` is well-formed.
bool IsUtf8(absl::string_view text);

}  // namespace mailhaul
