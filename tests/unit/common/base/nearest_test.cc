#include "common/base/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mailhaul {
namespace {

const std::vector<std::string> kWords = {"sourceport", "sourcehost", "destinationport", ""};

std::string Nearest(absl::string_view word) { return kWords[NearestWord(word, kWords)]; }

TEST(NearestWordTest, CountsInsertionsRemovalsAndReplacements) {
  EXPECT_EQ(Nearest("sourceport"), "sourceport");
  EXPECT_EQ(Nearest("sorcehost"), "sourcehost");
  EXPECT_EQ(Nearest("sourcehosts"), "sourcehost");
  EXPECT_EQ(Nearest("sourcezost"), "sourcehost");
  EXPECT_EQ(Nearest("destport"), "sourceport");
  EXPECT_EQ(Nearest(""), "");
}

TEST(NearestWordTest, TheFirstOfEqualsWins) { EXPECT_EQ(Nearest("sourcepost"), "sourceport"); }

TEST(NearestWordTest, IsNotSlowedDownByAHugeWord) {
  EXPECT_EQ(Nearest("destinationport" + std::string(10'000'000, 'x')), "destinationport");
}

}  // namespace
}  // namespace mailhaul
