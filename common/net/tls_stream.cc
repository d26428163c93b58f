#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "common/base/status.h"
#include "common/net/dial.h"
#include "common/net/socket_stream.h"

namespace mailhaul::net {
namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

absl::StatusOr<std::shared_ptr<ssl::context>> MakeContext(const std::string& ca_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  boost::system::error_code error;
  context->set_verify_mode(ssl::verify_peer, error);
  context->set_default_verify_paths(error);
  if (!ca_file.empty()) {
    context->load_verify_file(ca_file, error);
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot read the CA file ", ca_file, ": ", error.message()));
    }
  }
  return context;
}

// One context for each CA file: reading the system's roots takes milliseconds and a megabyte.
absl::StatusOr<std::shared_ptr<ssl::context>> SharedContext(const std::string& ca_file) {
  static std::mutex mutex;
  static auto& contexts = *new std::map<std::string, std::shared_ptr<ssl::context>>;
  const std::lock_guard lock(mutex);
  auto& context = contexts[ca_file];
  if (!context) {
    ASSIGN_OR_RETURN(context, MakeContext(ca_file));
  }
  return context;
}

class TlsStream final : public ByteStream {
 public:
  TlsStream(FencedSocket socket, std::shared_ptr<ssl::context> context)
      : context_(std::move(context)),
        stream_(std::move(socket), *context_),
        watchdog_(stream_.get_executor(), [this] { Abort(); }) {}

  Task<absl::Status> Handshake(const std::string& server_name, Deadline deadline) {
    if (!SetServerName(server_name)) {
      co_return absl::InvalidArgumentError(
          absl::StrCat("no certificate can be checked for the host \"", server_name, "\""));
    }
    const Watchdog::Guard guard(watchdog_, Watchdog::Slot::kRead, deadline);
    const auto [error] = co_await stream_.async_handshake(ssl::stream_base::client, kAwait);
    if (!error) co_return absl::OkStatus();
    const long verdict = SSL_get_verify_result(stream_.native_handle());
    if (verdict == X509_V_OK) co_return Annotate(Closed(error));
    co_return absl::FailedPreconditionError(
        absl::StrCat("the certificate for ", server_name, " was refused: ", Reason(verdict)));
  }

  Task<absl::StatusOr<size_t>> ReadSome(std::span<char> buf, Deadline deadline) override {
    const Watchdog::Guard guard(watchdog_, Watchdog::Slot::kRead, deadline);
    const auto [error, n] =
        co_await stream_.async_read_some(asio::buffer(buf.data(), buf.size()), kAwait);
    if (error) co_return Closed(error);
    co_return n;
  }

  Task<absl::Status> Write(absl::string_view data, Deadline deadline) override {
    const Watchdog::Guard guard(watchdog_, Watchdog::Slot::kWrite, deadline);
    const auto [error, n] =
        co_await asio::async_write(stream_, asio::buffer(data.data(), data.size()), kAwait);
    if (error) co_return Closed(error);
    co_return absl::OkStatus();
  }

  void Abort() override { stream_.next_layer().Close(); }

 private:
  static absl::Status Annotate(absl::Status status) {
    return absl::Status(status.code(), absl::StrCat("TLS handshake: ", status.message()));
  }
  // What the certificate must name. OpenSSL's own check, not Asio's, because it says that the name
  // was the reason. An empty name would switch it off.
  bool SetServerName(const std::string& name) {
    SSL* const ssl = stream_.native_handle();
    boost::system::error_code is_no_address;
    asio::ip::make_address(name, is_no_address);
    if (!is_no_address) {
      return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1;
    }
    // SNI is for names only (RFC 6066 3).
    return !name.empty() && SSL_set_tlsext_host_name(ssl, name.c_str()) == 1 &&
           SSL_set1_host(ssl, name.c_str()) == 1;
  }
  static std::string Reason(long verdict) {
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
      return "it is for another host";
    }
    return X509_verify_cert_error_string(verdict);
  }
  // Many servers close without close_notify; IMAP's own framing tells a truncation (RFC 9051 11.1).
  absl::Status Closed(const boost::system::error_code& why) const {
    const bool truncated = why == ssl::error::stream_truncated;
    return StreamError(truncated ? asio::error::eof : why, stream_.next_layer(), watchdog_);
  }

  std::shared_ptr<ssl::context> context_;
  ssl::stream<FencedSocket> stream_;
  Watchdog watchdog_;
};

}  // namespace

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> StartTls(std::unique_ptr<ByteStream> plain,
                                                           TlsOptions options, Deadline deadline) {
  auto* const socket = dynamic_cast<SocketStream*>(plain.get());
  if (socket == nullptr) co_return absl::InvalidArgumentError("TLS needs a socket beneath it");
  CO_ASSIGN_OR_RETURN(auto context, SharedContext(options.ca_file));
  auto stream = std::make_unique<TlsStream>(socket->Release(), std::move(context));
  CO_RETURN_IF_ERROR(co_await stream->Handshake(options.server_name, deadline));
  co_return stream;
}

}  // namespace mailhaul::net
