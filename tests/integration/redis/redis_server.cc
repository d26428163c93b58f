#include "redis_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace mailhaul::support {
namespace {

std::filesystem::path NewFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "mailhaul-redis-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return pattern;
}

// Whether it answers, be it to ask for a password; while it loads its data it does not count.
bool Answers(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  std::string reply(64, '\0');
  ssize_t size = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  if (size == 0) size = write(fd, "PING\r\n", 6);
  if (size > 0) size = read(fd, reply.data(), reply.size());
  close(fd);
  return size > 0 && reply.find("-LOADING") != 0;
}

[[noreturn]] void Become(std::vector<std::string> words, const std::string& log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

}  // namespace

bool RedisServer::Installed() { return std::system("command -v redis-server >/dev/null") == 0; }

RedisServer::RedisServer(std::vector<std::string> settings)
    : settings_(std::move(settings)), folder_(NewFolder()) {
  Start();
}

RedisServer::~RedisServer() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

redis::Address RedisServer::address() const {
  redis::Address address;
  address.unix_path = folder_ / "redis.sock";
  return address;
}

void RedisServer::Start() {
  std::vector<std::string> words = {"redis-server",
                                    "--port",
                                    "0",
                                    "--unixsocket",
                                    address().unix_path,
                                    "--dir",
                                    folder_,
                                    "--save",
                                    "",
                                    "--appendonly",
                                    "yes",
                                    "--appendfsync",
                                    "always"};
  words.insert(words.end(), settings_.begin(), settings_.end());
  child_ = fork();
  if (child_ == 0) Become(std::move(words), folder_ / "log");
  AwaitReady();
}

void RedisServer::AwaitReady() const {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!Answers(address().unix_path)) {
    if (std::chrono::steady_clock::now() > give_up || waitpid(child_, nullptr, WNOHANG) == child_) {
      throw std::runtime_error("redis-server did not start");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

void RedisServer::Kill() {
  if (child_ < 0) return;
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
  child_ = -1;
}

// Redis 7 keeps a folder of them, the increment behind the snapshot; 6.2 has one file.
std::filesystem::path RedisServer::NewestLog() const {
  const std::filesystem::path folder = folder_ / "appendonlydir";
  if (!std::filesystem::exists(folder)) return folder_ / "appendonly.aof";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().ends_with(".incr.aof")) return entry.path();
  }
  throw std::runtime_error("no append-only file");
}

uintmax_t RedisServer::LogOctets() const { return std::filesystem::file_size(NewestLog()); }

void RedisServer::CutLog(uintmax_t octets) const {
  std::filesystem::resize_file(NewestLog(), octets);
}

void RedisServer::Freeze() {
  kill(child_, SIGSTOP);
  waitpid(child_, nullptr, WUNTRACED);
}

void RedisServer::Thaw() { kill(child_, SIGCONT); }

}  // namespace mailhaul::support
