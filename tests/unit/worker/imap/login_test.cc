// Greeting and login, as Session::Begin does them. STARTTLS is in starttls_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "tests/support/play.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_stream.h"
#include "worker/imap/session.h"

namespace mailhaul::imap {
namespace {

using support::Conversation;
using support::Script;
using support::ScriptedStream;
using testing::HasSubstr;
using testing::Not;

constexpr Timeouts kPatient{.connect = std::chrono::seconds(10),
                            .command = std::chrono::seconds(10)};

Account Alice(absl::string_view password = "secret") {
  Account account;
  account.host = "imap.example.com";
  account.security = Security::kPlaintext;
  account.user = "alice";
  account.password = Secret(std::string(password));
  return account;
}

Task<absl::Status> Begin(std::unique_ptr<net::ByteStream> stream, Account account,
                         Capabilities& offered) {
  CO_ASSIGN_OR_RETURN(const auto session,
                      co_await Session::Begin(std::move(stream), std::move(account), kPatient));
  offered = session->capabilities();
  co_return absl::OkStatus();
}

class LoginTest : public testing::Test {
 protected:
  // The conversation with every chunk size and every cut; the verdict is that of the whole one.
  absl::Status LogIn(const Script& script, const Account& account = Alice()) {
    const support::Client client = [&](std::unique_ptr<net::ByteStream> stream) {
      return Begin(std::move(stream), account, offered_);
    };
    const absl::Status ended = support::Play(script, client);
    offered_ = Capabilities();
    support::PlayWhole(script, client).IgnoreError();
    return ended;
  }

  Capabilities offered_;
};

std::string Plain(absl::string_view user, absl::string_view password) {
  return absl::Base64Escape(
      absl::StrCat(absl::string_view("\0", 1), user, absl::string_view("\0", 1), password));
}

TEST_F(LoginTest, UsesPlainWithAnInitialResponseWhereOffered) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
      C: m1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
      S: m1 OK [CAPABILITY IMAP4rev1 LITERAL+] Logged in)"));
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_TRUE(offered_.Has("LITERAL+"));
  EXPECT_FALSE(offered_.Has("SASL-IR")) << "only what is offered after the login counts";
}

TEST_F(LoginTest, UsesLoginWithQuotedStringsOtherwise) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
      C: m1 LOGIN "alice" "a \"b\" \\c{3}"
      S: m1 OK [CAPABILITY IMAP4rev1] Logged in)"),
                                   Alice(R"(a "b" \c{3})"));
  EXPECT_TRUE(ended.ok()) << ended;
}

TEST_F(LoginTest, UsesPlainWithAContinuationForAPasswordThatCannotBeQuoted) {
  const Script script = Conversation(absl::StrCat(R"(
      S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
      C: m1 AUTHENTICATE PLAIN
      S: +)",
                                                  " \n",
                                                  R"(
      C: )",
                                                  Plain("alice", "pässwörd"), R"(
      S: m1 OK [CAPABILITY IMAP4rev1] Logged in)"));
  const absl::Status ended = LogIn(script, Alice("pässwörd"));
  EXPECT_TRUE(ended.ok()) << ended;
}

TEST_F(LoginTest, UsesPlainWithAContinuationWhereLoginIsDisabled) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN] ready
      C: m1 AUTHENTICATE PLAIN
      S: +
      C: AGFsaWNlAHNlY3JldA==
      S: m1 OK [CAPABILITY IMAP4rev1] Logged in)"));
  EXPECT_TRUE(ended.ok()) << ended;
}

TEST_F(LoginTest, UsesLoginWithLiteralsForAnEightBitPasswordWithoutPlain) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1] ready
      C: m1 LOGIN {5}
      S: + go on
      C: alice {4}
      S: + go on
      C: pä!
      S: m1 OK [CAPABILITY IMAP4rev1] Logged in)"),
                                   Alice("pä!"));
  EXPECT_TRUE(ended.ok()) << ended;
}

TEST_F(LoginTest, LiteralsCarryLineEnds) {
  const Script script = Script()
                            .Send("* OK [CAPABILITY IMAP4rev1] ready\r\n")
                            .Expect("m1 LOGIN {5}\r\n")
                            .Send("+ \r\n")
                            .Expect("alice {4}\r\n")
                            .Send("+ \r\n")
                            .Expect("a\r\nb\r\n")
                            .Send("m1 OK [CAPABILITY IMAP4rev1] done\r\n");
  const absl::Status ended = LogIn(script, Alice("a\r\nb"));
  EXPECT_TRUE(ended.ok()) << ended;
}

