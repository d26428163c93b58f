#include "common/base/deadline.h"

#include <gtest/gtest.h>

namespace mailhaul {
namespace {

using std::chrono::hours;

TEST(DeadlineTest, HasTimeLeftUntilItPassed) {
  const Deadline later = Deadline::After(hours(1));
  EXPECT_FALSE(later.Passed());
  EXPECT_GT(later.Left(), std::chrono::minutes(59));
}

TEST(DeadlineTest, WhatIsLeftIsNeverNegative) {
  const Deadline past = Deadline::After(-hours(1));
  EXPECT_TRUE(past.Passed());
  EXPECT_EQ(past.Left(), Deadline::Clock::duration::zero());
}

TEST(DeadlineTest, EarlierTakesTheOneThatPassesFirst) {
  const Deadline soon = Deadline::After(hours(1));
  const Deadline late = Deadline::After(hours(2));
  EXPECT_EQ(Earlier(soon, late).time(), soon.time());
  EXPECT_EQ(Earlier(late, soon).time(), soon.time());
}

}  // namespace
}  // namespace mailhaul
