#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/byte_stream.h"

namespace mailhaul::imap {

// The outgoing side of a connection: gathers commands and literals in 64 KiB, so that a hundred
// small messages leave in one write (and, with TLS, in full records).
class Output {
 public:
  explicit Output(net::ByteStream& stream);

  // Writes only when the buffer is full.
  Task<absl::Status> Put(absl::string_view octets, Deadline deadline);
  Task<absl::Status> Flush(Deadline deadline);
  bool empty() const { return buffer_.empty(); }

  void SwitchTo(net::ByteStream& stream) { stream_ = &stream; }

 private:
  net::ByteStream* stream_;
  std::vector<char> buffer_;
};

}  // namespace mailhaul::imap
