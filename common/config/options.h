#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "common/config/settings.h"

namespace mailhaul::config {

// Whom an option concerns: whose --help shows it.
enum Audience : unsigned {
  kRun = 1,  // "mailhaul run": everything in one process
  kCoordinator = 2,
  kWorker = 4,
  kClient = 8,  // submit, list, status, ...
};

// One setting: the row from which the command line, the environment, the file, the help texts and
// the documentation are all made.
struct Option {
  absl::string_view key;    // in the file: "redis.address"
  absl::string_view value;  // placeholder in help texts: "ADDRESS"; empty: a switch, true or false
  absl::string_view meaning;  // a phrase for help texts
  absl::string_view allowed;  // what a value may be, for messages
  unsigned audience;          // of Audience
  // False, and nothing changed, when the value is not what is allowed.
  bool (*set)(Settings& settings, absl::string_view value);
  // As text that `set` takes.
  std::string (*get)(const Settings& settings);

  bool IsSwitch() const { return value.empty(); }
  std::string Flag() const;         // "--redis-address"
  std::string Environment() const;  // "MAILHAUL_REDIS_ADDRESS"
  std::string Default() const;      // as text; empty: none
};

// Every option, in the order of help texts.
absl::Span<const Option> Options();

// By key; nullptr when there is none.
const Option* FindOption(absl::string_view key);

}  // namespace mailhaul::config
