#include "worker/outcome.h"

#include <gtest/gtest.h>

namespace mailhaul::worker {
namespace {

using queue::Interruption;
using queue::State;

class OutcomeTest : public testing::Test {
 protected:
  Outcome Of(const absl::Status& copied, bool progressed = false, int attempt = 1) {
    return Decide(copied, tally_, folder_failed_, progressed, attempt, random_);
  }
  State StateOf(const Outcome& outcome) { return std::get<Ended>(outcome).state; }

  v1::Tally tally_;
  bool folder_failed_ = false;
  std::mt19937_64 random_{1};
};

TEST_F(OutcomeTest, OfACompleteCopyIsSuccess) {
  EXPECT_EQ(StateOf(Of(absl::OkStatus())), State::kSucceeded);
}

TEST_F(OutcomeTest, SaysWhenAnythingWasLeftOut) {
  tally_.set_skipped(1);
  EXPECT_EQ(StateOf(Of(absl::OkStatus())), State::kSucceededWithSkips);
  tally_.set_skipped(0);
  tally_.set_failed(1);
  EXPECT_EQ(StateOf(Of(absl::OkStatus())), State::kSucceededWithSkips);
  tally_.set_failed(0);
  folder_failed_ = true;
  EXPECT_EQ(StateOf(Of(absl::OkStatus())), State::kSucceededWithSkips);
}

TEST_F(OutcomeTest, OfWhatCannotPassIsFinal) {
  for (const absl::Status& hopeless :
       {absl::UnauthenticatedError("wrong password"), absl::NotFoundError("unknown host"),
        absl::FailedPreconditionError("certificate"), absl::DataLossError("not IMAP"),
        absl::PermissionDeniedError("no STARTTLS"), absl::InvalidArgumentError("spec")}) {
    EXPECT_EQ(StateOf(Of(hopeless)), State::kFailed) << hopeless;
  }
}

TEST_F(OutcomeTest, OfALostConnectionCountsAsAnAttemptOnlyWithoutProgress) {
  const absl::Status lost = absl::UnavailableError("connection lost");
  EXPECT_EQ(std::get<TryLater>(Of(lost, false)).why, Interruption::kRetry);
  EXPECT_EQ(std::get<TryLater>(Of(lost, true)).why, Interruption::kInterrupted);
}

TEST_F(OutcomeTest, BacksOffLongerWithEachAttempt) {
  const absl::Status lost = absl::DeadlineExceededError("no answer");
  const auto pause = [&](int attempt) {
    return std::get<TryLater>(Of(lost, false, attempt)).pause;
  };
  EXPECT_LE(pause(1), std::chrono::seconds(1));
  EXPECT_GE(pause(4), std::chrono::seconds(4));
  EXPECT_LE(pause(30), std::chrono::seconds(60));
}

TEST_F(OutcomeTest, OfAJobThatWasStoppedIsToGoOnAtOnceElsewhere) {
  const TryLater later = std::get<TryLater>(Of(absl::CancelledError("stopped")));
  EXPECT_EQ(later.why, Interruption::kInterrupted);
  EXPECT_EQ(later.pause, std::chrono::milliseconds(0));
}

}  // namespace
}  // namespace mailhaul::worker
