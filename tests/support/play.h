#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"

#include "common/base/task.h"
#include "common/net/byte_stream.h"
#include "tests/support/script.h"

namespace mailhaul::support {

// The client of a conversation: takes the stream, says how it went. It is called many times.
using Client = std::function<Task<absl::Status>(std::unique_ptr<net::ByteStream>)>;

// Plays the script whole, once with long reads and once octet by octet: both must follow it to its
// end, writing nothing early, and end alike. Then plays it again for each of its reads and writes
// with the link cut there: each of these must end with UNAVAILABLE. Returns how the whole one
// ended.
absl::Status Play(const Script& script, const Client& client);

// The same without the cuts, for clients that do not care how a conversation ends.
absl::Status PlayWhole(const Script& script, const Client& client);

}  // namespace mailhaul::support
