#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/byte_stream.h"
#include "common/net/fence.h"

namespace mailhaul::net {

// How a TLS client checks its peer (TLS 1.2 or newer). The chain is verified against the system's
// roots, plus `ca_file` when given; the certificate must name `server_name` (a DNS name or an IP
// address).
struct TlsOptions {
  std::string server_name;
  std::string ca_file;  // PEM; empty = system roots only
};

// Connects by TCP, trying each address of `host` in turn, each for its share of the time.
// UNAVAILABLE says which name or address failed and why; an unknown name is NOT_FOUND. With a fence
// the stream sends only while that is open: a write that meets it closed ends with ABORTED, and the
// stream is dead.
Task<absl::StatusOr<std::unique_ptr<ByteStream>>> DialTcp(
    std::string host, uint16_t port, Deadline deadline,
    std::shared_ptr<const Fence> fence = nullptr);

// Connects to a Unix socket.
Task<absl::StatusOr<std::unique_ptr<ByteStream>>> DialUnix(std::string path, Deadline deadline);

// Runs a TLS handshake over a stream that DialTcp or DialUnix made, and takes it over, fence and
// all. UNAVAILABLE
// when the link broke; FAILED_PRECONDITION when the certificate was refused, with OpenSSL's reason;
// INVALID_ARGUMENT when the CA file cannot be read or there is no server name.
Task<absl::StatusOr<std::unique_ptr<ByteStream>>> StartTls(std::unique_ptr<ByteStream> plain,
                                                           TlsOptions options, Deadline deadline);

}  // namespace mailhaul::net
