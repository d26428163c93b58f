#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/strings/string_view.h"

namespace mailhaul::cli {

// A message as JSON with the proto's field names: numbers as numbers, enum values without the
// enum's name before them, times as RFC 3339, durations in seconds. Fields that are not set are
// left out, except numbers, which are 0. On one line, or with `indent` spaces a level.
std::string ToJson(const google::protobuf::Message& message, int indent = -1);

// `text` as a JSON string, quotes included.
std::string JsonString(absl::string_view text);

}  // namespace mailhaul::cli
