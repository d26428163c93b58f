#include "worker/imap/fetch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace mailhaul::imap {
namespace {

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

// One response that holds everything in its text.
FetchedMessage Fetched(absl::string_view text) {
  FetchParser parser;
  const absl::Status parsed = parser.Start(text, /*body_follows=*/false);
  EXPECT_TRUE(parsed.ok()) << parsed;
  return parser.message();
}

TEST(FetchParserTest, KnowsAFetchResponse) {
  EXPECT_TRUE(FetchParser::Matches("12 FETCH (UID 5)"));
  EXPECT_TRUE(FetchParser::Matches("12 fetch (UID 5)"));
  for (const absl::string_view text : {"", "12", "12 ", "12 EXISTS", "FETCH (UID 5)", "12 FETCH",
                                       "12 FETCH UID 5", "* 12 FETCH (UID 5)"}) {
    EXPECT_FALSE(FetchParser::Matches(text)) << text;
  }
}

// The items with the body at its place: the text up to the body, and the text after it.
struct Parts {
  std::string before;
  std::string after;
};
Parts Arrange(const std::vector<std::string>& items) {
  const std::string whole = absl::StrCat("7 FETCH (", absl::StrJoin(items, " "), ")");
  const size_t end = whole.find("{9}") + 3;
  return {whole.substr(0, end), whole.substr(end)};
}

TEST(FetchParserTest, ItemsMayComeInAnyOrder) {
  std::vector<std::string> items = {"UID 4827313", "FLAGS (\\Seen $Forwarded)",
                                    "INTERNALDATE \"17-Jul-1996 02:44:25 -0700\"",
                                    "RFC822.SIZE 44827", "BODY[] {9}"};
  std::sort(items.begin(), items.end());
  do {
    const Parts parts = Arrange(items);
    FetchParser parser;
    ASSERT_TRUE(parser.Start(parts.before, /*body_follows=*/true).ok()) << parts.before;
    ASSERT_TRUE(parser.Continue(parts.after, /*body_follows=*/false).ok()) << parts.after;
    const FetchedMessage& message = parser.message();
    ASSERT_TRUE(message.HasMetadata());
    ASSERT_EQ(message.uid, 4827313u);
    ASSERT_EQ(message.flags, "\\Seen $Forwarded");
    ASSERT_EQ(message.internal_date, "17-Jul-1996 02:44:25 -0700");
    ASSERT_EQ(message.size, 44827u);
    ASSERT_FALSE(message.body_is_nil);
    ASSERT_FALSE(message.quoted_body);
  } while (std::next_permutation(items.begin(), items.end()));
}

TEST(FetchParserTest, MetadataIsCompleteOnlyWithAllThree) {
  EXPECT_FALSE(Fetched("1 FETCH (UID 5 FLAGS ())").HasMetadata());
  EXPECT_FALSE(Fetched("1 FETCH (UID 5 INTERNALDATE \"x\")").HasMetadata());
  EXPECT_FALSE(Fetched("1 FETCH (FLAGS () INTERNALDATE \"x\")").HasMetadata());
  EXPECT_TRUE(Fetched("1 FETCH (UID 5 FLAGS () INTERNALDATE \"x\")").HasMetadata());
}

TEST(FetchParserTest, NamesAreTakenWithoutRegardToCase) {
  const FetchedMessage message = Fetched("1 FETCH (uid 5 flags (\\seen) Rfc822.Size 3)");
  EXPECT_EQ(message.uid, 5u);
  EXPECT_EQ(message.flags, "\\seen");
  EXPECT_EQ(message.size, 3u);
}

TEST(FetchParserTest, ABodyMayBeNil) {
  const FetchedMessage message = Fetched("1 FETCH (UID 5 BODY[] NIL)");
  EXPECT_TRUE(message.body_is_nil);
  EXPECT_FALSE(message.quoted_body);
  EXPECT_EQ(message.uid, 5u);
}

TEST(FetchParserTest, ABodyMayBeQuoted) {
  const FetchedMessage message = Fetched(R"-(1 FETCH (BODY[] "a \"tiny\" \\ one)" UID 5))-");
  EXPECT_EQ(message.quoted_body, R"-(a "tiny" \ one))-");
  EXPECT_FALSE(message.body_is_nil);
  EXPECT_EQ(message.uid, 5u);
  EXPECT_EQ(Fetched("1 FETCH (BODY[] \"\")").quoted_body, "");
}

