#include "common/redis/reconnector.h"

#include <chrono>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/co_spawn.hpp>

#include "common/base/backoff.h"
#include "common/redis/connect.h"

namespace mailhaul::redis {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kAttemptPatience{5000};
constexpr milliseconds kFirstPause{50};
constexpr milliseconds kLongestPause{1000};

}  // namespace

Reconnector::Reconnector(boost::asio::any_io_executor executor, Address address)
    : executor_(std::move(executor)), address_(std::move(address)) {}

Task<absl::StatusOr<std::shared_ptr<Connection>>> Reconnector::Get(Deadline deadline) {
  const auto self = shared_from_this();  // the owner may go while we wait
  if (current_.ok() && *current_ != nullptr && (*current_)->alive()) co_return current_;
  if (!attempting_) {
    attempting_ = true;
    boost::asio::co_spawn(executor_, Attempt(self), [self](const std::exception_ptr& bug) {
      if (bug) self->Finish(absl::InternalError("exception while connecting to Redis"));
    });
  }
  const auto outcome = std::make_shared<net::Event>(executor_);
  waiting_.push_back(outcome);
  if (!co_await outcome->Wait(deadline)) co_return NotInTime();
  co_return current_;
}

Task<void> Reconnector::Attempt(std::shared_ptr<Reconnector> self) {
  net::Event never(self->executor_);
  co_await never.Wait(self->next_attempt_);
  self->Finish(co_await Connect(self->address_, Deadline::After(kAttemptPatience)));
}

void Reconnector::Finish(absl::StatusOr<std::shared_ptr<Connection>> outcome) {
  attempting_ = false;
  current_ = std::move(outcome);
  failures_ = current_.ok() ? 0 : failures_ + 1;
  if (failures_ > 0) {
    next_attempt_ = Deadline::After(Backoff(failures_, kFirstPause, kLongestPause, random_));
  }
  for (const auto& event : std::exchange(waiting_, {})) event->Set();
}

void Reconnector::Close() {
  if (current_.ok() && *current_ != nullptr) (*current_)->Close();
}

absl::Status Reconnector::NotInTime() const {
  const absl::Status slow = absl::UnavailableError("no connection within the time given");
  return current_.ok() ? NameServer(address_, slow) : current_.status();
}

}  // namespace mailhaul::redis
