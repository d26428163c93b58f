#pragma once

#include <memory>
#include <string>

#include "common/net/byte_stream.h"
#include "common/net/fenced_socket.h"
#include "common/net/watchdog.h"

namespace mailhaul::net {

// The ByteStream of a connected TCP or Unix socket.
class SocketStream final : public ByteStream {
 public:
  // Sends only while `fence` is open; null: always.
  explicit SocketStream(Socket socket, std::shared_ptr<const Fence> fence = nullptr);

  Task<absl::StatusOr<size_t>> ReadSome(std::span<char> buf, Deadline deadline) override;
  Task<absl::Status> Write(absl::string_view data, Deadline deadline) override;
  void Abort() override;

  // Gives the socket away, for TLS to continue on; this stream is dead afterwards.
  FencedSocket Release();

 private:
  FencedSocket socket_;
  Watchdog watchdog_;
};

// What ended a read or a write: a fence, our deadline, the peer's close, or the system's words.
absl::Status StreamError(const boost::system::error_code& error, const FencedSocket& socket,
                         const Watchdog& watchdog);

}  // namespace mailhaul::net
