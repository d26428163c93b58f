#include "worker/imap/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

using support::Play;
using support::Script;
using support::ScriptedStream;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr size_t kMebibyte = 1024 * 1024;

Deadline Soon() { return Deadline::After(std::chrono::seconds(10)); }

// "* text", "m1 text", "+ text"; a "~" at the end stands for the body that follows.
std::string Describe(const Response& response) {
  const absl::string_view body = response.body_size ? "~" : "";
  switch (response.kind) {
    case Response::Kind::kUntagged:
      return absl::StrCat("* ", response.text, body);
    case Response::Kind::kContinue:
      return absl::StrCat("+ ", response.text);
    case Response::Kind::kTagged:
      return absl::StrCat(response.tag, " ", response.text);
  }
  return "";
}

Task<absl::StatusOr<std::string>> TakeBody(Connection& connection) {
  std::string body;
  for (;;) {
    CO_ASSIGN_OR_RETURN(const absl::string_view octets, co_await connection.Body(Soon()));
    if (octets.empty()) co_return body;
    absl::StrAppend(&body, octets);
  }
}

// Receives up to the tagged response; bodies are taken whole.
Task<absl::Status> ReceiveAll(std::unique_ptr<net::ByteStream> stream,
                              std::vector<std::string>& seen) {
  seen.clear();
  Connection connection(std::move(stream));
  for (;;) {
    CO_ASSIGN_OR_RETURN(Response response, co_await connection.Receive(Soon()));
    seen.push_back(Describe(response));
    while (response.body_size) {
      const uint64_t announced = *response.body_size;
      CO_ASSIGN_OR_RETURN(const std::string body, co_await TakeBody(connection));
      EXPECT_EQ(body.size(), announced);
      seen.push_back(body);
      CO_ASSIGN_OR_RETURN(response, co_await connection.Resume(Soon()));
      seen.push_back(Describe(response));
    }
    if (response.kind == Response::Kind::kTagged) co_return absl::OkStatus();
  }
}

class ConnectionTest : public testing::Test {
 protected:
  // What a client sees of `octets`, with every chunk size and every cut.
  absl::Status Receive(absl::string_view octets) {
    const support::Client client = [this](std::unique_ptr<net::ByteStream> stream) {
      return ReceiveAll(std::move(stream), seen_);
    };
    const Script script = Script().Send(octets);
    const absl::Status ended = Play(script, client);
    // The last run was a cut one.
    (void)support::PlayWhole(script, client);
    return ended;
  }

  // Without the cuts, for what is too long to be cut at every octet.
  absl::Status ReceiveLong(absl::string_view octets) {
    return support::RunTask(
        ReceiveAll(std::make_unique<ScriptedStream>(Script().Send(octets)), seen_));
  }

  std::vector<std::string> seen_;
};

TEST_F(ConnectionTest, TellsTheThreeKindsOfResponseApart) {
  EXPECT_TRUE(
      Receive("* OK hi\r\n+ go ahead\r\n+\r\n+tight\r\n* 3 EXISTS\r\nm12 OK done\r\n").ok());
  EXPECT_THAT(seen_,
              ElementsAre("* OK hi", "+ go ahead", "+ ", "+ tight", "* 3 EXISTS", "m12 OK done"));
}

TEST_F(ConnectionTest, ABareLineFeedEndsALine) {
  EXPECT_TRUE(Receive("* 3 EXISTS\nm1 OK done\n").ok());
  EXPECT_THAT(seen_, ElementsAre("* 3 EXISTS", "m1 OK done"));
}

TEST_F(ConnectionTest, TagsCountUp) {
  Connection connection(std::make_unique<ScriptedStream>(Script()));
  EXPECT_EQ(connection.NextTag(), "m1");
  EXPECT_EQ(connection.NextTag(), "m2");
}

