#pragma once

#include <chrono>
#include <exception>

#include "absl/status/status.h"
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "common/base/deadline.h"
#include "common/base/status.h"
#include "common/base/task.h"

namespace mailhaul::cli {

// Returns when SIGINT or SIGTERM has arrived. A second one then has its usual effect.
Task<void> AwaitStopSignal();

// Starts `app`, lets it work until it is told to stop, and gives it `grace` to do so.
template <typename App>
Task<absl::Status> ServeUntilSignal(App& app, std::chrono::milliseconds grace) {
  CO_RETURN_IF_ERROR(app.Start());
  co_await AwaitStopSignal();
  co_await app.Stop(Deadline::After(grace));
  co_return absl::OkStatus();
}

// Runs `task` and all that it started on the calling thread, until `task` ends.
absl::Status RunLoop(boost::asio::io_context& loop, Task<absl::Status> task);

}  // namespace mailhaul::cli
