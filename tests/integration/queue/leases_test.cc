// A worker's side, one promise after the other.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

#include "queue_test_fixture.h"

namespace mailhaul::queue {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LeasesTest : public QueueTest {
 protected:
  absl::Status Finish(const ClaimedJob& job, State state = State::kSucceeded) {
    return Await(store_->Finish(Lease(job), state, "result", Soon()));
  }
  absl::Status GiveBack(const ClaimedJob& job, Interruption why,
                        std::chrono::milliseconds pause = 0ms) {
    return Await(store_->GiveBack(Lease(job), why, pause, "why", Soon()));
  }
  static ClaimedJob WithEpoch(ClaimedJob job, Epoch epoch) {
    job.epoch = epoch;
    return job;
  }
  Renewal Renew(const ClaimedJob& job) {
    const LeaseRef lease = Lease(job);
    return Await(store_->Renew("worker", {&lease, 1}, Soon())).value();
  }
};

TEST_F(LeasesTest, AClaimHandsOutJobsInTheOrderOfTheRows) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 5, {{"src:a", 10}});
  const auto jobs = Claim("worker", 3);
  ASSERT_THAT(jobs, SizeIs(3));
  for (uint32_t row = 0; row < 3; ++row) {
    EXPECT_EQ(jobs[row].id, MakeJobId(batch, row));
    EXPECT_EQ(jobs[row].spec, absl::StrCat("spec of ", row));
    EXPECT_EQ(jobs[row].attempt, 1);
  }
  EXPECT_NE(jobs[0].epoch, jobs[1].epoch);
  const JobInfo running = Read(jobs[0].id);
  EXPECT_EQ(running.state, State::kRunning);
  EXPECT_EQ(running.worker, "worker");
  EXPECT_EQ(running.attempt, 1);
  EXPECT_THAT(Counts(batch), ElementsAre(2, 3, 0, 0, 0, 0, 0));
}

TEST_F(LeasesTest, ARepeatedCallGetsTheSameJobsAndTakesNoMore) {
  Submit(CreateBatch(), 0, 4, {{"src:a", 10}});
  const auto first = Await(store_->Claim("worker", 7, 2, Soon())).value();
  const auto again = Await(store_->Claim("worker", 7, 2, Soon())).value();
  ASSERT_THAT(again, SizeIs(2));
  EXPECT_EQ(again[0].id, first[0].id);
  EXPECT_EQ(again[0].epoch, first[0].epoch);
  EXPECT_EQ(again[1].epoch, first[1].epoch);
  EXPECT_EQ(again[0].spec, first[0].spec);
  EXPECT_THAT(Await(store_->Claim("worker", 6, 2, Soon())).value(), IsEmpty())
      << "an answer to a question that was given up";
  EXPECT_THAT(Await(store_->Claim("other", 7, 9, Soon())).value(), SizeIs(2))
      << "call numbers are each worker's own";
}

// The worker counts the lease from the call that was answered.
TEST_F(LeasesTest, ARepeatedCallRenewsTheLeases) {
  Submit(CreateBatch(), 0, 1, {{"src:a", 10}});
  const ClaimedJob job = Await(store_->Claim("worker", 1, 1, Soon())).value().at(0);
  EndLease(job.id);
  ASSERT_THAT(Await(store_->Claim("worker", 1, 1, Soon())).value(), SizeIs(1));
  TickUntilQuiet();
  EXPECT_EQ(Read(job.id).state, State::kRunning);
}

TEST_F(LeasesTest, ARepeatedCallLeavesOutWhatIsOverByThen) {
  Submit(CreateBatch(), 0, 2, {{"src:a", 10}});
  const auto first = Await(store_->Claim("worker", 1, 2, Soon())).value();
  ASSERT_TRUE(Finish(first[0]).ok());
  const auto again = Await(store_->Claim("worker", 1, 2, Soon())).value();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].id, first[1].id);
}

TEST_F(LeasesTest, ARepeatedCallLeavesOutWhatSomeoneElseHasByThen) {
  Submit(CreateBatch(), 0, 1, {{"src:a", 10}});
  const auto first = Await(store_->Claim("worker", 1, 1, Soon())).value();
  ASSERT_TRUE(GiveBack(first[0], Interruption::kInterrupted).ok());
  ClaimOne("other");
  EXPECT_THAT(Await(store_->Claim("worker", 1, 1, Soon())).value(), IsEmpty());
}

TEST_F(LeasesTest, NoGateIsOverdrawn) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 10, {{"src:a", 3}, {"dst:x", 2}});
  const auto jobs = Claim("worker", 10);
  EXPECT_THAT(jobs, SizeIs(2));
  ASSERT_TRUE(Finish(jobs[0]).ok());
  EXPECT_THAT(Claim("worker", 10), SizeIs(1));
}

