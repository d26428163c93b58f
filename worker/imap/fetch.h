#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "worker/imap/uid_set.h"

namespace mailhaul::imap {

// What one FETCH response says of a message (RFC 9051 7.5.2). Items come in whatever order the
// server likes.
struct FetchedMessage {
  Uid uid = 0;  // 0 until seen
  std::optional<uint64_t>
      size;  // RFC822.SIZE: an estimate on some servers, never used to frame octets
  std::optional<std::string> flags;  // the words between the parentheses
  std::string internal_date;         // as sent, without quotes; empty until seen
  bool body_is_nil = false;          // BODY[] NIL: the server has nothing to give
  std::optional<std::string>
      quoted_body;  // BODY[] as a quoted string: a few servers do so for tiny messages

  // BODY[HEADER.FIELDS (...)]; empty where none of them is there.
  std::optional<std::string> header;

  bool HasMetadata() const { return uid != 0 && flags.has_value() && !internal_date.empty(); }
};

// Parses a FETCH response in the parts that Connection hands out. Start takes the text from the
// message's number on; Continue takes what follows a body's octets. Both stop at the end of the
// text: at a body, or at the ")".
class FetchParser {
 public:
  // False when `text` is no FETCH response.
  static bool Matches(absl::string_view text);
  absl::Status Start(absl::string_view text, bool body_follows);
  absl::Status Continue(absl::string_view text, bool body_follows);
  FetchedMessage& message() { return message_; }

 private:
  absl::Status Items(absl::string_view text, bool body_follows);
  FetchedMessage message_;
};

}  // namespace mailhaul::imap
