#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/this_coro.hpp>

#include "common/base/status.h"
#include "common/net/dial.h"
#include "tests/support/certificates.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/tls_server.h"

namespace mailhaul::net {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using support::CertificateAuthority;
using support::Identity;
using support::Script;
using support::ServerScript;
using support::TlsServer;
using testing::HasSubstr;

// One for the whole test: StartTls keeps what it read of a CA file.
const CertificateAuthority& Authority() {
  static const CertificateAuthority authority;
  return authority;
}

Deadline Soon() { return Deadline::After(std::chrono::seconds(10)); }

ServerScript Greeting(const Identity& identity) {
  ServerScript script;
  script.identity = identity;
  script.secured.Send("hello").Expect("hi").Send("bye");
  return script;
}

Task<absl::StatusOr<std::string>> ReadExactly(ByteStream& stream, size_t octets) {
  std::string text(octets, '\0');
  for (size_t got = 0; got < octets;) {
    CO_ASSIGN_OR_RETURN(const size_t n,
                        co_await stream.ReadSome(std::span<char>(text).subspan(got), Soon()));
    got += n;
  }
  co_return text;
}

struct Visit {
  std::string name = "localhost";
  std::string ca_file = Authority().ca_file();
  milliseconds handshake{10'000};
  std::string seen_server_name = "";  // set by GoTo
};

// Says hello to a server as Greeting describes it.
Task<absl::Status> GoTo(ServerScript script, Visit& visit) {
  TlsServer server(co_await boost::asio::this_coro::executor, std::move(script));
  CO_ASSIGN_OR_RETURN(auto plain, co_await DialTcp("127.0.0.1", server.port(), Soon()));
  TlsOptions options{.server_name = visit.name, .ca_file = visit.ca_file};
  CO_ASSIGN_OR_RETURN(const auto stream, co_await StartTls(std::move(plain), std::move(options),
                                                           Deadline::After(visit.handshake)));
  CO_ASSIGN_OR_RETURN(const std::string hello, co_await ReadExactly(*stream, 5));
  EXPECT_EQ(hello, "hello");
  visit.seen_server_name = server.server_name();
  CO_RETURN_IF_ERROR(co_await stream->Write("hi", Soon()));
  CO_ASSIGN_OR_RETURN(const std::string bye, co_await ReadExactly(*stream, 3));
  EXPECT_EQ(server.complaint(), "");
  co_return (co_await ReadExactly(*stream, 1)).status();
}

absl::Status Go(const ServerScript& script, Visit visit = {}) {
  return support::RunTask(GoTo(script, visit));
}

TEST(TlsStreamTest, CarriesOctetsBothWaysUntilThePeerCloses) {
  const absl::Status ended = Go(Greeting(Authority().Issue()));
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable) << ended;
  EXPECT_EQ(ended.message(), "the peer closed the connection");
}

TEST(TlsStreamTest, NamesTheServerItWants) {
  Visit visit;
  support::RunTask(GoTo(Greeting(Authority().Issue()), visit)).IgnoreError();
  EXPECT_EQ(visit.seen_server_name, "localhost");
}

TEST(TlsStreamTest, AnAddressIsCheckedButNotSentAsAName) {
  Visit visit{.name = "127.0.0.1"};
  const absl::Status ended = support::RunTask(GoTo(Greeting(Authority().Issue()), visit));
  EXPECT_EQ(ended.message(), "the peer closed the connection");
  EXPECT_EQ(visit.seen_server_name, "") << "RFC 6066 3 forbids addresses in SNI";
}

struct BadCertificate {
  const char* name;
  Identity identity;
  Visit visit;
  absl::string_view reason;
};

TEST(TlsStreamTest, RefusesACertificateItCannotTrustAndSaysWhy) {
  const BadCertificate cases[] = {
      {"expired", Authority().Issue({.valid_until = -hours(1)}), {}, "certificate has expired"},
      {"not yet valid", Authority().Issue({.valid_from = hours(1)}), {}, "not yet valid"},
      {"other host", Authority().Issue({.names = "DNS:example.com"}), {}, "it is for another host"},
      {"other address",
       Authority().Issue({.names = "IP:10.1.2.3,DNS:127.0.0.1"}),
       {.name = "127.0.0.1"},
       "it is for another host"},
      {"wildcard of a whole domain",
       Authority().Issue({.names = "DNS:*.com"}),
       {.name = "a.b.com"},
       "it is for another host"},
      {"self-signed", support::SelfSigned(), {}, "self-signed certificate"},
      {"unknown authority", Authority().Issue(), {.ca_file = ""}, "unable to get local issuer"},
  };
  for (const BadCertificate& c : cases) {
    const absl::Status ended = Go(Greeting(c.identity), c.visit);
    EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition) << c.name << ": " << ended;
    EXPECT_THAT(std::string(ended.message()), HasSubstr(c.reason)) << c.name;
  }
}

