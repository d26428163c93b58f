#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/event.h"

namespace mailhaul::obs {

// A coroutine that runs beside others until it is told to end by means of its own. An exception
// that leaves it is a bug: it is logged under `name`. Lives on the executor's thread, longer than
// the coroutine.
class Background {
 public:
  Background(boost::asio::any_io_executor executor, std::string name);

  // Once.
  void Start(Task<void> loop);
  // False when `deadline` passed before the end.
  Task<bool> AwaitEnd(Deadline deadline) { return ended_.Wait(deadline); }

 private:
  boost::asio::any_io_executor executor_;
  const std::string name_;
  net::Event ended_;
};

}  // namespace mailhaul::obs
