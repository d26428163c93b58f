#pragma once

#include "absl/strings/string_view.h"

namespace mailhaul::redis {

// A Lua script as the build embeds it (cmake/EmbedLua.cmake). The views are literals.
struct Script {
  absl::string_view name;
  int keys = 0;            // how many KEYS it takes
  absl::string_view sha1;  // of `text`, in hex: what EVALSHA calls it by
  absl::string_view text;
};

}  // namespace mailhaul::redis
