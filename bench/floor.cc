// The floor of a copy: the same octets through the same servers, with no client logic at all.
//
//   bench_floor --password=pw [--drain=HOST:PORT,USER,FILE] [--fill=HOST:PORT,USER,FILE]
//
// Each FILE holds IMAP commands, rendered beforehand, that end in LOGOUT. They are sent without
// waiting for any answer, both connections at once, until each server closes. The clock starts when
// both are logged in. What the source sends is thrown away in the kernel; what the destination
// answers is kept, and searched for refusals once the clock has stopped.
//
// Prints {"seconds": ..., "drained_octets": ..., "refused": ...}.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr size_t kPieceOctets = size_t{1} << 20;

[[noreturn]] void Fail(std::string_view what) {
  std::fprintf(stderr, "bench_floor: %.*s: %s\n", static_cast<int>(what.size()), what.data(),
               std::strerror(errno));
  std::exit(1);
}

[[noreturn]] void Usage(std::string_view word) {
  std::fprintf(stderr, "bench_floor: cannot read %.*s\n", static_cast<int>(word.size()),
               word.data());
  std::exit(2);
}

// Cuts `text` at the next `separator`; the rest stays in `text`.
std::string Cut(std::string_view& text, char separator) {
  const size_t at = text.find(separator);
  if (at == text.npos) Usage(text);
  const std::string head(text.substr(0, at));
  text.remove_prefix(at + 1);
  return head;
}

// One connection: the commands still to send, and what came back.
struct Stream {
  int socket = -1;
  int commands = -1;  // the file of rendered commands
  int64_t unsent = 0;
  bool keep_answers = false;
  uint64_t received = 0;
  std::string answers;
};

int Connect(std::string_view host, std::string_view port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(std::string(port).c_str())));
  if (inet_pton(AF_INET, std::string(host).c_str(), &address.sin_addr) != 1) Usage(host);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    Fail("connect");
  }
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

void LogIn(int fd, std::string_view user, std::string_view password) {
  std::string command("l LOGIN ");
  command.append(user).append(" ").append(password).append("\r\n");
  if (send(fd, command.data(), command.size(), MSG_NOSIGNAL) < 0) Fail("login");
  std::string answer;
  char buffer[4096];
  while (answer.find("\nl OK") == answer.npos || !answer.ends_with("\r\n")) {
    const ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0 || answer.find("\nl NO") != answer.npos) Fail("login");
    answer.append(buffer, static_cast<size_t>(n));
  }
}

// `where` is HOST:PORT,USER,FILE.
Stream Open(std::string_view where, std::string_view password, bool keep_answers) {
  const std::string host = Cut(where, ':');
  const std::string port = Cut(where, ',');
  const std::string user = Cut(where, ',');
  Stream stream;
  stream.keep_answers = keep_answers;
  stream.commands = open(std::string(where).c_str(), O_RDONLY | O_CLOEXEC);
  struct stat file{};
  if (stream.commands < 0 || fstat(stream.commands, &file) != 0) Fail(where);
  stream.unsent = file.st_size;
  stream.socket = Connect(host, port);
  LogIn(stream.socket, user, password);
  fcntl(stream.socket, F_SETFL, O_NONBLOCK);
  return stream;
}

void Send(Stream& stream) {
  const ssize_t n = sendfile(stream.socket, stream.commands, nullptr, kPieceOctets);
  if (n < 0 && errno != EAGAIN) Fail("send");
  if (n > 0) stream.unsent -= n;
}

// Closes the socket at the stream's end. MSG_TRUNC without a buffer discards in the kernel, tcp(7).
void Receive(Stream& stream) {
  char buffer[65536];
  const ssize_t n = stream.keep_answers ? recv(stream.socket, buffer, sizeof buffer, 0)
                                        : recv(stream.socket, nullptr, kPieceOctets, MSG_TRUNC);
  if (n < 0 && errno != EAGAIN) Fail("receive");
  if (n > 0) stream.received += static_cast<uint64_t>(n);
  if (n > 0 && stream.keep_answers) stream.answers.append(buffer, static_cast<size_t>(n));
  if (n == 0) {
    errno = EPIPE;
    if (stream.unsent > 0) Fail("the server closed before it had everything");
    close(stream.socket);
    stream.socket = -1;  // ignored by poll
  }
}

bool AnyOpen(const std::vector<Stream>& streams) {
  for (const Stream& s : streams) {
    if (s.socket >= 0) return true;
  }
  return false;
}

void PumpAll(std::vector<Stream>& streams) {
  std::vector<pollfd> watched(streams.size());
  while (AnyOpen(streams)) {
    for (size_t i = 0; i < streams.size(); ++i) {
      const int events = POLLIN | (streams[i].unsent > 0 ? POLLOUT : 0);
      watched[i] = {.fd = streams[i].socket, .events = static_cast<int16_t>(events), .revents = 0};
    }
    if (poll(watched.data(), watched.size(), -1) < 0) Fail("poll");
    for (size_t i = 0; i < streams.size(); ++i) {
      if ((watched[i].revents & POLLOUT) != 0) Send(streams[i]);
      if ((watched[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) Receive(streams[i]);
    }
  }
}

// Every rendered command has the tag "f".
int CountRefused(std::string_view answers) {
  int refused = 0;
  for (const std::string_view bad : {"\nf NO", "\nf BAD"}) {
    for (size_t at = answers.find(bad); at != answers.npos; at = answers.find(bad, at + 1)) {
      ++refused;
    }
  }
  return refused;
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view password;
  std::string_view drain;
  std::string_view fill;
  for (int i = 1; i < argc; ++i) {
    std::string_view value = argv[i];
    const std::string name = Cut(value, '=');
    (name == "--password" ? password : name == "--drain" ? drain : fill) = value;
  }
  std::vector<Stream> streams;
  if (!drain.empty()) streams.push_back(Open(drain, password, false));
  if (!fill.empty()) streams.push_back(Open(fill, password, true));

  const auto start = std::chrono::steady_clock::now();
  PumpAll(streams);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;

  uint64_t drained = 0;
  int refused = 0;
  for (const Stream& s : streams) {
    drained += s.keep_answers ? 0 : s.received;
    refused += CountRefused(s.answers);
  }
  std::printf("{\"seconds\": %.6f, \"drained_octets\": %llu, \"refused\": %d}\n", took.count(),
              static_cast<unsigned long long>(drained), refused);
}
