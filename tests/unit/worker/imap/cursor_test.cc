#include "worker/imap/cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace mailhaul::imap {
namespace {

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

TEST(CursorTest, TakeMovesOnlyOnAMatch) {
  Cursor in("(x");
  EXPECT_FALSE(in.Take('x'));
  EXPECT_EQ(in.rest(), "(x");
  EXPECT_TRUE(in.Take('('));
  EXPECT_EQ(in.rest(), "x");
}

TEST(CursorTest, TakeWordIgnoresCase) {
  Cursor in("fEtCh rest");
  EXPECT_FALSE(in.TakeWord("STORE"));
  EXPECT_TRUE(in.TakeWord("FETCH "));
  EXPECT_EQ(in.rest(), "rest");
}

TEST(CursorTest, NothingCanBeTakenAtTheEnd) {
  Cursor in("");
  EXPECT_TRUE(in.AtEnd());
  EXPECT_FALSE(in.Take('a'));
  EXPECT_FALSE(in.TakeWord("a"));
  EXPECT_EQ(in.TakeAtom(), "");
  EXPECT_EQ(in.TakeUntil(")"), "");
  EXPECT_EQ(in.ReadNumber().status().code(), kDataLoss);
  EXPECT_EQ(in.ReadString().status().code(), kDataLoss);
  EXPECT_EQ(in.ReadAstring().status().code(), kDataLoss);
  EXPECT_EQ(in.ReadNstring().status().code(), kDataLoss);
  EXPECT_EQ(in.Expect(')').code(), kDataLoss);
  EXPECT_EQ(in.SkipValue().code(), kDataLoss);
  in.Skip(5);
  EXPECT_TRUE(in.AtEnd());
}

TEST(CursorTest, AnAtomEndsAtWhatStartsSomethingElse) {
  for (const absl::string_view stop : {" ", "(", ")", "{", "\"", "\r", "\x7F"}) {
    const std::string text = absl::StrCat("\\Seen]%*[", stop, "x");
    Cursor in(text);
    EXPECT_EQ(in.TakeAtom(), "\\Seen]%*[") << stop;
  }
}

TEST(CursorTest, NumbersHaveTheirFullRange) {
  EXPECT_EQ(*Cursor("0").ReadNumber(), 0u);
  EXPECT_EQ(*Cursor("4294967295)").ReadNumber(), 4294967295u);
  EXPECT_EQ(Cursor("4294967296").ReadNumber().status().code(), kDataLoss);
  EXPECT_EQ(*Cursor("18446744073709551615").ReadNumber64(), UINT64_MAX);
  EXPECT_EQ(Cursor("18446744073709551616").ReadNumber64().status().code(), kDataLoss);
  EXPECT_EQ(Cursor("-1").ReadNumber64().status().code(), kDataLoss);
  EXPECT_EQ(Cursor("+1").ReadNumber64().status().code(), kDataLoss);
  EXPECT_EQ(Cursor(" 1").ReadNumber64().status().code(), kDataLoss);
}

struct StringCase {
  absl::string_view text;
  absl::string_view value;
  absl::string_view rest;
};

TEST(CursorTest, ReadsStringsOfEveryForm) {
  for (const StringCase& c : {
           StringCase{"\"\" x", "", " x"}, StringCase{"\"a b\")", "a b", ")"},
           StringCase{R"("a\"b\\c"d)", R"(a"b\c)", "d"}, StringCase{"{0}\r\n)", "", ")"},
           StringCase{"{5}\r\na\r\n\"{ rest", "a\r\n\"{", " rest"},
           StringCase{"{3+}\r\nabcd", "abc", "d"},  // a client's form, which some servers send too
       }) {
    Cursor in(c.text);
    const auto value = in.ReadString();
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_EQ(*value, c.value);
    EXPECT_EQ(in.rest(), c.rest);
  }
}

TEST(CursorTest, RefusesBrokenStrings) {
  for (const absl::string_view text : {"\"",
                                       "\"abc",
                                       R"("abc\)",
                                       R"("abc\")",
                                       "{",
                                       "{}",
                                       "{}\r\n",
                                       "{3",
                                       "{3}",
                                       "{3}\r",
                                       "{3}\r\nab",
                                       "{3}\nabc",
                                       "{-1}\r\n",
                                       "{x}\r\nabc",
                                       "{18446744073709551615}\r\nabc",
                                       "{18446744073709551616}\r\nabc",
                                       "atom",
                                       "(",
                                       ")",
                                       " \"a\""}) {
    EXPECT_EQ(Cursor(text).ReadString().status().code(), kDataLoss) << text;
  }
}

TEST(CursorTest, AnAstringIsAnAtomOrAString) {
  EXPECT_EQ(*Cursor("INBOX)").ReadAstring(), "INBOX");
  EXPECT_EQ(*Cursor("NIL").ReadAstring(), "NIL");
  EXPECT_EQ(*Cursor("\"a b\"").ReadAstring(), "a b");
  EXPECT_EQ(*Cursor("{2}\r\n()").ReadAstring(), "()");
  EXPECT_EQ(Cursor(")").ReadAstring().status().code(), kDataLoss);
}

TEST(CursorTest, AnNstringIsNilOrAString) {
  EXPECT_EQ(*Cursor("nil").ReadNstring(), std::nullopt);
  EXPECT_EQ(*Cursor("\"NIL\"").ReadNstring(), "NIL");
  EXPECT_EQ(Cursor("INBOX").ReadNstring().status().code(), kDataLoss);
}

TEST(CursorTest, SkipsOneValueOfAnyShape) {
  for (const absl::string_view value :
       {"atom", "NIL", "123", "\"a)b\"", "{3}\r\n)))", "()", "(a (b \"c)\" {1}\r\n)) ((())) NIL)",
        "(  spaced   out  )"}) {
    const std::string text = absl::StrCat(value, " next");
    Cursor in(text);
    const absl::Status skipped = in.SkipValue();
    ASSERT_TRUE(skipped.ok()) << skipped;
    EXPECT_EQ(in.rest(), " next");
  }
}

TEST(CursorTest, ListsMayBe32Deep) {
  const auto nested = [](int depth) {
    return std::string(depth, '(') + "x" + std::string(depth, ')');
  };
  EXPECT_TRUE(Cursor(nested(32)).SkipValue().ok());
  EXPECT_EQ(Cursor(nested(33)).SkipValue().code(), kDataLoss);
  EXPECT_EQ(Cursor(std::string(1'000'000, '(')).SkipValue().code(), kDataLoss);
}

TEST(CursorTest, RefusesListsThatDoNotEnd) {
  for (const absl::string_view text : {"(", "(a", "(a (b)", "(\"a)", "({9}\r\n)", "(a{", "(\r)"}) {
    EXPECT_EQ(Cursor(text).SkipValue().code(), kDataLoss) << text;
  }
}

TEST(CursorTest, ErrorsNameThePlaceInOnePrintableLine) {
  Cursor in("UID x\r\n\x1B[2J");
  ASSERT_TRUE(in.TakeWord("UID "));
  const absl::Status status = in.ReadNumber().status();
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("expected a number at octet 4"));
  const absl::string_view message = status.message();
  EXPECT_TRUE(std::all_of(message.begin(), message.end(), [](char c) { return c >= ' '; }));
}

}  // namespace
}  // namespace mailhaul::imap