TEST_F(LeasesTest, JobsWithoutGatesRunWithoutLimit) {
  Submit(CreateBatch(), 0, 50, {});
  EXPECT_THAT(Claim("worker", 100), SizeIs(50));
}

TEST_F(LeasesTest, TheGateWithTheFewestRunningGoesFirst) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 64, {{"src:big", 10}});
  ASSERT_THAT(Claim("worker", 4), SizeIs(4));
  Submit(batch, 64, 128, {{"src:small", 10}});
  for (const ClaimedJob& job : Claim("worker", 4)) {
    EXPECT_GE(RowOf(job.id), 64u) << "src:big runs four already";
  }
}

TEST_F(LeasesTest, AWokenLaneWaitsItsTurnBehindThoseWithFewerRunning) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 3, {{"src:big", 10}});
  ASSERT_THAT(Claim("worker", 3), SizeIs(3));
  Submit(batch, 64, 65, {{"src:other", 10}, {"dst:x", 1}});
  const ClaimedJob blocker = ClaimOne();
  Submit(batch, 128, 130, {{"src:big", 10}, {"dst:x", 1}});
  ASSERT_THAT(Claim("worker", 1), IsEmpty()) << "parked at dst:x";

  ASSERT_TRUE(Finish(blocker).ok());
  Submit(batch, 192, 193, {{"src:small", 10}});

  EXPECT_EQ(RowOf(ClaimOne().id), 192u) << "src:big runs three, src:small none";
}

TEST_F(LeasesTest, ALaneWhoseJobsEndedMovesForward) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 20, {{"src:first", 10}});
  const auto ending = Claim("worker", 5);
  Submit(batch, 64, 84, {{"src:second", 10}});
  ASSERT_THAT(Claim("worker", 2), SizeIs(2));

  for (const ClaimedJob& job : ending) ASSERT_TRUE(Finish(job).ok());

  EXPECT_LT(RowOf(ClaimOne().id), 64u) << "src:first runs none now, src:second two";
}

TEST_F(LeasesTest, TheLeaseNamesItsHolderUntilItEnds) {
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  EXPECT_THAT(Renew(job).lost, IsEmpty());
  EXPECT_THAT(Renew(WithEpoch(job, job.epoch + 1)).lost, ElementsAre(job.id));
  ASSERT_TRUE(Finish(job).ok());
  EXPECT_THAT(Renew(job).lost, ElementsAre(job.id));
}

TEST_F(LeasesTest, AnEpochRisesThoughRedisForgotTheLastOne) {
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  const ClaimedJob first = ClaimOne();
  ASSERT_TRUE(GiveBack(first, Interruption::kInterrupted).ok());
  Raw({"HDEL", Key("meta"), "epoch"});  // as after a fail-over to an older state
  EXPECT_GT(ClaimOne().epoch, first.epoch);
}

TEST_F(LeasesTest, AnEpochRisesThoughTheClockWentBack) {
  Submit(CreateBatch(), 0, 2, {{"src:a", 2}});
  Raw({"HSET", Key("meta"), "epoch", "8000000000000000"});  // of the year 2223
  const auto jobs = Claim("worker", 2);
  EXPECT_EQ(jobs[0].epoch, 8000000000000001u);
  EXPECT_EQ(jobs[1].epoch, 8000000000000002u);
}

TEST_F(LeasesTest, ARenewalMovesTheEndOfTheLease) {
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  EndLease(job.id);
  EXPECT_THAT(Renew(job).lost, IsEmpty()) << "nobody took it back yet";
  TickUntilQuiet();
  EXPECT_EQ(Read(job.id).state, State::kRunning);
}

TEST_F(LeasesTest, MoreLeasesThanOneScriptTakesAreRenewedInOneCall) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 600, {});
  std::vector<LeaseRef> leases;
  for (int i = 0; i < 6; ++i) {
    for (const ClaimedJob& job : Claim("worker", 100)) leases.push_back(Lease(job));
  }
  ASSERT_THAT(leases, SizeIs(600));
  leases[599].epoch = 1;
  const Renewal renewal = Await(store_->Renew("worker", leases, Soon())).value();
  EXPECT_THAT(renewal.lost, ElementsAre(leases[599].id));
}

TEST_F(LeasesTest, AnEndedJobKeepsItsResultAndLosesItsSpec) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  ASSERT_TRUE(Finish(job, State::kSucceededWithSkips).ok());
  const JobInfo info = Read(job.id);
  EXPECT_EQ(info.state, State::kSucceededWithSkips);
  EXPECT_EQ(info.result, "result");
  EXPECT_EQ(info.attempt, 1);
  EXPECT_EQ(info.spec, "");
  EXPECT_THAT(KeysLike("spec:"), IsEmpty()) << "it holds credentials";
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 0, 0, 1, 0, 0));
}

