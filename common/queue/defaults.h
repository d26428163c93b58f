#pragma once

#include <chrono>
#include <cstdint>

namespace mailhaul::queue {

// How long a lease lasts, and how often its holder renews it: three renewals may fail before it
// ends.
constexpr std::chrono::milliseconds kLease{20'000};
constexpr std::chrono::milliseconds kRenewEvery{5'000};

// How long after its lease has ended a job stays with its gates: a worker that could not renew has
// stopped by then, and its connections are closed. With kTickAtMost, a dead worker's jobs go on
// within 31 s.
constexpr std::chrono::milliseconds kGrace{10'000};

// Attempts that count before a job fails.
constexpr int kMaxAttempts = 5;

// The longest Tick asks its callers to wait.
constexpr std::chrono::milliseconds kTickAtMost{1'000};

// Rows whose specs share a key, and that are submitted in one call.
constexpr uint32_t kBlockRows = 64;

// Most ids that one script touches: 1000 hold Redis up for 1.6 ms.
constexpr int kIdsPerScript = 500;

// Blocks that one sweep of a cancelled batch looks at.
constexpr int kBlocksPerSweep = 4;

}  // namespace mailhaul::queue
