#include "cli/state_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mailhaul::cli {
namespace {

// A Redis whose run was killed writes its file to disk and ends.
constexpr std::chrono::seconds kOthersEnd{10};
constexpr std::chrono::milliseconds kBetweenTries{50};
constexpr char kInUse[] = "in use\n";

absl::Status FolderError(absl::string_view path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("state folder ", path, ": ", why));
}

// Makes the folder ours alone: it will hold passwords until their mailboxes are done.
absl::Status MakePrivate(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  struct stat info{};
  if (error || stat(path.c_str(), &info) != 0) {
    return FolderError(path, error ? error.message() : std::strerror(errno));
  }
  if (info.st_uid != geteuid()) return FolderError(path, "belongs to another user");
  if (chmod(path.c_str(), S_IRWXU) != 0) return FolderError(path, std::strerror(errno));
  return absl::OkStatus();
}

bool Lock(int fd) {
  const auto until = std::chrono::steady_clock::now() + kOthersEnd;
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(kBetweenTries);
  }
  return true;
}

}  // namespace

absl::StatusOr<StateDir> StateDir::Open(const std::string& path) {
  if (absl::Status made = MakePrivate(path); !made.ok()) return made;
  const int folder_fd = open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  const int lock_fd =
      openat(folder_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  StateDir dir(path, folder_fd, lock_fd);
  if (folder_fd < 0 || lock_fd < 0) return FolderError(path, std::strerror(errno));
  if (!Lock(lock_fd)) {
    return absl::FailedPreconditionError(
        absl::StrCat("another \"mailhaul run\" is using ", path, "; --state-dir names another"));
  }
  if (!dir.MarkInUse()) return FolderError(path, std::strerror(errno));
  return dir;
}

bool StateDir::MarkInUse() {
  struct stat info{};
  if (fstat(lock_fd_, &info) != 0) return false;
  was_left_in_order_ = info.st_size == 0;
  in_use_ = pwrite(lock_fd_, kInUse, sizeof(kInUse) - 1, 0) > 0;
  return in_use_;
}

StateDir::StateDir(std::string path, int folder_fd, int lock_fd)
    : path_(std::move(path)), folder_fd_(folder_fd), lock_fd_(lock_fd) {}

StateDir::StateDir(StateDir&& other) noexcept
    : path_(std::move(other.path_)),
      folder_fd_(std::exchange(other.folder_fd_, -1)),
      lock_fd_(std::exchange(other.lock_fd_, -1)),
      in_use_(std::exchange(other.in_use_, false)),
      was_left_in_order_(other.was_left_in_order_) {}

StateDir::~StateDir() {
  // If it fails, the next run waits for leases that nobody has.
  if (in_use_) (void)!ftruncate(lock_fd_, 0);
  if (lock_fd_ >= 0) close(lock_fd_);
  if (folder_fd_ >= 0) close(folder_fd_);
}

std::string StateDir::ShortPath(absl::string_view file) const {
  return absl::StrCat("/proc/self/fd/", folder_fd_, "/", file);
}

}  // namespace mailhaul::cli
