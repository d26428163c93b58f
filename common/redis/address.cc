#include "common/redis/address.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "common/base/status.h"

namespace mailhaul::redis {
namespace {

absl::Status Wrong(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("Redis address \"", text, "\": ", why));
}

// Takes ":port" off the end of `in`, if it is there.
absl::StatusOr<uint16_t> TakePort(absl::string_view& in, absl::string_view text) {
  const size_t colon = in.rfind(':');
  const size_t bracket = in.rfind(']');
  if (colon == in.npos || (bracket != in.npos && colon < bracket)) return Address{}.port;
  uint32_t port = 0;
  if (!absl::SimpleAtoi(in.substr(colon + 1), &port) || port == 0 || port > 65535) {
    return Wrong(text, "the port must be a number from 1 to 65535");
  }
  in = in.substr(0, colon);
  return static_cast<uint16_t>(port);
}

// Takes "/database" off the end of `in`, if it is there.
absl::StatusOr<int> TakeDatabase(absl::string_view& in, absl::string_view text) {
  const size_t slash = in.find('/');
  if (slash == in.npos) return 0;
  int database = 0;
  const absl::string_view digits = in.substr(slash + 1);
  in = in.substr(0, slash);
  if (digits.empty()) return 0;
  if (!absl::SimpleAtoi(digits, &database) || database < 0) {
    return Wrong(text, "what follows \"/\" must be the number of a database");
  }
  return database;
}

}  // namespace

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  Address address;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    if (rest.empty()) return Wrong(text, "the path is missing");
    address.unix_path = std::string(rest);
    return address;
  }
  const bool with_tls = absl::ConsumePrefix(&rest, "rediss://");
  if (!with_tls) absl::ConsumePrefix(&rest, "redis://");
  if (rest.find('@') != rest.npos) {
    // Not repeated in the message: what stands before the "@" is likely a password.
    return absl::InvalidArgumentError(
        "the Redis address must not hold credentials; give them apart");
  }
  ASSIGN_OR_RETURN(address.database, TakeDatabase(rest, text));
  ASSIGN_OR_RETURN(address.port, TakePort(rest, text));
  if (absl::ConsumePrefix(&rest, "[")) absl::ConsumeSuffix(&rest, "]");
  if (rest.empty()) return Wrong(text, "the host is missing");
  address.host = std::string(rest);
  if (with_tls) address.tls = net::TlsOptions{.server_name = address.host, .ca_file = ""};
  return address;
}

std::string Describe(const Address& address) {
  if (!address.unix_path.empty()) return absl::StrCat("unix:", address.unix_path);
  return absl::StrCat(address.tls ? "rediss://" : "redis://", address.host, ":", address.port);
}

}  // namespace mailhaul::redis
