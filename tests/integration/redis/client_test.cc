#include "common/redis/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "common/base/status.h"
#include "redis_server.h"
#include "tests/support/certificates.h"

namespace mailhaul::redis {
namespace {

using namespace std::chrono_literals;
using Kind = Reply::Kind;
using testing::HasSubstr;
using testing::Not;

Deadline Soon() { return Deadline::After(10s); }

class ClientTest : public testing::Test {
 protected:
  void SetUp() override {
    if (support::RedisServer::Installed()) return;
    ASSERT_EQ(std::getenv("CI"), nullptr) << "redis-server is not installed";
    GTEST_SKIP() << "redis-server is not installed";
  }

  template <typename T>
  T Await(Task<T> task) {
    std::optional<T> value;
    boost::asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr thrown, T result) {
      if (thrown) std::rethrow_exception(thrown);
      value.emplace(std::move(result));
      loop_.stop();
    });
    loop_.restart();
    loop_.run_for(20s);
    if (!value) throw std::runtime_error("the task did not end");
    return *std::move(value);
  }

  absl::StatusOr<Reply> Call(Client& client, Args args, Deadline deadline = Soon()) {
    return Await(client.Call(std::move(args), deadline));
  }

  boost::asio::io_context loop_;
};

TEST_F(ClientTest, EveryKindOfReplyArrives) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  const std::string octets("\0\r\n$3\xff", 6);
  EXPECT_EQ(Call(client, {"SET", "key", octets})->text, "OK");
  EXPECT_EQ(Call(client, {"GET", "key"})->text, octets);
  EXPECT_EQ(Call(client, {"STRLEN", "key"})->integer, 6);
  EXPECT_TRUE(Call(client, {"GET", "nothing"})->IsNil());
  const Reply nested = *Call(client, {"EVAL", "return {1, {'two', {}}, false}", "0"});
  ASSERT_EQ(nested.items.size(), 3u);
  EXPECT_EQ(nested.items[1].items[0].text, "two");
  EXPECT_EQ(nested.items[1].items[1].kind, Kind::kArray);
  EXPECT_TRUE(nested.items[2].IsNil());
}

TEST_F(ClientTest, ALargeValueGoesThereAndBack) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  const std::string large(20 << 20, 'x');
  ASSERT_TRUE(Call(client, {"SET", "key", large}).ok());
  EXPECT_TRUE(Call(client, {"GET", "key"})->text == large);
}

TEST_F(ClientTest, ManyCallsInFlightEachGetTheirOwnReply) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  ASSERT_TRUE(Call(client, {"PING"}).ok());
  int answered = 0;
  for (int i = 0; i < 1000; ++i) {
    boost::asio::co_spawn(loop_, client.Call({"ECHO", absl::StrCat(i)}, Soon()),
                          [&, i](std::exception_ptr, const absl::StatusOr<Reply>& reply) {
                            ASSERT_TRUE(reply.ok()) << reply.status();
                            EXPECT_EQ(reply->text, absl::StrCat(i));
                            ++answered;
                          });
  }
  loop_.restart();
  while (answered < 1000) loop_.run_one();
  EXPECT_THAT(Call(client, {"INFO", "clients"})->text, HasSubstr("connected_clients:1\r\n"));
}

TEST_F(ClientTest, AnErrorReplyIsAStatusAndTheConnectionGoesOn) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  const absl::Status nonsense = Call(client, {"NONSENSE"}).status();
  EXPECT_TRUE(absl::IsInternal(nonsense)) << nonsense;
  const absl::Status ours =
      Call(client, {"EVAL", "return redis.error_reply('ABORTED too old')", "0"}).status();
  EXPECT_EQ(ours, absl::AbortedError("too old"));
  EXPECT_TRUE(Call(client, {"PING"}).ok());
}

constexpr Script kAdd{.name = "add",
                      .keys = 1,
                      .sha1 = "7d3e8e1b9e0f2b3a4c5d6e7f8091a2b3c4d5e6f7",
                      .text = "return redis.call('INCRBY', KEYS[1], ARGV[1])"};

TEST_F(ClientTest, AScriptRunsWhetherRedisKnowsItOrNot) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  const Reply loaded = *Call(client, {"SCRIPT", "LOAD", std::string(kAdd.text)});
  Script add = kAdd;
  const auto eval = [&] { return Await(client.Eval(add, {"sum"}, {"2"}, Soon()))->integer; };
  EXPECT_EQ(eval(), 2) << "by its text, since that is not its SHA1";
  add.sha1 = loaded.text;
  EXPECT_EQ(eval(), 4) << "by its SHA1";
  ASSERT_TRUE(Call(client, {"SCRIPT", "FLUSH"}).ok());
  EXPECT_EQ(eval(), 6) << "forgotten: by its text";
  EXPECT_THAT(Call(client, {"INFO", "commandstats"})->text, HasSubstr("cmdstat_eval:calls=2"));
}

TEST_F(ClientTest, AScriptsErrorNamesTheScript) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  ASSERT_TRUE(Call(client, {"SET", "word", "x"}).ok());
  const absl::Status status = Await(client.Eval(kAdd, {"word"}, {"2"}, Soon())).status();
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("add: "));
}

