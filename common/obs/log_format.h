#pragma once

#include <string>

#include "absl/strings/string_view.h"

#include "common/obs/log.h"

namespace mailhaul::log {

// "job claimed  job=17 server=\"BYE later\"": a value is quoted when it is empty or holds anything
// but printable ASCII without blanks, quotes and "=".
std::string FormatText(absl::string_view message, Fields fields);

// "\"message\":\"job claimed\",\"job\":17": members of an object, without its braces. Octets that
// are not UTF-8 become U+FFFD, so that every line can be parsed.
std::string FormatJson(absl::string_view message, Fields fields);

}  // namespace mailhaul::log
