#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "common/queue/job_store.h"
#include "mailhaul/v1/worker_report.pb.h"

namespace mailhaul::worker {

// Tells a coordinator what the worker does, and hears what it should stop doing. Nothing waits for
// it: without a coordinator, or while one is away, it tries again and again with pauses, and the
// worker works on.
//
// Made, started, stopped and destroyed on the executor's thread; both functions are called there.
class SyncLoop {
 public:
  // `coordinator` is "host:port" or "unix:/path"; empty: there is none, and nothing happens.
  // `snapshot` says what the worker does now (worker_id is filled in here). `cancel` is called for
  // a job that should end as cancelled, with every answer that says so: it must bear repeating.
  SyncLoop(boost::asio::any_io_executor executor, std::string coordinator, std::string worker_id,
           std::function<v1::WorkerReport()> snapshot, std::function<void(queue::JobId)> cancel);
  ~SyncLoop();

  void Start();
  // Ends at once: neither function is called afterwards, and the executor is no longer needed.
  void Stop();

 private:
  class Session;
  std::shared_ptr<Session> session_;
};

}  // namespace mailhaul::worker
