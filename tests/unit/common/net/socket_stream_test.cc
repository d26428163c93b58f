#include "common/net/socket_stream.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/status.h"
#include "common/net/event.h"
#include "tests/support/run_task.h"

namespace mailhaul::net {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;
using boost::asio::local::stream_protocol;
using std::chrono::milliseconds;

constexpr size_t kMoreThanSocketsHold = 32 * 1024 * 1024;

Deadline Soon() { return Deadline::After(std::chrono::seconds(10)); }
Deadline AtOnce() { return Deadline::After(milliseconds(10)); }

struct Pair {
  explicit Pair(const boost::asio::any_io_executor& executor) {
    stream_protocol::socket here(executor);
    stream_protocol::socket there(executor);
    boost::asio::local::connect_pair(here, there);
    ours = std::make_unique<SocketStream>(Socket(std::move(here)));
    theirs = std::make_unique<SocketStream>(Socket(std::move(there)));
  }
  std::unique_ptr<SocketStream> ours;
  std::unique_ptr<SocketStream> theirs;
};

Task<absl::Status> ReadOne(ByteStream& stream, Deadline deadline) {
  char octet = 0;
  co_return (co_await stream.ReadSome(std::span<char>(&octet, 1), deadline)).status();
}

// Every octet that comes until the peer closes.
Task<size_t> Drain(ByteStream& stream) {
  std::string buffer(64 * 1024, '\0');
  for (size_t total = 0;;) {
    const auto n = co_await stream.ReadSome(buffer, Soon());
    if (!n.ok()) co_return total;
    total += *n;
  }
}

Task<absl::Status> WriteAndClose(std::unique_ptr<SocketStream>& stream, std::string octets) {
  absl::Status written = co_await stream->Write(octets, Soon());
  stream.reset();
  co_return written;
}

Task<void> LargeWrites() {
  Pair pair(co_await boost::asio::this_coro::executor);
  const auto [written, received] = co_await (
      WriteAndClose(pair.theirs, std::string(kMoreThanSocketsHold, 'x')) && Drain(*pair.ours));
  EXPECT_TRUE(written.ok()) << written;
  EXPECT_EQ(received, kMoreThanSocketsHold);
}

TEST(SocketStreamTest, WritesAllOfItsData) { support::RunTask(LargeWrites()); }

Task<void> PeerCloses() {
  Pair pair(co_await boost::asio::this_coro::executor);
  pair.theirs.reset();
  const absl::Status closed = co_await ReadOne(*pair.ours, Soon());
  EXPECT_EQ(closed.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(closed.message(), "the peer closed the connection");
  EXPECT_EQ((co_await pair.ours->Write("x", Soon())).code(), absl::StatusCode::kUnavailable);
}

TEST(SocketStreamTest, AClosedPeerIsUnavailable) { support::RunTask(PeerCloses()); }

Task<void> ReadInVain() {
  Pair pair(co_await boost::asio::this_coro::executor);
  for (const Deadline deadline : {AtOnce(), Soon(), AtOnce()}) {
    EXPECT_EQ((co_await ReadOne(*pair.ours, deadline)).code(), absl::StatusCode::kDeadlineExceeded);
  }
  EXPECT_EQ((co_await pair.ours->Write("x", Soon())).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(SocketStreamTest, AReadEndsByItsDeadlineAndTheStreamIsDead) { support::RunTask(ReadInVain()); }

Task<void> WriteInVain() {
  Pair pair(co_await boost::asio::this_coro::executor);
  const std::string octets(kMoreThanSocketsHold, 'x');
  EXPECT_EQ((co_await pair.ours->Write(octets, AtOnce())).code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(SocketStreamTest, AWriteThatNobodyReadsEndsByItsDeadline) { support::RunTask(WriteInVain()); }

Task<absl::Status> WriteLater(SocketStream& stream) {
  // Lets the read begin to wait.
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
  co_return co_await stream.Write("x", Soon());
}

// The deadline of a call that ended must not close the connection under a later one.
Task<void> EarlierDeadlineOfACallThatEnded() {
  Pair pair(co_await boost::asio::this_coro::executor);
  const Deadline earlier = Deadline::After(milliseconds(5));
  EXPECT_TRUE((co_await pair.theirs->Write("x", Soon())).ok());
  EXPECT_TRUE((co_await ReadOne(*pair.ours, earlier)).ok());
  const absl::Status waited = co_await ReadOne(*pair.ours, Deadline::After(milliseconds(40)));
  EXPECT_EQ(waited.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_GT(Deadline::Clock::now() - earlier.time(), milliseconds(20));
}

// Nor under the write that waits beside it, or under no call at all.
Task<void> EarlierDeadlineWithNoCallInProgress() {
  const auto executor = co_await boost::asio::this_coro::executor;
  Pair pair(executor);
  EXPECT_TRUE((co_await pair.theirs->Write("x", Soon())).ok());
  EXPECT_TRUE((co_await ReadOne(*pair.ours, Deadline::After(milliseconds(5)))).ok());
  Event never(executor);
  EXPECT_FALSE(co_await never.Wait(Deadline::After(milliseconds(20))));
  EXPECT_TRUE((co_await pair.ours->Write("x", Soon())).ok());
}

TEST(SocketStreamTest, ADeadlineEndsWithItsCall) {
  support::RunTask(EarlierDeadlineOfACallThatEnded());
  support::RunTask(EarlierDeadlineWithNoCallInProgress());
}

// The timer was set for the long one.
Task<void> ShortDeadlineAfterALongOne() {
  Pair pair(co_await boost::asio::this_coro::executor);
  const Deadline late = Deadline::After(std::chrono::seconds(5));
  EXPECT_TRUE((co_await pair.theirs->Write("x", Soon())).ok());
  EXPECT_TRUE((co_await ReadOne(*pair.ours, late)).ok());
  EXPECT_EQ((co_await ReadOne(*pair.ours, AtOnce())).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(late.Passed());
}

TEST(SocketStreamTest, AShortDeadlineAfterALongOneIsKept) {
  support::RunTask(ShortDeadlineAfterALongOne());
}

// The reading side waits long, the writing side's deadline is the earlier one.
Task<void> OverlappingDeadlines() {
  Pair pair(co_await boost::asio::this_coro::executor);
  const std::string octets(kMoreThanSocketsHold, 'x');
  const Deadline late = Deadline::After(std::chrono::seconds(5));
  const auto [read, written] =
      co_await (ReadOne(*pair.ours, late) && pair.ours->Write(octets, AtOnce()));
  EXPECT_FALSE(late.Passed());
  EXPECT_EQ(read.code(), absl::StatusCode::kDeadlineExceeded) << read;
  EXPECT_EQ(written.code(), absl::StatusCode::kDeadlineExceeded) << written;
}

TEST(SocketStreamTest, TheEarlierDeadlineOfTwoOverlappingCallsCloses) {
  support::RunTask(OverlappingDeadlines());
}

Task<void> ReadBesideAWrite() {
  Pair pair(co_await boost::asio::this_coro::executor);
  const auto [read, written] = co_await (ReadOne(*pair.ours, Soon()) && WriteLater(*pair.theirs));
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_TRUE(written.ok()) << written;
}

TEST(SocketStreamTest, AReadMayWaitWhileOthersWrite) { support::RunTask(ReadBesideAWrite()); }

Task<void> AbortLater(SocketStream& stream) {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
  stream.Abort();
  stream.Abort();
}

Task<void> AbortARead() {
  Pair pair(co_await boost::asio::this_coro::executor);
  const absl::Status read = co_await (ReadOne(*pair.ours, Soon()) && AbortLater(*pair.ours));
  EXPECT_EQ(read.code(), absl::StatusCode::kUnavailable) << read;
  EXPECT_EQ((co_await ReadOne(*pair.ours, Soon())).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ((co_await pair.ours->Write("x", Soon())).code(), absl::StatusCode::kUnavailable);
}

TEST(SocketStreamTest, AbortEndsACallInProgress) { support::RunTask(AbortARead()); }

}  // namespace
}  // namespace mailhaul::net
