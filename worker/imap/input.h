#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/byte_stream.h"

namespace mailhaul::imap {

// The incoming side of a connection: lines and literals out of one buffer of 64 KiB. It grows only
// for a longer line, up to 1 MiB; a line beyond that is DATA_LOSS.
class Input {
 public:
  explicit Input(net::ByteStream& stream);

  // One line without its CRLF (a bare LF ends a line too). Valid until the next call.
  Task<absl::StatusOr<absl::string_view>> Line(Deadline deadline);
  // 1..most octets of a literal, straight out of the buffer. Valid until the next call.
  Task<absl::StatusOr<absl::string_view>> Some(uint64_t most, Deadline deadline);

  // True when a call of Line might return without waiting: something is in the buffer.
  bool HasBuffered() const { return begin_ < end_; }
  // Goes on with another stream, after STARTTLS.
  void SwitchTo(net::ByteStream& stream) { stream_ = &stream; }

 private:
  Task<absl::Status> Fill(Deadline deadline);

  net::ByteStream* stream_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace mailhaul::imap
