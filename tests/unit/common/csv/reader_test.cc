#include "common/csv/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace mailhaul::csv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Rows as "line:field|field|...", then "error: ..." if the file ended so.
std::vector<std::string> ReadAll(absl::string_view file, size_t chunk, Limits limits = {}) {
  std::vector<std::string> out;
  Reader reader(limits);
  const auto drain = [&] {
    for (;;) {
      const auto row = reader.Next();
      if (!row.ok()) {
        out.push_back(absl::StrCat("error: ", std::string(row.status().message())));
        return false;
      }
      if (*row == nullptr) return true;
      out.push_back(absl::StrCat((*row)->line, ":", absl::StrJoin((*row)->fields, "|")));
    }
  };
  for (size_t at = 0; at < file.size(); at += chunk) {
    reader.Feed(file.substr(at, chunk));
    if (!drain()) return out;
  }
  reader.End();
  drain();
  return out;
}

std::vector<std::string> ReadWhole(absl::string_view file) {
  return ReadAll(file, file.size() + 1);
}

struct Case {
  const char* name;
  std::string file;
  std::vector<std::string> rows;
};

class ReaderCaseTest : public testing::TestWithParam<Case> {};

TEST_P(ReaderCaseTest, GivesTheseRowsWhateverTheChunks) {
  for (const size_t chunk : {1, 2, 3, 7, 1000}) {
    EXPECT_EQ(ReadAll(GetParam().file, chunk), GetParam().rows) << "chunks of " << chunk;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rfc4180, ReaderCaseTest,
    testing::Values(
        Case{"Lf", "a,b\n1,2\n", {"1:a|b", "2:1|2"}},
        Case{"CrLf", "a,b\r\n1,2\r\n", {"1:a|b", "2:1|2"}},
        Case{"NoLastLineEnd", "a,b\n1,2", {"1:a|b", "2:1|2"}},
        Case{"Bom",
             "\xEF\xBB\xBF"
             "a,b\n1,2\n",
             {"1:a|b", "2:1|2"}},
        Case{"Semicolon", "a;b\n1,5;2\n", {"1:a|b", "2:1,5|2"}},
        Case{"Tab", "a\tb\n1,5\t2\n", {"1:a|b", "2:1,5|2"}},
        Case{"OneColumn", "a\n1;2\n", {"1:a", "2:1;2"}},
        Case{"DelimiterInAQuotedHeader", "\"a,b,c\";d\n1;2\n", {"1:a,b,c|d", "2:1|2"}},
        Case{"QuoteInsideAPlainHeader", "a\";b\n1;2\n", {"1:a\"|b", "2:1|2"}},
        Case{"EmptyLinesBeforeTheHeader", "\n\r\na;b\n1;2\n", {"3:a|b", "4:1|2"}},
        Case{"QuotedFields", "a,b\n\"1,2\",\"x\"\n", {"1:a|b", "2:1,2|x"}},
        Case{"DoubledQuotes", "a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n", {"1:a|b", "2:say \"hi\"|\""}},
        Case{"LineEndsInQuotes", "a,b\n\"1\r\n2\n\",x\ny,z\n", {"1:a|b", "2:1\r\n2\n|x", "5:y|z"}},
        Case{"QuoteInsideAPlainField", "a,b\npa\"ss,\"\"\n", {"1:a|b", "2:pa\"ss|"}},
        Case{"EmptyFields", "a,b,c\n,,3\n1,,\n", {"1:a|b|c", "2:||3", "3:1||"}},
        Case{"EmptyLastFieldAtTheEnd", "a,b\n1,", {"1:a|b", "2:1|"}},
        Case{"BlanksBelongToTheField", "a,b\n 1 ,\t2\n", {"1:a|b", "2: 1 |\t2"}},
        Case{"RowsWithoutContentAreSkipped", "\n\r\na,b\n\n,\n \n1,2\n,,\n", {"3:a|b", "7:1|2"}},
        Case{"RowsMayDifferInLength", "a,b\n1\n1,2,3\n", {"1:a|b", "2:1", "3:1|2|3"}},
        Case{"Utf8",
             "n\xC3\xA4me,\xE6\x97\xA5\n\xF0\x9F\x93\xA7,2\n",
             {"1:n\xC3\xA4me|\xE6\x97\xA5", "2:\xF0\x9F\x93\xA7|2"}}),
    [](const auto& info) { return std::string(info.param.name); });

struct BadCase {
  const char* name;
  std::string file;
  const char* error;
};

class BadFileTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadFileTest, EndsInOneMessageWithTheLineAndTheRemedyWhateverTheChunks) {
  for (const size_t chunk : {1, 2, 5, 100'000}) {
    const std::vector<std::string> out = ReadAll(GetParam().file, chunk);
    ASSERT_FALSE(out.empty());
    EXPECT_THAT(out.back(), HasSubstr(absl::StrCat("error: ", GetParam().error)));
    EXPECT_EQ(ReadAll(GetParam().file, 1), out);
  }
}

std::string Columns(int count) {
  std::string row;
  for (int i = 0; i < count; ++i) absl::StrAppend(&row, "column ", i, ",");
  return row + "\n";
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, BadFileTest,
    testing::Values(
        BadCase{"Empty", "", "line 1: the file is empty. Its first row must name the columns."},
        BadCase{"OnlyABom", "\xEF\xBB\xBF", "line 1: the file is empty"},
        BadCase{"OnlyEmptyLines", "\n\n\n", "line 4: the file is empty"},
        BadCase{"Utf16LittleEndian",
                std::string("\xFF\xFE"
                            "a\0,\0",
                            6),
                "line 1: this is UTF-16 text, not a CSV"},
        BadCase{"Utf16BigEndian", std::string("\xFE\xFF\0a\0,", 6),
                "line 1: this is UTF-16 text, not a CSV"},
        BadCase{"Utf16WithoutBom", std::string("a\0,\0b\0\n\0", 8),
                "line 1: holds a NUL octet: this is not a text file"},
        BadCase{"Workbook", std::string("PK\x03\x04\x14\0\x06\0", 8),
                "line 1: this is an Excel workbook"},
        BadCase{"NulInARow", std::string("a,b\n1,\0\n", 8), "line 2: holds a NUL octet"},
        BadCase{"Latin1", "a,b\n1,2\n3,M\xFCller\n",
                "line 3: column 2 is not valid UTF-8. Save it as CSV in UTF-8"},
        BadCase{"TruncatedUtf8", "a,b\n1,\xE6\x97", "line 2: column 2 is not valid UTF-8"},
        BadCase{"OverlongUtf8", "a,b\n1,\xC0\xAF\n", "line 2: column 2 is not valid UTF-8"},
        BadCase{"SurrogateInUtf8", "a,b\n1,\xED\xA0\x80\n", "line 2: column 2 is not valid UTF-8"},
        BadCase{"UnterminatedQuote", "a,b\n1,2\n3,\"4\n5,6\n",
                "line 3: column 2: the value begins with a quote that is never closed (the file "
                "ends on line 5)"},
        BadCase{"TextAfterTheClosingQuote", "a,b\n1,\"2\n\"x\n",
                "line 3: column 2: something follows the closing quote of the value that began on "
                "line 2"},
        BadCase{"LoneCr", "a,b\r1,2\r", "line 1: a line ends with a lone CR"},
        BadCase{"LoneCrAtTheEnd", "a,b\n1,2\r", "line 2: a line ends with a lone CR"},
        BadCase{"TenThousandColumns", Columns(10'000), "line 1: more than 200 columns"},
        BadCase{"LongField", "a,b\n1," + std::string(20'000, 'x') + "\n",
                "line 2: column 2: the value is longer than 16384 octets"},
        BadCase{"LongQuotedField", "a,b\n1,\"" + std::string(20'000, '\n') + "\n",
                "line 2: column 2: the value is longer than 16384 octets. Is a quote left open"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ReaderTest, RefusesMoreRowsThanItsLimit) {
  EXPECT_THAT(ReadAll("a\n1\n2\n3\n", 1, {.rows = 2}),
              ElementsAre("1:a", "2:1", "3:2",
                          "error: line 4: more than 2 rows. Split the file into several."));
}

TEST(ReaderTest, FailsTheSameWayAgainAfterAFault) {
  Reader reader;
  reader.Feed("a,b\r1,2\n");
  const absl::Status first = reader.Next().status();
  EXPECT_FALSE(first.ok());
  EXPECT_EQ(reader.Next().status(), first);
}

TEST(ReaderTest, AMessageNeverHoldsWhatAFieldHolds) {
  for (const char* tail : {"\"x", "\xFF", "\r\r"}) {
    const std::string text = absl::StrCat("user,password\njohn,\"S3cret\"", tail, "\n");
    EXPECT_THAT(ReadWhole(text).back(), testing::Not(HasSubstr("S3cret"))) << text;
  }
}

struct RandomTable {
  std::string file;
  std::vector<std::string> rows;
};

// Fields that need quoting, line ends of both kinds, any delimiter, written by the book.
RandomTable MakeTable(int seed) {
  std::mt19937 random(seed);
  const auto below = [&random](int n) { return std::uniform_int_distribution(0, n - 1)(random); };
  const std::string delimiter(1, ",;\t"[below(3)]);
  const std::string line_end = below(2) ? "\r\n" : "\n";
  const char* const pieces[] = {"x", "\"", ",", ";", "\t", "\n", "\r\n", " ", "\xC3\xA4", "\r"};
  const int columns = 2 + below(6);
  RandomTable table;
  int64_t line = 1;
  for (int row = 0; row < 20; ++row) {
    std::vector<std::string> fields(columns, "f");
    std::vector<std::string> written(columns, "\"f");
    for (int column = 0; row > 0 && column < columns; ++column) {
      for (int n = below(5); n > 0; --n) {
        const std::string piece = pieces[below(std::size(pieces))];
        fields[column] += piece;
        written[column] += piece == "\"" ? "\"\"" : piece;
      }
    }
    const std::string text = absl::StrJoin(written, "\"" + delimiter) + "\"" + line_end;
    table.rows.push_back(absl::StrCat(line, ":", absl::StrJoin(fields, "|")));
    line += std::count(text.begin(), text.end(), '\n');
    table.file += text;
  }
  return table;
}

TEST(ReaderTest, RandomTablesComeBackAsTheyWereWritten) {
  for (int seed = 0; seed < 200; ++seed) {
    const RandomTable table = MakeTable(seed);
    ASSERT_EQ(ReadAll(table.file, 1 + seed % 50), table.rows) << "seed " << seed;
  }
}

// Octets that mean something to the reader, in any order; mostly harmless ones, so that the end is
// not always near.
std::string RandomOctets(int seed) {
  std::mt19937 random(seed);
  const std::string alphabet("ab,;\t\"\"\n\n\r\0\xC3\xA4\xFF ", 15);
  std::string file;
  for (int i = std::uniform_int_distribution(0, 80)(random); i > 0; --i) {
    file += alphabet[random() % (random() % 4 == 0 ? alphabet.size() : 9)];
  }
  return file;
}

TEST(ReaderTest, RandomOctetsEndTheSameWayWhateverTheChunks) {
  for (int seed = 0; seed < 5000; ++seed) {
    const std::string file = RandomOctets(seed);
    const std::vector<std::string> whole = ReadWhole(file);
    ASSERT_EQ(ReadAll(file, 1), whole) << "seed " << seed;
    ASSERT_EQ(ReadAll(file, 3), whole) << "seed " << seed;
  }
}

}  // namespace
}  // namespace mailhaul::csv
