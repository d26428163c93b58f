#include "common/csv/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_split.h"

namespace mailhaul::csv {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Row MakeRow(absl::string_view text, int64_t line = 1) {
  return Row{line, absl::StrSplit(text, ',')};
}

std::vector<std::string> Faults(absl::string_view header) {
  std::vector<Violation> violations;
  EXPECT_FALSE(Columns::Resolve(MakeRow(header), violations).has_value());
  std::vector<std::string> out;
  for (const Violation& violation : violations) out.push_back(Describe(violation));
  return out;
}

Columns Resolved(absl::string_view header) {
  std::vector<Violation> violations;
  const auto columns = Columns::Resolve(MakeRow(header), violations);
  for (const Violation& violation : violations) ADD_FAILURE() << Describe(violation);
  return *columns;
}

constexpr absl::string_view kShort =
    "source_user,source_password,source_host,destination_user,destination_password,destination_"
    "host";

TEST(ColumnsTest, FindsOurOwnNamesInAnyOrder) {
  const Columns columns = Resolved(
      "destination_host,destination_password,destination_user,source_host,source_password,source_"
      "user");
  const Row row = MakeRow("mx,dp,du,imap,sp,su", 2);
  EXPECT_EQ(columns.Value(row, Column::kSourceUser), "su");
  EXPECT_EQ(columns.Value(row, Column::kSourcePassword), "sp");
  EXPECT_EQ(columns.Value(row, Column::kSourceHost), "imap");
  EXPECT_EQ(columns.Value(row, Column::kDestinationUser), "du");
  EXPECT_EQ(columns.Value(row, Column::kDestinationPassword), "dp");
  EXPECT_EQ(columns.Value(row, Column::kDestinationHost), "mx");
  EXPECT_EQ(columns.width(), 6u);
}

TEST(ColumnsTest, FindsLegacyFlosWords) {
  const Columns columns = Resolved(
      "Request type,Source user id,Source domain,Source user password,Source Server,Source Server "
      "Port,"
      "Destination user id,Destination domain,Destination user password,Destination server,"
      "Destination Server Port,Destination folder");
  const Row row = MakeRow("O365-MITHI-IMAP,john,baya.com,p,h,993,jane,b.com,q,i,3817,Old", 2);
  EXPECT_EQ(columns.Value(row, Column::kRequestType), "O365-MITHI-IMAP");
  EXPECT_EQ(columns.Value(row, Column::kSourceUser), "john");
  EXPECT_EQ(columns.Value(row, Column::kSourceDomain), "baya.com");
  EXPECT_EQ(columns.Value(row, Column::kSourcePassword), "p");
  EXPECT_EQ(columns.Value(row, Column::kSourceHost), "h");
  EXPECT_EQ(columns.Value(row, Column::kSourcePort), "993");
  EXPECT_EQ(columns.Value(row, Column::kDestinationUser), "jane");
  EXPECT_EQ(columns.Value(row, Column::kDestinationDomain), "b.com");
  EXPECT_EQ(columns.Value(row, Column::kDestinationPassword), "q");
  EXPECT_EQ(columns.Value(row, Column::kDestinationHost), "i");
  EXPECT_EQ(columns.Value(row, Column::kDestinationPort), "3817");
  EXPECT_EQ(columns.Value(row, Column::kDestinationFolder), "Old");
}

TEST(ColumnsTest, IgnoresCaseBlanksAndUnderscoresInNames) {
  const Columns columns = Resolved(
      " SOURCE USER ,sourcePassword,Source_Host,DESTINATIONUSER,destination password,Destination  "
      "Host,"
      "Source Port,Source Security,Destination Security,REQUEST_TYPE");
  EXPECT_TRUE(columns.Has(Column::kSourceUser));
  EXPECT_TRUE(columns.Has(Column::kRequestType));
  EXPECT_EQ(columns.NameOf(Column::kSourceUser), "SOURCE USER");
  EXPECT_EQ(columns.NameOf(Column::kDestinationFolder), "destination_folder");
}

TEST(ColumnsTest, AFieldThatIsEmptyBlankOrAbsentHasNoValue) {
  const Columns columns = Resolved(std::string(kShort) + ",source_port");
  const Row row = MakeRow("  ,blank,BLANK,Blank , blank,,", 2);
  for (int i = 0; i < kColumns; ++i) {
    EXPECT_EQ(columns.Value(row, static_cast<Column>(i)), "")
        << CanonicalName(static_cast<Column>(i));
  }
}

TEST(ColumnsTest, KeepsTheBlanksOfAPasswordAndNoOthers) {
  const Columns columns = Resolved(kShort);
  const Row row = MakeRow(" u , p ,\th\t,u, q,h", 2);
  EXPECT_EQ(columns.Value(row, Column::kSourceUser), "u");
  EXPECT_EQ(columns.Value(row, Column::kSourcePassword), " p ");
  EXPECT_EQ(columns.Value(row, Column::kSourceHost), "h");
  EXPECT_EQ(columns.Value(row, Column::kDestinationPassword), " q");
}

TEST(ColumnsTest, RefusesUnknownNamesEachWithTheNearestKnownOne) {
  EXPECT_THAT(
      Faults(std::string(kShort) + ",sorce_port,Destination servr port,"),
      ElementsAre("line 1, sorce_port: unknown column; allowed: the nearest known one is "
                  "\"source_port\"",
                  "line 1, Destination servr port: unknown column; allowed: the nearest known "
                  "one is \"Destination server port\"",
                  "line 1: column 9 has no name; allowed: remove the delimiter at the end of "
                  "every line, or name the column"));
}

TEST(ColumnsTest, RefusesTwoNamesOfOneColumn) {
  EXPECT_THAT(
      Faults(std::string(kShort) + ",Source server"),
      ElementsAre("line 1, Source server: means the same as \"source_host\", column 3; allowed: "
                  "each column once"));
}

TEST(ColumnsTest, NamesAllMissingColumnsAtOnce) {
  EXPECT_THAT(Faults("source_user,destination_user"),
              ElementsAre(HasSubstr("required columns are missing: source_password, "
                                    "destination_password, source_host, destination_host")));
}

TEST(ColumnsTest, HostsMayBeMissingWhenTheRequestTypeCanSupplyThem) {
  Resolved("request_type,source_user,source_password,destination_user,destination_password");
}

TEST(ColumnsTest, RepeatsNothingOfAFirstLineThatIsNoHeader) {
  EXPECT_THAT(Faults("john,S3cret,imap.example.org,jane,T0psecret,mx.example.org"),
              ElementsAre(AllOf(HasSubstr("is the header row missing"), Not(HasSubstr("S3cret")),
                                Not(HasSubstr("T0psecret")))));
}

}  // namespace
}  // namespace mailhaul::csv
