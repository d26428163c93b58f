#include "common/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <boost/asio/post.hpp>

#include "common/net/event.h"

namespace mailhaul::rpc {
namespace {

// Both plug-ins are switches of the process and must be set before the first server is built.
void EnableStandardServices() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

std::string WithPort(absl::string_view address, int port) {
  if (absl::StartsWith(address, "unix:")) return std::string(address);
  return absl::StrCat(address.substr(0, address.rfind(':')), ":", port);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(absl::string_view address,
                                                       std::vector<grpc::Service*> services) {
  EnableStandardServices();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(std::string(address), grpc::InsecureServerCredentials(), &port);
  // By default a second server may share the port: it would take half of the first one's callers.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Clients may ask for signs of life every 20 s (common/rpc/channel.cc); by default that is abuse.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  // And we ask them, so that a stream to a client that vanished does not stay for ever.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  }
  return std::unique_ptr<Server>(new Server(WithPort(address, port), std::move(server)));
}

Server::Server(std::string address, std::unique_ptr<grpc::Server> server)
    : address_(std::move(address)), server_(std::move(server)) {
  SetServing(true);
}

Server::~Server() = default;

void Server::SetServing(bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(serving);
}

Task<void> Server::Shutdown(boost::asio::any_io_executor executor, Deadline deadline) {
  SetServing(false);
  net::Event ended(executor);
  // gRPC's Shutdown blocks until the calls have ended, and they end on the executor's thread.
  std::thread blocking([this, deadline, executor, &ended] {
    server_->Shutdown(std::chrono::system_clock::now() + deadline.Left());
    boost::asio::post(executor, [&ended] { ended.Set(); });
  });
  // It ends soon after `deadline`, when the last cancelled call has ended; there is nothing to do
  // without it.
  co_await ended.Wait(Deadline::At(Deadline::Clock::time_point::max()));
  blocking.join();
}

}  // namespace mailhaul::rpc
