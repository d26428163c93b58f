#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mailhaul::copy {

// The ASCII letters and digits in the words of a header field, lower-cased, after encoded words
// (RFC 2047) were decoded: what stays of a text when a server writes it in another charset or
// another encoding. A charset that is not known to hold ASCII as such contributes nothing.
std::string AsciiOfWords(absl::string_view text);

}  // namespace mailhaul::copy
