#include "common/net/dial.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/status.h"
#include "common/net/event.h"
#include "common/net/socket_stream.h"

namespace mailhaul::net {
namespace asio = boost::asio;
namespace {

using asio::experimental::awaitable_operators::operator||;
using asio::ip::tcp;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// Completes when the deadline passes; raced against a step of dialling.
Task<void> Wait(Deadline deadline) {
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline.time());
  co_await timer.async_wait(kAwait);
}

// A look-up in progress. It runs on a thread of Asio's that nothing can interrupt: a silent name
// server holds it for longer than we wait, so its end may come when nobody is interested any more.
struct LookUp {
  explicit LookUp(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}

  tcp::resolver resolver;
  Event done;
  boost::system::error_code error;
  tcp::resolver::results_type addresses;
};

Task<absl::StatusOr<tcp::resolver::results_type>> Resolve(const std::string& host, uint16_t port,
                                                          Deadline deadline) {
  const auto lookup = std::make_shared<LookUp>(co_await asio::this_coro::executor);
  lookup->resolver.async_resolve(
      host, absl::StrCat(port),
      [lookup](boost::system::error_code error, tcp::resolver::results_type addresses) {
        lookup->error = error;
        lookup->addresses = std::move(addresses);
        lookup->done.Set();
      });
  if (!co_await lookup->done.Wait(deadline)) {
    lookup->resolver.cancel();
    co_return absl::DeadlineExceededError(
        absl::StrCat("looking up the host name ", host, " took too long"));
  }
  if (lookup->error == asio::error::host_not_found) {
    co_return absl::NotFoundError(absl::StrCat("unknown host ", host));
  }
  if (lookup->error) {
    co_return absl::UnavailableError(
        absl::StrCat("cannot look up ", host, ": ", lookup->error.message()));
  }
  co_return lookup->addresses;
}

absl::Status CannotConnect(const std::string& where, const boost::system::error_code& error) {
  return absl::UnavailableError(absl::StrCat("cannot connect to ", where, ": ", error.message()));
}

// Connects one socket. `where` is for the message.
Task<absl::StatusOr<Socket>> Connect(Socket::endpoint_type endpoint, std::string where,
                                     Deadline deadline) {
  Socket socket(co_await asio::this_coro::executor);
  auto winner = co_await (socket.async_connect(endpoint, kAwait) || Wait(deadline));
  if (winner.index() == 1) {
    co_return absl::DeadlineExceededError(absl::StrCat("connecting to ", where, " took too long"));
  }
  const auto [error] = std::get<0>(winner);
  if (error) co_return CannotConnect(where, error);
  co_return std::move(socket);
}

}  // namespace

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> DialTcp(std::string host, uint16_t port,
                                                          Deadline deadline,
                                                          std::shared_ptr<const Fence> fence) {
  CO_ASSIGN_OR_RETURN(const auto addresses, co_await Resolve(host, port, deadline));
  const std::string where = absl::StrCat(host, ":", port);
  absl::Status first_error;
  size_t untried = addresses.size();
  for (const auto& address : addresses) {
    // An even share of the time that is left: a dead address must not use it up for the others.
    const Deadline share = Deadline::After(deadline.Left() / untried--);
    absl::StatusOr<Socket> socket = co_await Connect(address.endpoint(), where, share);
    if (socket.ok()) {
      boost::system::error_code ignored;
      socket->set_option(tcp::no_delay(true), ignored);
      co_return std::make_unique<SocketStream>(*std::move(socket), std::move(fence));
    }
    first_error.Update(socket.status());
  }
  co_return first_error;
}

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> DialUnix(std::string path, Deadline deadline) {
  // sun_path holds 107 octets; Asio throws beyond them.
  if (path.size() > 107)
    co_return absl::InvalidArgumentError(absl::StrCat("socket path too long: ", path));
  const asio::local::stream_protocol::endpoint endpoint(path);
  CO_ASSIGN_OR_RETURN(Socket socket, co_await Connect(endpoint, path, deadline));
  co_return std::make_unique<SocketStream>(std::move(socket));
}

}  // namespace mailhaul::net
