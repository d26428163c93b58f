#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mailhaul::fuzz {

// Lets a client read `octets` as a server's side of a connection, at most `most_octets` at a time,
// and gives every response to every parser. Returns what the client saw, the last line being how
// it ended: the same for every `most_octets`. Anything but that (a crash, a hang, an exception) is
// the bug that fuzzing looks for.
std::vector<std::string> ReadAsClient(absl::string_view octets, size_t most_octets);

// Encodes and decodes `octets` as a mailbox's name. False when a name does not come back.
bool MailboxNameComesBack(absl::string_view octets);

}  // namespace mailhaul::fuzz
