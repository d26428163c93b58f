#include "common/base/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace mailhaul {
namespace {

using std::chrono::milliseconds;

// The extremes of many draws.
std::pair<milliseconds, milliseconds> Extremes(int attempt, milliseconds first, milliseconds most) {
  std::mt19937_64 random(1);
  milliseconds lowest = milliseconds::max();
  milliseconds highest = milliseconds::min();
  for (int i = 0; i < 2000; ++i) {
    const milliseconds pause = Backoff(attempt, first, most, random);
    lowest = std::min(lowest, pause);
    highest = std::max(highest, pause);
  }
  return {lowest, highest};
}

TEST(BackoffTest, TheFirstPauseIsTheUpperHalfOfFirst) {
  const auto [lowest, highest] = Extremes(1, milliseconds(100), milliseconds(10'000));
  EXPECT_EQ(lowest, milliseconds(50));
  EXPECT_EQ(highest, milliseconds(100));
}

TEST(BackoffTest, EveryAttemptDoublesThePause) {
  const auto [lowest, highest] = Extremes(4, milliseconds(10), milliseconds(10'000));
  EXPECT_EQ(lowest, milliseconds(40));
  EXPECT_EQ(highest, milliseconds(80));
}

TEST(BackoffTest, NeverPausesLongerThanMost) {
  for (const int attempt : {8, 31, 64, 1'000'000, std::numeric_limits<int>::max()}) {
    const auto [lowest, highest] = Extremes(attempt, milliseconds(1000), milliseconds(60'000));
    EXPECT_GE(lowest, milliseconds(30'000)) << attempt;
    EXPECT_LE(highest, milliseconds(60'000)) << attempt;
  }
}

TEST(BackoffTest, AnAttemptBelowOneCountsAsTheFirst) {
  for (const int attempt : {0, -5, std::numeric_limits<int>::min()}) {
    const auto [lowest, highest] = Extremes(attempt, milliseconds(100), milliseconds(10'000));
    EXPECT_EQ(lowest, milliseconds(50)) << attempt;
    EXPECT_EQ(highest, milliseconds(100)) << attempt;
  }
}

}  // namespace
}  // namespace mailhaul
