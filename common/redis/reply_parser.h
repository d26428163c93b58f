#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/redis/reply.h"

struct redisReader;

namespace mailhaul::redis {

// "*3\r\n$3\r\nSET\r\n...": a command as RESP2 sends it.
std::string FormatCommand(const Args& args);

// Turns octets into replies, with limits so that a peer that is no Redis cannot eat the memory.
// Arrays may be nested 7 deep (hiredis' own limit). Any error is DATA_LOSS and final.
class ReplyParser {
 public:
  struct Limits {
    size_t unparsed_octets = size_t{256} << 20;  // of one reply's longest string, about
    size_t elements = 4'000'000;                 // of one reply, nested ones included
  };

  explicit ReplyParser(Limits limits);
  ReplyParser() : ReplyParser(Limits{}) {}
  ~ReplyParser();

  absl::Status Feed(absl::string_view octets);
  // The next complete reply, nullopt when more octets are needed.
  absl::StatusOr<std::optional<Reply>> Next();

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };
  const Limits limits_;
  size_t elements_left_;
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace mailhaul::redis