TEST_F(LeasesTest, AResultMayHoldAnyOctets) {
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  const std::string any("a|b\n\0\xff|", 8);
  ASSERT_TRUE(Await(store_->Finish(Lease(job), State::kFailed, any, Soon())).ok());
  EXPECT_EQ(Read(job.id).result, any);
}

TEST_F(LeasesTest, FinishingAgainIsFineFinishingOtherwiseIsNot) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  ASSERT_TRUE(Finish(job).ok());
  EXPECT_TRUE(Finish(job).ok()) << "the reply may have been lost";
  EXPECT_TRUE(absl::IsAborted(Finish(job, State::kFailed)));
  EXPECT_TRUE(absl::IsAborted(Finish(WithEpoch(job, job.epoch - 1))));
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 0, 1, 0, 0, 0));
}

TEST_F(LeasesTest, AJobCannotFinishInAStateThatIsNoEnd) {
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  EXPECT_TRUE(absl::IsInvalidArgument(Finish(job, State::kWaiting)));
  EXPECT_EQ(Read(job.id).state, State::kRunning);
}

TEST_F(LeasesTest, AJobGivenBackAtOnceIsTheNextInLine) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 3, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  ASSERT_TRUE(GiveBack(job, Interruption::kInterrupted).ok());
  EXPECT_TRUE(GiveBack(job, Interruption::kInterrupted).ok()) << "the reply may have been lost";
  EXPECT_EQ(Read(job.id).result, "why");
  EXPECT_THAT(Counts(batch), ElementsAre(3, 0, 0, 0, 0, 0, 0));
  const ClaimedJob next = ClaimOne();
  EXPECT_EQ(next.id, job.id);
  EXPECT_NE(next.epoch, job.epoch);
  EXPECT_EQ(next.attempt, 1) << "an interruption is not the job's fault";
  EXPECT_TRUE(absl::IsAborted(Finish(job))) << "the lease given back is no lease";
  EXPECT_TRUE(GiveBack(job, Interruption::kInterrupted).ok()) << "still the same repetition";
  EXPECT_EQ(Read(job.id).state, State::kRunning);
}

TEST_F(LeasesTest, AGivenBackJobIsNotClaimedBeforeItsTime) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  ASSERT_TRUE(GiveBack(job, Interruption::kThrottled, 60s).ok());
  const JobInfo waiting = Read(job.id);
  EXPECT_EQ(waiting.state, State::kWaiting);
  EXPECT_GT(waiting.not_before_ms, 1'600'000'000'000);
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 1, 0, 0, 0, 0));
  TickUntilQuiet();
  EXPECT_THAT(Claim("worker", 1), IsEmpty());

  EndPause(job.id);
  TickUntilQuiet();
  EXPECT_THAT(Counts(batch), ElementsAre(1, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(ClaimOne().attempt, 1) << "a throttle is not the job's fault";
}

TEST_F(LeasesTest, AJobFailsWhenItsAttemptsAreUsedUp) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"src:a", 1}});
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    const ClaimedJob interrupted = ClaimOne();
    ASSERT_TRUE(GiveBack(interrupted, Interruption::kInterrupted).ok());
    const ClaimedJob job = ClaimOne();
    EXPECT_EQ(job.attempt, attempt);
    ASSERT_TRUE(GiveBack(job, Interruption::kRetry).ok());
    EXPECT_TRUE(GiveBack(job, Interruption::kRetry).ok()) << "the reply may have been lost";
  }
  const JobInfo failed = Read(MakeJobId(batch, 0));
  EXPECT_EQ(failed.state, State::kFailed);
  EXPECT_EQ(failed.result, "why");
  EXPECT_EQ(failed.attempt, kMaxAttempts);
  EXPECT_EQ(failed.spec, "");
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 0, 0, 0, 1, 0));
}