TEST_F(ClientTest, AServerThatIsAwayIsNamedAndFoundOnceItIsThere) {
  support::RedisServer server;
  server.Kill();
  Client client(loop_.get_executor(), server.address());
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const absl::Status away = Call(client, {"PING"}).status();
    EXPECT_TRUE(absl::IsUnavailable(away)) << away;
    EXPECT_THAT(std::string(away.message()), HasSubstr(server.address().unix_path));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  }
  server.Start();
  EXPECT_TRUE(Call(client, {"PING"}).ok());
}

TEST_F(ClientTest, AnUnknownHostIsUnavailableToo) {
  Address address;
  address.host = "no-such-host.invalid";
  Client client(loop_.get_executor(), address);
  const absl::Status status = Call(client, {"PING"}).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("no-such-host.invalid"));
}

TEST_F(ClientTest, ARestartIsSurvived) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  ASSERT_TRUE(Call(client, {"SET", "key", "kept"}).ok());
  server.Kill();
  server.Start();
  // The loss may be noticed only by this call, but by no later one.
  absl::StatusOr<Reply> reply = Call(client, {"GET", "key"});
  if (absl::IsUnavailable(reply.status())) reply = Call(client, {"GET", "key"});
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->text, "kept");
}

TEST_F(ClientTest, CallsInFlightEndWhenTheServerDies) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  ASSERT_TRUE(Call(client, {"PING"}).ok());
  server.Freeze();
  absl::Status ended;
  boost::asio::co_spawn(
      loop_, client.Call({"PING"}, Soon()),
      [&](std::exception_ptr, const absl::StatusOr<Reply>& reply) { ended = reply.status(); });
  loop_.restart();
  loop_.poll();
  ASSERT_TRUE(ended.ok()) << "still waiting";
  server.Kill();
  while (ended.ok()) loop_.run_one();
  EXPECT_TRUE(absl::IsUnavailable(ended)) << ended;
}

TEST_F(ClientTest, AHungServerCostsADeadlineAndIsLeftBehind) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  ASSERT_TRUE(Call(client, {"PING"}).ok());
  server.Freeze();
  const absl::Status hung = Call(client, {"PING"}, Deadline::After(20ms)).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(hung)) << hung;
  server.Thaw();
  EXPECT_EQ(Call(client, {"ECHO", "mine"})->text, "mine") << "not the late reply of the first";
}

TEST_F(ClientTest, APassedDeadlineSendsNothing) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  ASSERT_TRUE(Call(client, {"PING"}).ok());
  const absl::Status late = Call(client, {"SET", "key", "x"}, Deadline::After(0s)).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(late)) << late;
  EXPECT_TRUE(Call(client, {"GET", "key"})->IsNil());
}

TEST_F(ClientTest, ThePasswordIsNeededAndNeverShown) {
  support::RedisServer server({"--requirepass", "the secret"});
  Address address = server.address();
  Client without(loop_.get_executor(), address);
  EXPECT_TRUE(absl::IsUnauthenticated(Call(without, {"PING"}).status()));

  address.password = Secret("the wrong one");
  Client wrong(loop_.get_executor(), address);
  const absl::Status refused = Call(wrong, {"PING"}).status();
  EXPECT_TRUE(absl::IsUnauthenticated(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("the wrong one")));

  address.password = Secret("the secret");
  address.database = 3;
  Client right(loop_.get_executor(), address);
  EXPECT_TRUE(Call(right, {"SET", "key", "x"}).ok());
  EXPECT_THAT(Call(right, {"CLIENT", "INFO"})->text, HasSubstr(" db=3 "));
}

TEST_F(ClientTest, AnAclUserMayDoWhatItMayDo) {
  support::RedisServer server({"--user", "worker", "on", ">pw", "~*", "+ping"});
  Address address = server.address();
  address.user = "worker";
  address.password = Secret("pw");
  Client client(loop_.get_executor(), address);
  EXPECT_TRUE(Call(client, {"PING"}).ok());
  const absl::Status forbidden = Call(client, {"GET", "key"}).status();
  EXPECT_TRUE(absl::IsPermissionDenied(forbidden)) << forbidden;
}

TEST_F(ClientTest, ABlockingCommandHoldsNobodyUp) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  absl::StatusOr<Reply> popped = Reply{};
  bool ended = false;
  boost::asio::co_spawn(loop_, client.CallBlocking({"BLPOP", "list", "10"}, 10s),
                        [&](std::exception_ptr, absl::StatusOr<Reply> reply) {
                          popped = std::move(reply);
                          ended = true;
                        });
  ASSERT_TRUE(Call(client, {"PING"}).ok());
  EXPECT_FALSE(ended);
  ASSERT_TRUE(Call(client, {"RPUSH", "list", "x"}).ok());
  loop_.restart();
  while (!ended) loop_.run_one();
  ASSERT_TRUE(popped.ok()) << popped.status();
  EXPECT_EQ(popped->items.at(1).text, "x");
}

