#pragma once

#include <memory>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>

#include "common/net/byte_stream.h"
#include "common/net/watchdog.h"

namespace mailhaul::net {

using Socket = boost::asio::generic::stream_protocol::socket;

// The ByteStream of a connected TCP or Unix socket.
class SocketStream final : public ByteStream {
 public:
  explicit SocketStream(Socket socket);

  Task<absl::StatusOr<size_t>> ReadSome(std::span<char> buf, Deadline deadline) override;
  Task<absl::Status> Write(absl::string_view data, Deadline deadline) override;
  void Abort() override;

  // Gives the socket away, for TLS to continue on; this stream is dead afterwards.
  Socket Release();

 private:
  Socket socket_;
  Watchdog watchdog_;
};

// What ended a read or a write: our deadline, the peer's close, or the system's words.
absl::Status StreamError(const boost::system::error_code& error, bool deadline_passed);

}  // namespace mailhaul::net