TEST_F(ConnectionTest, LiteralsOfAResponseAreGatheredIntoItsText) {
  EXPECT_TRUE(Receive("* LIST () \"/\" {7}\r\nfoo\r\nba\r\n* LIST () {1}\r\n/ {0}\r\n (x)\r\n"
                      "* LIST () \"/\" {3+}\r\nabc\r\nm1 OK\r\n")
                  .ok());
  EXPECT_THAT(seen_,
              ElementsAre("* LIST () \"/\" {7}\r\nfoo\r\nba", "* LIST () {1}\r\n/ {0}\r\n (x)",
                          "* LIST () \"/\" {3+}\r\nabc", "m1 OK"));
}

// "m1 OK ..." inside a literal is not an answer.
TEST_F(ConnectionTest, WhatALiteralHoldsIsNeverTakenForAResponse) {
  EXPECT_TRUE(Receive("* LIST () \"/\" {13}\r\nm1 OK done\r\n{\r\nm1 NO really\r\n").ok());
  EXPECT_THAT(seen_, ElementsAre("* LIST () \"/\" {13}\r\nm1 OK done\r\n{", "m1 NO really"));
}

TEST_F(ConnectionTest, BracesInTheWordsOfAStatusResponseMeanNothing) {
  EXPECT_TRUE(Receive("* OK see {3}\r\n* NO [ALERT] {99}\r\n* BAD {1}\r\n* PREAUTH {7}\r\n"
                      "+ {5}\r\nm1 OK {3}\r\n")
                  .ok());
  EXPECT_THAT(seen_, ElementsAre("* OK see {3}", "* NO [ALERT] {99}", "* BAD {1}", "* PREAUTH {7}",
                                 "+ {5}", "m1 OK {3}"));
}

TEST_F(ConnectionTest, ALineMayEndInABraceThatIsNoLiteral) {
  EXPECT_TRUE(Receive("* X }\r\n* X {}\r\n* X {a}\r\n* X {-1}\r\n* X {+}\r\n* X { 3}\r\n"
                      "* X {99999999999999999999}\r\nm1 OK\r\n")
                  .ok());
  EXPECT_EQ(seen_.size(), 8u);
}

TEST_F(ConnectionTest, AMessageIsHandedOutAsABody) {
  EXPECT_TRUE(Receive("* 1 FETCH (UID 5 BODY[] {11}\r\nhello\r\n{3}\r FLAGS (\\Seen))\r\n"
                      "* 2 fetch (body[] {0}\r\n UID 6)\r\nm1 OK\r\n")
                  .ok());
  EXPECT_THAT(seen_,
              ElementsAre("* 1 FETCH (UID 5 BODY[] {11}~", "hello\r\n{3}\r", "*  FLAGS (\\Seen))",
                          "* 2 fetch (body[] {0}~", "", "*  UID 6)", "m1 OK"));
}

TEST_F(ConnectionTest, LiteralsBeforeAndAfterABodyAreGathered) {
  EXPECT_TRUE(Receive("* 1 FETCH (ENVELOPE ({5}\r\na\r\nb) {1}\r\n!) BODY[] {2}\r\nhi X {3}\r\n)))"
                      " BODY[] {1}\r\n?)\r\nm1 OK\r\n")
                  .ok());
  EXPECT_THAT(seen_, ElementsAre("* 1 FETCH (ENVELOPE ({5}\r\na\r\nb) {1}\r\n!) BODY[] {2}~", "hi",
                                 "*  X {3}\r\n))) BODY[] {1}~", "?", "* )", "m1 OK"));
}

TEST_F(ConnectionTest, LiteralsOfOtherSectionsAreNoBody) {
  EXPECT_TRUE(Receive("* 1 FETCH (BODY[HEADER] {3}\r\nabc UID 5)\r\nm1 OK\r\n").ok());
  EXPECT_THAT(seen_, ElementsAre("* 1 FETCH (BODY[HEADER] {3}\r\nabc UID 5)", "m1 OK"));
}