TEST_F(LeasesTest, ADeadWorkersJobGoesOnElsewhereAfterLeaseAndGrace) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"src:a", 1}});
  const ClaimedJob dead = ClaimOne("dead");
  EndLease(dead.id, options_.times.grace() - 1s);
  TickUntilQuiet();
  EXPECT_EQ(Read(dead.id).state, State::kRunning) << "its connections may still be open";

  EndLease(dead.id);
  TickUntilQuiet();
  EXPECT_THAT(Counts(batch), ElementsAre(1, 0, 0, 0, 0, 0, 0));
  const ClaimedJob next = ClaimOne("alive");
  EXPECT_EQ(next.id, dead.id);
  EXPECT_EQ(next.attempt, 1) << "its worker's death is not the job's fault";

  const LeaseRef old = Lease(dead);
  EXPECT_TRUE(absl::IsAborted(Await(store_->Checkpoint(
      old, {.number = 1, .pair = "p", .folders = {{0, "late"}}, .ledger = {}}, Soon()))));
  EXPECT_TRUE(absl::IsAborted(Await(store_->ReadPast(old, "p", Soon())).status()));
  EXPECT_TRUE(absl::IsAborted(Finish(dead)));
  EXPECT_TRUE(absl::IsAborted(GiveBack(dead, Interruption::kRetry)));
  EXPECT_THAT(Renew(dead).lost, ElementsAre(dead.id));
  EXPECT_THAT(Await(store_->ReadCheckpoint(dead.id, Soon())).value(), IsEmpty());
  EXPECT_TRUE(Finish(next).ok());
}

TEST_F(LeasesTest, WorstCaseRecoveryIsWithinThirtyOneSeconds) {
  EXPECT_LE(LeaseTimes().lease() + LeaseTimes().grace() + kTickAtMost, 31s);
}

TEST_F(LeasesTest, TickSaysWhenToComeAgain) {
  EXPECT_EQ(Await(store_->Tick(Soon())).value(), kTickAtMost) << "nothing to do";
  Submit(CreateBatch(), 0, 200, {});
  for (int i = 0; i < 2; ++i) {
    for (const ClaimedJob& job : Claim("dead", 100)) EndLease(job.id);
  }
  EXPECT_EQ(Await(store_->Tick(Soon())).value(), 0ms) << "a hundred at a time";
  EXPECT_EQ(Await(store_->Tick(Soon())).value(), kTickAtMost);
  const ClaimedJob job = ClaimOne();
  ASSERT_TRUE(GiveBack(job, Interruption::kThrottled, 300ms).ok());
  const auto pause = Await(store_->Tick(Soon())).value();
  EXPECT_GT(pause, 0ms);
  EXPECT_LE(pause, 300ms);
}

TEST_F(LeasesTest, AQuietWorkersCallNumberIsForgottenInTheEnd) {
  Submit(CreateBatch(), 0, 1, {});
  ClaimOne("gone");
  TickUntilQuiet();
  EXPECT_EQ(Raw({"HEXISTS", Key("claims"), "gone"}).integer, 1);
  Raw({"ZINCRBY", Key("workers"), "-3600001", "gone"});
  TickUntilQuiet();
  EXPECT_THAT(KeysLike("claims"), IsEmpty());
  EXPECT_THAT(KeysLike("workers"), IsEmpty());
}

TEST_F(LeasesTest, NothingOfLanesAndGatesIsLeftWhenAllHasEnded) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 2, {{"src:a", 1}, {"dst:x", 1}});
  Submit(batch, 64, 66, {{"src:b", 1}, {"dst:x", 1}});
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(Finish(ClaimOne()).ok());
  for (const char* kind :
       {"q:", "g:", "r:", "w:", "ready", "act", "lease", "delay", "dl", "spec:"}) {
    EXPECT_THAT(KeysLike(kind), IsEmpty());
  }
}

TEST_F(LeasesTest, AGateKeepsItsCapUntilItIsIdle) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 10, {{"src:a", 1}});
  Submit(batch, 64, 74, {{"src:a", 5}, {"dst:x", 5}});
  EXPECT_THAT(Claim("worker", 10), SizeIs(1));
}

TEST_F(LeasesTest, ANewCapCountsOnceTheGateWasIdle) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"src:a", 1}});
  ASSERT_TRUE(Finish(ClaimOne()).ok());
  Submit(batch, 64, 74, {{"src:a", 5}});
  EXPECT_THAT(Claim("worker", 10), SizeIs(5));
}

TEST_F(LeasesTest, AWorkersNameMustFitIntoTheRecords) {
  for (const char* name : {"", "two words", "a|b"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Await(store_->Claim(name, 1, 1, Soon())).status()));
  }
}

TEST_F(LeasesTest, ManyFullLanesDoNotHideTheOneThatCanRun) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"dst:x", 1}});
  ClaimOne();
  // 200 lanes that all need the full gate, then one that does not.
  for (uint32_t i = 1; i <= 200; ++i) {
    Submit(batch, i * 64, i * 64 + 1, {{absl::StrCat("src:", i), 1}, {"dst:x", 1}});
  }
  Submit(batch, 201 * 64, 201 * 64 + 1, {{"src:free", 1}});
  EXPECT_EQ(RowOf(ClaimOne().id), 201u * 64);
}

}  // namespace
}  // namespace mailhaul::queue
