#include "cli/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>

namespace mailhaul::cli {
namespace {

using testing::ElementsAre;

TEST(Text, BytesArePowersOfAThousand) {
  EXPECT_EQ(Bytes(0), "0 B");
  EXPECT_EQ(Bytes(999), "999 B");
  EXPECT_EQ(Bytes(1000), "1.0 kB");
  EXPECT_EQ(Bytes(9'960), "10 kB");
  EXPECT_EQ(Bytes(999'499), "999 kB");
  EXPECT_EQ(Bytes(999'999), "1.0 MB");
  EXPECT_EQ(Bytes(3'400'000'000), "3.4 GB");
  EXPECT_EQ(Rate(290'000), "290 kB/s");
}

TEST(Text, ClockCountsHoursOnlyWhenThereAreSome) {
  EXPECT_EQ(Clock(std::chrono::seconds(7)), "0:07");
  EXPECT_EQ(Clock(std::chrono::seconds(3599)), "59:59");
  EXPECT_EQ(Clock(std::chrono::seconds(3722)), "1:02:02");
}

TEST(Text, ControlCharactersOfStrangersDoNotReachTheTerminal) {
  EXPECT_EQ(Printable("a\x1b[2Jb\r\n\x7f"), "a\\x1b[2Jb\\x0d\\x0a\\x7f");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m")
      << "CSI as one C1 character";
  EXPECT_EQ(Printable("Grüße 日本"), "Grüße 日本");
}

TEST(Text, FitCutsByColumnsNotOctets) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  EXPECT_EQ(Width("日本"), 4u);
  EXPECT_EQ(Fit("Müller", 6), "Müller");
  EXPECT_EQ(Fit("Müllermilch", 6), "Mülle…");
  EXPECT_EQ(Fit("日本語", 5), "日本…");
}

TEST(Text, TablesAlignColumnsOfAnyScript) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  using enum Table::Align;
  Table table({kLeft, kRight});
  table.Add({"folder", "found"});
  table.Add({"日本", "7"});
  table.Add({"Entwürfe", "1200"});
  EXPECT_THAT(table.Lines(1), ElementsAre(" folder    found",  //
                                          " 日本          7",  //
                                          " Entwürfe   1200"));
}

}  // namespace
}  // namespace mailhaul::cli