TEST(FetchParserTest, ABodyMayStandInTheText) {
  EXPECT_EQ(Fetched("1 FETCH (BODY[] {3}\r\n))) UID 5)").quoted_body, ")))");
}

TEST(FetchParserTest, PassesOverItemsThatWereNotAskedFor) {
  const FetchedMessage message = Fetched(
      "1 FETCH (MODSEQ (624140003) ENVELOPE (\"date\" {4}\r\na)b( ((NIL NIL \"x\" \"y\")) NIL) "
      "X-GM-LABELS (\"\\\\Important\" foo) BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"CHARSET\" "
      "\"utf-8\") NIL NIL \"7BIT\" 12 1) \"MIXED\") BODY[HEADER.FIELDS (DATE \"FROM\")] {4}\r\n\r\n"
      "\r\n X-GM-MSGID 1278455344230334865 BODY[]<0> NIL UID 5)");
  EXPECT_EQ(message.uid, 5u);
  EXPECT_FALSE(message.body_is_nil);
}

TEST(FetchParserTest, EveryResponseStartsAfresh) {
  FetchParser parser;
  ASSERT_TRUE(parser.Start("1 FETCH (UID 5 FLAGS (\\Seen) BODY[] NIL)", false).ok());
  ASSERT_TRUE(parser.Start("2 FETCH (RFC822.SIZE 3)", false).ok());
  EXPECT_EQ(parser.message().uid, 0u);
  EXPECT_FALSE(parser.message().flags.has_value());
  EXPECT_FALSE(parser.message().body_is_nil);
}

TEST(FetchParserTest, EmptyListsAreLegal) {
  EXPECT_EQ(Fetched("1 FETCH ()").uid, 0u);
  EXPECT_EQ(Fetched("1 FETCH (FLAGS ())").flags, "");
}

TEST(FetchParserTest, RefusesWhatBreaksTheGrammar) {
  for (const absl::string_view text :
       {"1 FETCH (", "1 FETCH (UID", "1 FETCH (UID )", "1 FETCH (UID 5", "1 FETCH (UID x)",
        "1 FETCH (UID 4294967296)", "1 FETCH (FLAGS (\\Seen", "1 FETCH (INTERNALDATE 5)",
        "1 FETCH (RFC822.SIZE \"5\")", "1 FETCH (BODY[] atom)", "1 FETCH (BODY[] {5}\r\nabc)",
        "1 FETCH (BODY[] {3})", "1 FETCH (BODY[] )", "1 FETCH (MODSEQ)", "1 FETCH (MODSEQ (1)",
        "1 FETCH (\"UID\" 5)", "1 FETCH ((UID 5))", "1 FETCH (UID 5\r\n"}) {
    FetchParser parser;
    EXPECT_EQ(parser.Start(text, false).code(), kDataLoss) << text;
  }
}

// Octets that belong to no item of the list would be taken for the message's.
TEST(FetchParserTest, RefusesABodyOutsideTheList) {
  for (const absl::string_view text : {"1 FETCH (UID 5) BODY[] {9}", "1 FETCH () BODY[] {9}",
                                       "1 FETCH (X-BODY[] {9}", "1 FETCH (MODSEQ (BODY[] {9}"}) {
    FetchParser parser;
    EXPECT_EQ(parser.Start(text, /*body_follows=*/true).code(), kDataLoss) << text;
  }
}

TEST(FetchParserTest, TheRestAfterABodyMustCloseTheList) {
  for (const absl::string_view rest : {"", " ", " UID", " UID 5", "(", "\""}) {
    FetchParser parser;
    ASSERT_TRUE(parser.Start("1 FETCH (BODY[] {9}", true).ok());
    EXPECT_EQ(parser.Continue(rest, false).code(), kDataLoss) << rest;
  }
}

}  // namespace
}  // namespace mailhaul::imap
