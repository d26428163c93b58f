#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "common/config/settings.h"

namespace mailhaul::config {

// Who reads an option: which --help shows it.
enum class Audience { kEveryone, kCoordinator, kWorker, kClient, kServers };

// One setting: the row from which the command line, the environment, the file, the help text and
// the documentation are all made.
struct Option {
  absl::string_view key;    // in the file: "redis.address"
  absl::string_view value;  // placeholder in help texts: "ADDRESS"; empty: a switch, true or false
  absl::string_view meaning;  // one sentence
  absl::string_view allowed;  // what a value may be, for messages
  Audience audience;
  // INVALID_ARGUMENT, saying only what is wrong with the value.
  absl::Status (*set)(Settings& settings, absl::string_view value);
  std::string (*get)(const Settings& settings);

  bool IsSwitch() const { return value.empty(); }
  std::string Flag() const;         // "--redis-address"
  std::string Environment() const;  // "MAILHAUL_REDIS_ADDRESS"
  std::string Default() const;      // as text; empty: none
};

absl::Span<const Option> Options();

// By key; nullptr when there is none.
const Option* FindOption(absl::string_view key);

}  // namespace mailhaul::config
