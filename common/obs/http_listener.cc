#include "common/obs/http_listener.h"

#include <list>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "common/base/task.h"
#include "common/obs/log.h"

namespace mailhaul::obs {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

using Request = http::request_parser<http::empty_body>;
using Response = http::response<http::string_body>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// After a failed accept, most likely for want of file descriptors: trying again at once would spin.
constexpr std::chrono::milliseconds kAcceptPause{100};

absl::StatusOr<tcp::endpoint> ParseEndpoint(absl::string_view text) {
  const auto invalid = [text] {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is not an address to listen on: write 127.0.0.1:7401 or [::1]:7401"));
  };
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) ||
      port > 65535) {
    return invalid();
  }
  absl::string_view host = text.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  error_code failed;
  const auto address = asio::ip::make_address(std::string(host), failed);
  if (failed) return invalid();
  return tcp::endpoint(address, static_cast<uint16_t>(port));
}

// Whether a failed read was the peer's fault and still deserves an answer. A connection that merely
// ended does not.
bool IsRefusal(const error_code& failed) {
  return failed && failed.category() == http::make_error_code(http::error::bad_method).category() &&
         failed != http::error::end_of_stream && failed != http::error::partial_message;
}

absl::string_view PathOf(const Request::value_type& request) {
  const absl::string_view target(request.target().data(), request.target().size());
  return target.substr(0, target.find('?'));
}

HttpReply Answer(const Request::value_type& request, const std::vector<HttpRoute>& routes) {
  for (const HttpRoute& route : routes) {
    if (route.path != PathOf(request)) continue;
    const bool reads = request.method() == http::verb::get || request.method() == http::verb::head;
    return reads ? route.get() : HttpReply{.status = 405, .body = "only GET\n"};
  }
  return {.status = 404, .body = "not found\n"};
}

Response ToResponse(HttpReply reply, const Request::value_type& request) {
  Response response(static_cast<http::status>(reply.status), request.version());
  response.set(http::field::content_type, reply.content_type);
  if (reply.status == 405) response.set(http::field::allow, "GET, HEAD");
  response.keep_alive(request.keep_alive());
  response.content_length(reply.body.size());
  if (request.method() != http::verb::head) response.body() = std::move(reply.body);
  return response;
}

}  // namespace

// Kept alive by its own coroutines until Close() has ended the last of them.
class HttpListener::Server : public std::enable_shared_from_this<Server> {
 public:
  Server(asio::any_io_executor executor, std::vector<HttpRoute> routes, HttpLimits limits)
      : acceptor_(executor), pause_(executor), routes_(std::move(routes)), limits_(limits) {}

  absl::Status Bind(const tcp::endpoint& endpoint) {
    error_code failed;
    acceptor_.open(endpoint.protocol(), failed);
    if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor_.bind(endpoint, failed);
    if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
    return failed ? absl::UnavailableError(failed.message()) : absl::OkStatus();
  }

  void Start() { Spawn(Accept(shared_from_this())); }

  uint16_t port() const {
    error_code ignored;
    return acceptor_.local_endpoint(ignored).port();
  }

  void Close() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    while (!open_.empty()) CloseOldest();
  }

 private:
  using Connection = std::shared_ptr<beast::tcp_stream>;

  void Spawn(Task<void> task) {
    asio::co_spawn(acceptor_.get_executor(), std::move(task), [](std::exception_ptr bug) {
      if (bug) log::Error("a bug in the HTTP listener ended one of its connections");
    });
  }

  static Task<void> Accept(std::shared_ptr<Server> self) {
    while (self->acceptor_.is_open()) {
      auto [failed, socket] = co_await self->acceptor_.async_accept(kAwait);
      if (!self->acceptor_.is_open()) break;
      if (failed) {
        self->pause_.expires_after(kAcceptPause);
        co_await self->pause_.async_wait(kAwait);
        continue;
      }
      if (self->open_.size() >= self->limits_.connections) self->CloseOldest();
      auto connection = std::make_shared<beast::tcp_stream>(std::move(socket));
      self->open_.push_back(connection);
      self->Spawn(Serve(self, std::move(connection)));
    }
  }

  static Task<void> Serve(std::shared_ptr<Server> self, Connection connection) {
    beast::flat_buffer buffer(self->limits_.request_octets);
    while (co_await self->ServeOne(*connection, buffer)) {
    }
    connection->close();
    self->open_.remove(connection);
  }

  // False when the connection has no more to give.
  Task<bool> ServeOne(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
    Request parser;
    parser.header_limit(static_cast<uint32_t>(limits_.request_octets));
    stream.expires_after(limits_.per_request);
    const auto [unread, read] = co_await http::async_read(stream, buffer, parser, kAwait);
    const bool refused = IsRefusal(unread);
    if (unread && !refused) co_return false;
    const auto& request = parser.get();
    HttpReply reply = refused ? HttpReply{.status = 400, .body = "not a request for this server\n"}
                              : Answer(request, routes_);
    Response response = ToResponse(std::move(reply), request);
    if (refused) response.keep_alive(false);
    stream.expires_after(limits_.per_request);
    const auto [unwritten, written] = co_await http::async_write(stream, response, kAwait);
    co_return !unwritten && response.keep_alive();
  }

  void CloseOldest() {
    open_.front()->close();
    open_.pop_front();
  }

  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  const std::vector<HttpRoute> routes_;
  const HttpLimits limits_;
  std::list<Connection> open_;  // oldest first
};

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Listen(asio::any_io_executor executor,
                                                                   absl::string_view address,
                                                                   std::vector<HttpRoute> routes,
                                                                   HttpLimits limits) {
  ASSIGN_OR_RETURN(const tcp::endpoint endpoint, ParseEndpoint(address));
  auto server = std::make_shared<Server>(std::move(executor), std::move(routes), limits);
  RETURN_IF_ERROR(Annotate(server->Bind(endpoint), absl::StrCat("cannot listen on ", address)));
  server->Start();
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(server)));
}

HttpListener::HttpListener(std::shared_ptr<Server> server) : server_(std::move(server)) {}
HttpListener::~HttpListener() { Close(); }

uint16_t HttpListener::port() const { return server_->port(); }
void HttpListener::Close() { server_->Close(); }

HttpRoute HealthRoute(std::string path, std::function<absl::Status()> check) {
  const auto get = [check = std::move(check)] {
    const absl::Status health = check();
    if (health.ok()) return HttpReply{.body = "ok\n"};
    return HttpReply{.status = 503, .body = absl::StrCat(health.message(), "\n")};
  };
  return {std::move(path), get};
}

}  // namespace mailhaul::obs
