#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/byte_stream.h"
#include "common/redis/reply.h"

namespace mailhaul::redis {

// One connection that speaks RESP2. Any number of calls may be in flight: they are written one
// after the other, and the replies come in the same order.
//
// Lives on the executor's thread. Once an error is returned that is no reply, the connection is
// dead and every later call fails: UNAVAILABLE (closed, lost), DATA_LOSS (the peer does not speak
// RESP2).
class Connection {
 public:
  Connection(boost::asio::any_io_executor executor, std::unique_ptr<net::ByteStream> stream);
  // Closes; calls in flight end with UNAVAILABLE.
  ~Connection();

  // The reply as sent, errors of Redis included (Kind::kError). A call that got no reply by its
  // deadline ends with DEADLINE_EXCEEDED, and the connection with it: every call behind it would
  // wait for the same reply, and a peer that vanished without a word would never be noticed
  // otherwise. CANCELLED likewise.
  Task<absl::StatusOr<Reply>> Call(const Args& args, Deadline deadline);

  bool alive() const;
  void Close();

 private:
  class State;
  std::shared_ptr<State> state_;  // shared with the coroutines that read and write
};

}  // namespace mailhaul::redis
