#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include <boost/asio/io_context.hpp>

#include "common/config/settings.h"
#include "common/queue/job_store.h"
#include "coordinator/app.h"
#include "worker/app.h"

namespace mailhaul::cli {

// A coordinator and a worker on a thread of their own, in this process.
class LocalServices {
 public:
  // `on_signal` is called, on that thread, when SIGINT or SIGTERM arrives.
  static absl::StatusOr<std::unique_ptr<LocalServices>> Start(const config::Settings& settings,
                                                              std::function<void()> on_signal);
  // Hands jobs back and ends.
  ~LocalServices();

  // Whether the queue answers now.
  absl::Status Ping();
  // Nobody else can hold leases of this queue: it need not wait for them. Before anything is
  // started.
  absl::Status Vouch();
  // Begins to take submissions. Once; best when the queue answers.
  absl::Status StartCoordinator();
  // Begins to copy. Once.
  absl::Status StartWorker();

 private:
  LocalServices() = default;

  // Runs `task` on the thread and waits for its result.
  absl::Status Run(Task<absl::Status> task);
  Task<absl::Status> StartServing();
  Task<absl::Status> PingQueue();
  Task<absl::Status> VouchForQueue();
  Task<absl::Status> StartCopying();
  Task<absl::Status> Stop();

  config::Settings settings_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<queue::JobStore> store_;
  std::unique_ptr<coordinator::App> coordinator_;
  std::unique_ptr<worker::App> worker_;
  bool coordinator_runs_ = false;
  bool worker_runs_ = false;
  std::thread thread_;
};

}  // namespace mailhaul::cli
