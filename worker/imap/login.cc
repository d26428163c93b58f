// How a session comes to be: dial, greeting, TLS, login. The steps of RFC 9051 3.
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "common/net/dial.h"
#include "worker/imap/mailbox_name.h"
#include "worker/imap/session.h"

namespace mailhaul::imap {
namespace {

// What quoted (RFC 9051 9) can carry: ASCII without CR, LF and NUL.
bool FitsQuoted(absl::string_view text) {
  for (const char c : text) {
    if (c == '\0' || c == '\r' || c == '\n' || static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

// SASL PLAIN (RFC 4616): no authorization identity, so the server takes the user's own.
std::string PlainResponse(const Account& account) {
  const std::string message = absl::StrCat(absl::string_view("\0", 1), account.user,
                                           absl::string_view("\0", 1), account.password.Reveal());
  return absl::Base64Escape(message);
}

// Some servers repeat the command that they refuse, and their words go into reports.
std::string WithoutCredentials(absl::string_view text, const Account& account) {
  const absl::string_view password = account.password.Reveal();
  const std::string quoted = Quote(password);
  const std::string response = PlainResponse(account);
  std::vector<std::pair<absl::string_view, absl::string_view>> concealed = {{response, "***"}};
  if (!password.empty()) {
    concealed.push_back({password, "***"});
    concealed.push_back({absl::string_view(quoted).substr(1, quoted.size() - 2), "***"});
  }
  return absl::StrReplaceAll(text, concealed);
}

absl::Status WithoutCredentials(const absl::Status& error, const Account& account) {
  // The grammar's errors quote what the server sent, and may cut a password in two.
  if (error.code() == absl::StatusCode::kDataLoss) {
    return absl::DataLossError("the server's answer to the login is not IMAP");
  }
  absl::Status concealed = error;
  if (auto detail = GetErrorDetail(error)) {
    detail->server_text = WithoutCredentials(detail->server_text, account);
    SetErrorDetail(concealed, *detail);
  }
  return concealed;
}

// `security` decides whether words may travel in the clear; a server that offers no STARTTLS gets
// none.
Task<absl::StatusOr<std::unique_ptr<net::ByteStream>>> Dial(const Account& account,
                                                            Deadline deadline) {
  CO_ASSIGN_OR_RETURN(auto stream,
                      co_await net::DialTcp(account.host, account.port, deadline, account.fence));
  if (account.security != Security::kTls) co_return std::move(stream);
  net::TlsOptions options{.server_name = account.host, .ca_file = account.ca_file};
  co_return co_await net::StartTls(std::move(stream), std::move(options), deadline);
}

}  // namespace

Task<absl::StatusOr<std::unique_ptr<Session>>> Session::Open(Account account, Timeouts timeouts) {
  CO_ASSIGN_OR_RETURN(auto stream, co_await Dial(account, Deadline::After(timeouts.connect)));
  co_return co_await Begin(std::move(stream), std::move(account), timeouts);
}

Task<absl::StatusOr<std::unique_ptr<Session>>> Session::Begin(
    std::unique_ptr<net::ByteStream> stream, Account account, Timeouts timeouts) {
  auto session =
      std::make_unique<Session>(std::make_unique<Connection>(std::move(stream)), timeouts);
  bool authenticated = false;
  CO_RETURN_IF_ERROR(co_await session->ReadGreeting(authenticated));
  if (account.security == Security::kStartTls) {
    if (authenticated)
      co_return absl::PermissionDeniedError(
          "the server greeted with PREAUTH: STARTTLS is impossible");
    CO_RETURN_IF_ERROR(co_await session->UpgradeToTls(account));
  }
  if (!authenticated) {
    CO_RETURN_IF_ERROR(co_await session->LogIn(account));
  }
  if (session->capabilities_.empty()) {
    CO_RETURN_IF_ERROR(co_await session->AskCapabilities());
  }
  co_return session;
}

Task<absl::Status> Session::ReadGreeting(bool& authenticated) {
  CO_ASSIGN_OR_RETURN(const Response response, co_await connection_->Receive(Connecting()));
  absl::StatusOr<StatusResponse> greeting = ParseStatusResponse(response.text);
  if (response.kind != Response::Kind::kUntagged || !greeting.ok()) {
    co_return absl::DataLossError(absl::StrCat("this is not IMAP: the server greeted with \"",
                                               absl::CHexEscape(response.text.substr(0, 80)),
                                               "\""));
  }
  CO_RETURN_IF_ERROR(ToStatus(*greeting, "the connection"));
  authenticated = greeting->kind == StatusResponse::Kind::kPreauth;
  capabilities_ = ParseCapabilities(greeting->code).value_or(Capabilities{});
  if (capabilities_.empty()) {
    CO_RETURN_IF_ERROR(co_await AskCapabilities());
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Session::AskCapabilities() {
  capabilities_ = Capabilities();
  co_return co_await Run("CAPABILITY", "CAPABILITY", [this](absl::string_view text) {
    if (auto offered = ParseCapabilities(text)) capabilities_ = *std::move(offered);
    return absl::OkStatus();
  });
}

Task<absl::Status> Session::UpgradeToTls(const Account& account) {
  if (!capabilities_.Has("STARTTLS")) {
    co_return absl::PermissionDeniedError(
        "the server offers no STARTTLS; nothing was sent in the clear");
  }
  CO_RETURN_IF_ERROR(
      co_await Run("STARTTLS", "STARTTLS", [](absl::string_view) { return absl::OkStatus(); }));
  const net::TlsOptions options{.server_name = account.host, .ca_file = account.ca_file};
  const Deadline deadline = Connecting();
  CO_RETURN_IF_ERROR(co_await connection_->SwitchStream(
      [&options, deadline](std::unique_ptr<net::ByteStream> plain) {
        return net::StartTls(std::move(plain), options, deadline);
      }));
  // What was offered in the clear counts for nothing (RFC 9051 6.2.1).
  co_return co_await AskCapabilities();
}

Task<absl::Status> Session::LogIn(const Account& account) {
  absl::StatusOr<StatusResponse> answer = co_await SendLogin(account);
  if (!answer.ok()) co_return WithoutCredentials(answer.status(), account);
  if (answer->kind == StatusResponse::Kind::kOk) co_return absl::OkStatus();
  answer->code = WithoutCredentials(answer->code, account);
  answer->text = WithoutCredentials(answer->text, account);
  absl::Status refused = ToStatus(*answer, "the login");
  // Many servers refuse without a code. A NO to a login is a refused login unless its code says
  // otherwise.
  if (refused.code() == absl::StatusCode::kFailedPrecondition) {
    const auto detail = GetErrorDetail(refused);
    refused = absl::UnauthenticatedError(refused.message());
    SetErrorDetail(refused, detail.value_or(ErrorDetail{}));
  }
  co_return refused;
}

Task<absl::StatusOr<StatusResponse>> Session::SendLogin(const Account& account) {
  const absl::string_view password = account.password.Reveal();
  const bool plain = capabilities_.Has("AUTH=PLAIN");
  const bool quotable = FitsQuoted(account.user) && FitsQuoted(password);
  if (!plain && capabilities_.Has("LOGINDISABLED")) {
    co_return absl::PermissionDeniedError(
        "the server allows no login on this link; it may want TLS");
  }
  const std::string tag = connection_->NextTag();
  // In the order of round trips: PLAIN with an initial response (RFC 4959) and LOGIN need one, the
  // others two or more.
  std::string command;
  std::vector<std::string> continuations;
  if (plain && capabilities_.Has("SASL-IR")) {
    command = absl::StrCat(tag, " AUTHENTICATE PLAIN ", PlainResponse(account), "\r\n");
  } else if (quotable && !capabilities_.Has("LOGINDISABLED")) {
    command = absl::StrCat(tag, " LOGIN ", Quote(account.user), " ", Quote(password), "\r\n");
  } else if (plain) {
    command = absl::StrCat(tag, " AUTHENTICATE PLAIN\r\n");
    continuations = {absl::StrCat(PlainResponse(account), "\r\n")};
  } else {
    command = absl::StrCat(tag, " LOGIN {", account.user.size(), "}\r\n");
    continuations = {absl::StrCat(account.user, " {", password.size(), "}\r\n"),
                     absl::StrCat(password, "\r\n")};
  }
  // One deadline for all of it: a server that talks on must not keep us.
  const Deadline deadline = Connecting();
  CO_RETURN_IF_ERROR(co_await connection_->Send(command, deadline));
  CO_RETURN_IF_ERROR(co_await connection_->Flush(deadline));
  co_return co_await AwaitAnswer(tag, std::move(continuations), deadline);
}

// The answer to a login. `continuations` are sent one for each "+". What was offered before the
// login is forgotten: only what the server says with or after its OK counts.
Task<absl::StatusOr<StatusResponse>> Session::AwaitAnswer(std::string tag,
                                                          std::vector<std::string> continuations,
                                                          Deadline deadline) {
  // Past the last one the server wants something we do not have: "*" gives up (RFC 9051 6.2.2).
  continuations.push_back("*\r\n");
  Capabilities offered;
  for (size_t next = 0;;) {
    CO_ASSIGN_OR_RETURN(const Response response, co_await connection_->Receive(deadline));
    if (response.body_size) co_return absl::DataLossError("the server sent a message unasked");
    switch (response.kind) {
      case Response::Kind::kUntagged:
        if (auto list = ParseCapabilities(response.text)) offered = *std::move(list);
        break;
      case Response::Kind::kContinue:
        if (next == continuations.size())
          co_return absl::DataLossError("the server goes on with a login that was given up");
        CO_RETURN_IF_ERROR(co_await connection_->Send(continuations[next++], deadline));
        CO_RETURN_IF_ERROR(co_await connection_->Flush(deadline));
        break;
      case Response::Kind::kTagged: {
        if (response.tag != tag)
          co_return absl::DataLossError("the server answered a command that was not sent");
        CO_ASSIGN_OR_RETURN(StatusResponse answer, ParseStatusResponse(response.text));
        capabilities_ = ParseCapabilities(answer.code).value_or(std::move(offered));
        co_return answer;
      }
    }
  }
}

}  // namespace mailhaul::imap
