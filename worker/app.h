#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/queue/job_store.h"

namespace mailhaul::worker {

struct WorkerOptions {
  std::string worker_id;    // names one life of one process; no space, no "|"
  int jobs = 8;             // at a time
  std::string coordinator;  // "host:port", "unix:/path"; empty: none is told
  std::string http_listen;  // "host:port" for /metrics, /healthz, /readyz; empty: none
  std::string ca_file;      // PEM, for mail servers of a private CA; empty: the system's roots only
  std::chrono::milliseconds connect_timeout{30'000};
  std::chrono::milliseconds command_timeout{300'000};
};

// A worker: everything wired together. It takes jobs from the queue, copies, and keeps nothing that
// the queue does not have. Lives on the executor's thread; the queue outlives it.
class App {
 public:
  App(boost::asio::any_io_executor executor, WorkerOptions options, queue::JobStore& store);
  ~App();

  // Listens and begins to claim. UNAVAILABLE when an address cannot be had. Once. The queue need
  // not be there yet.
  absl::Status Start();
  // Takes no more jobs, completes the messages that are on their way and hands its jobs back; what
  // is not done at `deadline` is cut off and left to its lease. Once, after Start.
  Task<void> Stop(Deadline deadline);

  // The HTTP port; 0 when there is none.
  uint16_t http_port() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mailhaul::worker
