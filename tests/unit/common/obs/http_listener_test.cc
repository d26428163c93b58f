#include "common/obs/http_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "common/obs/metrics.h"

namespace mailhaul::obs {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// A blocking client on a plain socket: it can send whatever no well-behaved client would.
class Client {
 public:
  explicit Client(uint16_t port) : socket_(io_) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  void Send(absl::string_view octets) {
    boost::system::error_code ignored;  // the server may have had enough
    asio::write(socket_, asio::buffer(octets.data(), octets.size()), ignored);
  }
  // Everything up to the end of the connection.
  std::string ReadToEnd() {
    std::string out;
    boost::system::error_code ended;
    asio::read(socket_, asio::dynamic_buffer(out), ended);
    return out;
  }
  std::string Ask(absl::string_view request) {
    Send(request);
    return ReadToEnd();
  }
  // One reply of a connection that stays.
  std::string ReadUntil(absl::string_view end) {
    std::string out;
    char c = 0;
    boost::system::error_code failed;
    while (!failed && !absl::EndsWith(out, end)) {
      if (asio::read(socket_, asio::buffer(&c, 1), failed) == 1) out.push_back(c);
    }
    return out;
  }

 private:
  asio::io_context io_;
  tcp::socket socket_;
};

class HttpListenerTest : public testing::Test {
 protected:
  void SetUp() override { Start({}); }
  void TearDown() override { Stop(); }

  void Start(HttpLimits limits) {
    auto listener = HttpListener::Listen(io_.get_executor(), "127.0.0.1:0", Routes(), limits);
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
    port_ = listener_->port();
    thread_ = std::thread([this] { io_.run(); });
  }
  void Stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { listener_->Close(); });
    thread_.join();  // ends only because Close() left nothing to do
    io_.restart();
  }
  std::vector<HttpRoute> Routes() {
    return {{"/text", [] { return HttpReply{.body = "hello\n"}; }},
            HealthRoute("/healthz", [] { return absl::OkStatus(); }),
            HealthRoute("/readyz", [] { return absl::UnavailableError("Redis is away"); }),
            MetricsRoute(registry_)};
  }
  std::string Ask(absl::string_view request) { return Client(port_).Ask(request); }
  std::string Get(absl::string_view path) {
    return Ask(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  }

  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  asio::io_context io_;
  std::unique_ptr<HttpListener> listener_;
  std::thread thread_;
  uint16_t port_ = 0;
};

TEST_F(HttpListenerTest, AnswersItsRoutes) {
  EXPECT_THAT(Get("/text"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nhello\n")));
  EXPECT_THAT(Get("/text?x=1"), EndsWith("\r\n\r\nhello\n"));
  EXPECT_THAT(Get("/healthz"), AllOf(StartsWith("HTTP/1.1 200"), EndsWith("ok\n")));
  EXPECT_THAT(Get("/readyz"), AllOf(StartsWith("HTTP/1.1 503"), EndsWith("Redis is away\n")));
}

TEST_F(HttpListenerTest, RefusesOtherPathsAndOtherMethods) {
  EXPECT_THAT(Get("/other"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Get("/textual"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Ask("DELETE /text HTTP/1.1\r\nConnection: close\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: GET, HEAD\r\n")));
}

TEST_F(HttpListenerTest, HeadHasTheLengthButNotTheBody) {
  EXPECT_THAT(
      Ask("HEAD /text HTTP/1.1\r\nConnection: close\r\n\r\n"),
      AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Content-Length: 6\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpListenerTest, ExportsTheRegistryAndTheProcess) {
  auto& family =
      prometheus::BuildCounter().Name("mailhaul_test_total").Help("h").Register(*registry_);
  family.Add({{"side", "source"}}).Increment(3);
  EXPECT_THAT(Get("/metrics"),
              AllOf(HasSubstr("Content-Type: text/plain; version=0.0.4"),
                    HasSubstr("\nmailhaul_test_total{side=\"source\"} 3\n"),
                    HasSubstr("\nprocess_resident_memory_bytes "),
                    HasSubstr("\nprocess_cpu_seconds_total "),
                    HasSubstr("\nprocess_start_time_seconds "), HasSubstr("\nprocess_open_fds ")));
}

TEST_F(HttpListenerTest, AnswersSeveralRequestsOfOneConnection) {
  Client client(port_);
  for (int i = 0; i < 3; ++i) {
    client.Send("GET /text HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.ReadUntil("hello\n"), StartsWith("HTTP/1.1 200"));
  }
  // Pipelined, in pieces.
  client.Send("GET /text HTTP/1.1\r\n\r\nGET /heal");
  EXPECT_THAT(client.ReadUntil("hello\n"), StartsWith("HTTP/1.1 200"));
  client.Send("thz HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("ok\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpListenerTest, RefusesWhatIsNoRequestAndEndsTheConnection) {
  for (const std::string& garbage :
       {std::string("\x16\x03\x01 TLS?\r\n\r\n"), std::string("GET\r\n\r\n"),
        std::string("POST /text HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"),
        "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
        std::string(20'000, 'x')}) {
    EXPECT_THAT(Ask(garbage), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("Connection: close")))
        << garbage.substr(0, 20);
  }
  EXPECT_THAT(Get("/text"), EndsWith("hello\n"));
}

TEST_F(HttpListenerTest, AClientThatEndsInMidRequestGetsNoAnswer) {
  {
    Client(port_).Send("GET /te");
  }
  EXPECT_THAT(Get("/text"), EndsWith("hello\n"));
}

TEST_F(HttpListenerTest, ASilentClientIsSentAwayAndHoldsUpNobody) {
  Stop();
  Start({.per_request = std::chrono::seconds(1)});
  Client silent(port_);
  silent.Send("GET /text HT");
  EXPECT_THAT(Get("/text"), EndsWith("hello\n"));
  EXPECT_EQ(silent.ReadToEnd(), "");
}

TEST_F(HttpListenerTest, OneConnectionTooManyClosesTheOldest) {
  Stop();
  Start({.connections = 2, .per_request = std::chrono::hours(1)});
  Client oldest(port_);
  oldest.Send("GET /text HTTP/1.1\r\n\r\n");
  oldest.ReadUntil("hello\n");
  Client second(port_);
  second.Send("GET /text HTTP/1.1\r\n\r\n");
  second.ReadUntil("hello\n");
  EXPECT_THAT(Get("/text"), EndsWith("hello\n"));
  EXPECT_EQ(oldest.ReadToEnd(), "");
}

TEST_F(HttpListenerTest, CloseEndsOpenConnections) {
  Stop();
  Start({.per_request = std::chrono::hours(1)});
  Client idle(port_);
  idle.Send("GET /text HTTP/1.1\r\n\r\n");
  idle.ReadUntil("hello\n");
  Stop();
  EXPECT_EQ(idle.ReadToEnd(), "");
}

TEST_F(HttpListenerTest, SaysWhyItCannotListen) {
  const auto taken =
      HttpListener::Listen(io_.get_executor(), absl::StrCat("127.0.0.1:", port_), {});
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(taken.status().message()),
              AllOf(HasSubstr(absl::StrCat("127.0.0.1:", port_)), HasSubstr("in use")));
  for (const char* address :
       {"", "7401", "mail.example.org:1", "127.0.0.1:70000", "127.0.0.1:x", "[::1:1"}) {
    EXPECT_EQ(HttpListener::Listen(io_.get_executor(), address, {}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << address;
  }
}

}  // namespace
}  // namespace mailhaul::obs
