#pragma once

#include <memory>
#include <random>
#include <vector>

#include "absl/status/statusor.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/event.h"
#include "common/redis/address.h"
#include "common/redis/connection.h"

namespace mailhaul::redis {

// Keeps one connection that many share, and makes a new one when it is asked for it and the old one
// has died.
//
// An attempt to connect takes at most 5 s and belongs to nobody in particular, so that a caller
// with little time left does not spoil it for the others. After a failed one the next waits 50 ms,
// doubling up to 1 s.
//
// Lives on the executor's thread, in a shared_ptr: an attempt may outlast its owner.
class Reconnector : public std::enable_shared_from_this<Reconnector> {
 public:
  Reconnector(boost::asio::any_io_executor executor, Address address);

  // The living connection, or the outcome of the attempt that is under way or begun now.
  // UNAVAILABLE when the deadline comes first: nothing was sent to the server.
  Task<absl::StatusOr<std::shared_ptr<Connection>>> Get(Deadline deadline);

  // Closes the connection; calls on it end with UNAVAILABLE.
  void Close();

 private:
  static Task<void> Attempt(std::shared_ptr<Reconnector> self);
  void Finish(absl::StatusOr<std::shared_ptr<Connection>> outcome);
  absl::Status NotInTime() const;

  const boost::asio::any_io_executor executor_;
  const Address address_;
  absl::StatusOr<std::shared_ptr<Connection>> current_ = std::shared_ptr<Connection>();
  std::vector<std::shared_ptr<net::Event>> waiting_;  // for the attempt under way
  bool attempting_ = false;
  int failures_ = 0;  // in a row
  Deadline next_attempt_ = Deadline::After({});
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace mailhaul::redis
