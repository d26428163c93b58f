// Runs a command and writes what it cost, itself and every process it started.
//
//   bench_measure REPORT COMMAND [ARGUMENT...]
//
// REPORT becomes {"wall_s", "user_s", "system_s", "peak_rss_kib", "exit_code", "left_running"}.
// peak_rss_kib is that of the largest single process (ru_maxrss, getrusage(2)). exit_code is minus
// the signal's number where one ended the command.
//
// A program of its own because ru_maxrss of a child starts at what its parent had in memory before
// the exec: under a fat parent, such as the benchmark's Python, every small program looks fat.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "bench_measure: %s: %s\n", what, std::strerror(errno));
  std::exit(127);
}

pid_t Start(char** command) {
  const pid_t pid = fork();
  if (pid < 0) Fail("fork");
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  execvp(command[0], command);
  Fail(command[0]);
}

double Seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

int ExitCode(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench_measure REPORT COMMAND [ARGUMENT...]\n");
    return 2;
  }
  // What the command leaves behind becomes our child: it is counted, and it is seen.
  prctl(PR_SET_CHILD_SUBREAPER, 1);

  const auto start = std::chrono::steady_clock::now();
  const pid_t command = Start(argv + 2);
  int status = 0;
  pid_t ended = 0;
  do {
    ended = wait(&status);
    if (ended < 0 && errno != EINTR) Fail("wait");
  } while (ended != command);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;

  int ignored = 0;
  while ((ended = waitpid(-1, &ignored, WNOHANG)) > 0) {
  }
  const bool left_running = ended == 0;
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);

  std::FILE* const report = std::fopen(argv[1], "w");
  if (report == nullptr) Fail(argv[1]);
  std::fprintf(report,
               "{\"wall_s\": %.6f, \"user_s\": %.6f, \"system_s\": %.6f, \"peak_rss_kib\": %ld, "
               "\"exit_code\": %d, \"left_running\": %s}\n",
               wall.count(), Seconds(used.ru_utime), Seconds(used.ru_stime), used.ru_maxrss,
               ExitCode(status), left_running ? "true" : "false");
  std::fclose(report);
}
