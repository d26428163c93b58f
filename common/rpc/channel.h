#pragma once

#include <memory>

#include "absl/strings/string_view.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace mailhaul::rpc {

// A channel to `address` ("host:port" or "unix:/path"). It connects on its first call, and again,
// with pauses of at most 5 s between tries, whenever the connection is lost. A peer that went away
// without a word is noticed within 30 s.
std::shared_ptr<grpc::Channel> Connect(absl::string_view address);

}  // namespace mailhaul::rpc
