#include "common/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace mailhaul {
namespace {

// The code points at the borders of RFC 3629's table, and what lies just beyond them.
TEST(Utf8Test, TakesEveryWellFormedLength) {
  EXPECT_EQ(Utf8Length("a"), 1u);
  EXPECT_EQ(Utf8Length("\x7F!"), 1u);
  EXPECT_EQ(Utf8Length("\xC2\x80"), 2u);
  EXPECT_EQ(Utf8Length("\xDF\xBF"), 2u);
  EXPECT_EQ(Utf8Length("\xE0\xA0\x80"), 3u);
  EXPECT_EQ(Utf8Length("\xED\x9F\xBF"), 3u);
  EXPECT_EQ(Utf8Length("\xEE\x80\x80"), 3u);
  EXPECT_EQ(Utf8Length("\xEF\xBF\xBF"), 3u);
  EXPECT_EQ(Utf8Length("\xF0\x90\x80\x80"), 4u);
  EXPECT_EQ(Utf8Length("\xF4\x8F\xBF\xBF tail"), 4u);
}

TEST(Utf8Test, RefusesOverlongSurrogateTooLargeAndBrokenForms) {
  for (const char* text :
       {"", "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2!", "\xE0\x9F\xBF", "\xE0\xA0",
        "\xE0\xA0!", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
    EXPECT_EQ(Utf8Length(text), 0u) << text;
  }
}

TEST(Utf8Test, JudgesWholeTexts) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8(absl::string_view("a\0b", 3)));
  EXPECT_TRUE(IsUtf8("M\xC3\xBCller \xF0\x9F\x93\xA7"));
  EXPECT_FALSE(IsUtf8("M\xFCller"));
  EXPECT_FALSE(IsUtf8("cut \xE6\x97"));
}

}  // namespace
}  // namespace mailhaul
