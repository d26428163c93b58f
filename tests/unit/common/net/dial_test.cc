#include "common/net/dial.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <unistd.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>

#include "common/base/status.h"
#include "tests/support/run_task.h"
#include "tests/support/tls_server.h"

namespace {

// Holds up every look-up of "slow.test" while closed.
class Gate {
 public:
  void Close() { Set(true); }
  void Open() { Set(false); }
  void Wait() {
    std::unique_lock lock(mutex_);
    opened_.wait_for(lock, std::chrono::seconds(5), [this] { return !closed_; });
  }

 private:
  void Set(bool closed) {
    const std::lock_guard lock(mutex_);
    closed_ = closed;
    opened_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable opened_;
  bool closed_ = false;
};
Gate slow_dns;

}  // namespace

// The system's resolver, but for the names of these tests: no test asks a real name server.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  static const auto real =
      reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string name = node == nullptr ? "" : node;
  if (name == "unknown.test") return EAI_NONAME;
  if (name == "broken-dns.test") return EAI_AGAIN;
  if (name == "slow.test") slow_dns.Wait();
  if (name == "slow.test") return real("127.0.0.1", service, hints, result);
  if (name != "two.test") return real(node, service, hints, result);
  const int first = real("127.0.0.2", service, hints, result);
  return first != 0 ? first : real("127.0.0.1", service, hints, &(*result)->ai_next);
}

namespace mailhaul::net {
namespace {

using boost::asio::ip::tcp;
using std::chrono::milliseconds;
using support::ServerScript;
using support::TlsServer;
using testing::AllOf;
using testing::HasSubstr;

Deadline Soon() { return Deadline::After(std::chrono::seconds(10)); }

Task<absl::Status> Dial(std::string host, uint16_t port, Deadline deadline) {
  co_return (co_await DialTcp(std::move(host), port, deadline)).status();
}

ServerScript Silent() {
  ServerScript script;
  script.silent = true;
  return script;
}

Task<absl::Status> DialServer(std::string host) {
  const TlsServer server(co_await boost::asio::this_coro::executor, Silent());
  co_return co_await Dial(std::move(host), server.port(), Soon());
}

TEST(DialTcpTest, ConnectsByAddressAndByName) {
  EXPECT_EQ(support::RunTask(DialServer("127.0.0.1")), absl::OkStatus());
  EXPECT_EQ(support::RunTask(DialServer("slow.test")), absl::OkStatus());
}

Task<absl::Status> DialClosedPort() {
  uint16_t port = 0;
  {
    const TlsServer server(co_await boost::asio::this_coro::executor, Silent());
    port = server.port();
  }
  co_return co_await Dial("127.0.0.1", port, Soon());
}

TEST(DialTcpTest, ARefusedConnectionNamesThePlaceAndTheReason) {
  const absl::Status refused = support::RunTask(DialClosedPort());
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("127.0.0.1:"), HasSubstr("Connection refused")));
}

TEST(DialTcpTest, AnUnknownHostIsNotFound) {
  const absl::Status unknown = support::RunTask(Dial("unknown.test", 993, Soon()));
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(unknown.message(), "unknown host unknown.test");
}

// The name may be right: the name server is not there.
TEST(DialTcpTest, AFailedLookUpIsUnavailable) {
  const absl::Status failed = support::RunTask(Dial("broken-dns.test", 993, Soon()));
  EXPECT_EQ(failed.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(failed.message()), HasSubstr("cannot look up broken-dns.test"));
}

Task<absl::Status> DialWithSlowDns(Deadline::Clock::duration& took) {
  slow_dns.Close();
  const auto start = Deadline::Clock::now();
  const absl::Status ended = co_await Dial("slow.test", 993, Deadline::After(milliseconds(30)));
  took = Deadline::Clock::now() - start;
  slow_dns.Open();
  co_return ended;
}

TEST(DialTcpTest, TheDeadlineHoldsWhileTheNameServerIsSilent) {
  Deadline::Clock::duration took{};
  const absl::Status ended = support::RunTask(DialWithSlowDns(took));
  EXPECT_EQ(ended.code(), absl::StatusCode::kDeadlineExceeded) << ended;
  EXPECT_LT(took, std::chrono::seconds(4)) << "it waited for the name server";
}

