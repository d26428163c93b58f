#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/config/settings.h"

namespace mailhaul::config {

// A setting as someone wrote it.
struct Given {
  std::string key;    // as in options.h: "redis.address"
  std::string value;  // "true" or "false" for a switch
  std::string where;  // for messages: "--redis-address", "mailhaul.yaml line 3: redis.address"
};

// Reads a variable of the environment; nullopt when it is not set.
using Environment = absl::FunctionRef<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> ProcessEnvironment(const std::string& name);

// Defaults < YAML file < environment < flags. `file` empty: MAILHAUL_CONFIG from the environment;
// none there either: no file. An empty environment variable counts as not set.
//
// INVALID_ARGUMENT holds every fault at once, one per line: where, what is wrong, what is allowed.
absl::StatusOr<Settings> Load(absl::string_view file, Environment environment,
                              const std::vector<Given>& flags, Settings defaults = {});

}  // namespace mailhaul::config
