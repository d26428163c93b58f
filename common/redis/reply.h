#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mailhaul::redis {

// The words of a command, binary safe.
using Args = std::vector<std::string>;

// One RESP2 reply, by value. https://redis.io/docs/reference/protocol-spec
struct Reply {
  enum class Kind { kNil, kInteger, kString, kStatus, kError, kArray };

  Kind kind = Kind::kNil;
  int64_t integer = 0;       // kInteger
  std::string text;          // kString, kStatus, kError
  std::vector<Reply> items;  // kArray

  bool IsNil() const { return kind == Kind::kNil; }
};

}  // namespace mailhaul::redis
