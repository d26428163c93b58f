#pragma once

#include <chrono>
#include <random>

namespace mailhaul {

// The pause before attempt `attempt` + 1 (attempts count from 1): doubling from `first` up to
// `most`, then drawn evenly from its upper half so that many waiters do not return at once.
std::chrono::milliseconds Backoff(int attempt, std::chrono::milliseconds first,
                                  std::chrono::milliseconds most, std::mt19937_64& random);

}  // namespace mailhaul
