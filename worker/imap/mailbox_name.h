#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mailhaul::imap {

// Modified UTF-7, the form of mailbox names on the wire (RFC 3501 5.1.3).
// Encoding takes UTF-8; what is not UTF-8 becomes U+FFFD.
std::string EncodeMailboxName(absl::string_view utf8);
// Decoding refuses what no encoder makes (DATA_LOSS): bad base64, half a surrogate pair, bare 8-bit
// octets.
absl::StatusOr<std::string> DecodeMailboxName(absl::string_view wire);

// quoted (RFC 9051 9): `text` in double quotes, `"` and `\` escaped. The caller made sure that it
// holds no CR, LF or NUL and is ASCII.
std::string Quote(absl::string_view text);

}  // namespace mailhaul::imap
