#include "common/redis/connection.h"

#include <chrono>
#include <deque>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>

#include "common/base/status.h"
#include "common/net/event.h"
#include "common/redis/reply_parser.h"

namespace mailhaul::redis {
namespace asio = boost::asio;
namespace {

constexpr size_t kReadOctets = 16 * 1024;

// Each call watches its own deadline; the stream's reader and writer have none of their own.
Deadline AsLongAsTheConnectionLives() { return Deadline::After(std::chrono::hours(24 * 365)); }

// A call whose reply has not come. Shared, since the caller may give up first.
struct PendingCall {
  explicit PendingCall(asio::any_io_executor executor) : answered(std::move(executor)) {}
  net::Event answered;
  absl::StatusOr<Reply> result = absl::UnknownError("no reply yet");
};

}  // namespace

class Connection::State : public std::enable_shared_from_this<State> {
 public:
  State(asio::any_io_executor executor, std::unique_ptr<net::ByteStream> stream)
      : executor_(std::move(executor)), stream_(std::move(stream)) {}

  void StartReading() { Spawn(ReadReplies(shared_from_this())); }

  std::shared_ptr<PendingCall> Send(absl::string_view command) {
    pending_.push_back(std::make_shared<PendingCall>(executor_));
    unsent_.append(command.data(), command.size());
    if (!writing_) {
      writing_ = true;
      Spawn(WriteCommands(shared_from_this()));
    }
    return pending_.back();
  }

  // Ends the connection and every call in flight. The first reason stays.
  void Fail(absl::Status why) {
    if (!ended_.ok()) return;
    ended_ = std::move(why);
    stream_->Abort();
    for (const auto& call : std::exchange(pending_, {})) {
      call->result = ended_;
      call->answered.Set();
    }
  }

  const absl::Status& ended() const { return ended_; }

 private:
  static Task<void> ReadReplies(std::shared_ptr<State> self) {
    std::vector<char> buffer(kReadOctets);
    while (self->ended_.ok()) {
      const auto n = co_await self->stream_->ReadSome(buffer, AsLongAsTheConnectionLives());
      if (!n.ok()) co_return self->Fail(n.status());
      const absl::Status delivered = self->Deliver(absl::string_view(buffer.data(), *n));
      if (!delivered.ok()) co_return self->Fail(delivered);
    }
  }

  static Task<void> WriteCommands(std::shared_ptr<State> self) {
    while (!self->unsent_.empty() && self->ended_.ok()) {
      const std::string batch = std::exchange(self->unsent_, {});
      const absl::Status written =
          co_await self->stream_->Write(batch, AsLongAsTheConnectionLives());
      if (!written.ok()) self->Fail(written);
    }
    self->writing_ = false;
  }

  absl::Status Deliver(absl::string_view octets) {
    RETURN_IF_ERROR(parser_.Feed(octets));
    for (;;) {
      ASSIGN_OR_RETURN(std::optional<Reply> reply, parser_.Next());
      if (!reply) return absl::OkStatus();
      if (pending_.empty()) return absl::DataLossError("a reply that nobody asked for");
      const auto call = std::move(pending_.front());
      pending_.pop_front();
      call->result = *std::move(reply);
      call->answered.Set();
    }
  }

  void Spawn(Task<void> loop) {
    asio::co_spawn(executor_, std::move(loop),
                   [self = shared_from_this()](const std::exception_ptr& bug) {
                     if (bug) self->Fail(absl::InternalError("exception in a Redis connection"));
                   });
  }

  asio::any_io_executor executor_;
  std::unique_ptr<net::ByteStream> stream_;
  ReplyParser parser_;
  std::deque<std::shared_ptr<PendingCall>> pending_;  // in the order they were sent
  std::string unsent_;
  bool writing_ = false;
  absl::Status ended_;
};

Connection::Connection(asio::any_io_executor executor, std::unique_ptr<net::ByteStream> stream)
    : state_(std::make_shared<State>(std::move(executor), std::move(stream))) {
  state_->StartReading();
}

Connection::~Connection() { Close(); }

Task<absl::StatusOr<Reply>> Connection::Call(const Args& args, Deadline deadline) {
  // Held here: whoever owns the connection may drop it while we wait.
  const std::shared_ptr<State> state = state_;
  if (!state->ended().ok()) co_return state->ended();
  if (deadline.Passed()) co_return absl::DeadlineExceededError("no time left to ask Redis");

  const std::shared_ptr<PendingCall> call = state->Send(FormatCommand(args));
  if (!co_await call->answered.Wait(deadline)) {
    state->Fail(absl::UnavailableError("the connection was given up while a call waited"));
    if (!deadline.Passed()) co_return absl::CancelledError("the call was cancelled");
    co_return absl::DeadlineExceededError("Redis did not answer in time");
  }
  co_return std::move(call->result);
}

bool Connection::alive() const { return state_->ended().ok(); }

void Connection::Close() { state_->Fail(absl::UnavailableError("the connection was closed")); }

}  // namespace mailhaul::redis
