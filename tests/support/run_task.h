#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "common/base/task.h"

namespace mailhaul::support {

// Longer than any test takes on a busy machine.
inline constexpr std::chrono::seconds kTestLimit{20};

// Runs `task` to its end on a loop of its own and returns what it yields, which must not hold on to
// the loop (sockets, timers). Coroutines that the task spawned beside itself are dropped with it.
// Throws, and so fails the test, when the task threw or did not end within `limit`.
template <typename T>
T RunTask(Task<T> task, std::chrono::seconds limit = kTestLimit) {
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  boost::asio::io_context loop;
  std::exception_ptr thrown;
  std::optional<Value> value;
  const auto done = [&](std::exception_ptr error, Value result) {
    thrown = error;
    value.emplace(std::move(result));
    loop.stop();
  };
  if constexpr (std::is_void_v<T>) {
    const auto done_void = [&done](std::exception_ptr error) { done(error, {}); };
    boost::asio::co_spawn(loop, std::move(task), done_void);
  } else {
    boost::asio::co_spawn(loop, std::move(task), done);
  }
  loop.run_for(limit);
  if (thrown) std::rethrow_exception(thrown);
  if (!value) throw std::runtime_error("the task did not end: it waits for something forever");
  if constexpr (!std::is_void_v<T>) return *std::move(value);
}

}  // namespace mailhaul::support
