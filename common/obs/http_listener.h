#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <boost/asio/any_io_executor.hpp>

namespace mailhaul::obs {

struct HttpReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Answers GET (and HEAD) of exactly `path`. Called on the listener's executor; must not block.
struct HttpRoute {
  std::string path;
  std::function<HttpReply()> get;
};

// 200 "ok" while `check` is OK, else 503 and its message.
HttpRoute HealthRoute(std::string path, std::function<absl::Status()> check);

struct HttpLimits {
  size_t connections = 64;  // one more closes the one that has been open longest
  size_t request_octets = 8 * 1024;
  std::chrono::seconds per_request{10};  // to send a request, and to take the reply
};

// A small HTTP/1.1 server for metrics and health, on the executor's thread. Clients that are slow
// or silent hold nothing but their own connection, and that not for long.
class HttpListener {
 public:
  // Binds `address` ("host:port", a numeric host; port 0: any free one) and serves until Close().
  // INVALID_ARGUMENT when it is no such address, UNAVAILABLE with the reason when it cannot be
  // bound.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Listen(boost::asio::any_io_executor executor,
                                                              absl::string_view address,
                                                              std::vector<HttpRoute> routes,
                                                              HttpLimits limits = {});
  ~HttpListener();  // Close()

  uint16_t port() const;
  // Ends every connection and the listening. On the executor's thread, or when it runs no more.
  void Close();

 private:
  class Server;
  explicit HttpListener(std::shared_ptr<Server> server);

  std::shared_ptr<Server> server_;
};

}  // namespace mailhaul::obs
