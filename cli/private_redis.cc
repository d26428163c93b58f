#include "cli/private_redis.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "absl/strings/str_cat.h"

namespace mailhaul::cli {
namespace {

constexpr char kSocket[] = "redis.sock";
constexpr char kLog[] = "redis.log";
constexpr int kNoSuchProgram = 127;
// For its last words to the disk; what it has not written by then is rolled back, never torn.
constexpr std::chrono::seconds kGoodbye{20};
constexpr std::chrono::milliseconds kBetweenLooks{2};

// In the child: only calls that are safe between fork and exec.
[[noreturn]] void BecomeRedis(const std::string& folder, int lock_fd, pid_t parent) {
  setpgid(0, 0);  // Ctrl-C in the terminal is for the parent, who ends us when it is done
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);  // it died before we asked to be told
  fcntl(lock_fd, F_SETFD, 0);         // the state folder stays locked until we have ended
  umask(S_IRWXG | S_IRWXO);
  if (chdir(folder.c_str()) != 0) _exit(1);
  // Paths are relative to the folder: a socket's may have 107 octets only.
  execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", kSocket, "--unixsocketperm",
         "600", "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
         "--maxmemory-policy", "noeviction", "--hash-max-listpack-value", "512", "--logfile", kLog,
         "--daemonize", "no", static_cast<char*>(nullptr));
  _exit(kNoSuchProgram);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PrivateRedis>> PrivateRedis::Start(const StateDir& dir) {
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return absl::UnavailableError(absl::StrCat("fork: ", std::strerror(errno)));
  if (pid == 0) BecomeRedis(dir.path(), dir.lock_fd(), parent);
  return std::unique_ptr<PrivateRedis>(new PrivateRedis(
      pid, absl::StrCat("unix:", dir.ShortPath(kSocket)), absl::StrCat(dir.path(), "/", kLog)));
}

absl::Status PrivateRedis::Alive() {
  int how = 0;
  if (pid_ < 0 || waitpid(pid_, &how, WNOHANG) != pid_) return absl::OkStatus();
  pid_ = -1;
  if (WIFEXITED(how) && WEXITSTATUS(how) == kNoSuchProgram) {
    return absl::NotFoundError(
        "redis-server is not installed (on Debian: apt-get install redis-server)");
  }
  return absl::UnavailableError(absl::StrCat("the private redis-server ended; see ", log_));
}

PrivateRedis::~PrivateRedis() {
  if (pid_ < 0) return;
  kill(pid_, SIGTERM);
  const auto until = std::chrono::steady_clock::now() + kGoodbye;
  while (waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() >= until) kill(pid_, SIGKILL);
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

}  // namespace mailhaul::cli
