#include "worker/copy/match.h"

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace mailhaul::copy {
namespace {

std::string Words(const std::vector<Pair>& pairs) {
  return absl::StrJoin(pairs, " ", [](std::string* out, const Pair& pair) {
    absl::StrAppend(out, pair.source, "=", pair.destination);
  });
}

Recognised Message(uint64_t identity, imap::Uid uid) { return {{identity, 0}, uid, 0}; }

TEST(MatchTest, PairsByIdentityWhateverTheOrder) {
  std::vector<Recognised> sources = {Message(5, 1), Message(4, 2), Message(9, 3)};
  std::vector<Recognised> destinations = {Message(4, 70), Message(5, 71), Message(8, 72)};
  const Matching matching = Match(sources, destinations, {});
  EXPECT_EQ(Words(matching.pairs), "2=70 1=71");
  EXPECT_TRUE(matching.ambiguous.empty());
}

TEST(MatchTest, CountsEqualMessages) {
  std::vector<Recognised> sources = {Message(5, 1), Message(5, 2)};
  std::vector<Recognised> destinations = {Message(5, 70), Message(5, 71), Message(5, 72)};
  EXPECT_EQ(Words(Match(sources, destinations, {}).pairs), "1=70 2=71");
}

TEST(MatchTest, LeavesOpenWhichOfEqualMessagesHaveArrived) {
  std::vector<Recognised> sources = {Message(5, 1), Message(5, 2), Message(6, 3)};
  std::vector<Recognised> destinations = {Message(5, 70), Message(6, 71)};
  const Matching matching = Match(sources, destinations, {});
  EXPECT_EQ(Words(matching.pairs), "3=71");
  ASSERT_EQ(matching.ambiguous.size(), 1u);

  const std::map<imap::Uid, std::string> source = {{1, "a"}, {2, "b"}};
  const auto source_digest = [&](imap::Uid uid) { return source.at(uid); };
  EXPECT_EQ(Words(Decide(matching.ambiguous[0], source_digest,
                         [](imap::Uid) { return std::string("b"); })),
            "2=70");
  EXPECT_EQ(Words(Decide(matching.ambiguous[0], source_digest,
                         [](imap::Uid) { return std::string("rewritten"); })),
            "1=70");
}

TEST(MatchTest, TakesThoseFirstThatAreKnownToHaveArrived) {
  std::vector<Recognised> sources = {Message(5, 1), Message(5, 2)};
  std::vector<Recognised> destinations = {Message(5, 70)};
  imap::UidSet certain;
  certain.Add(2);
  const Matching matching = Match(sources, destinations, certain);
  EXPECT_EQ(matching.ambiguous[0].sources, (std::vector<imap::Uid>{2, 1}));
}

}  // namespace
}  // namespace mailhaul::copy
