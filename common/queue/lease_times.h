#pragma once

#include <chrono>

namespace mailhaul::queue {

// The times of a lease, all made from its length. Every process of a queue must have the same: a
// worker that reckons with a longer lease than another one's hold or grace could meet its
// successor.
class LeaseTimes {
 public:
  using milliseconds = std::chrono::milliseconds;

  constexpr LeaseTimes() = default;
  explicit constexpr LeaseTimes(milliseconds lease) : lease_(lease) {}

  // How long a lease lasts unless it is renewed.
  constexpr milliseconds lease() const { return lease_; }
  // How often its holder renews it: three renewals may fail before it ends.
  constexpr milliseconds renew_every() const { return lease_ / 4; }
  // So long before its end the holder stops sending: room for one APPEND that is being answered,
  // and for the scheduler.
  constexpr milliseconds margin() const { return lease_ * 3 / 20; }
  // So long after its end its job stays with its gates: a worker that could not renew has stopped
  // by then, and its connections are closed.
  constexpr milliseconds grace() const { return lease_ / 2; }
  // So long a lease that nobody knows of may matter: claims wait for it after a restart of Redis.
  constexpr milliseconds hold() const { return lease() + grace(); }

 private:
  milliseconds lease_{20'000};
};

}  // namespace mailhaul::queue
