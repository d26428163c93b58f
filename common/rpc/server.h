#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace mailhaul::rpc {

// A gRPC server with the standard health (grpc.health.v1) and reflection services.
class Server {
 public:
  // Listens on `address`: "127.0.0.1:7400", "[::1]:0" (a free port) or "unix:/path/to/socket".
  // UNAVAILABLE when that is not possible. The services outlive the server.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(absl::string_view address,
                                                        std::vector<grpc::Service*> services);
  ~Server();

  // What clients connect to: the address with the port that was found.
  const std::string& address() const { return address_; }

  // What grpc.health.v1 answers, for the server as a whole; SERVING at the start.
  void SetServing(bool serving);

  // Takes no more calls, lets those in progress end until `deadline`, cancels the rest. Runs on the
  // thread of `executor`, which keeps serving the calls meanwhile. Once.
  Task<void> Shutdown(boost::asio::any_io_executor executor, Deadline deadline);

 private:
  Server(std::string address, std::unique_ptr<grpc::Server> server);
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace mailhaul::rpc
