#include "common/obs/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include <nlohmann/json.hpp>

#include "common/obs/log_format.h"

namespace mailhaul::log {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST(FormatTextTest, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(FormatText("job claimed",
                       {{"job", 17}, {"worker", "w-1"}, {"server", "BYE later"}, {"empty", ""}}),
            "job claimed job=17 worker=w-1 server=\"BYE later\" empty=\"\"");
}

TEST(FormatTextTest, KeepsEveryLineOneLine) {
  EXPECT_EQ(FormatText("a\nb", {{"x", "1\r\n2\"=\t"}}), "a\\nb x=\"1\\r\\n2\\\"=\\t\"");
}

TEST(FormatTextTest, WritesNumbersOfEveryKind) {
  EXPECT_EQ(FormatText("m", {{"i", -1},
                             {"u", std::numeric_limits<uint64_t>::max()},
                             {"d", 0.5},
                             {"t", true},
                             {"f", false}}),
            "m i=-1 u=18446744073709551615 d=0.5 t=true f=false");
}

TEST(FormatJsonTest, WritesMembersThatAParserReadsBack) {
  const std::string hostile("\"\\\n\x01\x7F\xC3\xA4\xF0\x9F\x93\xA7\xFF\xC3", 13);
  const auto json = nlohmann::json::parse(
      "{" + FormatJson(hostile, {{"k\"", hostile}, {"n", 7}, {"d", 1.5}, {"b", true}}) + "}");
  const std::string clean = "\"\\\n\x01\x7F\xC3\xA4\xF0\x9F\x93\xA7\xEF\xBF\xBD\xEF\xBF\xBD";
  EXPECT_EQ(json["message"], clean);
  EXPECT_EQ(json["k\""], clean);
  EXPECT_EQ(json["n"], 7);
  EXPECT_EQ(json["d"], 1.5);
  EXPECT_EQ(json["b"], true);
}

TEST(FormatJsonTest, AnInfiniteNumberIsNull) {
  EXPECT_EQ(FormatJson("m", {{"d", std::numeric_limits<double>::infinity()}}),
            "\"message\":\"m\",\"d\":null");
}

class LogTest : public testing::Test {
 protected:
  void TearDown() override { Init(Level::kInfo, Format::kText); }

  static std::vector<std::string> Logged() {
    testing::internal::CaptureStderr();
    Debug("a debug line");
    Info("an info line", {{"job", 1}});
    Warning("a warning");
    Error("an error");
    return absl::StrSplit(testing::internal::GetCapturedStderr(), '\n', absl::SkipEmpty());
  }
};

TEST_F(LogTest, WritesTimeLevelAndSentenceToStderr) {
  const std::vector<std::string> lines = Logged();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], MatchesRegex("20[0-9-]+T[0-9:]+\\.[0-9]{3}Z info    an info line job=1"));
  EXPECT_THAT(lines[1], HasSubstr("Z warning a warning"));
  EXPECT_THAT(lines[2], HasSubstr("Z error   an error"));
}

TEST_F(LogTest, WritesOneObjectALineAsJson) {
  Init(Level::kDebug, Format::kJson);
  const std::vector<std::string> lines = Logged();
  ASSERT_EQ(lines.size(), 4u);
  const auto json = nlohmann::json::parse(lines[1]);
  EXPECT_THAT(json["time"].get<std::string>(), MatchesRegex("20[0-9-]+T[0-9:]+\\.[0-9]{3}Z"));
  EXPECT_EQ(json["level"], "info");
  EXPECT_EQ(json["message"], "an info line");
  EXPECT_EQ(json["job"], 1);
  EXPECT_EQ(nlohmann::json::parse(lines[0])["level"], "debug");
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
  Init(Level::kError, Format::kText);
  EXPECT_EQ(Logged().size(), 1u);
}

}  // namespace
}  // namespace mailhaul::log
