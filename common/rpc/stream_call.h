#pragma once

#include <grpcpp/support/server_callback.h>

#include <exception>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/event.h"
#include "common/rpc/status.h"

// Streaming calls as coroutines. gRPC calls a reactor on threads of its own; each reaction here
// only posts to the executor, where everything else happens, so a handler needs no lock.
//
//   grpc::ServerWriteReactor<Item>* Service::List(CallbackServerContext*, const ListRequest*
//   request) {
//     return rpc::ServeStream<rpc::DownloadCall<Item>>(
//         executor_, [this, request](auto& call) { return HandleList(*request, call); });
//   }

namespace mailhaul::rpc {

// What the three kinds of streaming call share: lifetime, cancellation, the end.
template <typename Reactor>
class StreamCall : public Reactor {
 public:
  explicit StreamCall(boost::asio::any_io_executor executor)
      : executor_(executor), left_(std::move(executor)) {}

  // The caller left, or the server is shutting down. Reads and writes then fail with CANCELLED.
  bool cancelled() const { return left_.is_set(); }
  // Waits until `deadline`, less long when the caller leaves.
  Task<void> Pause(Deadline deadline) { co_await left_.Wait(deadline); }

  // gRPC may still use the reactor after Finish, until OnDone: it owns itself until then.
  void KeepUntilDone(std::shared_ptr<StreamCall> self) { self_ = std::move(self); }

 protected:
  // Runs `reaction` on the executor's thread, with this call kept alive for it.
  template <typename Reaction>
  void Post(Reaction reaction) {
    boost::asio::post(executor_, [self = self_, reaction = std::move(reaction)] { reaction(); });
  }

 private:
  void OnCancel() final {
    Post([this] { left_.Set(); });
  }
  // The last reference goes on the executor's thread, where the events live.
  void OnDone() final {
    boost::asio::post(executor_, [self = std::move(self_)] {});
  }

  boost::asio::any_io_executor executor_;
  std::shared_ptr<StreamCall> self_;
  net::Event left_;
};

// One read or write that gRPC carries out while a coroutine waits.
class PendingOperation {
 public:
  explicit PendingOperation(boost::asio::any_io_executor executor) : ended_(std::move(executor)) {}
  void Begin() { ended_.Reset(); }
  void End(bool ok) {
    ok_ = ok;
    ended_.Set();
  }
  Task<bool> Wait(Deadline deadline) { return ended_.Wait(deadline); }
  bool ok() const { return ok_; }

 private:
  net::Event ended_;
  bool ok_ = false;
};

// The caller's stream of requests. After any error the handler may only end the call.
template <typename Request, typename Reactor>
class ReadingCall : public StreamCall<Reactor> {
 public:
  explicit ReadingCall(boost::asio::any_io_executor executor)
      : StreamCall<Reactor>(executor), read_(std::move(executor)) {}

  // The next message, valid until the next Read; nullptr after the last. CANCELLED when the caller
  // left, DEADLINE_EXCEEDED when it sent nothing in time.
  Task<absl::StatusOr<Request*>> Read(Deadline deadline) {
    read_.Begin();
    request_.Clear();
    this->StartRead(&request_);
    if (!co_await read_.Wait(deadline)) {
      co_return absl::DeadlineExceededError("no message arrived in time");
    }
    if (this->cancelled()) co_return absl::CancelledError("the caller left");
    co_return read_.ok() ? &request_ : nullptr;
  }

 private:
  void OnReadDone(bool ok) final {
    this->Post([this, ok] { read_.End(ok); });
  }
  PendingOperation read_;
  Request request_;
};

// Our stream of responses.
template <typename Response, typename Base>
class WritingCall : public Base {
 public:
  explicit WritingCall(boost::asio::any_io_executor executor)
      : Base(executor), write_(std::move(executor)) {}

  // Returns when gRPC has taken the message, which is the caller's pace. CANCELLED when the caller
  // left, DEADLINE_EXCEEDED when it did not take the message in time; then only end the call.
  Task<absl::Status> Write(Response response, Deadline deadline) {
    if (this->cancelled()) co_return absl::CancelledError("the caller left");
    response_ = std::move(response);
    write_.Begin();
    this->StartWrite(&response_);
    if (!co_await write_.Wait(deadline)) {
      co_return absl::DeadlineExceededError("the caller does not read");
    }
    co_return write_.ok() ? absl::OkStatus() : absl::CancelledError("the caller left");
  }

 private:
  void OnWriteDone(bool ok) final {
    this->Post([this, ok] { write_.End(ok); });
  }
  PendingOperation write_;
  Response response_;
};

template <typename Request>
using UploadCall = ReadingCall<Request, grpc::ServerReadReactor<Request>>;

template <typename Response>
using DownloadCall = WritingCall<Response, StreamCall<grpc::ServerWriteReactor<Response>>>;

template <typename Request, typename Response>
using DuplexCall =
    WritingCall<Response, ReadingCall<Request, grpc::ServerBidiReactor<Request, Response>>>;

// Makes a Call, runs `handler(call)` (a Task<absl::Status>) on `executor`, ends the call with its
// status. What the handler refers to beside the call must outlive the server.
template <typename Call, typename Handler>
Call* ServeStream(const boost::asio::any_io_executor& executor, Handler handler) {
  const auto call = std::make_shared<Call>(executor);
  call->KeepUntilDone(call);
  boost::asio::co_spawn(executor, handler(*call),
                        [call](std::exception_ptr bug, absl::Status status) {
                          call->Finish(ToGrpc(bug ? absl::InternalError("bug") : status));
                        });
  return call.get();
}

}  // namespace mailhaul::rpc
