#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mailhaul::support {

// What a scripted peer does, in order. After the last step it is silent, but stays connected.
class Script {
 public:
  struct Step {
    enum class Kind { kSend, kExpect, kClose };
    Kind kind = Kind::kClose;
    std::string octets;
  };

  // Sends these octets.
  Script& Send(absl::string_view octets) { return Add(Step::Kind::kSend, octets); }
  // Waits until these octets have arrived; any others end the conversation.
  Script& Expect(absl::string_view octets) { return Add(Step::Kind::kExpect, octets); }
  Script& Close() { return Add(Step::Kind::kClose, ""); }

  const std::vector<Step>& steps() const { return steps_; }

 private:
  // Neighbours of one kind become one step, so that a step can arrive in one read.
  Script& Add(Step::Kind kind, absl::string_view octets);

  std::vector<Step> steps_;
};

// A script as the RFCs print it: lines "S: ..." are sent, lines "C: ..." expected, each with CRLF.
// Empty lines, and blanks before "S:" or "C:", mean nothing.
Script Conversation(absl::string_view text);

}  // namespace mailhaul::support
