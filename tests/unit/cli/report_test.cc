#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "cli/job_report.h"
#include "cli/report_writer.h"

namespace mailhaul::cli {
namespace {

using google::protobuf::util::TimeUtil;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

v1::Tally TallyOf(int64_t found, int64_t copied, int64_t there, int64_t skipped, int64_t failed) {
  v1::Tally tally;
  tally.set_found(found);
  tally.set_copied(copied);
  tally.set_already_there(there);
  tally.set_skipped(skipped);
  tally.set_failed(failed);
  tally.set_copied_bytes(copied * 1000);
  return tally;
}

v1::Problem FailedMessage() {
  v1::Problem problem;
  problem.set_uid(33);
  problem.set_message_id("<a@b>");
  problem.set_size_bytes(3000);
  problem.mutable_error()->set_side(v1::SIDE_DESTINATION);
  problem.mutable_error()->set_message("APPEND refused");
  problem.mutable_error()->set_server_text("NO [LIMIT] \"too\" big, sorry");
  return problem;
}

// A job of two folders in which one message failed.
JobReport Example() {
  JobReport report;
  report.job.set_name("batches/1/jobs/3");
  report.job.set_state(v1::JOB_STATE_SUCCEEDED_WITH_SKIPS);
  report.job.mutable_source()->set_user("anna@old.example");
  report.job.mutable_destination()->set_user("anna@new.example");
  *report.job.mutable_tally() = TallyOf(15, 12, 1, 1, 1);
  *report.job.mutable_duration() = TimeUtil::MillisecondsToDuration(2'000);
  v1::FolderProgress& inbox = report.folders.emplace_back();
  inbox.set_source_mailbox("INBOX");
  inbox.set_destination_mailbox("INBOX");
  inbox.set_done(true);
  *inbox.mutable_tally() = TallyOf(10, 9, 0, 0, 1);
  *inbox.mutable_duration() = TimeUtil::MillisecondsToDuration(1'500);
  *inbox.add_problems() = FailedMessage();
  v1::FolderProgress& sent = report.folders.emplace_back();
  sent.set_source_mailbox("Sent");
  sent.set_destination_mailbox("INBOX.Sent");
  sent.set_done(true);
  *sent.mutable_tally() = TallyOf(5, 3, 1, 1, 0);
  return report;
}

std::string Write(Output output, const JobReport& report) {
  std::ostringstream out;
  const auto writer = MakeReportWriter(output, out);
  v1::Batch batch;
  batch.set_name("batches/1");
  batch.set_state(v1::BATCH_STATE_ENDED);
  writer->Begin(batch);
  writer->Add(report);
  writer->End(report.job.tally());
  return out.str();
}

TEST(SumFaults, NoneWhenEverythingAddsUp) { EXPECT_THAT(SumFaults(Example()), IsEmpty()); }

TEST(SumFaults, AFolderThatDoesNotAddUp) {
  JobReport report = Example();
  report.folders[1].mutable_tally()->set_copied(2);
  report.job.mutable_tally()->set_copied(11);
  report.job.mutable_tally()->set_copied_bytes(0);
  EXPECT_THAT(SumFaults(report), testing::Contains(HasSubstr("folder Sent")));
  EXPECT_TRUE(NeedsAttention(report));
}

TEST(SumFaults, FoldersThatDoNotSumUpToTheirJob) {
  JobReport report = Example();
  report.folders.pop_back();
  EXPECT_THAT(SumFaults(report), ElementsAre(HasSubstr("its folders found 10 and copied 9")));
}

TEST(SumFaults, MessagesLeftInAJobThatSaysItEndedWell) {
  JobReport report = Example();
  report.job.mutable_tally()->set_copied(11);
  report.job.mutable_tally()->set_remaining(1);
  EXPECT_THAT(SumFaults(report), testing::Contains(HasSubstr("not dealt with 1")));
}

TEST(SumFaults, ARunningJobMayHaveSomeLeft) {
  JobReport report = Example();
  report.job.set_state(v1::JOB_STATE_RUNNING);
  report.folders[0].set_done(false);
  report.folders[0].mutable_tally()->set_copied(4);
  report.folders[0].mutable_tally()->set_remaining(5);
  EXPECT_THAT(SumFaults(report), IsEmpty());
  EXPECT_FALSE(NeedsAttention(report));
}

TEST(ReportTable, ShowsFiguresReasonsAndTheServersWords) {
  const std::string text = Write(Output::kTable, Example());
  EXPECT_THAT(text, HasSubstr("#3 anna@old.example -> anna@new.example  succeeded_with_skips, "
                              "12 kB in 2.00 s, 6.0 kB/s"));
  EXPECT_THAT(text, HasSubstr("already there"));
  EXPECT_THAT(text, HasSubstr("Sent -> INBOX.Sent"));
  EXPECT_THAT(text, HasSubstr("INBOX: failed: uid 33, 3.0 kB, <a@b>: destination: APPEND refused; "
                              "the server said: NO [LIMIT] \"too\" big, sorry"));
  EXPECT_THAT(text, Not(HasSubstr("ERROR")));
}

TEST(ReportTable, NeverHidesASumThatIsWrong) {
  JobReport report = Example();
  report.folders[0].mutable_tally()->set_found(11);
  EXPECT_THAT(Write(Output::kTable, report), HasSubstr("ERROR: folder INBOX: the counts do not "
                                                       "add up: found 11"));
}

TEST(ReportTable, AJobThatNeverRanHasItsNumberAtLeast) {
  JobReport report;
  report.job.set_name("batches/1/jobs/9");
  report.job.set_state(v1::JOB_STATE_CANCELLED);
  EXPECT_THAT(Write(Output::kTable, report), HasSubstr("#9  cancelled"));
}

TEST(ReportTable, AServerCannotPaintTheTerminal) {
  JobReport report = Example();
  report.folders[0].mutable_problems(0)->mutable_error()->set_server_text("\x1b[2Jgone");
  report.folders[1].set_source_mailbox("a\rb");
  EXPECT_THAT(Write(Output::kTable, report), AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\r"))));
}

TEST(ReportCsv, QuotesWhatNeedsQuoting) {
  const std::string text = Write(Output::kCsv, Example());
  EXPECT_THAT(text,
              HasSubstr("batches/1/jobs/3,anna@old.example,anna@new.example,"
                        "succeeded_with_skips,INBOX,INBOX,10,9,0,0,1,0,9000,1.500,6000,2.000,,"));
  EXPECT_THAT(text, HasSubstr("NO [LIMIT] \"\"too\"\" big, sorry\""));
}

TEST(ReportCsv, AFolderCannotBeAFormula) {
  JobReport report = Example();
  report.folders[0].set_source_mailbox("=HYPERLINK(1)");
  EXPECT_THAT(Write(Output::kCsv, report), HasSubstr(",'=HYPERLINK(1),"));
}

TEST(ReportJson, HasJobsWithTheirFoldersAndTheSum) {
  const std::string text = Write(Output::kJson, Example());
  EXPECT_THAT(text, HasSubstr(R"("name":"batches/1/jobs/3","state":"SUCCEEDED_WITH_SKIPS")"));
  EXPECT_THAT(text, HasSubstr(R"("duration":2.0)"));
  EXPECT_THAT(text, HasSubstr(R"("folder_reports":[{"source_mailbox":"INBOX")"));
  EXPECT_THAT(text, HasSubstr(R"("side":"DESTINATION")"));
  EXPECT_THAT(text, HasSubstr(R"("sum_errors":[])"));
  EXPECT_THAT(text, HasSubstr(R"("tally":{"found":15,"copied":12)"));
}

TEST(ReportJson, SurvivesWordsThatAreNoUtf8) {
  JobReport report = Example();
  report.job.add_warnings("caf\xe9");
  EXPECT_THAT(Write(Output::kJson, report), HasSubstr("caf\xef\xbf\xbd"));
}

}  // namespace
}  // namespace mailhaul::cli
