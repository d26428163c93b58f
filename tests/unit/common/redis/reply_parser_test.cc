#include "common/redis/reply_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace mailhaul::redis {
namespace {

using namespace std::string_literals;
using Kind = Reply::Kind;

// As redis-cli prints replies, on one line.
std::string Print(const Reply& reply) {
  switch (reply.kind) {
    case Kind::kNil:
      return "(nil)";
    case Kind::kInteger:
      return absl::StrCat("(integer) ", reply.integer);
    case Kind::kString:
      return absl::StrCat("\"", reply.text, "\"");
    case Kind::kStatus:
      return reply.text;
    case Kind::kError:
      return absl::StrCat("(error) ", reply.text);
    case Kind::kArray:
      break;
  }
  std::string items;
  for (const Reply& item : reply.items) absl::StrAppend(&items, Print(item), ";");
  return absl::StrCat("[", items, "]");
}

// Feeds `octets` in pieces of the given size; all replies in one string, an error ends it.
std::string Parse(absl::string_view octets, size_t piece, ReplyParser::Limits limits = {}) {
  ReplyParser parser(limits);
  std::string printed;
  while (!octets.empty()) {
    if (absl::Status fed = parser.Feed(octets.substr(0, piece)); !fed.ok()) {
      return absl::StrCat(printed, absl::StatusCodeToString(fed.code()));
    }
    octets.remove_prefix(std::min(piece, octets.size()));
    for (;;) {
      const auto reply = parser.Next();
      if (!reply.ok()) {
        return absl::StrCat(printed, absl::StatusCodeToString(reply.status().code()));
      }
      if (!*reply) break;
      absl::StrAppend(&printed, Print(**reply), " ");
    }
  }
  return printed;
}

struct Case {
  const char* name;
  absl::string_view octets;
  const char* printed;
};

// The examples of https://redis.io/docs/reference/protocol-spec, and what must not get through.
constexpr Case kCases[] = {
    {"Status", "+OK\r\n", "OK "},
    {"Error", "-ERR unknown command\r\n", "(error) ERR unknown command "},
    {"Integer", ":1000\r\n", "(integer) 1000 "},
    {"NegativeInteger", ":-1\r\n", "(integer) -1 "},
    {"LargestInteger", ":9223372036854775807\r\n", "(integer) 9223372036854775807 "},
    {"String", "$5\r\nhello\r\n", "\"hello\" "},
    {"StringWithLineEnds", "$4\r\n\r\n\r\n\r\n", "\"\r\n\r\n\" "},
    {"EmptyString", "$0\r\n\r\n", "\"\" "},
    {"NilString", "$-1\r\n", "(nil) "},
    {"NilArray", "*-1\r\n", "(nil) "},
    {"EmptyArray", "*0\r\n", "[] "},
    {"Array", "*3\r\n:1\r\n$-1\r\n$1\r\nx\r\n", "[(integer) 1;(nil);\"x\";] "},
    {"Nested", "*2\r\n*2\r\n:1\r\n*1\r\n:2\r\n*1\r\n+last\r\n",
     "[[(integer) 1;[(integer) 2;];];[last;];] "},
    {"SeveralInARow", ":1\r\n+OK\r\n:2\r\n", "(integer) 1 OK (integer) 2 "},
    {"SevenDeep", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
     "[[[[[[[(integer) 1;];];];];];];] "},
    {"TooDeep", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "DATA_LOSS"},
    {"NotRedis", "HTTP/1.1 400 Bad Request\r\n", "DATA_LOSS"},
    {"BadLength", "$-2\r\n", "DATA_LOSS"},
    {"AfterGoodOnes", "+OK\r\n?\r\n", "OK DATA_LOSS"},
};

class ReplyParserTest : public testing::TestWithParam<Case> {};

TEST_P(ReplyParserTest, ReadsItWholeAndInPieces) {
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, size_t{1000}}) {
    EXPECT_EQ(Parse(GetParam().octets, piece), GetParam().printed) << "in pieces of " << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(Resp2, ReplyParserTest, testing::ValuesIn(kCases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(ReplyParserLimitsTest, AnAnnouncedArrayCostsNothingUntilItsElementsCome) {
  EXPECT_EQ(Parse("*2147483647\r\n:1\r\n", 1000), "");
}

TEST(ReplyParserLimitsTest, AReplyHasOnlySoManyElements) {
  const ReplyParser::Limits four{.unparsed_octets = 1000, .elements = 4};
  EXPECT_EQ(Parse("*3\r\n:1\r\n:2\r\n:3\r\n*3\r\n:1\r\n:2\r\n:3\r\n", 1000, four),
            "[(integer) 1;(integer) 2;(integer) 3;] [(integer) 1;(integer) 2;(integer) 3;] ");
  EXPECT_EQ(Parse("*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", 1000, four), "DATA_LOSS");
}

TEST(ReplyParserLimitsTest, AStringIsOnlySoLong) {
  const ReplyParser::Limits limits{.unparsed_octets = 100, .elements = 10};
  EXPECT_EQ(Parse(absl::StrCat("$90\r\n", std::string(90, 'x'), "\r\n"), 10, limits),
            absl::StrCat("\"", std::string(90, 'x'), "\" "));
  EXPECT_EQ(Parse(absl::StrCat("$110\r\n", std::string(110, 'x'), "\r\n"), 10, limits),
            "DATA_LOSS");
}

TEST(FormatCommandTest, WordsMayHoldAnyOctets) {
  EXPECT_EQ(FormatCommand({"SET", "a b", "\0\r\n"s, ""}),
            "*4\r\n$3\r\nSET\r\n$3\r\na b\r\n$3\r\n\0\r\n\r\n$0\r\n\r\n"s);
}

}  // namespace
}  // namespace mailhaul::redis
