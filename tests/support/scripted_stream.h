#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/net/byte_stream.h"
#include "common/net/event.h"
#include "tests/support/script.h"

namespace mailhaul::support {

// How a script is played.
struct Delivery {
  size_t most_octets = SIZE_MAX;  // that one read gets
  int cut_at = -1;                // the link breaks at this read or write, counted from 0
};

// What became of a script; outlives the stream, which its user owns.
struct Transcript {
  int operations = 0;     // reads and writes that began
  size_t ahead = 0;       // octets written before anything was read of what the script sends first
  std::string complaint;  // what went another way than the script says; empty when nothing did
};

// A ByteStream whose peer is a script. Deadlines are kept: a read that the script leaves without
// octets waits for another coroutine's write, or for its deadline.
class ScriptedStream final : public net::ByteStream {
 public:
  explicit ScriptedStream(Script script, Delivery delivery = {},
                          std::shared_ptr<Transcript> transcript = std::make_shared<Transcript>());
  ~ScriptedStream() override;

  Task<absl::StatusOr<size_t>> ReadSome(std::span<char> buf, Deadline deadline) override;
  Task<absl::Status> Write(absl::string_view data, Deadline deadline) override;
  void Abort() override;

 private:
  const Script::Step* Now() const;
  absl::Status Begin();
  size_t Deliver(std::span<char> buf);
  // Takes what has arrived off the steps that expect it.
  void Match();
  absl::Status Die(absl::Status why);

  Script script_;
  Delivery delivery_;
  std::shared_ptr<Transcript> transcript_;
  std::optional<net::Event> progress_;  // made by the first read that waits
  absl::Status dead_;
  size_t step_ = 0;
  size_t delivered_ = 0;  // octets of the step that is being sent
  std::string arrived_;   // and not yet expected
};

}  // namespace mailhaul::support