TEST_F(ConnectionTest, ByeEndsTheSessionWithTheServersWords) {
  const absl::Status ended = Receive("* BYE Too busy, come back\r\n");
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(GetErrorDetail(ended)->server_text, "BYE Too busy, come back");
}

TEST_F(ConnectionTest, OfALongByeTheBeginningIsKept) {
  const absl::Status ended = ReceiveLong(absl::StrCat("* BYE ", std::string(100'000, 'x'), "\r\n"));
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(GetErrorDetail(ended)->server_text, "BYE " + std::string(496, 'x'));
}

Task<absl::Status> LogOut(std::unique_ptr<net::ByteStream> stream) {
  Connection connection(std::move(stream));
  connection.ExpectBye();
  CO_ASSIGN_OR_RETURN(const Response bye, co_await connection.Receive(Soon()));
  EXPECT_EQ(Describe(bye), "* BYE see you");
  CO_ASSIGN_OR_RETURN(const Response done, co_await connection.Receive(Soon()));
  EXPECT_EQ(Describe(done), "m1 OK");
  co_return absl::OkStatus();
}

TEST_F(ConnectionTest, ByeIsWelcomeAfterLogout) {
  EXPECT_TRUE(Play(Script().Send("* BYE see you\r\nm1 OK\r\n"), LogOut).ok());
}

TEST_F(ConnectionTest, GarbageIsDataLossAndQuotedPrintably) {
  for (const absl::string_view garbage :
       {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "220 smtp ready\r\n", "*3 EXISTS\r\n", "m1\r\n",
        "\x16\x03\x01\x02\r\n", "a1 OK not our tag\r\n", " m1 OK\r\n", "M1 OK\r\n"}) {
    const absl::Status ended = Receive(garbage);
    EXPECT_EQ(ended.code(), absl::StatusCode::kDataLoss) << garbage;
    EXPECT_THAT(std::string(ended.message()), HasSubstr("this is not IMAP"));
  }
  const absl::Status ended = ReceiveLong(std::string(5000, '\xFF') + "\r\n");
  EXPECT_LT(ended.message().size(), 500u);
}

TEST_F(ConnectionTest, AServerThatClosesInMidLiteralIsUnavailable) {
  for (const absl::string_view octets :
       {"* 1 FETCH (BODY[] {10}\r\nabc", "* LIST () \"/\" {10}\r\nabc",
        "* 1 FETCH (BODY[] {3}\r\nabc", "* 1 FETCH (BODY[] {0}\r\n", "* LI", "m1 OK\r"}) {
    const Script script = Script().Send(octets).Close();
    const absl::Status ended = Play(script, [this](std::unique_ptr<net::ByteStream> stream) {
      return ReceiveAll(std::move(stream), seen_);
    });
    EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable) << octets;
  }
}

TEST_F(ConnectionTest, ASilentServerIsADeadlineExceeded) {
  const auto wait = [](std::unique_ptr<net::ByteStream> stream) -> Task<absl::Status> {
    Connection connection(std::move(stream));
    const Deadline deadline = Deadline::After(std::chrono::milliseconds(20));
    co_return (co_await connection.Receive(deadline)).status();
  };
  for (const absl::string_view octets : {"", "* OK half a li", "* LIST () NIL {5}\r\nab"}) {
    const absl::Status ended =
        support::RunTask(wait(std::make_unique<ScriptedStream>(Script().Send(octets))));
    EXPECT_EQ(ended.code(), absl::StatusCode::kDeadlineExceeded) << ended;
  }
}

TEST_F(ConnectionTest, LinesOfUpToAMebibyteAreTaken) {
  for (const size_t size :
       {size_t{65'535}, size_t{65'536}, size_t{65'537}, size_t{200'000}, kMebibyte - 100}) {
    const std::string words(size, 'w');
    EXPECT_TRUE(ReceiveLong(absl::StrCat("* OK first\r\n* SEARCH ", words, "\r\nm1 OK\r\n")).ok());
    EXPECT_THAT(seen_, ElementsAre("* OK first", "* SEARCH " + words, "m1 OK"));
  }
}

TEST_F(ConnectionTest, LongerLinesAreDataLossHoweverTheyEnd) {
  for (const absl::string_view end : {"\r\n", ""}) {
    const absl::Status ended = ReceiveLong(absl::StrCat("* X ", std::string(kMebibyte, 'x'), end));
    EXPECT_EQ(ended.code(), absl::StatusCode::kDataLoss) << ended;
  }
}

TEST_F(ConnectionTest, LiteralsOfAResponseAreBoundedTogether) {
  std::string many = "* X";
  for (int i = 0; i < 12; ++i) {
    absl::StrAppend(&many, " {100000}\r\n", std::string(100'000, 'x'));
  }
  EXPECT_EQ(ReceiveLong(many + "\r\n").code(), absl::StatusCode::kDataLoss);
}

TEST_F(ConnectionTest, AnEnormousLiteralIsRefusedBeforeItComes) {
  for (const absl::string_view size :
       {"1048577", "4294967295", "9223372036854775807", "18446744073709551615"}) {
    const absl::Status ended = ReceiveLong(absl::StrCat("* LIST () NIL {", size, "}\r\nabc"));
    EXPECT_EQ(ended.code(), absl::StatusCode::kDataLoss) << size;
  }
}

// Bodies have no bound: they are handed on in pieces of at most the buffer's size.
Task<absl::Status> CountBody(std::unique_ptr<net::ByteStream> stream, uint64_t& octets) {
  Connection connection(std::move(stream));
  CO_ASSIGN_OR_RETURN(const Response response, co_await connection.Receive(Soon()));
  EXPECT_EQ(response.body_size, 5 * kMebibyte);
  for (;;) {
    CO_ASSIGN_OR_RETURN(const absl::string_view part, co_await connection.Body(Soon()));
    if (part.empty()) break;
    EXPECT_LE(part.size(), 64u * 1024);
    octets += part.size();
  }
  CO_ASSIGN_OR_RETURN(const Response rest, co_await connection.Resume(Soon()));
  EXPECT_EQ(rest.text, ")");
  co_return absl::OkStatus();
}

TEST_F(ConnectionTest, ABodyOfAnySizePassesThroughTheBuffer) {
  const Script script = Script().Send(absl::StrCat("* 1 FETCH (BODY[] {", 5 * kMebibyte, "}\r\n",
                                                   std::string(5 * kMebibyte, 'b'), ")\r\n"));
  uint64_t octets = 0;
  const absl::Status ended =
      support::RunTask(CountBody(std::make_unique<ScriptedStream>(script), octets));
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_EQ(octets, 5 * kMebibyte);
}

Task<absl::Status> LeaveABodyOpen(std::unique_ptr<net::ByteStream> stream) {
  Connection connection(std::move(stream));
  EXPECT_EQ((co_await connection.Resume(Soon())).status().code(), absl::StatusCode::kInternal);
  CO_ASSIGN_OR_RETURN(const Response response, co_await connection.Receive(Soon()));
  EXPECT_TRUE(response.body_size);
  EXPECT_EQ((co_await connection.Receive(Soon())).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ((co_await connection.Resume(Soon())).status().code(), absl::StatusCode::kInternal);
  co_return absl::OkStatus();
}

TEST_F(ConnectionTest, ABodyThatWasNotTakenIsTheCallersBug) {
  auto stream =
      std::make_unique<ScriptedStream>(Script().Send("* 1 FETCH (BODY[] {3}\r\nabc)\r\n"));
  EXPECT_TRUE(support::RunTask(LeaveABodyOpen(std::move(stream))).ok());
}

Task<absl::Status> SendThree(std::unique_ptr<net::ByteStream> stream) {
  Connection connection(std::move(stream));
  const std::string large(100'000, 'x');
  for (const absl::string_view octets : {"m1 NOOP\r\n", large.c_str(), "m2 NOOP\r\n"}) {
    CO_RETURN_IF_ERROR(co_await connection.Send(octets, Soon()));
  }
  EXPECT_TRUE(connection.HasUnsent());
  CO_RETURN_IF_ERROR(co_await connection.Flush(Soon()));
  EXPECT_FALSE(connection.HasUnsent());
  co_return co_await connection.Flush(Soon());
}

TEST_F(ConnectionTest, SendingGathersOctetsInFullBuffers) {
  const Script script = Script().Expect("m1 NOOP\r\n" + std::string(100'000, 'x') + "m2 NOOP\r\n");
  auto transcript = std::make_shared<support::Transcript>();
  const absl::Status ended = support::RunTask(
      SendThree(std::make_unique<ScriptedStream>(script, support::Delivery{}, transcript)));
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_EQ(transcript->complaint, "");
  EXPECT_EQ(transcript->operations, 2) << "64 KiB, and the rest";
  EXPECT_TRUE(Play(script, SendThree).ok());
}

using Upgraded = absl::StatusOr<std::unique_ptr<net::ByteStream>>;

Task<Upgraded> Secure(Script secured) {
  co_return std::make_unique<ScriptedStream>(std::move(secured));
}

// Goes over to a stream that plays `secured`.
Task<absl::Status> Switch(std::unique_ptr<net::ByteStream> stream, Script secured) {
  Connection connection(std::move(stream));
  CO_ASSIGN_OR_RETURN(const Response before, co_await connection.Receive(Soon()));
  EXPECT_EQ(Describe(before), "m1 OK begin");
  CO_RETURN_IF_ERROR(co_await connection.SwitchStream(
      [&secured](std::unique_ptr<net::ByteStream>) { return Secure(secured); }));
  CO_RETURN_IF_ERROR(co_await connection.Send("m2 NOOP\r\n", Soon()));
  CO_RETURN_IF_ERROR(co_await connection.Flush(Soon()));
  CO_ASSIGN_OR_RETURN(const Response after, co_await connection.Receive(Soon()));
  EXPECT_EQ(Describe(after), "m2 OK");
  co_return absl::OkStatus();
}

absl::Status SwitchAfter(absl::string_view octets) {
  const Script secured = Script().Expect("m2 NOOP\r\n").Send("m2 OK\r\n");
  return support::RunTask(Switch(std::make_unique<ScriptedStream>(Script().Send(octets)), secured));
}

TEST_F(ConnectionTest, BothDirectionsGoOnOverTheNewStream) {
  const absl::Status ended = SwitchAfter("m1 OK begin\r\n");
  EXPECT_TRUE(ended.ok()) << ended;
}

TEST_F(ConnectionTest, OctetsBeforeTheNewStreamAreAnInjection) {
  EXPECT_EQ(SwitchAfter("m1 OK begin\r\nm2 OK\r\n").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(SwitchAfter("m1 OK begin\r\n*").code(), absl::StatusCode::kDataLoss);
}

Task<absl::Status> AbortAfterAFailedSwitch(std::unique_ptr<net::ByteStream> stream) {
  Connection connection(std::move(stream));
  const absl::Status refused =
      co_await connection.SwitchStream([](std::unique_ptr<net::ByteStream>) -> Task<Upgraded> {
        co_return absl::FailedPreconditionError("the certificate was refused");
      });
  connection.Abort();
  co_return refused;
}

TEST_F(ConnectionTest, MayBeAbortedAfterAFailedSwitch) {
  const absl::Status ended =
      support::RunTask(AbortAfterAFailedSwitch(std::make_unique<ScriptedStream>(Script())));
  EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace mailhaul::imap
