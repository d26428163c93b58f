#pragma once

#include <chrono>
#include <cstdint>

namespace mailhaul::queue {

// Attempts that count before a job fails.
constexpr int kMaxAttempts = 5;

// The longest Tick asks its callers to wait. With the default LeaseTimes, a dead worker's jobs go
// on within 31 s.
constexpr std::chrono::milliseconds kTickAtMost{1'000};

// Rows whose specs share a key, and that are submitted in one call.
constexpr uint32_t kBlockRows = 64;

// Most ids that one script touches: 1000 hold Redis up for 1.6 ms.
constexpr int kIdsPerScript = 500;

// Blocks that one sweep of a cancelled batch looks at.
constexpr int kBlocksPerSweep = 4;

}  // namespace mailhaul::queue
