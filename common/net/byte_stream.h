#pragma once

#include <cstddef>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/base/deadline.h"
#include "common/base/task.h"

namespace mailhaul::net {

// A connection that carries octets both ways: TCP, TLS, a Unix socket, or a script in a test.
//
// Lives on one io_context thread. At most one ReadSome and one Write may be in progress at a time;
// the two may overlap. Errors: UNAVAILABLE when the peer closed or the link broke,
// DEADLINE_EXCEEDED when `deadline` passed, ABORTED when a fence stopped a write. After any error
// the stream is dead: every later call fails the same way.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // 1..buf.size() octets.
  virtual Task<absl::StatusOr<size_t>> ReadSome(std::span<char> buf, Deadline deadline) = 0;
  // All of `data`, which must stay in place until then.
  virtual Task<absl::Status> Write(absl::string_view data, Deadline deadline) = 0;
  // Closes at once; a call in progress ends with UNAVAILABLE. May be called twice.
  virtual void Abort() = 0;
};

}  // namespace mailhaul::net
