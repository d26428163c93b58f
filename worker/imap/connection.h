#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/byte_stream.h"
#include "worker/imap/input.h"
#include "worker/imap/output.h"

namespace mailhaul::imap {

// One response (RFC 9051 7), or the part of a FETCH response before or after a message's octets.
// The views are valid until the next call on the connection.
struct Response {
  enum class Kind { kUntagged, kTagged, kContinue };
  Kind kind = Kind::kUntagged;
  absl::string_view tag;   // of a tagged response
  absl::string_view text;  // what follows "* ", "+ " or the tag
  // Set when the text ends at the literal of BODY[]: that many octets follow, to be taken with
  // Body().
  std::optional<uint64_t> body_size;
};

// The framing of IMAP: tags, lines, literals. It knows no command. Literals inside responses are
// gathered into the text (bounded: 1 MiB), except a message's own octets, which are never held.
//
// One coroutine may send while another receives. After any error the connection is dead.
// Errors beside ByteStream's: DATA_LOSS for broken grammar; UNAVAILABLE with the server's words for
// BYE.
class Connection {
 public:
  explicit Connection(std::unique_ptr<net::ByteStream> stream);

  // "m1", "m2", ...
  std::string NextTag();
  Task<absl::Status> Send(absl::string_view octets, Deadline deadline) {
    return output_.Put(octets, deadline);
  }
  Task<absl::Status> Flush(Deadline deadline) { return output_.Flush(deadline); }
  bool HasUnsent() const { return !output_.empty(); }

  // The next response. An open body must have been taken to its end, and Resume() called, before.
  Task<absl::StatusOr<Response>> Receive(Deadline deadline);
  // The next octets of the open body; empty at its end.
  Task<absl::StatusOr<absl::string_view>> Body(Deadline deadline);
  // The part of the FETCH response that follows the body.
  Task<absl::StatusOr<Response>> Resume(Deadline deadline);
  // False when receiving would have to wait for the network.
  bool HasBuffered() const { return input_.HasBuffered(); }

  // A BYE is no error from here on.
  void ExpectBye() { expect_bye_ = true; }
  void Abort() {
    if (stream_ != nullptr) stream_->Abort();
  }

  // For STARTTLS: `upgrade` turns the plain stream into the secured one. DATA_LOSS when octets were
  // already waiting. After any error the connection has no stream: only Abort may be called.
  using Upgrade = std::function<Task<absl::StatusOr<std::unique_ptr<net::ByteStream>>>(
      std::unique_ptr<net::ByteStream>)>;
  Task<absl::Status> SwitchStream(Upgrade upgrade);

 private:
  Task<absl::StatusOr<Response>> ReceiveText(absl::string_view line, Response response,
                                             Deadline deadline);

  std::unique_ptr<net::ByteStream> stream_;
  Input input_;
  Output output_;
  uint64_t last_tag_ = 0;
  uint64_t body_left_ = 0;
  bool body_open_ = false;
  bool expect_bye_ = false;
  std::string gathered_;
};

}  // namespace mailhaul::imap
