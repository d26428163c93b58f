#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <exception>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/status.h"

namespace mailhaul::rpc {

// Runs `handler` on `executor` and ends the call with its status. gRPC keeps request and response
// alive until then, so the coroutine may hold references to them. An exception that gets here is a
// bug: it ends the call with INTERNAL.
//
// A caller that leaves does not stop the handler: it ends by its deadline, and an interrupted write
// to the queue would only be in more doubt than a finished one.
inline grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context,
                                       const boost::asio::any_io_executor& executor,
                                       Task<absl::Status> handler) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  boost::asio::co_spawn(executor, std::move(handler),
                        [reactor](std::exception_ptr bug, absl::Status status) {
                          reactor->Finish(ToGrpc(bug ? absl::InternalError("bug") : status));
                        });
  return reactor;
}

}  // namespace mailhaul::rpc
