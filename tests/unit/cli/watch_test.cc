#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"

#include "cli/batch_picture.h"
#include "cli/rate_meter.h"
#include "cli/text.h"
#include "cli/watch_display.h"

namespace mailhaul::cli {
namespace {

using std::chrono::seconds;
using testing::Each;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::ResultOf;
using testing::SizeIs;
using testing::StartsWith;

const RateMeter::Clock::time_point kStart{};

v1::Tally TallyOf(int64_t found, int64_t copied, int64_t bytes_each) {
  v1::Tally tally;
  tally.set_found(found);
  tally.set_copied(copied);
  tally.set_remaining(found - copied);
  tally.set_copied_bytes(copied * bytes_each);
  tally.set_found_bytes(found * bytes_each);
  return tally;
}

v1::Job JobOf(int number, v1::JobState state, const v1::Tally& tally) {
  v1::Job job;
  job.set_name(absl::StrCat("batches/1/jobs/", number));
  job.set_state(state);
  job.mutable_source()->set_user(absl::StrCat("user", number, "@old.example"));
  job.mutable_destination()->set_user(absl::StrCat("user", number, "@new.example"));
  *job.mutable_tally() = tally;
  return job;
}

v1::WatchBatchResponse Response(std::vector<v1::Job> jobs, const v1::Tally& tally) {
  v1::WatchBatchResponse response;
  response.mutable_batch()->set_name("batches/1");
  response.mutable_batch()->set_rows(3);
  for (const v1::Job& job : jobs) {
    v1::StateCount& count = *response.mutable_batch()->add_counts();
    count.set_state(job.state());
    count.set_jobs(1);
  }
  response.mutable_jobs()->Add(jobs.begin(), jobs.end());
  *response.mutable_tally() = tally;
  response.set_snapshot_complete(true);
  return response;
}

TEST(RateMeter, KnowsNothingFromOneSample) {
  RateMeter meter;
  meter.Add(kStart, TallyOf(100, 10, 1000));
  EXPECT_EQ(meter.BytesPerSecond(), 0);
  EXPECT_FALSE(meter.Eta().has_value());
}

TEST(RateMeter, IsTheMeanOfTheLastSeconds) {
  RateMeter meter;
  for (int s = 0; s <= 60; ++s) {
    const int64_t copied = s <= 45 ? 0 : (s - 45) * 10;  // nothing at first, then ten a second
    meter.Add(kStart + seconds(s), TallyOf(1000, copied, 1000));
  }
  EXPECT_DOUBLE_EQ(meter.BytesPerSecond(), 10'000);
  EXPECT_EQ(meter.Eta(), seconds(85));
}

TEST(RateMeter, MessagesThatAreNotSentDoNotMakeTheEtaEndless) {
  RateMeter meter;
  v1::Tally tally = TallyOf(100, 0, 1000);
  meter.Add(kStart, tally);
  tally.set_already_there(50);
  tally.set_remaining(50);
  meter.Add(kStart + seconds(5), tally);
  EXPECT_EQ(meter.Eta(), seconds(5));
}

TEST(BatchPicture, ShowsRateAndTimeLeftOfEachMailbox) {
  BatchPicture picture;
  for (int s = 0; s <= 5; ++s) {
    const v1::Tally tally = TallyOf(100, s * 10, 1'000'000);
    picture.Take(Response({JobOf(1, v1::JOB_STATE_RUNNING, tally)}, tally), kStart + seconds(s));
  }
  const auto view = picture.Render(120, 24);
  ASSERT_THAT(view, SizeIs(4));
  EXPECT_THAT(view[0], HasSubstr("0 of 3 mailboxes ended, 1 running; 50/100 messages"));
  EXPECT_THAT(view[3], HasSubstr("#1 user1@old.example -> user1@new.example  running"));
  EXPECT_THAT(view[3], HasSubstr("50/100"));
  EXPECT_THAT(view[3], HasSubstr("10 MB/s"));
  EXPECT_THAT(view[3], HasSubstr("0:05"));
}

TEST(BatchPicture, NeverOutgrowsTheTerminal) {
  BatchPicture picture;
  for (int n = 1; n <= 200; ++n) {
    const auto state = n % 2 == 0 ? v1::JOB_STATE_RUNNING : v1::JOB_STATE_SUCCEEDED;
    v1::Job job = JobOf(n, state, TallyOf(10, 5, 10));
    job.set_current_mailbox(std::string(300, 'x'));
    picture.Take(Response({job}, job.tally()), kStart);
  }
  const auto view = picture.Render(80, 24);
  EXPECT_THAT(view, SizeIs(Le(24u)));
  EXPECT_THAT(view, Each(ResultOf([](const std::string& line) { return Width(line); }, Le(80u))));
}

TEST(PlainLines, TellEachChangeOfStateOnce) {
  std::ostringstream out;
  const auto display = MakePlainLines(out);
  const v1::Tally tally = TallyOf(10, 5, 1000);
  display->Take(Response({JobOf(1, v1::JOB_STATE_RUNNING, tally)}, tally));
  display->Take(Response({JobOf(1, v1::JOB_STATE_RUNNING, TallyOf(10, 7, 1000))}, tally));
  display->Take(Response({JobOf(1, v1::JOB_STATE_SUCCEEDED, TallyOf(10, 10, 1000))}, tally));
  const std::string text = out.str();
  EXPECT_EQ(text.find("running\n"), text.rfind("running\n"));
  EXPECT_THAT(text, HasSubstr("#1 user1@old.example -> user1@new.example  succeeded  "
                              "10/10 messages, 10 kB\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(PlainLines, SayWhyAMailboxFailed) {
  std::ostringstream out;
  const auto display = MakePlainLines(out);
  v1::Job job = JobOf(2, v1::JOB_STATE_FAILED, {});
  job.mutable_error()->set_side(v1::SIDE_SOURCE);
  job.mutable_error()->set_message("login refused");
  display->Take(Response({job}, {}));
  EXPECT_THAT(out.str(), HasSubstr("failed  0/0 messages, 0 B  source: login refused\n"));
}

TEST(LiveTable, DrawsOverWhatItDrewBefore) {
  std::ostringstream out;
  const auto display = MakeLiveTable(out, -1);
  const v1::Tally tally = TallyOf(10, 5, 1000);
  display->Take(Response({JobOf(1, v1::JOB_STATE_RUNNING, tally)}, tally));
  const size_t first = out.str().size();
  display->Take(Response({JobOf(1, v1::JOB_STATE_RUNNING, tally)}, tally));
  EXPECT_THAT(out.str().substr(first), StartsWith("\x1b[4F\x1b[J")) << "four lines up, then clear";
}

}  // namespace
}  // namespace mailhaul::cli
