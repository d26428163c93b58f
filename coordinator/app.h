#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/queue/job_store.h"
#include "coordinator/intake.h"

namespace mailhaul::coordinator {

struct CoordinatorOptions {
  std::string grpc_listen;  // "host:port", port 0: any free one; "unix:/path"
  std::string http_listen;  // "host:port" for /metrics, /healthz, /readyz; empty: none
  IntakeOptions intake;
};

// A coordinator: everything wired together. Keeps nothing that the queue does not have. Lives on
// the executor's thread; the queue outlives it.
class App {
 public:
  App(boost::asio::any_io_executor executor, CoordinatorOptions options, queue::JobStore& store);
  ~App();

  // Listens and begins to work. UNAVAILABLE when an address cannot be had. Once. The queue need not
  // be there yet: calls then fail with UNAVAILABLE, and /readyz says so.
  absl::Status Start();
  // Ends streams and calls, cancelling what is left at `deadline`, and all work. Once, after Start.
  Task<void> Stop(Deadline deadline);

  // Where clients connect: what grpc_listen came to.
  const std::string& address() const;
  // The HTTP port; 0 when there is none.
  uint16_t http_port() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;  // hidden: gRPC is slow to include
};

}  // namespace mailhaul::coordinator
