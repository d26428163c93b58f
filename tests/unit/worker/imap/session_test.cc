#include "worker/imap/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "tests/support/play.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_stream.h"

namespace mailhaul::imap {
namespace {

using support::Conversation;
using support::Play;
using support::Script;
using support::ScriptedStream;
using testing::ElementsAre;

constexpr Timeouts kPatient{.connect = std::chrono::seconds(10),
                            .command = std::chrono::seconds(10)};

// What RunAll told, as "0 * text" and "0 OK".
Task<absl::Status> RunAll(std::unique_ptr<net::ByteStream> stream,
                          std::vector<std::string> commands, std::vector<std::string>& told) {
  told.clear();
  Session session(std::make_unique<Connection>(std::move(stream)), kPatient);
  co_return co_await session.RunAll(
      commands,
      [&told](size_t command, absl::string_view text) {
        told.push_back(absl::StrCat(command, " * ", text));
        return absl::OkStatus();
      },
      [&told](size_t command, const StatusResponse& answer) {
        told.push_back(
            absl::StrCat(command, answer.kind == StatusResponse::Kind::kOk ? " OK" : " NO"));
        return absl::OkStatus();
      });
}

class RunAllTest : public testing::Test {
 protected:
  absl::Status Run(const Script& script, const std::vector<std::string>& commands) {
    const support::Client client = [&](std::unique_ptr<net::ByteStream> stream) {
      return RunAll(std::move(stream), commands, told_);
    };
    const absl::Status ended = Play(script, client);
    support::PlayWhole(script, client).IgnoreError();
    return ended;
  }

