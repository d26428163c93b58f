#include "common/net/fence.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/net/dial.h"
#include "common/net/socket_stream.h"
#include "tests/support/certificates.h"
#include "tests/support/run_task.h"

namespace mailhaul::net {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::experimental::awaitable_operators::operator&&;
using asio::ip::tcp;
using UnixSocket = asio::local::stream_protocol::socket;
using std::chrono::hours;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr size_t kMoreThanSocketsHold = 32 * 1024 * 1024;

Deadline Soon() { return Deadline::After(std::chrono::seconds(10)); }

std::shared_ptr<Fence> OpenFence() {
  auto fence = std::make_shared<Fence>();
  fence->OpenUntil(BootClock::now() + hours(1));
  return fence;
}

void End(Fence& fence) { fence.OpenUntil(BootClock::now()); }

TEST(FenceTest, IsOpenUntilItsTime) {
  Fence fence;
  EXPECT_TRUE(fence.closed()) << "nobody has opened it";
  fence.OpenUntil(BootClock::now() + hours(1));
  EXPECT_FALSE(fence.closed());
  End(fence);
  EXPECT_TRUE(fence.closed());
  fence.OpenUntil(BootClock::now() + hours(1));
  EXPECT_FALSE(fence.closed()) << "the lease was renewed late";
}

TEST(FenceTest, ClosingItIsForGood) {
  Fence fence;
  fence.OpenUntil(BootClock::now() + hours(1));
  fence.Close();
  fence.OpenUntil(BootClock::now() + hours(1));
  EXPECT_TRUE(fence.closed());
}

// ---- a write that was blocked while the fence closed ----

struct Ended {
  absl::Status written;
  size_t sent_before = 0;  // octets in the peer's hands when the fence closed
  size_t received = 0;     // octets the peer got in the end
};

// Waits until our side has filled the sockets between us: nothing more comes in many turns of the
// loop, in each of which a writer makes a step. Returns what is there.
Task<size_t> UntilFull(UnixSocket& peer) {
  size_t there = 0;
  for (int unchanged = 0; unchanged < 100; ++unchanged) {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    if (peer.available() == there) continue;
    there = peer.available();
    unchanged = 0;
  }
  co_return there;
}

// Every octet until the other side closes.
template <typename RawSocket>
Task<size_t> Drain(RawSocket& peer) {
  std::string buffer(64 * 1024, '\0');
  for (size_t total = 0;;) {
    const auto [error, n] = co_await peer.async_read_some(asio::buffer(buffer), kAwait);
    total += n;
    if (error) co_return total;
  }
}

Task<size_t> CloseAndDrain(UnixSocket& peer, Fence& fence, size_t& sent_before) {
  sent_before = co_await UntilFull(peer);
  End(fence);
  co_return co_await Drain(peer);
}

// Closes after a write that nobody stopped, so that the peer sees an end.
Task<absl::Status> WriteOrClose(ByteStream& ours, std::string octets) {
  absl::Status written = co_await ours.Write(octets, Soon());
  if (written.ok()) ours.Abort();
  co_return written;
}

Task<Ended> WriteUntilTheFenceCloses(ByteStream& ours, UnixSocket& peer, Fence& fence) {
  Ended ended;
  std::tie(ended.written, ended.received) =
      co_await (WriteOrClose(ours, std::string(kMoreThanSocketsHold, 'x')) &&
                CloseAndDrain(peer, fence, ended.sent_before));
  EXPECT_EQ((co_await ours.Write("x", Soon())).code(), absl::StatusCode::kAborted);
  char octet = 0;
  const auto read = co_await ours.ReadSome(std::span<char>(&octet, 1), Soon());
  EXPECT_EQ(read.status().code(), absl::StatusCode::kAborted) << "the stream is dead";
  co_return ended;
}

void ExpectNothingMore(const Ended& ended) {
  EXPECT_EQ(ended.written, absl::AbortedError("the lease has ended"));
  EXPECT_GT(ended.sent_before, 0u);
  EXPECT_LT(ended.sent_before, kMoreThanSocketsHold) << "the write was never blocked";
  EXPECT_EQ(ended.received, ended.sent_before);
}

Task<Ended> PlainWrite() {
  const auto executor = co_await asio::this_coro::executor;
  UnixSocket here(executor);
  UnixSocket there(executor);
  asio::local::connect_pair(here, there);
  const auto fence = OpenFence();
  SocketStream ours(Socket(std::move(here)), fence);
  co_return co_await WriteUntilTheFenceCloses(ours, there, *fence);
}

TEST(FencedStreamTest, ABlockedWriteSendsNothingMoreOnceTheFenceIsClosed) {
  ExpectNothingMore(support::RunTask(PlainWrite()));
}

const support::CertificateAuthority& Authority() {
  static const support::CertificateAuthority authority;
  return authority;
}

Task<void> Accept(ssl::stream<UnixSocket&>& server) {
  const auto [error] = co_await server.async_handshake(ssl::stream_base::server, kAwait);
  EXPECT_FALSE(error) << error.message();
}

Task<Ended> TlsWrite() {
  const auto executor = co_await asio::this_coro::executor;
  UnixSocket here(executor);
  UnixSocket there(executor);
  asio::local::connect_pair(here, there);
  const support::Identity identity = Authority().Issue();
  ssl::context context(ssl::context::tls_server);
  context.use_certificate(asio::buffer(identity.certificate), ssl::context::pem);
  context.use_private_key(asio::buffer(identity.key), ssl::context::pem);
  ssl::stream<UnixSocket&> server(there, context);

  const auto fence = OpenFence();
  auto plain = std::make_unique<SocketStream>(Socket(std::move(here)), fence);
  TlsOptions options{.server_name = "localhost", .ca_file = Authority().ca_file()};
  auto ours = co_await (StartTls(std::move(plain), std::move(options), Soon()) && Accept(server));
  if (!ours.ok()) co_return Ended{.written = ours.status()};
  co_return co_await WriteUntilTheFenceCloses(**ours, there, *fence);
}

TEST(FencedStreamTest, SoDoesABlockedWriteUnderTls) {
  ExpectNothingMore(support::RunTask(TlsWrite()));
}

// ---- dialling ----

struct Dialled {
  absl::Status written;
  size_t received = 0;
  bool reset = false;  // rather than an orderly end
};

// Dials with a fence that is open or not and writes one line.
Task<Dialled> DialAndWrite(bool open) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::acceptor acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const auto fence = open ? OpenFence() : std::make_shared<Fence>();
  auto ours = co_await DialTcp("127.0.0.1", acceptor.local_endpoint().port(), Soon(), fence);
  if (!ours.ok()) co_return Dialled{.written = ours.status()};
  tcp::socket peer = acceptor.accept();
  Dialled dialled{.written = co_await (*ours)->Write("a line", Soon())};
  ours->reset();
  std::string buffer(64, '\0');
  for (;;) {
    const auto [error, n] = co_await peer.async_read_some(asio::buffer(buffer), kAwait);
    dialled.received += n;
    dialled.reset = error == asio::error::connection_reset;
    if (error) co_return dialled;
  }
}

TEST(FencedStreamTest, WhatIsDialledWithAFenceSendsWhileItIsOpen) {
  const Dialled dialled = support::RunTask(DialAndWrite(true));
  EXPECT_EQ(dialled.written, absl::OkStatus());
  EXPECT_EQ(dialled.received, 6u);
  EXPECT_FALSE(dialled.reset);
}

TEST(FencedStreamTest, WhatIsDialledWithAClosedFenceSendsNothing) {
  const Dialled dialled = support::RunTask(DialAndWrite(false));
  EXPECT_EQ(dialled.written.code(), absl::StatusCode::kAborted) << dialled.written;
  EXPECT_EQ(dialled.received, 0u);
  EXPECT_TRUE(dialled.reset) << "what the system still held would have been sent";
}

}  // namespace
}  // namespace mailhaul::net
