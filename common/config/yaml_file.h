#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/config/load.h"

namespace mailhaul::config {

// The settings of a YAML document, flattened: {redis: {address: x}} gives the key "redis.address".
// A list or map under a key of options.h becomes one text, its parts joined by commas: {caps:
// {"src:*": 5}} gives "src:*=5". `name` is the file's, for messages. INVALID_ARGUMENT with the line
// when it is not YAML or no map.
absl::StatusOr<std::vector<Given>> ParseYaml(const std::string& text, absl::string_view name);

}  // namespace mailhaul::config
