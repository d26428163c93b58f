#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/base/secret.h"
#include "common/base/task.h"
#include "common/net/fence.h"
#include "worker/imap/connection.h"
#include "worker/imap/responses.h"

namespace mailhaul::imap {

enum class Security { kTls, kStartTls, kPlaintext };

// Where and as whom to log in.
struct Account {
  std::string host;
  uint16_t port = 993;
  Security security = Security::kTls;
  std::string ca_file;  // PEM, beside the system's roots; may be empty
  std::string user;
  Secret password;
  std::shared_ptr<const net::Fence> fence;  // nothing is sent unless it is open; null: none
};

// How long to wait for a server. Every wait of a session is one of these.
struct Timeouts {
  std::chrono::milliseconds connect{30'000};  // name, TCP, TLS, greeting, login: each
  std::chrono::milliseconds command{
      300'000};  // for the next octet of an answer, or for room to send
};

// An authenticated IMAP connection (RFC 3501; RFC 9051 where offered). One coroutine uses it at a
// time, except that the connection beneath lets one send while another receives.
class Session {
 public:
  // For a connection that is up and greeted; tests use it with a scripted stream.
  Session(std::unique_ptr<Connection> connection, Timeouts timeouts)
      : connection_(std::move(connection)), timeouts_(timeouts) {}

  // Dials, secures and logs in. Errors: those of net/dial.h; UNAUTHENTICATED when the server
  // refused the login; PERMISSION_DENIED when it forbids logins on such a link; with the server's
  // words as ErrorDetail.
  static Task<absl::StatusOr<std::unique_ptr<Session>>> Open(Account account, Timeouts timeouts);
  // The same from the greeting on, over a stream that was just dialled (and secured, for kTls).
  // STARTTLS needs a stream of net/dial.h.
  static Task<absl::StatusOr<std::unique_ptr<Session>>> Begin(
      std::unique_ptr<net::ByteStream> stream, Account account, Timeouts timeouts);

  // What the server offers now that we are logged in.
  const Capabilities& capabilities() const { return capabilities_; }
  Connection& connection() { return *connection_; }
  const Timeouts& timeouts() const { return timeouts_; }
  // The deadline of a wait that begins now.
  Deadline Patience() const { return Deadline::After(timeouts_.command); }

  // Every untagged response, with the oldest command that is not answered; the text is valid during
  // the call only. Servers may work on several commands at once (RFC 9051 5.5), so what it belongs
  // to must also show in its words.
  using OnUntagged = std::function<absl::Status(size_t command, absl::string_view text)>;
  // The tagged answer. An error of either ends everything.
  using OnDone = std::function<absl::Status(size_t command, const StatusResponse& response)>;
  // Sends all commands (without tag and CRLF), 128 or 16 KiB in flight, so that they cost one round
  // trip together.
  Task<absl::Status> RunAll(std::span<const std::string> commands, OnUntagged on_untagged,
                            OnDone on_done);
  // One command whose failure is an error named after `what`.
  Task<absl::Status> Run(std::string command, std::string what,
                         std::function<absl::Status(absl::string_view)> on_untagged);

  // Says LOGOUT and waits, a few seconds at most, until the server has closed: a connection counts
  // against the server's limits until then.
  Task<void> Logout();
  // The two halves of it, for LOGOUT in a pipeline. What was sent before is still answered.
  Task<absl::Status> SayLogout();
  Task<void> AwaitEnd();

 private:
  Task<absl::Status> ReadGreeting(bool& authenticated);
  Task<absl::Status> UpgradeToTls(const Account& account);
  Task<absl::Status> LogIn(const Account& account);
  Task<absl::StatusOr<StatusResponse>> SendLogin(const Account& account);
  Task<absl::StatusOr<StatusResponse>> AwaitAnswer(std::string tag,
                                                   std::vector<std::string> continuations,
                                                   Deadline deadline);
  Task<absl::Status> AskCapabilities();
  Deadline Connecting() const { return Deadline::After(timeouts_.connect); }

  std::unique_ptr<Connection> connection_;
  Timeouts timeouts_;
  Capabilities capabilities_;
};

}  // namespace mailhaul::imap
