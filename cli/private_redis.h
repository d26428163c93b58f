#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "cli/state_dir.h"

namespace mailhaul::cli {

// A redis-server of our own: on a Unix socket in the state folder, with its append-only file there.
// It ends with us, however we end.
class PrivateRedis {
 public:
  // Before this process has threads. NOT_FOUND when there is no redis-server on the PATH.
  static absl::StatusOr<std::unique_ptr<PrivateRedis>> Start(const StateDir& dir);
  // Asks it to end, and waits until it has stored everything.
  ~PrivateRedis();

  // As settings have it: "unix:...".
  const std::string& address() const { return address_; }
  // UNAVAILABLE, with the place of its log, once it has ended.
  absl::Status Alive();

 private:
  PrivateRedis(pid_t pid, std::string address, std::string log)
      : pid_(pid), address_(std::move(address)), log_(std::move(log)) {}

  pid_t pid_;  // -1 once it has ended
  const std::string address_;
  const std::string log_;
};

}  // namespace mailhaul::cli
