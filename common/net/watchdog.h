#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/deadline.h"

namespace mailhaul::net {

// Enforces the deadlines of one connection by closing it: one timer for all its calls. Arming costs
// a store unless the new deadline is the earliest one; a timer per call would cost a hundred times
// more.
class Watchdog {
 public:
  // `close` is called at most once, from the executor's thread.
  Watchdog(boost::asio::any_io_executor executor, std::function<void()> close);
  ~Watchdog();

  enum class Slot { kRead, kWrite };
  // Covers one call; goes when the call ends.
  class Guard {
   public:
    Guard(Watchdog& dog, Slot slot, Deadline deadline) : dog_(dog), slot_(slot) {
      dog_.Arm(slot, deadline);
    }
    ~Guard() { dog_.Disarm(slot_); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Watchdog& dog_;
    Slot slot_;
  };

  // True once a deadline passed and the connection was closed for it.
  bool bit() const;

 private:
  struct State;
  void Arm(Slot slot, Deadline deadline);
  void Disarm(Slot slot);
  std::shared_ptr<State> state_;
};

}  // namespace mailhaul::net
