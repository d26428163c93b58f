#include "coordinator/row_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "coordinator/row_fields.h"

namespace mailhaul::coordinator {
namespace {

using csv::Columns;
using csv::Row;
using csv::Violation;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A row as a table writes it: "column=value" for each column, separated by blanks.
struct Table {
  std::string header;
  Row row{.line = 2, .fields = {}};

  explicit Table(absl::string_view cells) {
    for (const absl::string_view cell : absl::StrSplit(cells, ' ')) {
      const std::pair<absl::string_view, absl::string_view> kv =
          absl::StrSplit(cell, absl::MaxSplits('=', 1));
      absl::StrAppend(&header, header.empty() ? "" : ",", kv.first);
      row.fields.emplace_back(kv.second);
    }
  }
  Columns Resolve() const {
    std::vector<Violation> violations;
    auto columns = Columns::Resolve(Row{1, absl::StrSplit(header, ',')}, violations);
    for (const Violation& violation : violations) ADD_FAILURE() << Describe(violation);
    return *columns;
  }
};

CheckedRow Accepted(absl::string_view cells, std::vector<provider::CapOverride> caps = {}) {
  const Table table(cells);
  std::vector<Violation> violations;
  auto checked = RowCheck(table.Resolve(), std::move(caps)).Check(table.row, violations);
  for (const Violation& violation : violations) ADD_FAILURE() << Describe(violation);
  return checked.value_or(CheckedRow{});
}

std::vector<std::string> Refused(absl::string_view cells) {
  const Table table(cells);
  std::vector<Violation> violations;
  EXPECT_FALSE(RowCheck(table.Resolve(), {}).Check(table.row, violations)) << cells;
  std::vector<std::string> out;
  for (const Violation& violation : violations) out.push_back(Describe(violation));
  return out;
}

constexpr absl::string_view kPlain =
    "source_user=john source_password=S3cret source_host=old.example.org destination_user=jane "
    "destination_password=T0psecret destination_host=new.example.org";

constexpr absl::string_view kHosted =
    "request_type=o365-gmail-imap source_user=john source_domain=Baya.com source_password=S3cret "
    "destination_user=jane@new.org destination_password=T0psecret";

std::string With(absl::string_view cells, absl::string_view more) {
  return absl::StrCat(cells, " ", more);
}

TEST(RowCheckTest, FillsInTheDefaultsOfAPlainServer) {
  const v1::JobSpec spec = Accepted(kPlain).spec;
  EXPECT_EQ(spec.request_type(), "IMAP-IMAP-IMAP");
  EXPECT_EQ(spec.source().provider(), "imap");
  EXPECT_EQ(spec.source().user(), "john");
  EXPECT_EQ(spec.source().password(), "S3cret");
  EXPECT_EQ(spec.source().host(), "old.example.org");
  EXPECT_EQ(spec.source().port(), 993);
  EXPECT_EQ(spec.source().security(), v1::SECURITY_TLS);
  EXPECT_EQ(spec.destination().user(), "jane");
  EXPECT_EQ(spec.destination().host(), "new.example.org");
  EXPECT_EQ(spec.destination_folder(), "");
}

TEST(RowCheckTest, FillsInTheServersOfHostedProvidersAndTheDomainOfTheUser) {
  const v1::JobSpec spec = Accepted(kHosted).spec;
  EXPECT_EQ(spec.request_type(), "O365-GMAIL-IMAP");
  EXPECT_EQ(spec.source().user(), "john@Baya.com");
  EXPECT_EQ(spec.source().host(), "outlook.office365.com");
  EXPECT_EQ(spec.destination().user(), "jane@new.org");
  EXPECT_EQ(spec.destination().host(), "imap.gmail.com");
}

TEST(RowCheckTest, AUserWithADomainKeepsIt) {
  EXPECT_EQ(Accepted(With(kPlain, "source_domain=baya.com")).spec.source().user(), "john@baya.com");
  EXPECT_EQ(Accepted(With(kHosted, "destination_domain=other.org")).spec.destination().user(),
            "jane@new.org");
}

TEST(RowCheckTest, TakesPortAndSecurityAsGiven) {
  const v1::JobSpec spec =
      Accepted(With(kPlain,
                    "source_port=1143 source_security=Plaintext "
                    "destination_security=STARTTLS destination_folder=Old/2018"))
          .spec;
  EXPECT_EQ(spec.source().port(), 1143);
  EXPECT_EQ(spec.source().security(), v1::SECURITY_PLAINTEXT);
  EXPECT_EQ(spec.destination().port(), 143);
  EXPECT_EQ(spec.destination().security(), v1::SECURITY_STARTTLS);
  EXPECT_EQ(spec.destination_folder(), "Old/2018");
}

TEST(RowCheckTest, Port143WithoutAWordOnSecurityMeansStartTls) {
  EXPECT_EQ(Accepted(With(kPlain, "source_port=143")).spec.source().security(),
            v1::SECURITY_STARTTLS);
  EXPECT_EQ(Accepted(With(kPlain, "source_port=143 source_security=tls")).spec.source().security(),
            v1::SECURITY_TLS);
}

TEST(RowCheckTest, AsksForAGateOfTheSourceOneOfTheDestinationAndOneOfThePair) {
  const std::vector<queue::Gate> gates = Accepted(kHosted, {{"dst:*", 4}}).gates;
  ASSERT_EQ(gates.size(), 3u);
  EXPECT_EQ(gates[0].id, "src:o365:baya.com");
  EXPECT_EQ(gates[0].cap, 10u);
  EXPECT_EQ(gates[1].id, "dst:gmail:new.org");
  EXPECT_EQ(gates[1].cap, 4u);
  EXPECT_THAT(gates[2].id, testing::MatchesRegex("pair:[0-9a-f]{32}"));
  EXPECT_EQ(gates[2].cap, 1u);
}

TEST(RowCheckTest, ThePairIsTheSameInEveryBatchAndAnotherForAnotherFolder) {
  const std::string pair = Accepted(kPlain).gates[2].id;
  EXPECT_EQ(Accepted(kPlain).gates[2].id, pair);
  EXPECT_EQ(Accepted(With(kPlain, "source_port=993")).gates[2].id, pair);
  EXPECT_NE(Accepted(With(kPlain, "destination_folder=Old")).gates[2].id, pair);
}

TEST(RowCheckTest, ReportsEverythingWrongWithARowAtOnce) {
  const std::vector<std::string> faults = Refused(
      "Request_Type=imap-gmail-imap source_user=blank source_password= source_host=imaps://old "
      "source_port=70000 source_security=ssl destination_user=jane destination_password=blank "
      "destination_port=x destination_folder=/Old");
  EXPECT_THAT(
      faults,
      ElementsAre(
          "line 2, source_user: is empty; allowed: the login name",
          "line 2, source_password: is empty; allowed: the password",
          HasSubstr("line 2, source_host: is not a host; allowed: a name such as"),
          "line 2, source_port: is not a port; allowed: a number from 1 to 65535",
          "line 2, source_security: is not a known word; allowed: tls, starttls or plaintext",
          "line 2, destination_user: has no domain; allowed: user@domain, or the domain in "
          "destination_domain",
          "line 2, destination_password: is empty; allowed: the password",
          "line 2, destination_port: is not a port; allowed: a number from 1 to 65535",
          HasSubstr("line 2, destination_folder: is not a folder path")));
}

TEST(RowCheckTest, NamesAColumnAsTheHeaderDoes) {
  EXPECT_THAT(Refused(With(kPlain, "SourceServerPort=0")),
              ElementsAre(HasSubstr("line 2, SourceServerPort: ")));
}

TEST(RowCheckTest, AnUnknownRequestTypeIsAnsweredWithTheKnownOnes) {
  EXPECT_THAT(Refused(With(kPlain, "request_type=O365-S3-ZIP")),
              ElementsAre(HasSubstr("line 2, request_type: is not a request type; allowed: "
                                    "<SOURCE>-<DESTINATION>-IMAP, each one of IMAP")));
}

TEST(RowCheckTest, AServerWithoutADefaultMustBeGiven) {
  EXPECT_THAT(
      Refused("request_type=mithi-imap-imap source_user=a@b.c source_password=p destination_user=a "
              "destination_password=p"),
      ElementsAre(HasSubstr("source_host: is empty"), HasSubstr("destination_host: is empty")));
}

TEST(RowCheckTest, RefusesARowThatIsLongerOrShorterThanItsHeader) {
  const Table table(kPlain);
  RowCheck check(table.Resolve(), {});
  for (const int fields : {1, 5, 7}) {
    Row row{.line = 9, .fields = std::vector<std::string>(fields, "x")};
    std::vector<Violation> violations;
    EXPECT_FALSE(check.Check(row, violations));
    ASSERT_EQ(violations.size(), 1u);
    EXPECT_THAT(Describe(violations[0]),
                HasSubstr(absl::StrCat("line 9: has ", fields, " fields, the header has 6")));
  }
}

TEST(RowCheckTest, RefusesAPairGivenTwiceWithTheLineOfTheFirst) {
  const Table table(kPlain);
  RowCheck check(table.Resolve(), {});
  std::vector<Violation> violations;
  EXPECT_TRUE(check.Check(table.row, violations));
  Row again = table.row;
  again.line = 7;
  again.fields[1] = "another password";
  EXPECT_FALSE(check.Check(again, violations));
  Row other = table.row;
  other.fields[0] = "jim";
  EXPECT_TRUE(check.Check(other, violations));
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(
      Describe(violations[0]),
      "line 7: has the same source, destination and folder as line 2; allowed: each pair once");
}

TEST(RowCheckTest, RefusesToCopyAMailboxIntoItself) {
  EXPECT_THAT(Refused("source_user=a source_password=p source_host=h.org destination_user=a "
                      "destination_password=p destination_host=H.org destination_folder=Copy"),
              ElementsAre(HasSubstr("source and destination are the same mailbox")));
}

TEST(RowCheckTest, NeverRepeatsAValueEvenWhenPasswordsStandInOtherColumns) {
  const std::string secret = "S3cret/\x01*";
  for (const char* column : {"source_port", "source_security", "source_domain",
                             "destination_folder", "request_type", "source_host", "source_user"}) {
    Table table(kPlain);
    Table wrong(absl::StrCat(column, "=", secret));
    const std::vector<std::string> header = absl::StrSplit(table.header, ',');
    const auto at = std::find(header.begin(), header.end(), column);
    if (at == header.end()) {
      absl::StrAppend(&table.header, ",", column);
      table.row.fields.push_back(secret);
    } else {
      table.row.fields[at - header.begin()] = secret;
    }
    std::vector<Violation> violations;
    EXPECT_FALSE(RowCheck(table.Resolve(), {}).Check(table.row, violations)) << column;
    for (const Violation& violation : violations) {
      EXPECT_THAT(Describe(violation), Not(HasSubstr("S3cret"))) << column;
    }
  }
}

// ---- docs/csv.md and docs/configuration.md ----

std::string Document(absl::string_view name) {
  std::ifstream in(absl::StrCat(MAILHAUL_SOURCE_DIR, "/docs/", name));
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

TEST(CsvDocumentTest, ItsExampleIsAccepted) {
  const std::string text = Document("csv.md");
  const size_t begin = text.find("```csv\n");
  ASSERT_NE(begin, std::string::npos);
  csv::Reader reader;
  reader.Feed(text.substr(begin + 7, text.find("```", begin + 7) - begin - 7));
  reader.End();
  std::vector<Violation> violations;
  const auto columns = Columns::Resolve(**reader.Next(), violations);
  ASSERT_TRUE(columns);
  RowCheck check(*columns, {});
  int rows = 0;
  for (const Row* row = *reader.Next(); row != nullptr; row = *reader.Next(), ++rows) {
    EXPECT_TRUE(check.Check(*row, violations));
  }
  EXPECT_EQ(rows, 1);
}

TEST(CsvDocumentTest, NamesEveryColumn) {
  const std::string text = Document("csv.md");
  for (int i = 0; i < csv::kColumns; ++i) {
    const absl::string_view name = csv::CanonicalName(static_cast<csv::Column>(i));
    EXPECT_THAT(text, HasSubstr(absl::StrCat("\n| `", name, "` |")));
  }
}

TEST(CsvDocumentTest, NamesEveryProviderAndItsCap) {
  const std::string csv = Document("csv.md");
  const std::string configuration = Document("configuration.md");
  for (const provider::Provider& provider : provider::Providers()) {
    const std::string word = absl::AsciiStrToUpper(provider.key);
    const std::string host = absl::StrCat(provider.host.empty() ? "" : " ", provider.host, " |");
    EXPECT_THAT(csv, HasSubstr(absl::StrCat("\n| `", word, "` | ", provider.name, " |", host)));
    EXPECT_EQ(provider.source_cap, provider.destination_cap) << "one column of the table";
    EXPECT_THAT(configuration, testing::ContainsRegex(absl::StrCat("\n\\| ", word, " \\| .* \\| ",
                                                                   provider.source_cap, " \\|\n")));
  }
}

TEST(RowFieldsTest, KnowsAHostWhenItSeesOne) {
  EXPECT_EQ(ParseHost("mail.example.org"), "mail.example.org");
  EXPECT_EQ(ParseHost("localhost"), "localhost");
  EXPECT_EQ(ParseHost("mx_1.example.org."), "mx_1.example.org.");
  EXPECT_EQ(ParseHost("xn--mller-kva.example"), "xn--mller-kva.example");
  EXPECT_EQ(ParseHost("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(ParseHost("::1"), "::1");
  EXPECT_EQ(ParseHost("[2001:db8::1]"), "2001:db8::1");
  for (const char* text : {"", ".", "a..b", "imaps://h", "h:993", "h/", "-a", "a-", "1.2.3",
                           "1.2.3.456", "[h]", "[]", "m\xC3\xBCller.de", "a b", "a\tb"}) {
    EXPECT_EQ(ParseHost(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseHost(std::string(64, 'a')), std::nullopt);
  EXPECT_NE(ParseHost(std::string(63, 'a')), std::nullopt);
}

TEST(RowFieldsTest, KnowsAPort) {
  EXPECT_EQ(ParsePort("1"), 1);
  EXPECT_EQ(ParsePort("65535"), 65535);
  for (const char* text : {"", "0", "65536", "-1", "99999999999", "993x", "0x10"}) {
    EXPECT_EQ(ParsePort(text), std::nullopt) << text;
  }
}

TEST(RowFieldsTest, KnowsAFolderPath) {
  for (const char* text :
       {"Data17012018", "meetings/jun 2019", "\xE6\x97\xA5\xE6\x9C\xAC", "a.b/c"}) {
    EXPECT_TRUE(IsFolderPath(text)) << text;
  }
  for (const char* text : {"", "/", "/a", "a/", "a//b", "a*", "100%", "a\nb", "a\x7F"}) {
    EXPECT_FALSE(IsFolderPath(text)) << text;
  }
  EXPECT_FALSE(IsFolderPath(std::string(1001, 'a')));
}

TEST(RowFieldsTest, KnowsAUser) {
  for (const char* text :
       {"john", "john@baya.com", "john*master", "dom\\john", "J\xC3\xB6hn", "a b"}) {
    EXPECT_TRUE(IsUser(text)) << text;
  }
  for (const char* text : {"", " john", "jo\r\nhn", "john\x7F"}) EXPECT_FALSE(IsUser(text)) << text;
  EXPECT_FALSE(IsUser(std::string(513, 'a')));
}

}  // namespace
}  // namespace mailhaul::coordinator
