// Session::Open over real sockets: TLS from the start, and STARTTLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "common/base/status.h"
#include "tests/support/certificates.h"
#include "tests/support/run_task.h"
#include "tests/support/tls_server.h"
#include "worker/imap/session.h"

namespace mailhaul::imap {
namespace {

using support::Conversation;
using support::ServerScript;
using support::TlsServer;
using testing::HasSubstr;

const support::CertificateAuthority& Authority() {
  static const support::CertificateAuthority authority;
  return authority;
}

struct Opened {
  absl::Status status;
  Capabilities offered;
  std::string complaint;  // of the server
};

Task<Opened> Open(ServerScript script, Security security, std::string host,
                  std::shared_ptr<const net::Fence> fence = nullptr) {
  TlsServer server(co_await boost::asio::this_coro::executor, std::move(script));
  Account account;
  account.host = std::move(host);
  account.port = server.port();
  account.security = security;
  account.ca_file = Authority().ca_file();
  account.user = "alice";
  account.password = Secret("secret");
  account.fence = std::move(fence);
  const Timeouts timeouts{.connect = std::chrono::seconds(10), .command = std::chrono::seconds(10)};
  Opened opened;
  const auto session = co_await Session::Open(std::move(account), timeouts);
  opened.status = session.status();
  if (session.ok()) opened.offered = (*session)->capabilities();
  opened.complaint = server.complaint();
  co_return opened;
}

Opened OpenAt(const ServerScript& script, Security security,
              const std::string& host = "127.0.0.1") {
  return support::RunTask(Open(script, security, host));
}

ServerScript Starttls(absl::string_view answer, absl::string_view secured) {
  ServerScript script;
  script.plain = Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready
      C: m1 STARTTLS)");
  script.plain.Send(answer);
  script.identity = Authority().Issue();
  script.secured = Conversation(secured);
  script.silent = true;
  return script;
}

TEST(StarttlsTest, LogsInOverTheSecuredConnection) {
  const Opened opened = OpenAt(Starttls("m1 OK begin\r\n", R"(
      C: m2 CAPABILITY
      S: * CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR
      S: m2 OK done
      C: m3 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
      S: m3 OK [CAPABILITY IMAP4rev1 MOVE] Logged in)"),
                               Security::kStartTls);
  EXPECT_TRUE(opened.status.ok()) << opened.status;
  EXPECT_TRUE(opened.offered.Has("MOVE"));
  EXPECT_EQ(opened.complaint, "");
}

// CVE-2011-0411 and its kin: what came in the clear must not be read as if it had come by TLS.
TEST(StarttlsTest, OctetsInjectedBeforeTheHandshakeEndTheSession) {
  const Opened opened = OpenAt(
      Starttls("m1 OK begin\r\n* CAPABILITY IMAP4rev1\r\nm2 OK done\r\n", ""), Security::kStartTls);
  EXPECT_EQ(opened.status.code(), absl::StatusCode::kDataLoss) << opened.status;
  EXPECT_THAT(std::string(opened.status.message()), HasSubstr("before TLS"));
}

// Capabilities of the clear link (here LOGINDISABLED) count for nothing, also when the server names
// no new ones.
TEST(StarttlsTest, ForgetsWhatWasOfferedInTheClear) {
  const Opened opened = OpenAt(Starttls("m1 OK begin\r\n", R"(
      C: m2 CAPABILITY
      S: m2 OK done
      C: m3 LOGIN "alice" "secret"
      S: m3 OK [CAPABILITY IMAP4rev1] Logged in)"),
                               Security::kStartTls);
  EXPECT_TRUE(opened.status.ok()) << opened.status;
}

TEST(StarttlsTest, ACertificateThatIsRefusedEndsTheSessionBeforeTheLogin) {
  ServerScript script = Starttls("m1 OK begin\r\n", "");
  script.identity = support::SelfSigned();
  const Opened opened = OpenAt(script, Security::kStartTls);
  EXPECT_EQ(opened.status.code(), absl::StatusCode::kFailedPrecondition) << opened.status;
}

TEST(StarttlsTest, AServerThatClosesInsteadOfTheHandshakeIsUnavailable) {
  ServerScript script = Starttls("m1 OK begin\r\n", "");
  script.identity.reset();
  script.silent = false;
  const Opened opened = OpenAt(script, Security::kStartTls);
  EXPECT_EQ(opened.status.code(), absl::StatusCode::kUnavailable) << opened.status;
}

ServerScript TlsFromTheStart() {
  ServerScript script;
  script.identity = Authority().Issue();
  script.secured = Conversation(R"(
      S: * OK [CAPABILITY IMAP4rev1] ready
      C: m1 LOGIN "alice" "secret"
      S: m1 OK [CAPABILITY IMAP4rev1 MOVE] Logged in)");
  script.silent = true;
  return script;
}

TEST(OpenTest, LogsInOverTls) {
  const Opened opened = OpenAt(TlsFromTheStart(), Security::kTls);
  EXPECT_TRUE(opened.status.ok()) << opened.status;
  EXPECT_TRUE(opened.offered.Has("MOVE"));
}

TEST(OpenTest, AHostThatTheCertificateDoesNotNameGetsNoLogin) {
  ServerScript script = TlsFromTheStart();
  script.identity = Authority().Issue({.names = "DNS:imap.example.com"});
  const Opened opened = OpenAt(script, Security::kTls);
  EXPECT_EQ(opened.status.code(), absl::StatusCode::kFailedPrecondition) << opened.status;
}

TEST(OpenTest, PlaintextWorksWhereItIsAskedFor) {
  ServerScript script;
  script.plain = TlsFromTheStart().secured;
  script.silent = true;
  const Opened opened = OpenAt(script, Security::kPlaintext);
  EXPECT_TRUE(opened.status.ok()) << opened.status;
}

// STARTTLS on the port of implicit TLS, and the other way round: a clear error, no hang.
TEST(OpenTest, TlsToAPortThatSpeaksInTheClearIsUnavailable) {
  ServerScript script;
  script.plain = Conversation("S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready");
  script.silent = true;
  const Opened opened = OpenAt(script, Security::kTls);
  EXPECT_EQ(opened.status.code(), absl::StatusCode::kUnavailable) << opened.status;
  EXPECT_THAT(std::string(opened.status.message()), HasSubstr("TLS handshake"));
}

TEST(FencedSessionTest, AClosedFenceLetsNotEvenTheLoginOut) {
  ServerScript script;
  script.plain.Send("* OK [CAPABILITY IMAP4rev1] hello\r\n");
  script.silent = true;
  const Opened opened = support::RunTask(
      Open(script, Security::kPlaintext, "127.0.0.1", std::make_shared<net::Fence>()));
  EXPECT_EQ(opened.status.code(), absl::StatusCode::kAborted) << opened.status;
}

}  // namespace
}  // namespace mailhaul::imap