TEST_F(LoginTest, SendsNothingWhereNoLoginIsAllowed) {
  const absl::Status ended =
      LogIn(Conversation("S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED STARTTLS] ready"));
  EXPECT_EQ(ended.code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(LoginTest, AsksForCapabilitiesThatTheGreetingDoesNotName) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK ready
      C: m1 CAPABILITY
      S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN
      S: m1 OK done
      C: m2 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
      S: m2 OK [CAPABILITY IMAP4rev1 UIDPLUS] Logged in)"));
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_TRUE(offered_.Has("UIDPLUS"));
}

TEST_F(LoginTest, TakesCapabilitiesThatComeUntaggedWithTheLogin) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1 ENABLE] ready
      C: m1 LOGIN "alice" "secret"
      S: * CAPABILITY IMAP4rev1 MOVE
      S: m1 OK Logged in)"));
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_TRUE(offered_.Has("MOVE"));
  EXPECT_FALSE(offered_.Has("ENABLE"));
}

TEST_F(LoginTest, AsksForCapabilitiesThatTheLoginDoesNotName) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1 ENABLE] ready
      C: m1 LOGIN "alice" "secret"
      S: m1 OK Logged in
      C: m2 CAPABILITY
      S: * CAPABILITY IMAP4rev1 MOVE
      S: m2 OK done)"));
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_TRUE(offered_.Has("MOVE"));
  EXPECT_FALSE(offered_.Has("ENABLE"));
}

TEST_F(LoginTest, APreauthenticatedConnectionNeedsNoLogin) {
  const absl::Status ended = LogIn(Conversation("S: * PREAUTH [CAPABILITY IMAP4rev1 MOVE] hello"));
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_TRUE(offered_.Has("MOVE"));
}

struct RefusalCase {
  const char* name;
  absl::string_view answer;
  absl::StatusCode code;
  absl::string_view words;
};
class RefusedLoginTest : public LoginTest, public testing::WithParamInterface<RefusalCase> {};
TEST_P(RefusedLoginTest, SaysWhy) {
  const absl::Status ended = LogIn(Conversation(absl::StrCat(R"(
      S: * OK [CAPABILITY IMAP4rev1] ready
      C: m1 LOGIN "alice" "secret"
      S: )",
                                                             GetParam().answer)));
  EXPECT_EQ(ended.code(), GetParam().code) << ended;
  EXPECT_EQ(GetErrorDetail(ended).value_or(ErrorDetail{}).server_text, GetParam().words);
}
INSTANTIATE_TEST_SUITE_P(
    Rfc5530, RefusedLoginTest,
    testing::Values(
        RefusalCase{"WithoutCode", "m1 NO Invalid password", absl::StatusCode::kUnauthenticated,
                    "Invalid password"},
        RefusalCase{"AuthenticationFailed", "m1 NO [AUTHENTICATIONFAILED] Invalid credentials",
                    absl::StatusCode::kUnauthenticated,
                    "[AUTHENTICATIONFAILED] Invalid credentials"},
        RefusalCase{"Alert", "m1 NO [ALERT] Use an app password",
                    absl::StatusCode::kUnauthenticated, "[ALERT] Use an app password"},
        RefusalCase{"Bad", "m1 BAD syntax", absl::StatusCode::kUnauthenticated, "syntax"},
        RefusalCase{"Unavailable", "m1 NO [UNAVAILABLE] Directory is down",
                    absl::StatusCode::kUnavailable, "[UNAVAILABLE] Directory is down"},
        RefusalCase{"Limit", "m1 NO [LIMIT] Too many connections",
                    absl::StatusCode::kResourceExhausted, "[LIMIT] Too many connections"},
        RefusalCase{"Noperm", "m1 NO [NOPERM] IMAP is off", absl::StatusCode::kPermissionDenied,
                    "[NOPERM] IMAP is off"},
        RefusalCase{"Bye", "* BYE shutting down", absl::StatusCode::kUnavailable,
                    "BYE shutting down"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(LoginTest, GivesUpWhenTheServerWantsMoreThanPlainHas) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
      C: m1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
      S: + eyJzdGF0dXMiOiI0MDAifQ==
      C: *
      S: m1 NO Cancelled)"));
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(LoginTest, AServerThatNeverStopsAskingIsDataLoss) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
      C: m1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
      S: +
      C: *
      S: +)"));
  EXPECT_EQ(ended.code(), absl::StatusCode::kDataLoss);
}

TEST_F(LoginTest, AGreetingThatIsNotImapIsDataLoss) {
  for (const absl::string_view greeting : {"+ hello", "m1 OK hello", "* CAPABILITY IMAP4rev1",
                                           "220 smtp.example.com ESMTP", "* 1 FETCH (BODY[] {3}"}) {
    const absl::Status ended = LogIn(Script().Send(absl::StrCat(greeting, "\r\n")));
    EXPECT_EQ(ended.code(), absl::StatusCode::kDataLoss) << greeting << ": " << ended;
    EXPECT_THAT(std::string(ended.message()), HasSubstr("this is not IMAP")) << greeting;
  }
}

