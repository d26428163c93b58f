// Waiting for work, and for changes.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "common/net/event.h"
#include "queue_test_fixture.h"

namespace mailhaul::queue {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class WaitingTest : public QueueTest {
 protected:
  // Starts to wait for work, then runs `act`; how long the wait took.
  template <typename Act>
  std::chrono::milliseconds WaitWhile(Act act) {
    bool ended = false;
    const auto start = std::chrono::steady_clock::now();
    const auto waiter = NewStore();
    boost::asio::co_spawn(loop_, waiter->AwaitWork(10s), [&](std::exception_ptr, absl::Status s) {
      EXPECT_TRUE(s.ok()) << s;
      ended = true;
    });
    AwaitBlockedClients(1);
    act();
    loop_.restart();
    while (!ended) loop_.run_one();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start);
  }

  // Until so many clients of Redis hang in a blocking command on our marker.
  void AwaitBlockedClients(int count) {
    for (;;) {
      const std::string clients = Raw({"INFO", "clients"}).text;
      if (clients.find(absl::StrCat("blocked_clients:", count)) != std::string::npos) return;
    }
  }

  std::string Cursor() { return Await(store_->AwaitChanges("", 1ms)).value().cursor; }
};

TEST_F(WaitingTest, SubmittedWorkWakesAWaiter) {
  const BatchId batch = CreateBatch();
  EXPECT_LT(WaitWhile([&] { Submit(batch, 0, 1, {{"src:a", 1}}); }), 5s);
}

TEST_F(WaitingTest, AFreedPermitWakesAWaiter) {
  Submit(CreateBatch(), 0, 2, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  ASSERT_THAT(Claim("worker", 1), IsEmpty());
  const auto finish = [&] {
    ASSERT_TRUE(Await(store_->Finish(Lease(job), State::kSucceeded, "", Soon())).ok());
  };
  EXPECT_LT(WaitWhile(finish), 5s);
}

TEST_F(WaitingTest, APromotedJobWakesAWaiter) {
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  ASSERT_TRUE(Await(store_->GiveBack(Lease(job), Interruption::kRetry, 1h, "", Soon())).ok());
  const auto promote = [&] {
    EndPause(job.id);
    TickUntilQuiet();
  };
  EXPECT_LT(WaitWhile(promote), 5s);
}

TEST_F(WaitingTest, AClaimThatLeavesWorkWakesTheNextWaiter) {
  Submit(CreateBatch(), 0, 2, {{"src:a", 2}});
  ASSERT_TRUE(Await(store_->AwaitWork(10s)).ok());  // takes the marker
  EXPECT_LT(WaitWhile([&] { ClaimOne(); }), 5s);
}

TEST_F(WaitingTest, AClaimThatLeavesOtherLanesWakesTheNextWaiterToo) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"src:a", 2}});
  Submit(batch, 64, 65, {{"src:b", 2}});
  ASSERT_TRUE(Await(store_->AwaitWork(10s)).ok());
  EXPECT_LT(WaitWhile([&] { ClaimOne(); }), 5s);
}

TEST_F(WaitingTest, WithoutWorkAWaitEndsWhenItsPatienceDoes) {
  EXPECT_TRUE(Await(store_->AwaitWork(1ms)).ok());
  Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
  ClaimOne();
  EXPECT_EQ(Raw({"EXISTS", Key("marker")}).integer, 0) << "a claim that took all leaves no marker";
}

TEST_F(WaitingTest, AnInterruptEndsEveryWait) {
  store_->Interrupt();
  EXPECT_TRUE(absl::IsCancelled(Await(store_->AwaitWork(10s))));
  EXPECT_TRUE(absl::IsCancelled(Await(store_->AwaitChanges("", 10s)).status()));
  EXPECT_EQ(CreateBatch(), 1u) << "everything else goes on";
}

TEST_F(WaitingTest, EachChangeOfStateIsToldOnceAndInOrder) {
  const std::string begin = Cursor();
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 2, {{"src:a", 1}});
  const JobId first = MakeJobId(batch, 0);
  const JobId second = MakeJobId(batch, 1);
  const auto changes = Await(store_->AwaitChanges(begin, 10s)).value();
  EXPECT_THAT(changes.jobs, ElementsAre(first, second));
  EXPECT_FALSE(changes.missed);

  const ClaimedJob job = ClaimOne();
  ASSERT_TRUE(Await(store_->Finish(Lease(job), State::kSucceeded, "", Soon())).ok());
  ASSERT_TRUE(Await(store_->CancelJob(second, Soon())).ok());
  const auto later = Await(store_->AwaitChanges(changes.cursor, 10s)).value();
  EXPECT_THAT(later.jobs, ElementsAre(first, first, second));
  const auto none = Await(store_->AwaitChanges(later.cursor, 1ms)).value();
  EXPECT_THAT(none.jobs, IsEmpty());
  EXPECT_EQ(none.cursor, later.cursor);
}

TEST_F(WaitingTest, AWatcherThatFellTooFarBehindIsTold) {
  const std::string begin = Cursor();
  Submit(CreateBatch(), 0, 1, {});
  ASSERT_FALSE(Await(store_->AwaitChanges(begin, 1ms)).value().missed);
  Raw({"XTRIM", Key("ev"), "MAXLEN", "1"});
  Submit(CreateBatch("2"), 0, 1, {});
  EXPECT_TRUE(Await(store_->AwaitChanges(begin, 1ms)).value().missed);
}

TEST_F(WaitingTest, TheStreamOfChangesIsBounded) {
  Raw({"EVAL", "for i = 1, 15000 do redis.call('XADD', KEYS[1], '*', 'j', i) end", "1", Key("ev")});
  Submit(CreateBatch(), 0, 1, {});
  EXPECT_LT(Raw({"XLEN", Key("ev")}).integer, 10'500);
  EXPECT_GT(Raw({"XLEN", Key("ev")}).integer, 9'000);
}

TEST_F(WaitingTest, ACursorOfSomeoneElsesIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Await(store_->AwaitChanges("yesterday", 1ms)).status()));
}

}  // namespace
}  // namespace mailhaul::queue
