#include "common/net/socket_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace mailhaul::net {
namespace asio = boost::asio;
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

absl::Status StreamError(const boost::system::error_code& error, const FencedSocket& socket,
                         const Watchdog& watchdog) {
  if (socket.stopped_by_fence()) return absl::AbortedError("the lease has ended");
  if (watchdog.bit()) return absl::DeadlineExceededError("no answer in time");
  if (error == asio::error::eof) return absl::UnavailableError("the peer closed the connection");
  if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
    return absl::UnavailableError("the connection was closed");
  }
  return absl::UnavailableError(absl::StrCat("connection lost: ", error.message()));
}

SocketStream::SocketStream(Socket socket, std::shared_ptr<const Fence> fence)
    : socket_(std::move(socket), std::move(fence)),
      watchdog_(socket_.get_executor(), [this] { Abort(); }) {}

Task<absl::StatusOr<size_t>> SocketStream::ReadSome(std::span<char> buf, Deadline deadline) {
  const Watchdog::Guard guard(watchdog_, Watchdog::Slot::kRead, deadline);
  const auto [error, n] =
      co_await socket_.async_read_some(asio::buffer(buf.data(), buf.size()), kAwait);
  if (error) co_return StreamError(error, socket_, watchdog_);
  co_return n;
}

Task<absl::Status> SocketStream::Write(absl::string_view data, Deadline deadline) {
  const Watchdog::Guard guard(watchdog_, Watchdog::Slot::kWrite, deadline);
  const auto [error, n] =
      co_await asio::async_write(socket_, asio::buffer(data.data(), data.size()), kAwait);
  if (error) co_return StreamError(error, socket_, watchdog_);
  co_return absl::OkStatus();
}

void SocketStream::Abort() { socket_.Close(); }

FencedSocket SocketStream::Release() { return std::move(socket_); }

}  // namespace mailhaul::net
