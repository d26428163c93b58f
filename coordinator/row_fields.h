#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace mailhaul::coordinator {

// A DNS name (RFC 1123 2.1, underscores allowed) or an IP address, the latter with or without
// brackets; returned without them. nullopt for anything else, such as "imaps://host" and
// "host:993".
std::optional<std::string> ParseHost(absl::string_view text);

// 1 to 65535.
std::optional<int> ParsePort(absl::string_view text);

// A login name: no control characters, no blanks at its ends, at most 512 octets.
bool IsUser(absl::string_view text);

// A folder path in UTF-8, "/" between its levels: none of them empty, no control characters, no
// IMAP wildcards
// ("*" and "%", RFC 9051 5.1), at most 1000 octets.
bool IsFolderPath(absl::string_view text);

}  // namespace mailhaul::coordinator
