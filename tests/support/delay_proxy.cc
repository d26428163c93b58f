// A TCP proxy that adds delay without limiting bandwidth, and counts connections.
//
//   delay_proxy --one-way-ms=50 [--log=FILE] 127.0.0.1:1143 127.0.0.1:2143
//
// Listens on a free loopback port for each target, prints those ports in the order of the targets,
// one to a line, and forwards until its standard input ends, so it never outlives who started it.
//
// Every octet, and the end of a stream, arrives `one-way-ms` after it was sent. A new connection
// reaches its target three one-way times after it was accepted, so that the greeting is seen after
// two round trips, as over a real link: SYN, SYN+ACK, ACK, greeting.
//
// FILE gets a line at each change: "<monotonic seconds> <target> open|close <open on this target>".
// A connection counts from its accept until both of its sides are closed.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

// What may be under way in one direction: 64 MiB over 50 ms is 1.3 GB/s, more than the servers
// give.
constexpr size_t kInFlightOctets = size_t{64} << 20;
constexpr size_t kReadOctets = size_t{1} << 20;
// Octets read this close together travel together: one mark instead of thousands.
constexpr nanoseconds kSameMoment = std::chrono::microseconds(200);

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "delay_proxy: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

// One way of a connection: a ring of octets and the moments at which they may leave it.
class Way {
 public:
  Way() {
    void* const ring = mmap(nullptr, kInFlightOctets, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (ring == MAP_FAILED) Fail("mmap");
    ring_ = static_cast<char*>(ring);
  }
  ~Way() { munmap(ring_, kInFlightOctets); }
  Way(const Way&) = delete;
  Way& operator=(const Way&) = delete;

  bool wants_input() const { return !ended_ && received_ - sent_ < kInFlightOctets; }
  bool blocked() const { return blocked_; }
  bool finished() const { return finished_; }
  // When something may leave; Time::max() while nothing is under way or the receiver is full.
  Time next() const { return marks_.empty() || blocked_ ? Time::max() : marks_.front().due; }

  // Takes what `fd` has; false when the connection broke.
  bool Receive(int fd, Time due) {
    const size_t at = received_ % kInFlightOctets;
    const size_t room =
        std::min({kInFlightOctets - (received_ - sent_), kInFlightOctets - at, kReadOctets});
    const ssize_t n = recv(fd, ring_ + at, room, 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    received_ += static_cast<uint64_t>(n);
    ended_ = n == 0;
    if (ended_ || marks_.empty() || due - marks_.back().due > kSameMoment) {
      marks_.push_back({.end = received_, .due = due});
    } else {
      marks_.back().end = received_;
    }
    return true;
  }

  // Hands to `fd` what is due; false when the connection broke.
  bool Deliver(int fd, Time now) {
    blocked_ = false;
    while (!marks_.empty() && marks_.front().due <= now && !blocked_) {
      if (sent_ < marks_.front().end) {
        if (!Send(fd, marks_.front().end)) return false;
      } else {
        marks_.pop_front();
      }
    }
    if (ended_ && marks_.empty() && !finished_) {
      finished_ = true;
      shutdown(fd, SHUT_WR);
    }
    return true;
  }

 private:
  struct Mark {
    uint64_t end;  // stream position up to which the octets leave
    Time due;
  };

  bool Send(int fd, uint64_t end) {
    const size_t at = sent_ % kInFlightOctets;
    const size_t size = std::min<size_t>(end - sent_, kInFlightOctets - at);
    const ssize_t n = send(fd, ring_ + at, size, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (n > 0) sent_ += static_cast<uint64_t>(n);
    blocked_ = n < 0 && errno == EAGAIN;
    return true;
  }

  char* ring_;
  uint64_t received_ = 0;
  uint64_t sent_ = 0;
  std::deque<Mark> marks_;
  bool ended_ = false;     // the sender closed
  bool finished_ = false;  // and the receiver knows
  bool blocked_ = false;   // the receiver's socket is full
};

struct Target {
  sockaddr_in address;
  int listener;
  int open;
};

// A client, and the server behind it once the handshake's time has passed (-1 until then).
struct Link {
  int client;
  size_t target;
  Time dial_at;
  int server = -1;
  Way up{};    // client to server
  Way down{};  // server to client
};

sockaddr_in ParseAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (colon == text.npos ||
      inet_pton(AF_INET, std::string(text.substr(0, colon)).c_str(), &address.sin_addr) != 1) {
    std::fprintf(stderr, "delay_proxy: not an IPv4 address and port: %s\n",
                 std::string(text).c_str());
    std::exit(2);
  }
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(text.substr(colon + 1).data())));
  return address;
}

int ListenOnLoopback() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || bind(fd, generic, size) != 0 || listen(fd, 512) != 0) Fail("listen");
  getsockname(fd, generic, &size);
  std::printf("%d\n", ntohs(address.sin_port));
  return fd;
}

// The proxy sends what it has at once: the delay is its own, never Nagle's.
void Prepare(int fd) {
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(fd, F_SETFL, O_NONBLOCK);
}

