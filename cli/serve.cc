#include "cli/serve.h"

#include <csignal>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mailhaul::cli {

Task<void> AwaitStopSignal() {
  boost::asio::signal_set signals(co_await boost::asio::this_coro::executor, SIGINT, SIGTERM);
  co_await signals.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

absl::Status RunLoop(boost::asio::io_context& loop, Task<absl::Status> task) {
  absl::Status result = absl::InternalError("the loop ended before its task");
  boost::asio::co_spawn(loop, std::move(task),
                        [&loop, &result](std::exception_ptr bug, absl::Status status) {
                          result = bug ? absl::InternalError("bug") : std::move(status);
                          loop.stop();
                        });
  loop.run();
  return result;
}

}  // namespace mailhaul::cli
