#pragma once

#include <chrono>
#include <exception>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "common/base/task.h"
#include "tests/support/run_task.h"

namespace mailhaul::support {

// A loop on a thread of its own, for tests whose other half blocks (a gRPC client).
class LoopThread {
 public:
  LoopThread() : work_(loop_.get_executor()), thread_([this] { loop_.run(); }) {}
  ~LoopThread() {
    work_.reset();
    loop_.stop();
    thread_.join();
  }

  boost::asio::any_io_executor executor() { return loop_.get_executor(); }

  // Runs `task` on the loop's thread and waits for what it yields.
  template <typename T>
  T Run(Task<T> task) {
    std::promise<T> yielded;
    std::future<T> result = yielded.get_future();
    boost::asio::co_spawn(loop_, std::move(task), [&yielded](std::exception_ptr bug, T value) {
      bug ? yielded.set_exception(bug) : yielded.set_value(std::move(value));
    });
    return Get(result);
  }
  void Run(Task<void> task) {
    std::promise<void> ended;
    std::future<void> result = ended.get_future();
    boost::asio::co_spawn(loop_, std::move(task), [&ended](std::exception_ptr bug) {
      bug ? ended.set_exception(bug) : ended.set_value();
    });
    Get(result);
  }
  // Calls `function` on the loop's thread and waits for what it returns.
  template <typename Function>
  auto Call(Function function) {
    std::packaged_task<decltype(function())()> task(std::move(function));
    auto result = task.get_future();
    boost::asio::post(loop_, std::move(task));
    return Get(result);
  }

 private:
  template <typename T>
  static T Get(std::future<T>& result) {
    if (result.wait_for(kTestLimit) != std::future_status::ready) {
      throw std::runtime_error("the loop did not get there: it waits for something forever");
    }
    return result.get();
  }

  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace mailhaul::support
