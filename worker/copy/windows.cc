#include "worker/copy/windows.h"

#include <algorithm>
#include <utility>

namespace mailhaul::copy {

void Windows::Open(imap::UidSet sources) {
  Window window;
  window.unsettled = sources.size();
  window.sources = std::move(sources);
  window.uid_next = uid_next_;
  windows_.push_back(std::move(window));
}

Windows::Window* Windows::WindowOf(imap::Uid source) {
  for (Window& window : windows_) {
    if (window.sources.Contains(source)) return &window;
  }
  return nullptr;
}

void Windows::Settle(Window& window, imap::Uid source, bool keep) {
  --window.unsettled;
  if (!keep) window.sources.Remove(source);
  DropSettled();
}

void Windows::Arrived(imap::Uid source, imap::Uid destination) {
  if (destination != UINT32_MAX) uid_next_ = std::max(uid_next_, destination + 1);
  if (Window* const window = WindowOf(source)) Settle(*window, source, /*keep=*/false);
}

void Windows::ArrivedSomewhere(imap::Uid source) {
  if (Window* const window = WindowOf(source)) Settle(*window, source, /*keep=*/true);
}

void Windows::Withdraw(imap::Uid source) {
  if (Window* const window = WindowOf(source)) Settle(*window, source, /*keep=*/false);
}

void Windows::NoteUidNext(imap::Uid uid_next) {
  uid_next_ = std::max(uid_next_, uid_next);
  for (Window& window : windows_) {
    if (window.unsettled == 0 && window.end == 0) window.end = uid_next_;
  }
  DropSettled();
}

// Where to look for what may have arrived unconfirmed.
imap::Uid Windows::Lowest() const {
  imap::Uid lowest = uid_next_;
  for (const Window& window : windows_) {
    if (window.unsettled > 0) lowest = std::min(lowest, window.uid_next);
  }
  return lowest;
}

void Windows::DropSettled() {
  const bool all = std::all_of(windows_.begin(), windows_.end(),
                               [](const Window& window) { return window.unsettled == 0; });
  const imap::Uid lowest = Lowest();
  std::erase_if(windows_, [&](const Window& window) {
    const bool below = window.end != 0 && window.end <= lowest;
    return window.unsettled == 0 && (all || window.sources.empty() || below);
  });
}

Intent Windows::intent() const {
  Intent intent;
  intent.uid_next = Lowest();
  for (const Window& window : windows_) intent.source_uids.AddAll(window.sources);
  return intent;
}

}  // namespace mailhaul::copy