TEST_F(LoginTest, AGreetingOfByeIsUnavailable) {
  const absl::Status ended = LogIn(Conversation("S: * BYE [UNAVAILABLE] Try again later"));
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(GetErrorDetail(ended)->server_text, "BYE [UNAVAILABLE] Try again later");
}

TEST_F(LoginTest, AnAnswerToAnotherCommandIsDataLoss) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1] ready
      C: m1 LOGIN "alice" "secret"
      S: m9 OK Logged in)"));
  EXPECT_EQ(ended.code(), absl::StatusCode::kDataLoss);
}

TEST_F(LoginTest, AMessageInTheMiddleOfTheLoginIsDataLoss) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1] ready
      C: m1 LOGIN "alice" "secret"
      S: * 1 FETCH (BODY[] {3})"));
  EXPECT_EQ(ended.code(), absl::StatusCode::kDataLoss);
}

// A password must not reach a report through a server that repeats what it was sent.
TEST_F(LoginTest, CredentialsThatTheServerRepeatsAreConcealed) {
  const std::string password = R"(p"w\d!)";
  const absl::string_view greeting = "* OK [CAPABILITY IMAP4rev1] ready\r\n";
  const std::string login = R"(m1 LOGIN "alice" "p\"w\\d!")"
                            "\r\n";
  for (const std::string& answer :
       {absl::StrCat("m1 BAD Unknown command: ", login),
        absl::StrCat("m1 NO [BADCHARSET ", password, "] no password ", password, "\r\n"),
        absl::StrCat("* BYE not understood: ", login), login,
        absl::StrCat("junk junk junk junk junk junk junk junk junk junk junk junk junk junk ",
                     login)}) {
    const absl::Status ended =
        LogIn(Script().Send(greeting).Expect(login).Send(answer), Alice(password));
    EXPECT_FALSE(ended.ok());
    for (const std::string& form : {password, std::string(R"(p\"w\\d!)"), std::string("w\\d")}) {
      EXPECT_THAT(Explain(ended), Not(HasSubstr(form)));
      EXPECT_THAT(ended.ToString(), Not(HasSubstr(form)));
    }
  }
}

TEST_F(LoginTest, APlainResponseThatTheServerRepeatsIsConcealed) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
      C: m1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
      S: m1 BAD Cannot parse AGFsaWNlAHNlY3JldA==)"));
  EXPECT_EQ(GetErrorDetail(ended)->server_text, "Cannot parse ***");
}

TEST_F(LoginTest, AnEmptyPasswordConcealsNothing) {
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1] ready
      C: m1 LOGIN "alice" ""
      S: m1 NO Empty password)"),
                                   Alice(""));
  EXPECT_EQ(GetErrorDetail(ended)->server_text, "Empty password");
}

// Untagged chatter must not prolong the login for ever.
TEST_F(LoginTest, TheWholeLoginHasOneDeadline) {
  Timeouts short_ones = kPatient;
  short_ones.connect = std::chrono::milliseconds(30);
  const auto begin = [](Timeouts timeouts) -> Task<absl::Status> {
    const Script script = Conversation(R"(
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: m1 LOGIN "alice" "secret"
        S: * OK still thinking)");
    co_return (co_await Session::Begin(std::make_unique<ScriptedStream>(script), Alice(), timeouts))
        .status();
  };
  EXPECT_EQ(support::RunTask(begin(short_ones)).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(LoginTest, StarttlsThatIsNotOfferedEndsBeforeAWordIsSent) {
  Account account = Alice();
  account.security = Security::kStartTls;
  const absl::Status ended =
      LogIn(Conversation("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready"), account);
  EXPECT_EQ(ended.code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(LoginTest, StarttlsThatIsRefusedEndsBeforeTheLogin) {
  Account account = Alice();
  account.security = Security::kStartTls;
  const absl::Status ended = LogIn(Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
      C: m1 STARTTLS
      S: m1 BAD not now)"),
                                   account);
  EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition);
}

// RFC 9051 11.1: who greets with PREAUTH to a client that wants STARTTLS may be in the middle.
TEST_F(LoginTest, PreauthWhereStarttlsIsWantedIsRefused) {
  Account account = Alice();
  account.security = Security::kStartTls;
  const absl::Status ended =
      LogIn(Conversation("S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hello"), account);
  EXPECT_EQ(ended.code(), absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace mailhaul::imap
