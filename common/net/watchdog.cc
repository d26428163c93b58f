#include "common/net/watchdog.h"

#include <array>
#include <utility>

#include <boost/system/error_code.hpp>

namespace mailhaul::net {

// Shared with the timer's handler, which may run after the connection is gone.
struct Watchdog::State : std::enable_shared_from_this<State> {
  State(boost::asio::any_io_executor executor, std::function<void()> on_bite)
      : timer(std::move(executor)), close(std::move(on_bite)) {}

  void Start(Deadline deadline) {
    waiting_until = deadline;
    timer.expires_at(deadline.time());
    timer.async_wait([weak = weak_from_this()](boost::system::error_code error) {
      const auto self = weak.lock();
      if (self && !error) self->OnTimer();
    });
  }

  void OnTimer() {
    waiting_until.reset();
    std::optional<Deadline> earliest;
    for (const auto& slot : slots) {
      if (slot) earliest = earliest ? Earlier(*earliest, *slot) : *slot;
    }
    if (!earliest) return;
    if (!earliest->Passed()) return Start(*earliest);
    bit = true;
    close();
  }

  boost::asio::steady_timer timer;
  std::function<void()> close;
  std::array<std::optional<Deadline>, 2> slots;
  std::optional<Deadline> waiting_until;
  bool bit = false;
};

Watchdog::Watchdog(boost::asio::any_io_executor executor, std::function<void()> close)
    : state_(std::make_shared<State>(std::move(executor), std::move(close))) {}

Watchdog::~Watchdog() { state_->timer.cancel(); }

bool Watchdog::bit() const { return state_->bit; }

void Watchdog::Arm(Slot slot, Deadline deadline) {
  state_->slots[static_cast<size_t>(slot)] = deadline;
  if (!state_->waiting_until || deadline.time() < state_->waiting_until->time())
    state_->Start(deadline);
}

void Watchdog::Disarm(Slot slot) { state_->slots[static_cast<size_t>(slot)].reset(); }

}  // namespace mailhaul::net
