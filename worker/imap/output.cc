#include "worker/imap/output.h"

#include <algorithm>

#include "common/base/status.h"

namespace mailhaul::imap {
namespace {

constexpr size_t kBufferOctets = 64 * 1024;

}  // namespace

Output::Output(net::ByteStream& stream) : stream_(&stream) { buffer_.reserve(kBufferOctets); }

Task<absl::Status> Output::Put(absl::string_view octets, Deadline deadline) {
  while (!octets.empty()) {
    const size_t n = std::min(octets.size(), kBufferOctets - buffer_.size());
    buffer_.insert(buffer_.end(), octets.begin(), octets.begin() + n);
    octets.remove_prefix(n);
    if (buffer_.size() == kBufferOctets) {
      CO_RETURN_IF_ERROR(co_await Flush(deadline));
    }
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Output::Flush(Deadline deadline) {
  if (buffer_.empty()) co_return absl::OkStatus();
  const absl::Status written =
      co_await stream_->Write(absl::string_view(buffer_.data(), buffer_.size()), deadline);
  buffer_.clear();
  co_return written;
}

}  // namespace mailhaul::imap
