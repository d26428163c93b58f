#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/base/secret.h"
#include "common/net/dial.h"

namespace mailhaul::redis {

// Where a Redis listens, and as whom to log in.
struct Address {
  std::string unix_path;  // when set, host, port and tls do not count
  std::string host;
  uint16_t port = 6379;
  std::optional<net::TlsOptions> tls;
  std::string user;  // ACL user; empty = "default"
  Secret password;   // empty = no AUTH
  int database = 0;
};

// "unix:/run/redis.sock", "host", "host:port", "[::1]:port", "redis://host:port/database",
// "rediss://..." (TLS, the certificate must name the host). Credentials are not part of it, so that
// it can be printed: set them apart. INVALID_ARGUMENT says what is wrong.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

// The same in words for messages, without the credentials.
std::string Describe(const Address& address);

}  // namespace mailhaul::redis
