#include "common/redis/client.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "common/redis/connect.h"
#include "common/redis/error.h"

namespace mailhaul::redis {
namespace {

// How long after its own patience an answer to a blocking command may take to arrive.
constexpr std::chrono::seconds kBlockingMargin{2};

Args EvalCommand(absl::string_view command, absl::string_view script, const Args& keys,
                 const Args& argv) {
  Args words = {std::string(command), std::string(script), absl::StrCat(keys.size())};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), argv.begin(), argv.end());
  return words;
}

bool IsNoScript(const absl::StatusOr<Reply>& reply) {
  return reply.ok() && reply->kind == Reply::Kind::kError &&
         absl::StartsWith(reply->text, "NOSCRIPT");
}

// An error reply becomes a status.
absl::StatusOr<Reply> Judged(absl::StatusOr<Reply> reply) {
  if (reply.ok() && reply->kind == Reply::Kind::kError) return ErrorFromReply(reply->text);
  return reply;
}

absl::Status Interrupted() { return absl::CancelledError("the process is leaving"); }

}  // namespace

Client::Client(boost::asio::any_io_executor executor, Address address)
    : address_(address),
      shared_(std::make_shared<Reconnector>(std::move(executor), std::move(address))) {}

Client::~Client() { shared_->Close(); }

Task<absl::StatusOr<Reply>> Client::Call(Args args, Deadline deadline) {
  co_return Judged(co_await CallShared(std::move(args), deadline));
}

Task<absl::StatusOr<Reply>> Client::Eval(Script script, Args keys, Args argv, Deadline deadline) {
  absl::StatusOr<Reply> reply =
      co_await CallShared(EvalCommand("EVALSHA", script.sha1, keys, argv), deadline);
  if (IsNoScript(reply)) {
    reply = co_await CallShared(EvalCommand("EVAL", script.text, keys, argv), deadline);
  }
  reply = Judged(std::move(reply));
  if (!reply.ok()) co_return Annotate(reply.status(), script.name);
  co_return reply;
}

Task<absl::StatusOr<Reply>> Client::CallShared(Args args, Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const auto connection, co_await shared_->Get(deadline));
  absl::StatusOr<Reply> reply = co_await connection->Call(args, deadline);
  if (!reply.ok()) co_return NameServer(address_, reply.status());
  // A demoted master refuses us until we connect anew and find the new one behind the same name.
  if (reply->kind == Reply::Kind::kError && MeansWrongServer(reply->text)) connection->Close();
  co_return reply;
}

Task<absl::StatusOr<Reply>> Client::CallBlocking(Args args, std::chrono::milliseconds patience) {
  if (interrupted_) co_return Interrupted();
  const Deadline deadline = Deadline::After(patience + kBlockingMargin);
  CO_ASSIGN_OR_RETURN(const auto connection, co_await Borrow(deadline));
  if (interrupted_) co_return Interrupted();  // while it was being made
  blocked_.push_back(connection);
  absl::StatusOr<Reply> reply = co_await connection->Call(args, deadline);
  std::erase(blocked_, connection);
  if (interrupted_) co_return Interrupted();
  if (absl::IsDeadlineExceeded(reply.status())) {
    reply = absl::UnavailableError("no answer long after it was due: the server hangs or is gone");
  }
  if (!reply.ok()) co_return NameServer(address_, reply.status());
  idle_.push_back(connection);
  co_return Judged(std::move(reply));
}

void Client::Interrupt() {
  interrupted_ = true;
  for (const auto& connection : blocked_) connection->Close();
}

Task<absl::StatusOr<std::shared_ptr<Connection>>> Client::Borrow(Deadline deadline) {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->alive()) co_return connection;
  }
  // By way of the shared one, so that these attempts pause after failures too.
  CO_RETURN_IF_ERROR((co_await shared_->Get(deadline)).status());
  co_return co_await Connect(address_, deadline);
}

}  // namespace mailhaul::redis
