#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mailhaul::cli {

// The folder in which `mailhaul run` keeps its progress: ours alone (mode 0700), and used by one
// run at a time.
class StateDir {
 public:
  // Makes it if need be. The lock is a file that the run's Redis holds too: a run that was killed
  // gives the folder up only when its Redis is gone, which takes a moment. PERMISSION_DENIED,
  // INVALID_ARGUMENT when the folder cannot be used, FAILED_PRECONDITION when another run has it.
  static absl::StatusOr<StateDir> Open(const std::string& path);
  StateDir(StateDir&& other) noexcept;
  StateDir& operator=(StateDir&&) = delete;
  ~StateDir();

  const std::string& path() const { return path_; }
  // A path to `file` in it that is short enough for a Unix socket (107 octets), however long the
  // folder's own path is. For this process only.
  std::string ShortPath(absl::string_view file) const;
  // Whether the run before us left of its own accord, or there was none. We leave so when we are
  // destroyed.
  bool was_left_in_order() const { return was_left_in_order_; }
  // For a child that is to hold the lock too.
  int lock_fd() const { return lock_fd_; }

 private:
  StateDir(std::string path, int folder_fd, int lock_fd);
  bool MarkInUse();

  std::string path_;
  int folder_fd_;
  int lock_fd_;
  // The lock file holds a word as long as somebody uses the folder.
  bool in_use_ = false;
  bool was_left_in_order_ = false;
};

}  // namespace mailhaul::cli
