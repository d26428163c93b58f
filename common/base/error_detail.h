#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mailhaul {

// Which end of a copy an error came from.
enum class Side { kNone, kSource, kDestination };

absl::string_view SideName(Side side);  // "", "source", "destination"

// What an absl::Status carries beside its code and our own words (the message). The peer's words
// stay apart because they may hold a user's data: they go into reports, never into our sentences.
struct ErrorDetail {
  Side side = Side::kNone;
  std::string server_text;  // the peer's words, as sent; empty when it said nothing

  friend bool operator==(const ErrorDetail&, const ErrorDetail&) = default;
};

// Of long server text the first 500 octets are kept.
void SetErrorDetail(absl::Status& status, const ErrorDetail& detail);
std::optional<ErrorDetail> GetErrorDetail(const absl::Status& status);

// Names the side once; an error that already has one keeps it. OK stays OK.
absl::Status OnSide(Side side, absl::Status status);

// "context: message", payloads kept. OK stays OK.
absl::Status Annotate(absl::Status status, absl::string_view context);

// One line for people: side, our words, the peer's words in quotes.
std::string Explain(const absl::Status& status);

}  // namespace mailhaul
