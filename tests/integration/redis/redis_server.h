#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/redis/address.h"

namespace mailhaul::support {

// A redis-server child of our own, for tests that take it away. Listens on a Unix socket in a
// folder of its own; ends with the test. Throws std::runtime_error when it does not come up.
class RedisServer {
 public:
  // `settings` are words of redis-server's command line.
  explicit RedisServer(std::vector<std::string> settings);
  RedisServer() : RedisServer(std::vector<std::string>{}) {}
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  static bool Installed();

  redis::Address address() const;
  const std::filesystem::path& folder() const { return folder_; }

  void Start();
  void Kill();  // SIGKILL; the socket file stays behind, as after a crash
  // Octets of the append-only file so far. Every reply that was read has its writes in them, with
  // appendfsync always; with everysec Redis may keep them back for a while.
  uintmax_t LogOctets() const;
  // As if the power went: of a server that does not run, keeps the first octets of that file.
  void CutLog(uintmax_t octets) const;
  void Freeze();
  void Thaw();

 private:
  void AwaitReady() const;
  std::filesystem::path NewestLog() const;

  const std::vector<std::string> settings_;
  const std::filesystem::path folder_;
  pid_t child_ = -1;
};

}  // namespace mailhaul::support
