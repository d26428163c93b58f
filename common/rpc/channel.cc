#include "common/rpc/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <string>

namespace mailhaul::rpc {
namespace {

constexpr int kMostMetadata = 1024 * 1024;

}  // namespace

std::shared_ptr<grpc::Channel> Connect(absl::string_view address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // A refused CSV names its bad rows in the status' details, which travel as metadata: gRPC takes
  // 8 KiB of that unless told.
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMostMetadata);
  // A process that stops and starts its own server must not inherit another channel's back-off.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(std::string(address), grpc::InsecureChannelCredentials(),
                                   arguments);
}

}  // namespace mailhaul::rpc
