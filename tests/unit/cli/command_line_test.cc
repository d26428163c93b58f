#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace mailhaul::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class CommandLineTest : public testing::Test {
 protected:
  std::variant<Invocation, ExitCode> Parse(std::vector<const char*> words) {
    words.insert(words.begin(), "mailhaul");
    return ParseCommandLine(static_cast<int>(words.size()), words.data(), out_, err_);
  }
  Invocation Parsed(std::vector<const char*> words) {
    auto parsed = Parse(std::move(words));
    if (auto* invocation = std::get_if<Invocation>(&parsed)) return *invocation;
    ADD_FAILURE() << err_.str();
    return {};
  }
  ExitCode Refused(std::vector<const char*> words) {
    const auto parsed = Parse(std::move(words));
    const auto* code = std::get_if<ExitCode>(&parsed);
    EXPECT_NE(code, nullptr);
    return code == nullptr ? kAllWell : *code;
  }

  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CommandLineTest, ReadsAVerbItsWordsAndSettings) {
  const Invocation invocation =
      Parsed({"run", "jobs.csv", "--state-dir", "/s", "-o", "json", "--worker-jobs", "3"});
  EXPECT_EQ(invocation.verb, Verb::kRun);
  EXPECT_EQ(invocation.file, "jobs.csv");
  EXPECT_EQ(invocation.state_dir, "/s");
  EXPECT_EQ(invocation.output, Output::kJson);
  EXPECT_EQ(invocation.settings.worker_jobs, 3);
}

TEST_F(CommandLineTest, NamesBatchesAndJobsBriefly) {
  EXPECT_EQ(Parsed({"status", "7"}).name, "batches/7");
  EXPECT_EQ(Parsed({"watch", "batches/7"}).name, "batches/7");
  EXPECT_EQ(Parsed({"report", "7/42"}).name, "batches/7/jobs/42");
  EXPECT_EQ(Parsed({"cancel", "batches/7/jobs/42"}).name, "batches/7/jobs/42");
}

TEST_F(CommandLineTest, RefusesWhatNamesNoBatch) {
  for (const char* odd : {"x", "0", "-1", "7/", "7/42/1", ""}) {
    EXPECT_EQ(Refused({"report", odd}), kBadInput) << odd;
  }
  EXPECT_EQ(Refused({"watch", "7/42"}), kBadInput) << "a job cannot be watched";
}

TEST_F(CommandLineTest, ReadsStates) {
  EXPECT_THAT(Parsed({"status", "7", "--state", "failed", "--state", "running"}).states,
              ElementsAre(v1::JOB_STATE_FAILED, v1::JOB_STATE_RUNNING));
  EXPECT_EQ(Refused({"status", "7", "--state", "broken"}), kBadInput);
  EXPECT_THAT(err_.str(), HasSubstr("succeeded_with_skips"));
}

TEST_F(CommandLineTest, SaysWhatIsWrongInOneLine) {
  EXPECT_EQ(Refused({"raport", "7"}), kBadInput);
  EXPECT_EQ(err_.str(),
            "mailhaul: no verb \"raport\"; the nearest is \"report\"; --help lists them "
            "all\n");
}

TEST_F(CommandLineTest, RefusesASettingOutOfItsRange) {
  EXPECT_EQ(Refused({"worker", "--worker-jobs", "0"}), kBadInput);
  EXPECT_THAT(err_.str(), HasSubstr("--worker-jobs"));
  EXPECT_THAT(err_.str(), HasSubstr("1 to 1000"));
}

TEST_F(CommandLineTest, CsvIsForReportsOnly) {
  EXPECT_EQ(Parsed({"report", "7", "-o", "csv"}).output, Output::kCsv);
  EXPECT_EQ(Refused({"status", "7", "-o", "csv"}), kBadInput);
}

TEST_F(CommandLineTest, ServersLogAndCommandsKeepQuiet) {
  EXPECT_EQ(Parsed({"worker"}).settings.log_level, log::Level::kInfo);
  EXPECT_EQ(Parsed({"list"}).settings.log_level, log::Level::kError);
  EXPECT_EQ(Parsed({"list", "--log-level", "debug"}).settings.log_level, log::Level::kDebug);
}

TEST_F(CommandLineTest, HelpIsNoError) {
  EXPECT_EQ(Refused({"--help"}), kAllWell);
  EXPECT_THAT(out_.str(), HasSubstr("Exit codes:"));
  EXPECT_EQ(Refused({"run", "--help"}), kAllWell);
  EXPECT_THAT(out_.str(), HasSubstr("mailhaul run jobs.csv"));
  EXPECT_EQ(Refused({"--version"}), kAllWell);
  EXPECT_THAT(out_.str(), HasSubstr("mailhaul 0."));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(CommandLineTest, WithoutAWordItExplainsItself) {
  EXPECT_EQ(Refused({}), kBadInput);
  EXPECT_THAT(err_.str(), StartsWith("Moves mailboxes"));
}

}  // namespace
}  // namespace mailhaul::cli
