// Redis killed and started again, with all it knew, less, or nothing.

#include <gmock/gmock.h>

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "queue_test_fixture.h"
#include "redis_server.h"

namespace mailhaul::queue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Short, but not too short for a restart of Redis to fit in.
constexpr LeaseTimes kTimes(600ms);

class GenerationsTest : public QueueTest {
 protected:
  void SetUp() override {
    if (!support::RedisServer::Installed()) {
      ASSERT_EQ(std::getenv("CI"), nullptr) << "redis-server is not installed";
      GTEST_SKIP() << "redis-server is not installed";
    }
    // It keeps every write: what a crash would take away is cut off here, to the octet.
    server_ = std::make_unique<support::RedisServer>();
    address_ = server_->address();
    options_.times = kTimes;
    redis_ = std::make_unique<redis::Client>(loop_.get_executor(), address_);
    store_ = NewStore();
  }

  void Restart() { RestartFrom(server_->LogOctets()); }
  // As it was when the append-only file had so many octets.
  void RestartFrom(uintmax_t octets) {
    server_->Kill();
    server_->CutLog(octets);
    // Both notice that their connection is gone.
    EXPECT_FALSE(Await(store_->GetBatch(1, Soon())).ok());
    EXPECT_FALSE(Await(redis_->Call({"PING"}, Soon())).ok());
    server_->Start();
  }

  // Redis' clock, Unix ms.
  int64_t Now() {
    const redis::Reply time = Raw({"TIME"});
    int64_t seconds = 0;
    int64_t micros = 0;
    (void)absl::SimpleAtoi(time.items[0].text, &seconds);
    (void)absl::SimpleAtoi(time.items[1].text, &micros);
    return seconds * 1000 + micros / 1000;
  }

  // Keeps house and asks, as processes do, until there is something.
  std::vector<ClaimedJob> ClaimSoon(const std::string& worker, int want) {
    const Deadline give_up = Soon();
    for (;;) {
      TickUntilQuiet();
      std::vector<ClaimedJob> jobs = Claim(worker, want);
      if (!jobs.empty() || give_up.Passed()) return jobs;
    }
  }

  // Says what a holder can say; every answer must be that the lease is over.
  void ExpectRefusedEverywhere(const LeaseRef& lease) {
    const CheckpointRecords late{
        .number = 9, .pair = "pair", .folders = {{0, "late"}}, .ledger = {{"a", "late"}}};
    EXPECT_TRUE(absl::IsAborted(Await(store_->Checkpoint(lease, late, Soon()))));
    EXPECT_TRUE(absl::IsAborted(Await(store_->ReadPast(lease, "pair", Soon())).status()));
    EXPECT_TRUE(absl::IsAborted(Await(store_->Finish(lease, State::kSucceeded, "", Soon()))));
    EXPECT_TRUE(absl::IsAborted(
        Await(store_->GiveBack(lease, Interruption::kInterrupted, 0ms, "", Soon()))));
    EXPECT_THAT(Await(store_->Renew("worker", {&lease, 1}, Soon())).value().lost,
                ElementsAre(lease.id));
  }

  std::unique_ptr<support::RedisServer> server_;
};

TEST_F(GenerationsTest, ALeaseFromBeforeARestartIsRefusedEverywhere) {
  Vouch();
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  const LeaseRef lease = Lease(ClaimOne());
  Restart();
  ExpectRefusedEverywhere(lease);
  EXPECT_THAT(Claim("worker", 1), IsEmpty());
}

TEST_F(GenerationsTest, AVoidLeaseIsNotHandedOutAgainForALostReply) {
  Vouch();
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  ASSERT_THAT(Await(store_->Claim("worker", 7, 1, Soon())).value(), SizeIs(1));
  Restart();
  EXPECT_THAT(Await(store_->Claim("worker", 7, 1, Soon())).value(), IsEmpty());
  Raw({"HSET", Key("meta"), "hold_until", "1"});
  EXPECT_THAT(Await(store_->Claim("worker", 7, 1, Soon())).value(), IsEmpty());
}

TEST_F(GenerationsTest, WhatALeaseHasEndedStaysEnded) {
  Vouch();
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  ASSERT_TRUE(Await(store_->Finish(Lease(job), State::kSucceeded, "", Soon())).ok());
  Restart();
  EXPECT_TRUE(Await(store_->Finish(Lease(job), State::kSucceeded, "", Soon())).ok())
      << "only the reply was lost";
}

TEST_F(GenerationsTest, AfterARestartClaimsWaitForEveryLeaseAndThenKeepTheCaps) {
  Vouch();
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 10, {{"src:a", 2}});
  ASSERT_THAT(Claim("dead", 2), SizeIs(2));
  Restart();
  const int64_t back = Now();
  const auto jobs = ClaimSoon("alive", 10);
  EXPECT_GE(Now() - back, kTimes.hold().count());
  EXPECT_THAT(jobs, SizeIs(2));
  EXPECT_THAT(Counts(batch), ElementsAre(8, 2, 0, 0, 0, 0, 0));
  EXPECT_EQ(Raw({"HGET", Key("r:src:a"), "held"}).text, "2");
  EXPECT_TRUE(Await(store_->Finish(Lease(jobs[0]), State::kSucceeded, "", Soon())).ok());
}

