#include "worker/imap/responses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/error_detail.h"

namespace mailhaul::imap {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

StatusResponse Parse(absl::string_view text) {
  const auto response = ParseStatusResponse(text);
  EXPECT_TRUE(response.ok()) << response.status();
  return response.value_or(StatusResponse{});
}

TEST(ParseStatusResponseTest, TellsTheKindsApart) {
  using Kind = StatusResponse::Kind;
  EXPECT_EQ(Parse("OK done").kind, Kind::kOk);
  EXPECT_EQ(Parse("No way").kind, Kind::kNo);
  EXPECT_EQ(Parse("BAD syntax").kind, Kind::kBad);
  EXPECT_EQ(Parse("bye bye").kind, Kind::kBye);
  EXPECT_EQ(Parse("PREAUTH hello").kind, Kind::kPreauth);
}

TEST(ParseStatusResponseTest, SplitsCodeAndWords) {
  const StatusResponse response = Parse("OK [APPENDUID 38505 3955] APPEND completed");
  EXPECT_EQ(response.code, "APPENDUID 38505 3955");
  EXPECT_EQ(response.text, "APPEND completed");
}

TEST(ParseStatusResponseTest, WordsMayBeMissing) {
  EXPECT_EQ(Parse("OK").text, "");
  EXPECT_EQ(Parse("OK ").text, "");
  EXPECT_EQ(Parse("OK [READ-WRITE]").code, "READ-WRITE");
  EXPECT_EQ(Parse("NO [] empty code").text, "empty code");
}

TEST(ParseStatusResponseTest, ABracketInTheWordsIsNoCode) {
  const StatusResponse response = Parse("OK see [this]");
  EXPECT_EQ(response.code, "");
  EXPECT_EQ(response.text, "see [this]");
}

TEST(ParseStatusResponseTest, KeepsTheWordsOfACodeWithoutEnd) {
  const StatusResponse response = Parse("NO [oops the bracket never closes");
  EXPECT_EQ(response.code, "");
  EXPECT_EQ(response.text, "[oops the bracket never closes");
}

TEST(ParseStatusResponseTest, RefusesEverythingElse) {
  for (const absl::string_view text : {"", " ", "OKAY", "FLAGS ()", "[OK]", "\r", "O"}) {
    EXPECT_EQ(ParseStatusResponse(text).status().code(), kDataLoss) << text;
  }
}

struct CodeCase {
  absl::string_view response;
  absl::StatusCode code;
};
class ToStatusTest : public testing::TestWithParam<CodeCase> {};
TEST_P(ToStatusTest, GivesTheCodeThatTheResponseStandsFor) {
  EXPECT_EQ(ToStatus(Parse(GetParam().response), "the login").code(), GetParam().code);
}
INSTANTIATE_TEST_SUITE_P(
    Rfc5530, ToStatusTest,
    testing::Values(CodeCase{"OK done", absl::StatusCode::kOk},
                    CodeCase{"OK [UNAVAILABLE] fine all the same", absl::StatusCode::kOk},
                    CodeCase{"PREAUTH hello", absl::StatusCode::kOk},
                    CodeCase{"BYE", absl::StatusCode::kUnavailable},
                    CodeCase{"NO [AUTHENTICATIONFAILED] x", absl::StatusCode::kUnauthenticated},
                    CodeCase{"NO [authenticationfailed] x", absl::StatusCode::kUnauthenticated},
                    CodeCase{"NO [AUTHORIZATIONFAILED] x", absl::StatusCode::kUnauthenticated},
                    CodeCase{"NO [EXPIRED] x", absl::StatusCode::kUnauthenticated},
                    CodeCase{"NO [PRIVACYREQUIRED] x", absl::StatusCode::kUnauthenticated},
                    CodeCase{"NO [OVERQUOTA] x", absl::StatusCode::kResourceExhausted},
                    CodeCase{"NO [LIMIT] x", absl::StatusCode::kResourceExhausted},
                    CodeCase{"NO [UNAVAILABLE] x", absl::StatusCode::kUnavailable},
                    CodeCase{"NO [INUSE] x", absl::StatusCode::kUnavailable},
                    CodeCase{"NO [SERVERBUG] x", absl::StatusCode::kUnavailable},
                    CodeCase{"NO [NONEXISTENT] x", absl::StatusCode::kNotFound},
                    CodeCase{"NO [TRYCREATE] x", absl::StatusCode::kNotFound},
                    CodeCase{"NO [NOPERM] x", absl::StatusCode::kPermissionDenied},
                    CodeCase{"NO [ALREADYEXISTS] x", absl::StatusCode::kAlreadyExists},
                    CodeCase{"BAD [OVERQUOTA] x", absl::StatusCode::kResourceExhausted},
                    CodeCase{"NO [OVERQUOTAS] x", absl::StatusCode::kFailedPrecondition},
                    CodeCase{"NO [OVERQUOTA with words] x", absl::StatusCode::kResourceExhausted},
                    CodeCase{"NO [ALERT] x", absl::StatusCode::kFailedPrecondition},
                    CodeCase{"NO x", absl::StatusCode::kFailedPrecondition},
                    CodeCase{"BAD x", absl::StatusCode::kFailedPrecondition}));

TEST(ToStatusTest, KeepsTheServersWordsApartFromOurs) {
  const absl::Status status = ToStatus(Parse("NO [OVERQUOTA] Mailbox of alice is full"), "APPEND");
  EXPECT_EQ(status.message(), "APPEND was refused");
  EXPECT_EQ(GetErrorDetail(status)->server_text, "[OVERQUOTA] Mailbox of alice is full");
  EXPECT_EQ(ToStatus(Parse("BAD huh"), "APPEND").message(), "APPEND was not understood");
}

TEST(ToStatusTest, ClipsALongTirade) {
  const absl::Status status = ToStatus(Parse("NO " + std::string(100'000, 'x')), "APPEND");
  EXPECT_EQ(GetErrorDetail(status)->server_text, std::string(500, 'x'));
}

TEST(CapabilitiesTest, AreFoundWithoutRegardToCase) {
  const Capabilities offered("IMAP4rev1 starttls  AUTH=Plain");
  EXPECT_TRUE(offered.Has("IMAP4REV1"));
  EXPECT_TRUE(offered.Has("STARTTLS"));
  EXPECT_TRUE(offered.Has("auth=plain"));
  EXPECT_FALSE(offered.Has("AUTH"));
  EXPECT_FALSE(offered.Has(""));
  EXPECT_TRUE(Capabilities("").empty());
  EXPECT_TRUE(Capabilities().empty());
}

TEST(CapabilitiesTest, MayCarryANumber) {
  EXPECT_EQ(Capabilities("IMAP4rev1 APPENDLIMIT=257890").Number("appendlimit"), 257890u);
  EXPECT_EQ(Capabilities("APPENDLIMIT=18446744073709551615").Number("APPENDLIMIT"), UINT64_MAX);
  for (const absl::string_view offered :
       {"", "APPENDLIMIT", "APPENDLIMIT=", "APPENDLIMIT=many", "APPENDLIMIT=18446744073709551616",
        "XAPPENDLIMIT=5", "APPENDLIMITS=5", "APPENDLIMIT=-1"}) {
    EXPECT_EQ(Capabilities(offered).Number("APPENDLIMIT"), std::nullopt) << offered;
  }
}

TEST(ParseCapabilitiesTest, ReadsTheUntaggedResponseAndTheCode) {
  EXPECT_TRUE(ParseCapabilities("CAPABILITY IMAP4rev1 IDLE")->Has("IDLE"));
  EXPECT_TRUE(ParseCapabilities("capability IMAP4rev1 IDLE")->Has("IDLE"));
  EXPECT_FALSE(ParseCapabilities("CAPABILITYX IDLE").has_value());
  EXPECT_FALSE(ParseCapabilities("LIST () NIL a").has_value());
  EXPECT_FALSE(ParseCapabilities("").has_value());
}

struct ListCase {
  const char* name;
  absl::string_view text;
  std::vector<std::string> attributes;
  char delimiter;
  absl::string_view mailbox;
};
class ParseListTest : public testing::TestWithParam<ListCase> {};
TEST_P(ParseListTest, KnownAnswer) {
  const auto parsed = ParseList(GetParam().text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_TRUE(parsed->has_value());
  const ListedMailbox& mailbox = **parsed;
  EXPECT_EQ(mailbox.attributes, GetParam().attributes);
  EXPECT_EQ(mailbox.delimiter, GetParam().delimiter);
  EXPECT_EQ(mailbox.name, GetParam().mailbox);
}
INSTANTIATE_TEST_SUITE_P(
    Rfc9051, ParseListTest,
    testing::Values(
        ListCase{"Atom", "LIST (\\Noselect) \"/\" ~/Mail/foo", {"\\noselect"}, '/', "~/Mail/foo"},
        ListCase{"Root", "LIST (\\Noselect) \"/\" \"\"", {"\\noselect"}, '/', ""},
        ListCase{"Quoted", R"(LIST () "." "a \"b\" \\c")", {}, '.', R"(a "b" \c)"},
        ListCase{"BackslashDelimiter", R"(LIST () "\\" "a\\b")", {}, '\\', "a\\b"},
        ListCase{"Literal", "LIST () \"/\" {7}\r\nfoo\"(\r\n", {}, '/', "foo\"(\r\n"},
        ListCase{"LiteralDelimiter", "LIST () {1}\r\n^ foo", {}, '^', "foo"},
        ListCase{"NilDelimiter", "LIST () NIL INBOX", {}, 0, "INBOX"},
        ListCase{"LowerCaseNil", "list () nil inbox", {}, 0, "inbox"},
        ListCase{"EmptyDelimiter", "LIST () \"\" foo", {}, 0, "foo"},
        ListCase{"NameNil", "LIST () \"/\" NIL", {}, '/', "NIL"},
        ListCase{"Lsub", "LSUB (\\Subscribed) \"/\" x", {"\\subscribed"}, '/', "x"},
        ListCase{"ManyAttributes",
                 "LIST ( \\HasNoChildren  \\Sent ) \"/\" Sent",
                 {"\\hasnochildren", "\\sent"},
                 '/',
                 "Sent"},
        ListCase{"ExtendedItems",
                 "LIST (\\NonExistent) \"/\" foo (\"CHILDINFO\" (\"SUBSCRIBED\"))",
                 {"\\nonexistent"},
                 '/',
                 "foo"},
        ListCase{"TrailingBlank", "LIST () \"/\" foo ", {}, '/', "foo"},
        ListCase{"PercentAndStar", "LIST () \"/\" a%b*c]", {}, '/', "a%b*c]"},
        ListCase{"EightBit", "LIST () \"/\" caf\xE9", {}, '/', "caf\xE9"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ParseListTest, AnotherResponseIsNoList) {
  for (const absl::string_view text : {"", "LIST", "LISTS () NIL a", "SEARCH 1", "FLAGS ()"}) {
    const auto parsed = ParseList(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_FALSE(parsed->has_value()) << text;
  }
}

TEST(ParseListTest, RefusesABrokenList) {
  for (const absl::string_view text :
       {"LIST ", "LIST (", "LIST () ", "LIST () \"/\"", "LIST () \"/\" ", "LIST () / foo",
        "LIST (\\Sent \"/\" foo", "LIST () \"/\" (foo)", "LIST () \"/\" \"foo",
        "LIST () \"/\" {9}\r\nfoo", "LIST NIL \"/\" foo"}) {
    EXPECT_EQ(ParseList(text).status().code(), kDataLoss) << text;
  }
}

// A folder must not be taken for another one whose name is its first word.
TEST(ParseListTest, RefusesANameWithBlanksButNoQuotes) {
  EXPECT_EQ(ParseList("LIST () \"/\" Sent Items").status().code(), kDataLoss);
  EXPECT_EQ(ParseList("LIST () \"/\" \"Sent\" Items").status().code(), kDataLoss);
  EXPECT_EQ(ParseList("LIST () \"/\" \"Sent\"Items").status().code(), kDataLoss);
}

TEST(ListedMailboxTest, HasLooksForWholeAttributes) {
  ListedMailbox mailbox;
  mailbox.attributes = {"\\sent", "\\hasnochildren"};
  EXPECT_TRUE(mailbox.Has("\\sent"));
  EXPECT_FALSE(mailbox.Has("\\sen"));
  EXPECT_FALSE(mailbox.Has("sent"));
}

struct NamespaceCase {
  const char* name;
  absl::string_view text;
  absl::string_view prefix;
  char delimiter;
};
class ParseNamespaceTest : public testing::TestWithParam<NamespaceCase> {};
TEST_P(ParseNamespaceTest, KnownAnswer) {
  const auto parsed = ParseNamespace(GetParam().text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_TRUE(parsed->has_value());
  EXPECT_EQ((*parsed)->prefix, GetParam().prefix);
  EXPECT_EQ((*parsed)->delimiter, GetParam().delimiter);
}
INSTANTIATE_TEST_SUITE_P(
    Rfc2342, ParseNamespaceTest,
    testing::Values(
        NamespaceCase{"OnlyPersonal", "NAMESPACE ((\"\" \"/\")) NIL NIL", "", '/'},
        NamespaceCase{"Inbox", "NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"Public.\" \".\"))", "INBOX.",
                      '.'},
        NamespaceCase{"AllThree",
                      "NAMESPACE ((\"\" \"/\")) ((\"~\" \"/\")) ((\"#shared/\" \"/\")"
                      "(\"#public/\" \"/\"))",
                      "", '/'},
        NamespaceCase{"Extension",
                      "NAMESPACE ((\"\" \"/\")(\"#mh/\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG2\")))"
                      " NIL NIL",
                      "", '/'},
        NamespaceCase{"NilDelimiter", "namespace ((\"\" NIL)) nil nil", "", 0},
        NamespaceCase{"LiteralPrefix", "NAMESPACE (({3}\r\na b \"/\")) NIL NIL", "a b", '/'}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ParseNamespaceTest, ThereMayBeNoPersonalOne) {
  for (const absl::string_view text : {"NAMESPACE NIL NIL ((\"\" \".\"))", "LIST () NIL a", ""}) {
    const auto parsed = ParseNamespace(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_FALSE(parsed->has_value()) << text;
  }
}

TEST(ParseNamespaceTest, RefusesABrokenOne) {
  for (const absl::string_view text :
       {"NAMESPACE ", "NAMESPACE (", "NAMESPACE ((", "NAMESPACE ((\"\"", "NAMESPACE ((\"\" /))",
        "NAMESPACE () NIL NIL", "NAMESPACE ((INBOX. \".\"))"}) {
    EXPECT_EQ(ParseNamespace(text).status().code(), kDataLoss) << text;
  }
}

// The example of RFC 9051 6.3.2.
TEST(NoteSelectResponseTest, CollectsWhatSelectTells) {
  SelectedMailbox mailbox;
  for (const absl::string_view text :
       {"172 EXISTS", "1 RECENT", "OK [UNSEEN 12] Message 12 is first unseen",
        "OK [UIDVALIDITY 3857529045] UIDs valid", "OK [UIDNEXT 4392] Predicted next UID",
        "FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
        "OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited", "LIST () \"/\" INBOX",
        "5 FETCH (FLAGS (\\Seen))", "OK [HIGHESTMODSEQ 715194045007] Ok", "OK"}) {
    const absl::Status noted = NoteSelectResponse(text, mailbox);
    EXPECT_TRUE(noted.ok()) << noted;
  }
  EXPECT_EQ(mailbox.uid_validity, 3857529045u);
  EXPECT_EQ(mailbox.uid_next, 4392u);
  EXPECT_EQ(mailbox.exists, 172u);
  EXPECT_TRUE(mailbox.has_permanent_flags);
  EXPECT_THAT(mailbox.permanent_flags, ElementsAre("\\Deleted", "\\Seen", "\\*"));
}

TEST(NoteSelectResponseTest, NoPermanentFlagsIsNotTheSameAsAnEmptyList) {
  SelectedMailbox mailbox;
  EXPECT_FALSE(mailbox.has_permanent_flags);
  EXPECT_TRUE(NoteSelectResponse("OK [PERMANENTFLAGS ()] Read-only mailbox", mailbox).ok());
  EXPECT_TRUE(mailbox.has_permanent_flags);
  EXPECT_THAT(mailbox.permanent_flags, IsEmpty());
}

TEST(NoteSelectResponseTest, RefusesBrokenNumbersAndLists) {
  for (const absl::string_view text :
       {"OK [UIDVALIDITY x]", "OK [UIDVALIDITY 4294967296]", "OK [UIDNEXT ]",
        "OK [PERMANENTFLAGS \\Seen]", "OK [PERMANENTFLAGS (\\Seen",
        "18446744073709551616 EXISTS"}) {
    SelectedMailbox mailbox;
    EXPECT_EQ(NoteSelectResponse(text, mailbox).code(), kDataLoss) << text;
  }
}

TEST(ParseAppendUidTest, ReadsOneUidAndSets) {
  const auto one = ParseAppendUid("APPENDUID 38505 3955");
  ASSERT_TRUE(one.ok() && one->has_value()) << one.status();
  EXPECT_EQ((*one)->uid_validity, 38505u);
  EXPECT_EQ((*one)->uids.ToString(), "3955");
  const auto many = ParseAppendUid("appenduid 1 304,319:320");
  ASSERT_TRUE(many.ok() && many->has_value()) << many.status();
  EXPECT_EQ((*many)->uids.ToString(), "304,319:320");
}

TEST(ParseAppendUidTest, AnotherCodeIsNone) {
  for (const absl::string_view code : {"", "ALERT", "APPENDUID", "COPYUID 1 2 3"}) {
    const auto parsed = ParseAppendUid(code);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_FALSE(parsed->has_value()) << code;
  }
}

TEST(ParseAppendUidTest, RefusesABrokenOne) {
  for (const absl::string_view code :
       {"APPENDUID ", "APPENDUID 1", "APPENDUID 1 ", "APPENDUID 1 0", "APPENDUID 1 *",
        "APPENDUID 1 4294967296", "APPENDUID 4294967296 1", "APPENDUID 1 2 3", "APPENDUID x 1"}) {
    EXPECT_EQ(ParseAppendUid(code).status().code(), kDataLoss) << code;
  }
}

}  // namespace
}  // namespace mailhaul::imap