  std::vector<std::string> told_;
};

TEST_F(RunAllTest, SendsAllCommandsBeforeTheFirstAnswer) {
  const absl::Status ended = Run(Conversation(R"(
      C: m1 STATUS "a" (MESSAGES)
      C: m2 STATUS "b" (MESSAGES)
      S: * STATUS "a" (MESSAGES 1)
      S: m1 OK
      S: * OK by the way
      S: m2 NO gone)"),
                                 {"STATUS \"a\" (MESSAGES)", "STATUS \"b\" (MESSAGES)"});
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_THAT(told_,
              ElementsAre("0 * STATUS \"a\" (MESSAGES 1)", "0 OK", "1 * OK by the way", "1 NO"));
}

TEST_F(RunAllTest, NoCommandsNeedNoNetwork) {
  EXPECT_TRUE(Run(Script(), {}).ok());
  EXPECT_THAT(told_, ElementsAre());
}

std::string Line(int command) { return absl::StrCat("m", command, " NOOP\r\n"); }

TEST_F(RunAllTest, KeepsManyInFlight) {
  Script script;
  for (int command = 1; command <= 128; ++command) script.Expect(Line(command));
  for (int command = 1; command <= 200; ++command) {
    script.Send(absl::StrCat("m", command, " OK\r\n"));
    if (command + 128 <= 200) script.Expect(Line(command + 128));
  }
  const absl::Status ended = Run(script, std::vector<std::string>(200, "NOOP"));
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_EQ(told_.size(), 200u);
}

// A server that does not read while we do not read its answers would wait for ever.
TEST_F(RunAllTest, KeepsNoMoreInFlightThanSocketsHold) {
  const std::string command(6'000, 'x');
  const auto line = [&](int n) { return absl::StrCat("m", n, " ", command, "\r\n"); };
  const Script script = Script()
                            .Expect(line(1) + line(2))
                            .Send("m1 OK\r\n")
                            .Expect(line(3))
                            .Send("m2 OK\r\n")
                            .Expect(line(4))
                            .Send("m3 OK\r\nm4 OK\r\n");
  const absl::Status ended = Run(script, std::vector<std::string>(4, command));
  EXPECT_TRUE(ended.ok()) << ended;
}

TEST_F(RunAllTest, ALongCommandGoesAlone) {
  const std::string command(70'000, 'x');
  const auto line = [&](int n) { return absl::StrCat("m", n, " ", command, "\r\n"); };
  std::vector<std::string> told;
  const Script script =
      Script().Expect(line(1)).Send("m1 OK\r\n").Expect(line(2)).Send("m2 OK\r\n");
  const absl::Status ended =
      support::RunTask(RunAll(std::make_unique<ScriptedStream>(script), {command, command}, told));
  EXPECT_TRUE(ended.ok()) << ended;
}

TEST_F(RunAllTest, AnswersMayComeInAnyOrder) {
  const absl::Status ended = Run(Conversation(R"(
      C: m1 NOOP
      C: m2 NOOP
      C: m3 NOOP
      S: m2 OK
      S: m3 NO
      S: m1 OK)"),
                                 {"NOOP", "NOOP", "NOOP"});
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_THAT(told_, ElementsAre("1 OK", "2 NO", "0 OK"));
}

TEST_F(RunAllTest, AnAnswerToNothingIsDataLoss) {
  for (const absl::string_view answer :
       {"m3 OK", "m1 OK\r\nm1 OK", "+ go on", "m1 MAYBE", "* 1 FETCH (BODY[] {3}"}) {
    const absl::Status ended = Run(
        Script().Expect(Line(1) + Line(2)).Send(absl::StrCat(answer, "\r\n")), {"NOOP", "NOOP"});
    EXPECT_EQ(ended.code(), absl::StatusCode::kDataLoss) << answer << ": " << ended;
  }
}

TEST_F(RunAllTest, TheErrorQuotesAtMostOnePrintableLineOfWhatTheServerSent) {
  const std::string tag = "m\x1B[2J" + std::string(50'000, 'x');
  std::vector<std::string> told;
  const Script script = Script().Expect(Line(1)).Send(tag + " OK\r\n");
  const absl::Status ended =
      support::RunTask(RunAll(std::make_unique<ScriptedStream>(script), {"NOOP"}, told));
  EXPECT_LT(ended.message().size(), 300u);
  EXPECT_EQ(std::string(ended.message()).find('\x1B'), std::string::npos);
}

Task<absl::Status> RunAllFailing(std::unique_ptr<net::ByteStream> stream) {
  Session session(std::make_unique<Connection>(std::move(stream)), kPatient);
  const std::vector<std::string> commands = {"NOOP", "NOOP"};
  co_return co_await session.RunAll(
      commands, [](size_t, absl::string_view) { return absl::OkStatus(); },
      [](size_t, const StatusResponse&) { return absl::AbortedError("enough"); });
}

TEST_F(RunAllTest, AnErrorOfACallbackEndsEverything) {
  const Script script = Script().Expect(Line(1) + Line(2)).Send("m1 OK\r\n");
  EXPECT_EQ(Play(script, RunAllFailing).code(), absl::StatusCode::kAborted);
}

Task<absl::Status> RunOne(std::unique_ptr<net::ByteStream> stream) {
  Session session(std::make_unique<Connection>(std::move(stream)), kPatient);
  co_return co_await session.Run("CREATE \"x\"", "creating a mailbox",
                                 [](absl::string_view) { return absl::OkStatus(); });
}

TEST(RunTest, NamesTheCommandThatWasRefused) {
  const absl::Status ended = Play(Conversation(R"(
      C: m1 CREATE "x"
      S: * OK [ALERT] watch out
      S: m1 NO [OVERQUOTA] full)"),
                                  RunOne);
  EXPECT_EQ(ended.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ended.message(), "creating a mailbox was refused");
  EXPECT_EQ(GetErrorDetail(ended)->server_text, "[OVERQUOTA] full");
}

Task<absl::Status> LogOut(std::unique_ptr<net::ByteStream> stream) {
  Session session(std::make_unique<Connection>(std::move(stream)), kPatient);
  co_await session.Logout();
  co_return absl::OkStatus();
}

TEST(LogoutTest, WaitsUntilTheServerHasClosed) {
  Script script = Conversation(R"(
      C: m1 LOGOUT
      S: * BYE see you
      S: m1 OK done)");
  EXPECT_TRUE(support::PlayWhole(script.Close(), LogOut).ok());
}

TEST(LogoutTest, OfALostConnectionIsNoError) {
  auto stream = std::make_unique<ScriptedStream>(Script(), support::Delivery{.cut_at = 0});
  EXPECT_TRUE(support::RunTask(LogOut(std::move(stream))).ok());
}

}  // namespace
}  // namespace mailhaul::imap
