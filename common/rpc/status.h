#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace mailhaul::rpc {

// absl and gRPC share the canonical codes and their numbers. The details (common/rpc/error.h)
// travel as a google.rpc.Status in the trailer `grpc-status-details-bin`, and every error that
// leaves has exactly one ErrorInfo: one without gets INTERNAL's or QUEUE_UNAVAILABLE's, by its
// code. An INTERNAL error's message stays here; the caller learns only that it is our fault.
grpc::Status ToGrpc(const absl::Status& status);

absl::Status FromGrpc(const grpc::Status& status);

}  // namespace mailhaul::rpc
