#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/redis/address.h"
#include "common/redis/connection.h"
#include "common/redis/reconnector.h"
#include "common/redis/reply.h"
#include "common/redis/script.h"

namespace mailhaul::redis {

// A Redis server that may come and go. Connects when first called, and again after the connection
// was lost; after a failed attempt it pauses (see Reconnector), and calls made meanwhile wait for
// the next one.
//
// Calls share one connection; commands that Redis holds back have connections of their own.
//
// Lives on the executor's thread and outlives its calls. Status codes, each with the address in the
// message:
//   UNAVAILABLE          not reachable, connection lost, loading, or a replica: try again
//   DEADLINE_EXCEEDED    `deadline` passed; the command may have run
//   UNAUTHENTICATED      the password is wrong or missing
//   PERMISSION_DENIED    the ACL user may not do that
//   FAILED_PRECONDITION  the server's certificate was refused
//   DATA_LOSS            it does not speak RESP2
// and, for an error reply, what common/redis/error.h says.
class Client {
 public:
  Client(boost::asio::any_io_executor executor, Address address);
  // Closes; connections close behind it.
  ~Client();

  // Never a Reply of kind kError.
  Task<absl::StatusOr<Reply>> Call(Args args, Deadline deadline);

  // EVALSHA, and EVAL when the server does not know the script. The name of the script stands in
  // every error.
  Task<absl::StatusOr<Reply>> Eval(Script script, Args keys, Args argv, Deadline deadline);

  // A command that Redis itself holds back for up to `patience` (BZPOPMIN, XREAD BLOCK). A server
  // that has not answered two seconds after that is gone: UNAVAILABLE. After an error or a
  // cancellation the command may still have run.
  Task<absl::StatusOr<Reply>> CallBlocking(Args args, std::chrono::milliseconds patience);

  // Ends every blocking call in progress, and every later one at once, with CANCELLED: the process
  // leaves and shall not wait out their patience.
  void Interrupt();

 private:
  // The reply as sent, errors included.
  Task<absl::StatusOr<Reply>> CallShared(Args args, Deadline deadline);
  // A connection for one blocking command; goes back to idle_ once it was answered.
  Task<absl::StatusOr<std::shared_ptr<Connection>>> Borrow(Deadline deadline);

  const Address address_;
  std::shared_ptr<Reconnector> shared_;
  std::vector<std::shared_ptr<Connection>> idle_;
  std::vector<std::shared_ptr<Connection>> blocked_;
  bool interrupted_ = false;
};

}  // namespace mailhaul::redis
