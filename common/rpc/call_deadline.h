#pragma once

#include <grpcpp/server_context.h>

#include <chrono>

#include "common/base/deadline.h"

namespace mailhaul::rpc {

// The caller's deadline on our clock, but no later than `most` from now: a caller that set none
// still gets an answer.
inline Deadline DeadlineOf(const grpc::ServerContextBase& context,
                           std::chrono::seconds most = std::chrono::seconds(30)) {
  const auto left = context.deadline() - std::chrono::system_clock::now();
  if (left >= most) return Deadline::After(most);
  return Deadline::After(std::chrono::duration_cast<Deadline::Clock::duration>(left));
}

}  // namespace mailhaul::rpc
