#include "worker/imap/uid_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace mailhaul::imap {
namespace {

constexpr Uid kHighest = UINT32_MAX;

UidSet Of(absl::string_view text) { return *ParseUidSet(text); }

uint64_t CountByRanges(const UidSet& set) {
  uint64_t count = 0;
  for (const auto& range : set.ranges()) count += uint64_t{range.last} - range.first + 1;
  return count;
}

TEST(UidSetTest, NeighboursBecomeOneRange) {
  UidSet set;
  for (const Uid uid : {1, 2, 3, 5, 9, 8}) set.Add(uid);
  EXPECT_EQ(set.ToString(), "1:3,5,8:9");
  EXPECT_EQ(set.size(), 6u);
}

TEST(UidSetTest, AMillionMessagesWithoutGapsAreOneRange) {
  UidSet set;
  for (Uid uid = 1; uid <= 1'000'000; ++uid) set.Add(uid);
  EXPECT_EQ(set.ranges().size(), 1u);
  EXPECT_EQ(set.size(), 1'000'000u);
}

TEST(UidSetTest, AddingTwiceCountsOnce) {
  UidSet set = Of("1:10");
  set.Add(5);
  set.AddRange({3, 12});
  EXPECT_EQ(set.ToString(), "1:12");
  EXPECT_EQ(set.size(), 12u);
}

TEST(UidSetTest, ARangeSwallowsAllItTouches) {
  UidSet set = Of("2,4,6,8,20");
  set.AddRange({3, 9});
  EXPECT_EQ(set.ToString(), "2:9,20");
}

TEST(UidSetTest, TheHighestUidIsAnOrdinaryMember) {
  UidSet set;
  set.Add(kHighest);
  set.AddRange({1, 1});
  set.AddRange({kHighest - 1, kHighest});
  set.Add(kHighest);
  EXPECT_EQ(set.ToString(), "1,4294967294:4294967295");
  EXPECT_TRUE(set.Contains(kHighest));
  set.AddRange({1, kHighest});
  EXPECT_EQ(set.size(), uint64_t{kHighest});
}

TEST(UidSetTest, AnEmptySetHoldsNothing) {
  const UidSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.lowest(), 0u);
  EXPECT_EQ(set.highest(), 0u);
  EXPECT_FALSE(set.Contains(1));
  EXPECT_EQ(set.ToString(), "");
}

TEST(UidSetTest, RemoveUpToKeepsWhatIsAbove) {
  struct Case {
    Uid uid;
    absl::string_view left;
  };
  for (const Case& c : {Case{0, "2:5,9"}, Case{1, "2:5,9"}, Case{2, "3:5,9"}, Case{5, "9"},
                        Case{8, "9"}, Case{9, ""}, Case{kHighest, ""}}) {
    UidSet set = Of("2:5,9");
    set.RemoveUpTo(c.uid);
    EXPECT_EQ(set.ToString(), c.left) << c.uid;
    EXPECT_EQ(set.size(), CountByRanges(set)) << c.uid;
  }
}

TEST(UidSetTest, TakeLowestSplitsInTheMiddleOfARange) {
  UidSet set = Of("1:3,7:9");
  EXPECT_EQ(set.TakeLowest(0).ToString(), "");
  EXPECT_EQ(set.TakeLowest(4).ToString(), "1:3,7");
  EXPECT_EQ(set.ToString(), "8:9");
  EXPECT_EQ(set.size(), 2u);
  EXPECT_EQ(set.TakeLowest(100).ToString(), "8:9");
  EXPECT_TRUE(set.empty());
  EXPECT_TRUE(set.TakeLowest(1).empty());
}

TEST(UidSetTest, TakeLowestOfEverythingThereCanBe) {
  UidSet set = Of("1:4294967295");
  EXPECT_EQ(set.TakeLowest(UINT64_MAX).size(), uint64_t{kHighest});
  EXPECT_TRUE(set.empty());
}

