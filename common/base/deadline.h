#pragma once

#include <chrono>

namespace mailhaul {

// The instant by which a wait must end, on the monotonic clock. Every call that can wait takes one;
// there is no default and no hidden timeout.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline After(Clock::duration d) { return Deadline(Clock::now() + d); }
  static Deadline At(Clock::time_point t) { return Deadline(t); }

  Clock::time_point time() const { return at_; }
  bool Passed() const { return Clock::now() >= at_; }
  // Never negative.
  Clock::duration Left() const {
    const auto left = at_ - Clock::now();
    return left > Clock::duration::zero() ? left : Clock::duration::zero();
  }
  friend Deadline Earlier(Deadline a, Deadline b) { return a.at_ < b.at_ ? a : b; }

 private:
  explicit Deadline(Clock::time_point at) : at_(at) {}
  Clock::time_point at_;
};

}  // namespace mailhaul