TEST_F(ClientTest, ABlockingCommandNoticesThatTheServerDies) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  absl::Status ended;
  boost::asio::co_spawn(
      loop_, client.CallBlocking({"BLPOP", "list", "10"}, 10s),
      [&](std::exception_ptr, const absl::StatusOr<Reply>& reply) { ended = reply.status(); });
  while (Call(client, {"INFO", "clients"})->text.find("blocked_clients:1") == std::string::npos) {
  }
  server.Kill();
  loop_.restart();
  while (ended.ok()) loop_.run_one();
  EXPECT_TRUE(absl::IsUnavailable(ended)) << ended;
}

TEST_F(ClientTest, ABlockingCommandNoticesThatTheServerHangs) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  ASSERT_TRUE(Await(client.CallBlocking({"BLPOP", "list", "0.001"}, 1ms)).ok());
  server.Freeze();
  const absl::Status hung = Await(client.CallBlocking({"BLPOP", "list", "0.001"}, 1ms)).status();
  EXPECT_TRUE(absl::IsUnavailable(hung)) << hung;
}

TEST_F(ClientTest, AnInterruptEndsBlockingCommandsAndNoOthers) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  absl::Status ended;
  boost::asio::co_spawn(
      loop_, client.CallBlocking({"BLPOP", "list", "10"}, 10s),
      [&](std::exception_ptr, const absl::StatusOr<Reply>& reply) { ended = reply.status(); });
  while (Call(client, {"INFO", "clients"})->text.find("blocked_clients:1") == std::string::npos) {
  }
  client.Interrupt();
  loop_.restart();
  while (ended.ok()) loop_.run_one();
  EXPECT_TRUE(absl::IsCancelled(ended)) << ended;
  const auto later = Await(client.CallBlocking({"BLPOP", "list", "10"}, 10s));
  EXPECT_TRUE(absl::IsCancelled(later.status())) << later.status();
  EXPECT_TRUE(Call(client, {"PING"}).ok());
}

TEST_F(ClientTest, AnInterruptIsNotMissedWhileTheConnectionIsBeingMade) {
  support::RedisServer server;
  Client client(loop_.get_executor(), server.address());
  std::optional<absl::Status> ended;
  boost::asio::co_spawn(loop_, client.CallBlocking({"BLPOP", "list", "10"}, 10s),
                        [&](std::exception_ptr, const absl::StatusOr<Reply>& reply) {
                          ended = reply.status();
                          loop_.stop();
                        });
  loop_.restart();
  loop_.run_one();  // it has begun, and nothing more
  client.Interrupt();
  loop_.run_for(5s);
  ASSERT_TRUE(ended.has_value()) << "it waits out its patience";
  EXPECT_TRUE(absl::IsCancelled(*ended)) << *ended;
}

TEST_F(ClientTest, AClientMayGoWhileItsCallsWait) {
  support::RedisServer server;
  auto client = std::make_unique<Client>(loop_.get_executor(), server.address());
  ASSERT_TRUE(Call(*client, {"PING"}).ok());
  client.reset();
  loop_.restart();
  EXPECT_GT(loop_.run_for(5s), 0u) << "what reads for the connection comes to its end";
  EXPECT_TRUE(loop_.stopped());
}

// A port that was free a moment ago.
uint16_t FreePort() {
  boost::asio::io_context loop;
  const boost::asio::ip::tcp::endpoint any(boost::asio::ip::address_v4::loopback(), 0);
  return boost::asio::ip::tcp::acceptor(loop, any).local_endpoint().port();
}

std::string Save(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
  return path;
}

class ClientTlsTest : public ClientTest {
 protected:
  void SetUp() override {
    ClientTest::SetUp();
    folder_ = testing::TempDir() + absl::StrCat("redis-tls-", getpid());
    std::filesystem::create_directory(folder_);
    const support::Identity identity = authority_.Issue();
    address_.host = "localhost";
    address_.port = FreePort();
    address_.tls = net::TlsOptions{.server_name = "localhost", .ca_file = authority_.ca_file()};
    server_ = std::make_unique<support::RedisServer>(std::vector<std::string>{
        "--bind", "127.0.0.1", "--tls-port", absl::StrCat(address_.port), "--tls-auth-clients",
        "no", "--tls-cert-file", Save(folder_ / "certificate.pem", identity.certificate),
        "--tls-key-file", Save(folder_ / "key.pem", identity.key), "--tls-ca-cert-file",
        authority_.ca_file()});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const support::CertificateAuthority authority_;
  std::filesystem::path folder_;
  Address address_;
  std::unique_ptr<support::RedisServer> server_;
};

TEST_F(ClientTlsTest, AVerifiedServerIsSpokenTo) {
  Client client(loop_.get_executor(), address_);
  const std::string large(1 << 20, 'x');
  ASSERT_TRUE(Call(client, {"SET", "key", large}).ok());
  EXPECT_TRUE(Call(client, {"GET", "key"})->text == large);
}

TEST_F(ClientTlsTest, ACertificateThatNobodyVouchesForIsRefused) {
  address_.tls->ca_file.clear();
  Client client(loop_.get_executor(), address_);
  const absl::Status refused = Call(client, {"PING"}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
}

}  // namespace
}  // namespace mailhaul::redis
