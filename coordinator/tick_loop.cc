#include "coordinator/tick_loop.h"

#include <algorithm>
#include <chrono>

#include "common/obs/log.h"

namespace mailhaul::coordinator {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kCall{5};
constexpr milliseconds kPauseAfterError{1'000};
constexpr milliseconds kLeastPause{10};  // work left over is done soon, but not in a tight loop

}  // namespace

Task<void> TickLoop::Run() {
  while (!pause_.is_set()) {
    const absl::StatusOr<milliseconds> next = co_await store_.Tick(Deadline::After(kCall));
    Note(next.status());
    const milliseconds pause = next.ok() ? std::max(*next, kLeastPause) : kPauseAfterError;
    co_await pause_.Wait(Deadline::After(pause));
  }
}

void TickLoop::Note(const absl::Status& status) {
  if (!status.ok()) metrics_.tick_failures.Increment();
  metrics_.queue_reachable.Set(status.ok() ? 1 : 0);
  if (status.ok() && !health_.ok()) log::Info("the queue answers");
  if (!status.ok() && (health_.ok() || health_.message() != status.message())) {
    log::Warning("the queue does not answer", {{"error", status.message()}});
  }
  health_ = status;
}

}  // namespace mailhaul::coordinator
