#include "worker/imap/input.h"

#include <algorithm>
#include <cstring>

#include "common/base/status.h"

namespace mailhaul::imap {
namespace {

constexpr size_t kBufferOctets = 64 * 1024;
constexpr size_t kLongestLine = 1024 * 1024;

}  // namespace

Input::Input(net::ByteStream& stream) : stream_(&stream), buffer_(kBufferOctets) {}

Task<absl::Status> Input::Fill(Deadline deadline) {
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (end_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (end_ == buffer_.size()) {
      if (buffer_.size() >= kLongestLine)
        co_return absl::DataLossError("the server sent a line of over 1 MiB");
      buffer_.resize(buffer_.size() * 2);
    }
  }
  const std::span<char> space(buffer_.data() + end_, buffer_.size() - end_);
  CO_ASSIGN_OR_RETURN(const size_t n, co_await stream_->ReadSome(space, deadline));
  end_ += n;
  co_return absl::OkStatus();
}

Task<absl::StatusOr<absl::string_view>> Input::Line(Deadline deadline) {
  for (size_t searched = 0;;) {
    const char* const start = buffer_.data() + begin_;
    const void* const lf = std::memchr(start + searched, '\n', end_ - begin_ - searched);
    if (lf != nullptr) {
      absl::string_view line(start, static_cast<const char*>(lf) - start);
      begin_ += line.size() + 1;
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      co_return line;
    }
    searched = end_ - begin_;
    CO_RETURN_IF_ERROR(co_await Fill(deadline));
  }
}

Task<absl::StatusOr<absl::string_view>> Input::Some(uint64_t most, Deadline deadline) {
  if (begin_ == end_) {
    CO_RETURN_IF_ERROR(co_await Fill(deadline));
  }
  const absl::string_view octets(buffer_.data() + begin_,
                                 static_cast<size_t>(std::min<uint64_t>(most, end_ - begin_)));
  begin_ += octets.size();
  co_return octets;
}

}  // namespace mailhaul::imap
