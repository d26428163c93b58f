#include "common/redis/connection.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "common/base/status.h"
#include "common/net/event.h"
#include "tests/support/play.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_stream.h"

namespace mailhaul::redis {
namespace {

using support::Script;

constexpr absl::string_view kPing = "*1\r\n$4\r\nPING\r\n";

Deadline Soon() { return Deadline::After(std::chrono::seconds(5)); }

Task<absl::Status> PingTwice(std::unique_ptr<net::ByteStream> stream) {
  Connection connection(co_await boost::asio::this_coro::executor, std::move(stream));
  const Args ping = {"PING"};
  CO_ASSIGN_OR_RETURN(const Reply first, co_await connection.Call(ping, Soon()));
  CO_ASSIGN_OR_RETURN(const Reply second, co_await connection.Call(ping, Soon()));
  if (first.text != "one" || second.text != "two") co_return absl::UnknownError("mixed up");
  co_return absl::OkStatus();
}

absl::Status PlayPings(const Script& script) { return support::PlayWhole(script, PingTwice); }

TEST(ConnectionTest, RepliesBelongToTheirCalls) {
  Script script;
  script.Expect(kPing).Send("+one\r\n").Expect(kPing).Send("+two\r\n");
  EXPECT_EQ(PlayPings(script), absl::OkStatus());
}

TEST(ConnectionTest, AClosedConnectionIsUnavailable) {
  Script script;
  script.Expect(kPing).Send("+one\r\n").Expect(kPing).Close();
  EXPECT_TRUE(absl::IsUnavailable(PlayPings(script)));
}

TEST(ConnectionTest, APeerThatSpeaksSomethingElseIsDataLoss) {
  Script script;
  script.Expect(kPing).Send("* OK [CAPABILITY IMAP4rev1] ready\r\n");
  EXPECT_TRUE(absl::IsDataLoss(PlayPings(script)));
}

TEST(ConnectionTest, AReplyThatNobodyAskedForEndsTheConnection) {
  Script script;
  script.Send("+hello\r\n");
  const absl::Status ended = PlayPings(script);
  EXPECT_TRUE(absl::IsDataLoss(ended)) << ended;
}

// Two calls to a peer that is silent, the one behind with little time.
Task<absl::Status> LoseOneToADeadline() {
  Script silent;
  silent.Expect(kPing).Expect(kPing);
  const auto executor = co_await boost::asio::this_coro::executor;
  Connection connection(executor, std::make_unique<support::ScriptedStream>(silent));
  const Args ping = {"PING"};
  net::Event first_ended(executor);
  absl::Status first;
  boost::asio::co_spawn(executor, connection.Call(ping, Soon()),
                        [&](std::exception_ptr, const absl::StatusOr<Reply>& reply) {
                          first = reply.status();
                          first_ended.Set();
                        });
  const auto second = co_await connection.Call(ping, Deadline::After(std::chrono::milliseconds(5)));
  EXPECT_TRUE(co_await first_ended.Wait(Soon()));
  EXPECT_TRUE(absl::IsUnavailable(first)) << first;
  EXPECT_FALSE(connection.alive());
  const auto third = co_await connection.Call(ping, Soon());
  EXPECT_TRUE(absl::IsUnavailable(third.status())) << third.status();
  co_return second.status();
}

TEST(ConnectionTest, ADeadlineThatPassesEndsTheConnectionForAll) {
  const absl::Status late = support::RunTask(LoseOneToADeadline());
  EXPECT_TRUE(absl::IsDeadlineExceeded(late)) << late;
}

}  // namespace
}  // namespace mailhaul::redis
