#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "common/base/secret.h"

namespace mailhaul::config {

// The first line of a file, without its line end. NOT_FOUND or PERMISSION_DENIED when it cannot be
// read, INVALID_ARGUMENT when the line is empty.
absl::StatusOr<Secret> ReadSecretFile(const std::string& path);

}  // namespace mailhaul::config
