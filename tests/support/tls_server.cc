#include "tests/support/tls_server.h"

#include <openssl/ssl.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "common/base/task.h"

namespace mailhaul::support {
namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace {

using asio::ip::tcp;
using Kind = Script::Step::Kind;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// False when the client went away or left the script.
template <typename Stream>
Task<bool> PlayOver(Stream& stream, const Script& script, std::string& complaint) {
  for (const Script::Step& step : script.steps()) {
    if (step.kind == Kind::kClose) co_return false;
    if (step.kind == Kind::kSend) {
      const auto [error, n] = co_await asio::async_write(stream, asio::buffer(step.octets), kAwait);
      if (error) co_return false;
      continue;
    }
    std::string got(step.octets.size(), '\0');
    const auto [error, n] = co_await asio::async_read(stream, asio::buffer(got), kAwait);
    if (got != step.octets) {
      complaint = absl::StrCat("expected \"", absl::CHexEscape(step.octets), "\", got \"",
                               absl::CHexEscape(got.substr(0, n)), "\"");
      co_return false;
    }
  }
  co_return true;
}

// Until the client closes.
template <typename Stream>
Task<void> StaySilent(Stream& stream) {
  char octet = 0;
  for (;;) {
    const auto [error, n] = co_await stream.async_read_some(asio::buffer(&octet, 1), kAwait);
    if (error) co_return;
  }
}

ssl::context MakeContext(const Identity& identity, bool old_tls) {
  ssl::context context(ssl::context::tls_server);
  context.use_certificate(asio::buffer(identity.certificate), ssl::context::pem);
  context.use_private_key(asio::buffer(identity.key), ssl::context::pem);
  if (old_tls) {
    SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(context.native_handle(), "ALL:@SECLEVEL=0");
  }
  return context;
}

}  // namespace

struct TlsServer::State {
  State(asio::any_io_executor executor, ServerScript what)
      : acceptor(std::move(executor), tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        script(std::move(what)) {}

  tcp::acceptor acceptor;
  ServerScript script;
  std::string complaint;
  std::string server_name;

  static Task<void> Serve(std::shared_ptr<State> self) {
    for (;;) {
      auto [error, socket] = co_await self->acceptor.async_accept(kAwait);
      if (error) co_return;
      co_await self->ServeOne(std::move(socket));
    }
  }

  Task<void> ServeOne(tcp::socket socket) {
    if (!co_await PlayOver(socket, script.plain, complaint)) co_return;
    if (!script.identity) {
      if (script.silent) co_await StaySilent(socket);
      co_return;
    }
    ssl::context context = MakeContext(*script.identity, script.old_tls);
    ssl::stream<tcp::socket&> stream(socket, context);
    const auto [error] = co_await stream.async_handshake(ssl::stream_base::server, kAwait);
    const char* const name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    server_name = name == nullptr ? "" : name;
    if (error || !co_await PlayOver(stream, script.secured, complaint)) co_return;
    if (script.silent) co_await StaySilent(stream);
  }
};

TlsServer::TlsServer(asio::any_io_executor executor, ServerScript script)
    : state_(std::make_shared<State>(executor, std::move(script))) {
  asio::co_spawn(executor, State::Serve(state_), [](std::exception_ptr bug) {
    if (bug) std::rethrow_exception(bug);
  });
}

TlsServer::~TlsServer() { state_->acceptor.close(); }

uint16_t TlsServer::port() const { return state_->acceptor.local_endpoint().port(); }
const std::string& TlsServer::complaint() const { return state_->complaint; }
const std::string& TlsServer::server_name() const { return state_->server_name; }

}  // namespace mailhaul::support
