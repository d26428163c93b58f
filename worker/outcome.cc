#include "worker/outcome.h"

#include "common/base/backoff.h"

namespace mailhaul::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{1'000};
constexpr milliseconds kLongestPause{60'000};
// A full mailbox or a throttled server does not recover in seconds.
constexpr milliseconds kFirstPauseWhenExhausted{30'000};
constexpr milliseconds kLongestPauseWhenExhausted{600'000};

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsInternal(status);
}

}  // namespace

Outcome Decide(const absl::Status& copied, const v1::Tally& total, bool folder_failed,
               bool progressed, int attempt, std::mt19937_64& random) {
  using queue::Interruption;
  using queue::State;
  if (copied.ok()) {
    const bool complete = total.failed() == 0 && total.skipped() == 0 && !folder_failed;
    return Ended{complete ? State::kSucceeded : State::kSucceededWithSkips};
  }
  if (absl::IsCancelled(copied)) return TryLater{Interruption::kInterrupted, milliseconds(0)};
  if (absl::IsResourceExhausted(copied)) {
    return TryLater{Interruption::kRetry,
                    Backoff(attempt, kFirstPauseWhenExhausted, kLongestPauseWhenExhausted, random)};
  }
  if (MayPass(copied)) {
    return TryLater{progressed ? Interruption::kInterrupted : Interruption::kRetry,
                    Backoff(attempt, kFirstPause, kLongestPause, random)};
  }
  return Ended{State::kFailed};
}

}  // namespace mailhaul::worker
