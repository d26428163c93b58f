#include "worker/imap/mailbox_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

namespace mailhaul::imap {
namespace {

struct Pair {
  const char* name;
  absl::string_view utf8;
  absl::string_view wire;
};
class KnownMailboxNameTest : public testing::TestWithParam<Pair> {};
TEST_P(KnownMailboxNameTest, Encodes) {
  EXPECT_EQ(EncodeMailboxName(GetParam().utf8), GetParam().wire);
}
TEST_P(KnownMailboxNameTest, Decodes) {
  const auto utf8 = DecodeMailboxName(GetParam().wire);
  ASSERT_TRUE(utf8.ok()) << utf8.status();
  EXPECT_EQ(*utf8, GetParam().utf8);
}
INSTANTIATE_TEST_SUITE_P(
    Rfc3501, KnownMailboxNameTest,
    testing::Values(
        Pair{"MixedEnglishChineseJapanese", "~peter/mail/台北/日本語",
             "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
        Pair{"Ampersand", "Fish & Chips", "Fish &- Chips"},
        Pair{"AmpersandAfterShift", "ä&", "&AOQ-&-"}, Pair{"DashAfterShift", "ä-", "&AOQ--"},
        Pair{"OnlyAmpersands", "&&", "&-&-"}, Pair{"Umlauts", "Entwürfe", "Entw&APw-rfe"},
        Pair{"SurrogatePair", "😀", "&2D3eAA-"}, Pair{"TwoSurrogatePairs", "😀😀", "&2D3eANg93gA-"},
        Pair{"SlashInBase64", "\xE4\xBF\xBF", "&T,8-"}, Pair{"ControlCharacter", "a\tb", "a&AAk-b"},
        Pair{"Delete", "\x7F", "&AH8-"}, Pair{"QuoteAndBackslashStayPlain", "a\"b\\c", "a\"b\\c"},
        Pair{"LastCodePoint", "\xF4\x8F\xBF\xBF", "&2,,f,w-"}, Pair{"Empty", "", ""}),
    [](const auto& info) { return std::string(info.param.name); });

std::string Utf8(uint32_t c) {
  if (c < 0x80) return std::string(1, static_cast<char>(c));
  std::string tail;
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  for (int i = 0; i < more; ++i, c >>= 6) tail += static_cast<char>(0x80 | (c & 0x3F));
  const uint32_t mark = more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0;
  tail += static_cast<char>(mark | c);
  return {tail.rbegin(), tail.rend()};
}

bool IsSurrogate(uint32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

TEST(MailboxNameTest, EveryCodePointComesBack) {
  for (uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (IsSurrogate(c)) continue;
    const std::string name = "x" + Utf8(c) + "y";
    const std::string wire = EncodeMailboxName(name);
    ASSERT_EQ(DecodeMailboxName(wire).value_or("refused"), name) << c << " " << wire;
  }
}

TEST(MailboxNameTest, NamesOfAnyMixtureComeBack) {
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string name;
    for (int i = random() % 12; i > 0; --i) {
      const uint32_t limits[] = {0x80, 0x800, 0x10000, 0x110000};
      const uint32_t c = random() % limits[random() % 4];
      name += IsSurrogate(c) ? "&" : Utf8(c);
    }
    const std::string wire = EncodeMailboxName(name);
    ASSERT_TRUE(std::all_of(wire.begin(), wire.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    ASSERT_EQ(DecodeMailboxName(wire).value_or("refused"), name) << wire;
  }
}

TEST(MailboxNameTest, WhatIsNoUtf8BecomesTheReplacementCharacter) {
  for (const absl::string_view octets :
       {"\xFF", "\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xF0\x9F\x98", "\xE4\xB8", "\xF5\x80\x80\x80"}) {
    const auto back = DecodeMailboxName(EncodeMailboxName(octets));
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->substr(0, 3), "\xEF\xBF\xBD");
  }
  EXPECT_EQ(EncodeMailboxName("a\xFFz"), "a&,,0-z");
  EXPECT_EQ(EncodeMailboxName("\xC3z"), "&,,0-z") << "the octet after a broken one is kept";
}

TEST(MailboxNameTest, RefusesWhatNoEncoderMakes) {
  const absl::string_view hostile[] = {
      "&",           // a shift without an end
      "abc&",        //
      "&AOQ",        //
      "&A-",         // fewer bits than a UTF-16 unit
      "&AO-",        //
      "&AOQA-",      // six surplus bits
      "&AOR-",       // surplus bits that are not zero
      "&AO/-",       // "/" is "," here
      "&AO=-",       // no padding
      "&A O-",       //
      "&2D0-",       // half a surrogate pair
      "&2D0AYQ-",    // a high surrogate before a letter
      "&3gA-",       // a low surrogate alone
      "&3gDYPQ-",    // low before high
      "&2D3YPQ-",    // high before high
      "caf\xE9",     // bare 8-bit octets
      "&\xC3\xA4-",  //
      "a\tb",        // control characters
      "a\x7F",       //
  };
  for (const absl::string_view wire : hostile) {
    EXPECT_EQ(DecodeMailboxName(wire).status().code(), absl::StatusCode::kDataLoss) << wire;
  }
  EXPECT_EQ(DecodeMailboxName(absl::string_view("a\0b", 3)).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(MailboxNameTest, TheErrorQuotesAtMostOnePrintableLineOfWhatTheServerSent) {
  const std::string hostile = "a\r\n\x1B[2J" + std::string(100'000, '\xE9');
  const std::string message(DecodeMailboxName(hostile).status().message());
  EXPECT_LT(message.size(), 600u);
  EXPECT_TRUE(std::all_of(message.begin(), message.end(), [](char c) { return c >= ' '; }));
}

// Servers that break the rule against encoding what needs no encoding are still understood.
TEST(MailboxNameTest, UnderstandsNeedlessEncoding) {
  EXPECT_EQ(DecodeMailboxName("&AGE-b").value_or("refused"), "ab");
  EXPECT_EQ(DecodeMailboxName("&AOQ-&APY-").value_or("refused"), "äö");
}

TEST(QuoteTest, EscapesQuotesAndBackslashes) {
  EXPECT_EQ(Quote(""), R"("")");
  EXPECT_EQ(Quote("INBOX"), R"("INBOX")");
  EXPECT_EQ(Quote(R"(a"b\c)"), R"("a\"b\\c")");
}

}  // namespace
}  // namespace mailhaul::imap