TEST(DialTcpTest, TheNextAddressIsTriedWhenOneRefuses) {
  EXPECT_EQ(support::RunTask(DialServer("two.test")), absl::OkStatus());
}

// A port that takes no connection and refuses none: its queue is full.
class BlackHole {
 public:
  BlackHole(const boost::asio::any_io_executor& executor, const std::string& address, uint16_t port)
      : acceptor_(executor) {
    acceptor_.open(tcp::v4());
    acceptor_.bind({boost::asio::ip::make_address(address), port});
    acceptor_.listen(0);
    for (int i = 0; i < 8; ++i) {
      waiting_.push_back(std::make_unique<tcp::socket>(executor));
      waiting_.back()->async_connect(acceptor_.local_endpoint(), [](boost::system::error_code) {});
    }
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  tcp::acceptor acceptor_;
  std::vector<std::unique_ptr<tcp::socket>> waiting_;
};

Task<absl::Status> DialBlackHole() {
  const BlackHole hole(co_await boost::asio::this_coro::executor, "127.0.0.1", 0);
  co_return co_await Dial("127.0.0.1", hole.port(), Deadline::After(milliseconds(50)));
}

TEST(DialTcpTest, AConnectionThatDoesNotComeUpIsDeadlineExceeded) {
  const absl::Status ended = support::RunTask(DialBlackHole());
  EXPECT_EQ(ended.code(), absl::StatusCode::kDeadlineExceeded) << ended;
}

Task<absl::Status> DialBlackHoleAndServer() {
  const auto executor = co_await boost::asio::this_coro::executor;
  const TlsServer server(executor, Silent());
  const BlackHole hole(executor, "127.0.0.2", server.port());
  const Deadline deadline = Deadline::After(std::chrono::seconds(1));
  absl::Status ended = co_await Dial("two.test", server.port(), deadline);
  EXPECT_FALSE(deadline.Passed()) << "the first address used up all the time";
  co_return ended;
}

// A broken IPv6 route in front of an IPv4 address that works, for instance.
TEST(DialTcpTest, AnAddressThatDoesNotAnswerLeavesTimeForTheNext) {
  EXPECT_EQ(support::RunTask(DialBlackHoleAndServer()), absl::OkStatus());
}

Task<absl::Status> DialSocketFile(std::string path) {
  co_return (co_await DialUnix(std::move(path), Soon())).status();
}

TEST(DialUnixTest, ATooLongPathIsTheCallersMistake) {
  EXPECT_EQ(support::RunTask(DialSocketFile("/" + std::string(107, 'x'))).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(support::RunTask(DialSocketFile("/" + std::string(106, 'x'))).code(),
            absl::StatusCode::kUnavailable);
}

TEST(DialUnixTest, AMissingSocketIsUnavailableAndNamed) {
  const absl::Status missing = support::RunTask(DialSocketFile("/nonexistent/redis.sock"));
  EXPECT_EQ(missing.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("/nonexistent/redis.sock"));
}

Task<absl::StatusOr<std::string>> GreetingOfSocketFile(std::string path) {
  using boost::asio::local::stream_protocol;
  stream_protocol::acceptor acceptor(co_await boost::asio::this_coro::executor,
                                     stream_protocol::endpoint(path));
  CO_ASSIGN_OR_RETURN(const auto stream, co_await DialUnix(path, Soon()));
  stream_protocol::socket peer = acceptor.accept();
  peer.write_some(boost::asio::buffer("hello", 5));
  std::string text(5, '\0');
  CO_ASSIGN_OR_RETURN(const size_t n, co_await stream->ReadSome(text, Soon()));
  text.resize(n);
  co_return text;
}

TEST(DialUnixTest, ConnectsToASocketFile) {
  const std::string path = absl::StrCat("/tmp/mailhaul-dial-test-", getpid(), ".sock");
  const auto greeting = support::RunTask(GreetingOfSocketFile(path));
  unlink(path.c_str());
  ASSERT_TRUE(greeting.ok()) << greeting.status();
  EXPECT_EQ(*greeting, "hello");
}

}  // namespace
}  // namespace mailhaul::net
