#pragma once

#include "absl/status/status.h"

#include "common/base/task.h"
#include "common/net/event.h"
#include "common/queue/job_store.h"
#include "coordinator/coordinator_metrics.h"

namespace mailhaul::coordinator {

// Does the queue's housekeeping whenever it is due, and thereby knows whether the queue answers.
// Lives on one thread.
class TickLoop {
 public:
  TickLoop(queue::JobStore& store, boost::asio::any_io_executor executor,
           CoordinatorMetrics& metrics)
      : store_(store), metrics_(metrics), pause_(executor) {}

  // Until Stop().
  Task<void> Run();
  void Stop() { pause_.Set(); }

  // How the last tick went; UNAVAILABLE before the first.
  const absl::Status& health() const { return health_; }

 private:
  void Note(const absl::Status& status);

  queue::JobStore& store_;
  CoordinatorMetrics& metrics_;
  net::Event pause_;  // set by Stop
  absl::Status health_ = absl::UnavailableError("the queue was not asked yet");
};

}  // namespace mailhaul::coordinator
