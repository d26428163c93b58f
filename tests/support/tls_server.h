#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "tests/support/certificates.h"
#include "tests/support/script.h"

namespace mailhaul::support {

// What a server says on every connection: first in the clear, then, when it has an identity, a TLS
// handshake and more. The connection is closed at the end of the script.
struct ServerScript {
  Script plain;
  std::optional<Identity> identity;
  Script secured;
  bool old_tls = false;  // TLS 1.1 and nothing newer
  bool silent = false;   // stays connected at the end, and says nothing
};

// A real server on loopback, for what a ScriptedStream cannot be: sockets and TLS. It lives on the
// caller's loop, one connection at a time.
class TlsServer {
 public:
  TlsServer(boost::asio::any_io_executor executor, ServerScript script);
  ~TlsServer();

  uint16_t port() const;
  // What the last client wrote instead of what the script expects; empty when it followed it.
  const std::string& complaint() const;
  // The name in the last client's ClientHello (SNI, RFC 6066 3); empty without.
  const std::string& server_name() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mailhaul::support
