// Cancelling batches and jobs.

#include <gmock/gmock.h>

#include "queue_test_fixture.h"

namespace mailhaul::queue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CancelTest : public QueueTest {
 protected:
  void Cancel(BatchId batch) {
    const absl::Status cancelled = Await(store_->CancelBatch(batch, Soon()));
    ASSERT_TRUE(cancelled.ok()) << cancelled;
  }
  std::vector<JobId> CancelledOf(const ClaimedJob& job) {
    const LeaseRef lease = Lease(job);
    return Await(store_->Renew("worker", {&lease, 1}, Soon())).value().cancelled;
  }
};

TEST_F(CancelTest, QueuedJobsEndAtOnce) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1000, {{"src:a", 5}});
  Cancel(batch);
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 0, 0, 0, 0, 1000));
  EXPECT_EQ(Read(MakeJobId(batch, 999)).state, State::kCancelled);
  EXPECT_TRUE(Await(store_->GetBatch(batch, Soon()))->cancelled);
  EXPECT_THAT(KeysLike("spec:"), IsEmpty());
}

TEST_F(CancelTest, ACancelledBatchDoesNotHideTheOneBehindIt) {
  const BatchId cancelled = CreateBatch("cancelled");
  const BatchId other = CreateBatch("other");
  Submit(cancelled, 0, 1000, {{"src:a", 5}});
  Submit(other, 0, 1, {{"src:a", 5}});
  Cancel(cancelled);
  EXPECT_EQ(ClaimOne().id, MakeJobId(other, 0));
}

TEST_F(CancelTest, TheFlagAloneKeepsJobsFromBeingClaimed) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 10, {{"src:a", 5}});
  Raw({"HSET", Key("b:1"), "cancelled", "1"});  // as if the coordinator had died right then
  EXPECT_THAT(Claim("worker", 10), IsEmpty());
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 0, 0, 0, 0, 10));
}

TEST_F(CancelTest, TickGoesOnWithACancellationThatWasCutShort) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1000, {{"src:a", 5}});
  Raw({"HSET", Key("b:1"), "cancelled", "1"});
  Raw({"ZADD", Key("cancelling"), "1", "1"});  // block 0 was done
  TickUntilQuiet();
  EXPECT_THAT(Counts(batch), ElementsAre(64, 0, 0, 0, 0, 0, 936));
}

TEST_F(CancelTest, ARunningJobLearnsItWhenItRenewsAndMayStillEndAsItLikes) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 2, {{"src:a", 5}});
  const auto jobs = Claim("worker", 2);
  Cancel(batch);
  EXPECT_THAT(CancelledOf(jobs[0]), ElementsAre(jobs[0].id));
  ASSERT_TRUE(Await(store_->Finish(Lease(jobs[0]), State::kCancelled, "half", Soon())).ok());
  ASSERT_TRUE(Await(store_->Finish(Lease(jobs[1]), State::kSucceeded, "all", Soon())).ok());
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 0, 1, 0, 0, 1));
  EXPECT_EQ(Read(jobs[0].id).result, "half");
}

TEST_F(CancelTest, WhatComesBackFromACancelledBatchDoesNotRunAgain) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 3, {{"src:a", 5}});
  const auto jobs = Claim("worker", 3);
  const auto give_back = [&](const ClaimedJob& job, Interruption why) {
    return Await(store_->GiveBack(Lease(job), why, 10s, "why", Soon()));
  };
  Cancel(batch);
  EXPECT_TRUE(give_back(jobs[0], Interruption::kRetry).ok());
  EXPECT_TRUE(give_back(jobs[1], Interruption::kInterrupted).ok());
  EndLease(jobs[2].id);
  TickUntilQuiet();
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 0, 0, 0, 0, 3));
}

TEST_F(CancelTest, ADelayedJobEndsWithItsBatch) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"src:a", 5}});
  const ClaimedJob job = ClaimOne();
  ASSERT_TRUE(Await(store_->GiveBack(Lease(job), Interruption::kRetry, 10s, "why", Soon())).ok());
  Cancel(batch);
  EXPECT_EQ(Read(job.id).state, State::kCancelled);
  for (const char* kind : {"delay", "dl", "g:", "r:"}) EXPECT_THAT(KeysLike(kind), IsEmpty());
}

TEST_F(CancelTest, CancellingTwiceIsFine) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"src:a", 5}});
  Cancel(batch);
  Cancel(batch);
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 0, 0, 0, 0, 1));
  EXPECT_TRUE(absl::IsNotFound(Await(store_->CancelBatch(77, Soon()))));
}

TEST_F(CancelTest, OneJobIsCancelledInEachOfItsStates) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 4, {{"src:a", 5}});
  const auto jobs = Claim("worker", 3);
  const auto cancel = [this](JobId job) { return Await(store_->CancelJob(job, Soon())); };
  ASSERT_TRUE(
      Await(store_->GiveBack(Lease(jobs[0]), Interruption::kThrottled, 10s, "", Soon())).ok());
  ASSERT_TRUE(Await(store_->Finish(Lease(jobs[1]), State::kSucceeded, "", Soon())).ok());

  EXPECT_TRUE(cancel(jobs[0].id).ok()) << "waiting";
  EXPECT_TRUE(cancel(jobs[1].id).ok()) << "ended";
  EXPECT_TRUE(cancel(jobs[2].id).ok()) << "running";
  EXPECT_TRUE(cancel(MakeJobId(batch, 3)).ok()) << "queued";
  EXPECT_TRUE(absl::IsNotFound(cancel(MakeJobId(batch, 4))));

  EXPECT_THAT(Counts(batch), ElementsAre(0, 1, 0, 1, 0, 0, 2));
  EXPECT_THAT(CancelledOf(jobs[2]), ElementsAre(jobs[2].id));
  ASSERT_TRUE(Await(store_->GiveBack(Lease(jobs[2]), Interruption::kRetry, 10s, "", Soon())).ok());
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 0, 1, 0, 0, 3));
  EXPECT_THAT(Claim("worker", 5), IsEmpty());
  for (const char* kind : {"stop", "g:", "r:", "q:"}) EXPECT_THAT(KeysLike(kind), IsEmpty());
}

}  // namespace
}  // namespace mailhaul::queue
