#include "tests/support/play.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

#include "tests/support/run_task.h"
#include "tests/support/scripted_stream.h"

namespace mailhaul::support {
namespace {

absl::Status PlayOnce(const Script& script, const Client& client, Delivery delivery,
                      Transcript& transcript) {
  auto shared = std::make_shared<Transcript>();
  absl::Status ended = RunTask(client(std::make_unique<ScriptedStream>(script, delivery, shared)));
  transcript = *shared;
  return ended;
}

absl::Status PlayUncut(const Script& script, const Client& client, size_t most_octets) {
  Transcript transcript;
  absl::Status ended = PlayOnce(script, client, {.most_octets = most_octets}, transcript);
  EXPECT_EQ(transcript.complaint, "") << "with reads of at most " << most_octets << " octets";
  EXPECT_EQ(transcript.ahead, 0u) << "octets were written that the script expects later";
  return ended;
}

void PlayWithEveryCut(const Script& script, const Client& client, size_t most_octets) {
  for (int cut = 0;; ++cut) {
    Transcript transcript;
    const Delivery delivery{.most_octets = most_octets, .cut_at = cut};
    const absl::Status ended = PlayOnce(script, client, delivery, transcript);
    if (transcript.operations <= cut) return;
    ASSERT_EQ(ended.code(), absl::StatusCode::kUnavailable)
        << "cut at operation " << cut << " with reads of " << most_octets << ": " << ended;
  }
}

}  // namespace

absl::Status PlayWhole(const Script& script, const Client& client) {
  absl::Status ended = PlayUncut(script, client, SIZE_MAX);
  EXPECT_EQ(PlayUncut(script, client, 1), ended) << "octet by octet it ended differently";
  return ended;
}

absl::Status Play(const Script& script, const Client& client) {
  absl::Status ended = PlayWhole(script, client);
  PlayWithEveryCut(script, client, SIZE_MAX);
  PlayWithEveryCut(script, client, 1);
  return ended;
}

}  // namespace mailhaul::support