TEST_F(GenerationsTest, AClaimThatRedisForgotDoesNotMeetItsSuccessor) {
  Vouch();
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  TickUntilQuiet();
  const uintmax_t before = server_->LogOctets();
  const ClaimedJob forgotten = ClaimOne("zombie");
  const int64_t given = Now();
  RestartFrom(before);
  EXPECT_EQ(Read(forgotten.id).state, State::kQueued) << "Redis knows of no lease";

  const auto jobs = ClaimSoon("alive", 1);
  ASSERT_THAT(jobs, SizeIs(1));
  EXPECT_GE(Now() - given, kTimes.hold().count());
  EXPECT_NE(jobs[0].epoch, forgotten.epoch);
  ExpectRefusedEverywhere(Lease(forgotten));
}

TEST_F(GenerationsTest, AnEmptyRedisHoldsFromItsStart) {
  Vouch();
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  ClaimOne("zombie");
  const int64_t given = Now();
  RestartFrom(0);
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  ASSERT_THAT(ClaimSoon("alive", 1), SizeIs(1));
  EXPECT_GE(Now() - given, kTimes.hold().count());
}

TEST_F(GenerationsTest, AQueueThatIsNewToAnOldRedisNeedsNoHold) {
  const Deadline give_up = Soon();
  while (Raw({"INFO", "server"}).text.find("uptime_in_seconds:2") == std::string::npos) {
    ASSERT_FALSE(give_up.Passed());
  }
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  EXPECT_THAT(Claim("worker", 1), SizeIs(1));
}

TEST_F(GenerationsTest, VouchedForANewRedisNeedsNoHold) {
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  ASSERT_THAT(Claim("worker", 1), IsEmpty());
  Vouch();
  EXPECT_THAT(Claim("worker", 1), SizeIs(1));
}

TEST_F(GenerationsTest, NobodyVouchesWhileLeasesAreStored) {
  Vouch();
  Submit(CreateBatch(), 0, 2, {{"src:a", 2}});
  ClaimOne();
  Restart();
  EXPECT_TRUE(absl::IsFailedPrecondition(Await(store_->Vouch(Soon()))));
  EXPECT_THAT(Claim("worker", 1), IsEmpty());
}

TEST_F(GenerationsTest, AVouchIsForOneLifeOfRedis) {
  Vouch();
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  TickUntilQuiet();
  const uintmax_t vouched = server_->LogOctets();
  ClaimOne();
  RestartFrom(vouched);
  EXPECT_THAT(Claim("worker", 1), IsEmpty());
}

TEST_F(GenerationsTest, DuringAHoldNobodyIsWokenAndAtItsEndSomebodyIs) {
  Vouch();
  Submit(CreateBatch(), 0, 1, {});
  Restart();
  ASSERT_THAT(Claim("worker", 1), IsEmpty());
  EXPECT_EQ(Raw({"EXISTS", Key("marker")}).integer, 0) << "workers would spin";
  const auto pause = Await(store_->Tick(Soon())).value();
  EXPECT_GT(pause, 0ms);
  EXPECT_LE(pause, kTimes.hold());

  const Deadline give_up = Soon();
  while (Raw({"EXISTS", Key("marker")}).integer == 0 && !give_up.Passed()) TickUntilQuiet();
  EXPECT_THAT(Claim("worker", 1), SizeIs(1));
}

TEST_F(GenerationsTest, ThePastNamesTheLifeOfRedis) {
  Vouch();
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  const auto generation = [this](const ClaimedJob& job) {
    return Await(store_->ReadPast(Lease(job), "pair", Soon())).value().generation;
  };
  const ClaimedJob job = ClaimOne();
  const std::string first = generation(job);
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(generation(job), first);
  Restart();
  const auto next = ClaimSoon("worker", 1);
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_NE(generation(next[0]), first);
}

TEST_F(GenerationsTest, WhateverIsCutOffTheFileNoCapIsExceededAndNoJobIsLost) {
  Vouch();
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 20, {{"src:a", 3}, {"dst:x", 2}});
  Await(store_->Seal(batch, 20, Soon())).IgnoreError();
  const uintmax_t submitted = server_->LogOctets();
  for (int i = 0; i < 4; ++i) {
    const ClaimedJob job = ClaimOne();
    const absl::Status ended =
        i % 2 == 0 ? Await(store_->Finish(Lease(job), State::kSucceeded, "", Soon()))
                   : Await(store_->GiveBack(Lease(job), Interruption::kRetry, 0ms, "", Soon()));
    ASSERT_TRUE(ended.ok()) << ended;
  }
  ASSERT_THAT(Claim("dead", 5), SizeIs(2));
  const uintmax_t whole = server_->LogOctets();

  // Each cut takes a third of what is left, so that the next one is deeper.
  for (int cut = 0; cut < 3; ++cut) {
    RestartFrom(submitted + (whole - submitted) * static_cast<uintmax_t>(2 - cut) / 3);
    const auto jobs = ClaimSoon("alive", 10);
    EXPECT_THAT(jobs, SizeIs(2)) << "dst:x has two permits";
    const auto counts = Counts(batch);
    EXPECT_EQ(counts[0] + counts[1] + counts[2] + counts[3], 20);
  }
}

}  // namespace
}  // namespace mailhaul::queue