class Proxy {
 public:
  Proxy(std::vector<Target> targets, nanoseconds one_way, std::FILE* log)
      : targets_(std::move(targets)), one_way_(one_way), log_(log) {}

  // Forwards until standard input ends.
  void Run() {
    for (;;) {
      WatchAll();
      const timespec wait = UntilNextDelivery();
      if (ppoll(watched_.data(), watched_.size(), &wait, nullptr) < 0 && errno != EINTR) {
        Fail("poll");
      }
      if (char ignored[256]; watched_[0].revents != 0 && read(0, ignored, sizeof ignored) <= 0) {
        return;
      }
      ForwardAll();
      AcceptAll();
    }
  }

 private:
  // Standard input, the listeners, then two entries for each link. A negative descriptor is
  // ignored by poll: it keeps a half-closed socket from reporting its hang-up over and over.
  void WatchAll() {
    watched_.assign(1, {.fd = 0, .events = POLLIN, .revents = 0});
    for (const Target& t : targets_) {
      watched_.push_back({.fd = t.listener, .events = POLLIN, .revents = 0});
    }
    for (const auto& link : links_) {
      Watch(link->client, link->up, link->down);
      Watch(link->server, link->down, link->up);
    }
  }

  void Watch(int fd, const Way& from, const Way& to) {
    const int events = (from.wants_input() ? POLLIN : 0) | (to.blocked() ? POLLOUT : 0);
    watched_.push_back(
        {.fd = events != 0 ? fd : -1, .events = static_cast<int16_t>(events), .revents = 0});
  }

  timespec UntilNextDelivery() const {
    Time next = Clock::now() + std::chrono::seconds(1);
    for (const auto& link : links_) {
      const bool dialed = link->server >= 0;
      next = std::min({next, dialed ? link->up.next() : link->dial_at, link->down.next()});
    }
    const auto wait = std::max<int64_t>(nanoseconds(next - Clock::now()).count(), 0);
    return {.tv_sec = wait / 1'000'000'000, .tv_nsec = wait % 1'000'000'000};
  }

  void ForwardAll() {
    const pollfd* seen = watched_.data() + 1 + targets_.size();
    for (auto& link : links_) {
      const bool client_has = seen[0].revents != 0;
      const bool server_has = seen[1].revents != 0;
      seen += 2;
      if (!Forward(*link, client_has, server_has)) Close(link);
    }
    std::erase(links_, nullptr);
  }

  // False once the link is over.
  bool Forward(Link& link, bool client_has, bool server_has) {
    const Time now = Clock::now();
    const Time due = now + one_way_;
    if (client_has && link.up.wants_input() && !link.up.Receive(link.client, due)) return false;
    if (link.server < 0) return now < link.dial_at || Dial(link);
    if (server_has && link.down.wants_input() && !link.down.Receive(link.server, due)) return false;
    if (!link.up.Deliver(link.server, now) || !link.down.Deliver(link.client, now)) return false;
    return !link.up.finished() || !link.down.finished();
  }

  bool Dial(Link& link) {
    link.server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in& to = targets_[link.target].address;
    if (connect(link.server, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return false;
    Prepare(link.server);
    return true;
  }

  void AcceptAll() {
    for (size_t i = 0; i < targets_.size(); ++i) {
      if (watched_[1 + i].revents == 0) continue;
      const int fd = accept4(targets_[i].listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      Prepare(fd);
      const Time dial_at = Clock::now() + 3 * one_way_;
      links_.push_back(
          std::unique_ptr<Link>(new Link{.client = fd, .target = i, .dial_at = dial_at}));
      Log(i, "open", ++targets_[i].open);
    }
  }

  void Close(std::unique_ptr<Link>& link) {
    close(link->client);
    if (link->server >= 0) close(link->server);
    Log(link->target, "close", --targets_[link->target].open);
    link.reset();
  }

  void Log(size_t target, const char* what, int open) {
    if (log_ == nullptr) return;
    const std::chrono::duration<double> now = Clock::now().time_since_epoch();
    std::fprintf(log_, "%.6f %zu %s %d\n", now.count(), target, what, open);
    std::fflush(log_);
  }

  std::vector<Target> targets_;
  nanoseconds one_way_;
  std::FILE* log_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<pollfd> watched_;
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  double one_way_ms = 0;
  std::FILE* log = nullptr;
  std::vector<Target> targets;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with("--one-way-ms=")) {
      one_way_ms = std::atof(word.substr(word.find('=') + 1).data());
    } else if (word.starts_with("--log=")) {
      log = std::fopen(word.substr(word.find('=') + 1).data(), "we");
      if (log == nullptr) Fail("log");
    } else {
      targets.push_back({.address = ParseAddress(word), .listener = ListenOnLoopback(), .open = 0});
    }
  }
  std::fflush(stdout);
  const auto one_way = std::chrono::duration<double, std::milli>(one_way_ms);
  Proxy(std::move(targets), std::chrono::duration_cast<nanoseconds>(one_way), log).Run();
}
