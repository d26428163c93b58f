#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"

namespace mailhaul::net {

// Something that may have happened: set by whoever sees it, waited for by one coroutine.
//
// Lives on the executor's thread, as everything that touches it; other threads post. At most one
// coroutine waits at a time, and the event outlives the wait.
class Event {
 public:
  explicit Event(boost::asio::any_io_executor executor);
  ~Event();

  // Wakes the waiter; the event stays set until Reset.
  void Set();
  void Reset() { set_ = false; }
  bool is_set() const { return set_; }

  // True as soon as the event is set; false when `deadline` passed or the coroutine was cancelled.
  Task<bool> Wait(Deadline deadline);

 private:
  struct Timer;
  std::unique_ptr<Timer> timer_;  // hidden: Asio's timers take a second to include
  bool set_ = false;
};

}  // namespace mailhaul::net
