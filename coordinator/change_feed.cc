#include "coordinator/change_feed.h"

#include <chrono>
#include <string>
#include <utility>

#include "common/obs/log.h"

namespace mailhaul::coordinator {
namespace {

constexpr std::chrono::seconds kPatience{1};  // so that Stop() is noticed in time
constexpr std::chrono::seconds kPauseAfterError{1};
// A watcher that is this far behind reads everything again, which costs less than a list of it all.
constexpr size_t kMostRows = 20'000;

}  // namespace

void ChangeFeed::Subscription::Add(queue::JobId job) {
  if (queue::BatchOf(job) != batch_) return;
  if (rows_.size() >= kMostRows) return Miss();
  rows_.insert(queue::RowOf(job));
}

void ChangeFeed::Subscription::Miss() {
  rows_.clear();
  missed_ = true;
}

Task<void> ChangeFeed::Run() {
  std::string cursor;
  bool readable = true;
  while (!pause_.is_set()) {
    absl::StatusOr<queue::JobStore::Changes> changes =
        co_await store_.AwaitChanges(cursor, kPatience);
    if (absl::IsCancelled(changes.status())) break;
    if (!changes.ok()) {
      if (std::exchange(readable, false)) {
        log::Warning("cannot read the queue's changes", {{"error", changes.status().message()}});
      }
      MissAll();
      co_await pause_.Wait(Deadline::After(kPauseAfterError));
      continue;
    }
    if (!std::exchange(readable, true)) {
      log::Info("reading the queue's changes again");
      MissAll();  // without a cursor the feed begins now, and what came before went by unseen
    }
    cursor = changes->cursor;
    Deliver(*changes);
  }
}

void ChangeFeed::Stop() {
  store_.Interrupt();
  pause_.Set();
}

void ChangeFeed::Deliver(const queue::JobStore::Changes& changes) {
  if (changes.missed) MissAll();
  for (Subscription* subscription : subscriptions_) {
    for (const queue::JobId job : changes.jobs) subscription->Add(job);
  }
}

void ChangeFeed::MissAll() {
  for (Subscription* subscription : subscriptions_) subscription->Miss();
}

}  // namespace mailhaul::coordinator
