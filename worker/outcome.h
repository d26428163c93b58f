#pragma once

#include <chrono>
#include <random>
#include <variant>

#include "absl/status/status.h"

#include "common/queue/job_store.h"
#include "mailhaul/v1/job.pb.h"

namespace mailhaul::worker {

// What a run came to, as far as the queue must know.
struct Ended {
  queue::State state = queue::State::kFailed;  // a final one
};
struct TryLater {
  queue::Interruption why = queue::Interruption::kRetry;
  std::chrono::milliseconds pause{0};
};
using Outcome = std::variant<Ended, TryLater>;

// Decides from how the copy ended. `progressed`: this run settled at least one message, so that a
// lost connection is no sign of a hopeless job. What cannot pass by itself (a refused login, an
// unknown host, a refused certificate, a peer that speaks no IMAP) is not tried again: a second
// wrong password may lock an account.
Outcome Decide(const absl::Status& copied, const v1::Tally& total, bool folder_failed,
               bool progressed, int attempt, std::mt19937_64& random);

}  // namespace mailhaul::worker