// Any order of additions and removals, against std::set.
TEST(UidSetTest, BehavesAsASetOfNumbers) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    UidSet set;
    std::set<Uid> model;
    for (int step = 0; step < 60; ++step) {
      const Uid first = 1 + random() % 60;
      const Uid last = first + random() % 4;
      switch (random() % 8) {
        case 0: {
          const uint64_t count = random() % 5;
          const UidSet taken = set.TakeLowest(count);
          const auto end = std::next(model.begin(), std::min<size_t>(count, model.size()));
          EXPECT_EQ(taken.size(), static_cast<size_t>(std::distance(model.begin(), end)));
          EXPECT_TRUE(std::all_of(model.begin(), end, [&](Uid u) { return taken.Contains(u); }));
          model.erase(model.begin(), end);
          break;
        }
        case 1:
          set.RemoveUpTo(first / 4);
          model.erase(model.begin(), model.upper_bound(first / 4));
          break;
        default:
          set.AddRange({first, last});
          for (Uid uid = first; uid <= last; ++uid) model.insert(uid);
      }
      ASSERT_EQ(set.size(), model.size());
      ASSERT_EQ(set.size(), CountByRanges(set));
      for (Uid uid = 0; uid < 70; ++uid) ASSERT_EQ(set.Contains(uid), model.contains(uid)) << uid;
      ASSERT_EQ(set.empty() ? "" : ParseUidSet(set.ToString())->ToString(), set.ToString());
    }
  }
}

TEST(ParseUidSetTest, TakesRangesInAnyOrderAndDirection) {
  EXPECT_EQ(Of("3955").ToString(), "3955");
  EXPECT_EQ(Of("5:1").ToString(), "1:5");
  EXPECT_EQ(Of("9,3:4,1,4294967295").ToString(), "1,3:4,9,4294967295");
  EXPECT_EQ(Of("1,1,1:2").ToString(), "1:2");
}

TEST(ParseUidSetTest, RefusesWhatIsNoUidSet) {
  for (const absl::string_view text : {"",           ",",
                                       "1,",         ",1",
                                       "0",          "1:0",
                                       "0:5",        "*",
                                       "1:*",        ":",
                                       "1:",         ":1",
                                       "1:2:3",      "-1",
                                       "+1",         " 1",
                                       "1 ",         "1, 2",
                                       "1 :2",       "0x10",
                                       "4294967296", "99999999999999999999999",
                                       "1;2",        "a"}) {
    EXPECT_EQ(ParseUidSet(text).status().code(), absl::StatusCode::kDataLoss) << text;
  }
}

TEST(ParseUidSetTest, TheErrorQuotesAtMostOnePrintableLineOfWhatTheServerSent) {
  const std::string hostile = "1\r\n\x1B[2J" + std::string(100'000, '9');
  const std::string message(ParseUidSet(hostile).status().message());
  EXPECT_LT(message.size(), 600u);
  EXPECT_TRUE(std::all_of(message.begin(), message.end(), [](char c) { return c >= ' '; }));
}

TEST(UidSetTest, TakesAnotherSetOut) {
  UidSet set = ParseUidSet("1:10,20:30,40").value();
  set.RemoveAll(ParseUidSet("1,5:6,10:25,30,50").value());
  EXPECT_EQ(set.ToString(), "2:4,7:9,26:29,40");
  EXPECT_EQ(set.size(), 11u);
  UidSet all;
  all.AddRange({1, UINT32_MAX});
  all.RemoveAll(all);
  EXPECT_TRUE(all.empty());
}

TEST(UidSetTest, KnowsWhatTwoSetsShare) {
  EXPECT_EQ(Common(ParseUidSet("1:10,20").value(), ParseUidSet("5:20").value()).ToString(),
            "5:10,20");
}

TEST(UidSetTest, KnowsTheUidsItDoesNotHave) {
  EXPECT_EQ(AllOthersFrom(5, ParseUidSet("1:7,9").value()).ToString(), "8,10:4294967295");
}

TEST(UidSetTest, IsWrittenInPiecesOfBoundedLengthAndNumber) {
  const UidSet set = ParseUidSet("1:7,9,11:12").value();
  EXPECT_THAT(ToStrings(set, 1000), testing::ElementsAre("1:7,9,11:12"));
  EXPECT_THAT(ToStrings(set, 1000, 3), testing::ElementsAre("1:3", "4:6", "7,9,11", "12"));
  EXPECT_THAT(ToStrings(set, 4), testing::ElementsAre("1:7,9", "11:12"));
  UidSet highest;
  highest.AddRange({UINT32_MAX - 1, UINT32_MAX});
  EXPECT_THAT(ToStrings(highest, 1000, 1), testing::ElementsAre("4294967294", "4294967295"));
}

}  // namespace
}  // namespace mailhaul::imap