TEST(TlsStreamTest, NoServerNameIsTheCallersMistake) {
  for (const absl::string_view name : {"", "fe80::1%lo"}) {
    const absl::Status ended = Go(Greeting(Authority().Issue()), {.name = std::string(name)});
    EXPECT_EQ(ended.code(), absl::StatusCode::kInvalidArgument) << ended;
  }
}

TEST(TlsStreamTest, AWildcardCoversOneLabel) {
  const absl::Status ended =
      Go(Greeting(Authority().Issue({.names = "DNS:*.example.com"})), {.name = "imap.example.com"});
  EXPECT_EQ(ended.message(), "the peer closed the connection");
}

TEST(TlsStreamTest, ACaFileThatIsNoneIsTheCallersMistake) {
  for (const absl::string_view path : {"/nonexistent/ca.pem", "/dev/null"}) {
    const absl::Status ended = Go(Greeting(Authority().Issue()), {.ca_file = std::string(path)});
    EXPECT_EQ(ended.code(), absl::StatusCode::kInvalidArgument) << ended;
    EXPECT_THAT(std::string(ended.message()), HasSubstr(path));
  }
}

TEST(TlsStreamTest, RefusesTls11) {
  ServerScript script = Greeting(Authority().Issue());
  script.old_tls = true;
  const absl::Status ended = Go(script);
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("TLS handshake"));
}

TEST(TlsStreamTest, AServerThatDoesNotSpeakTlsIsUnavailable) {
  ServerScript script;
  script.plain.Send("* OK this is IMAP in the clear\r\n");
  script.silent = true;
  const absl::Status ended = Go(script);
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("TLS handshake"));
}

TEST(TlsStreamTest, AServerThatClosesInTheHandshakeIsUnavailable) {
  const absl::Status ended = Go(ServerScript{});
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("TLS handshake"));
}

TEST(TlsStreamTest, AHandshakeThatTakesTooLongIsDeadlineExceeded) {
  ServerScript script;
  script.silent = true;
  const absl::Status ended = Go(script, {.handshake = milliseconds(30)});
  EXPECT_EQ(ended.code(), absl::StatusCode::kDeadlineExceeded) << ended;
}

// A read that nobody answers, and the calls after it.
Task<absl::Status> WaitInVain(ServerScript script, bool abort) {
  TlsServer server(co_await boost::asio::this_coro::executor, std::move(script));
  CO_ASSIGN_OR_RETURN(auto plain, co_await DialTcp("127.0.0.1", server.port(), Soon()));
  TlsOptions options{.server_name = "localhost", .ca_file = Authority().ca_file()};
  CO_ASSIGN_OR_RETURN(const auto stream,
                      co_await StartTls(std::move(plain), std::move(options), Soon()));
  char octet = 0;
  const std::span<char> buffer(&octet, 1);
  if (abort) stream->Abort();
  const Deadline deadline = Deadline::After(milliseconds(20));
  const absl::Status first = (co_await stream->ReadSome(buffer, deadline)).status();
  EXPECT_EQ((co_await stream->ReadSome(buffer, Soon())).status().code(), first.code());
  EXPECT_EQ((co_await stream->Write("x", Soon())).code(), first.code());
  stream->Abort();
  co_return first;
}

TEST(TlsStreamTest, AReadEndsByItsDeadlineAndTheStreamIsDead) {
  ServerScript script;
  script.identity = Authority().Issue();
  script.silent = true;
  EXPECT_EQ(support::RunTask(WaitInVain(script, false)).code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(TlsStreamTest, AnAbortedStreamIsUnavailable) {
  ServerScript script;
  script.identity = Authority().Issue();
  script.silent = true;
  EXPECT_EQ(support::RunTask(WaitInVain(script, true)).code(), absl::StatusCode::kUnavailable);
}

Task<absl::Status> SecureAScript() {
  TlsOptions options{.server_name = "localhost", .ca_file = ""};
  co_return (co_await StartTls(std::make_unique<support::ScriptedStream>(Script()),
                               std::move(options), Soon()))
      .status();
}

TEST(TlsStreamTest, NeedsASocketBeneath) {
  EXPECT_EQ(support::RunTask(SecureAScript()).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace mailhaul::net
