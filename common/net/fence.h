#pragma once

#include <chrono>

namespace mailhaul::net {

// Time since the machine booted, the time it slept included (CLOCK_BOOTTIME of Linux): unlike the
// monotonic clock it also runs while the machine is suspended, as other machines' clocks do.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  static time_point now();
};

// Says until when connections may send. A stream that was dialled with a fence looks at it right
// before every system call that sends, so that a process that was stopped in the middle of a write
// and goes on too late sends nothing more, however long it slept.
//
// Lives on one thread, as its streams do.
class Fence {
 public:
  // Closed at first. The last call counts.
  void OpenUntil(BootClock::time_point end) { end_ = end; }
  // For good: OpenUntil changes nothing any more.
  void Close() { closed_ = true; }
  bool closed() const { return closed_ || BootClock::now() >= end_; }

 private:
  BootClock::time_point end_{};
  bool closed_ = false;
};

}  // namespace mailhaul::net
