// Redis away at the start, killed in the middle, hung.

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

#include "queue_test_fixture.h"
#include "redis_server.h"

namespace mailhaul::queue {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

// A queue in a Redis of its own, which the test may take away. It keeps every write (appendfsync
// always).
class ResilienceTest : public QueueTest {
 protected:
  void SetUp() override {
    if (!support::RedisServer::Installed()) GTEST_SKIP() << "redis-server is not installed";
    server_ = std::make_unique<support::RedisServer>();
    address_ = server_->address();
    redis_ = std::make_unique<redis::Client>(loop_.get_executor(), address_);
    store_ = NewStore();
  }

  std::unique_ptr<support::RedisServer> server_;
};

TEST_F(ResilienceTest, AwayAtTheStartIsUnavailableAndNamesTheAddress) {
  server_->Kill();
  const auto start = std::chrono::steady_clock::now();
  const auto created = Await(store_->CreateBatch("request", "", Soon()));
  EXPECT_TRUE(absl::IsUnavailable(created.status())) << created.status();
  EXPECT_THAT(std::string(created.status().message()), HasSubstr(address_.unix_path));
  EXPECT_TRUE(absl::IsUnavailable(Await(store_->AwaitWork(10s))));
  EXPECT_TRUE(absl::IsUnavailable(Await(store_->AwaitChanges("", 10s)).status()));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);

  server_->Start();
  EXPECT_TRUE(Await(store_->CreateBatch("request", "", Soon())).ok());
}

TEST_F(ResilienceTest, ARestartInTheMiddleLosesNothing) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 10, {{"src:a", 2}});
  const auto jobs = Claim("worker", 2);
  ASSERT_THAT(jobs, SizeIs(2));

  server_->Kill();
  EXPECT_TRUE(
      absl::IsUnavailable(Await(store_->Finish(Lease(jobs[0]), State::kSucceeded, "", Soon()))));
  server_->Start();

  EXPECT_TRUE(Await(store_->Finish(Lease(jobs[0]), State::kSucceeded, "", Soon())).ok());
  const LeaseRef kept = Lease(jobs[1]);
  EXPECT_THAT(Await(store_->Renew("worker", {&kept, 1}, Soon())).value().lost, SizeIs(0));
  EXPECT_THAT(Claim("worker", 2), SizeIs(1)) << "one permit is free, one is held";
}

TEST_F(ResilienceTest, ARedisThatLostItsScriptsIsTaughtAgain) {
  Submit(CreateBatch(), 0, 2, {});
  ClaimOne();
  Raw({"SCRIPT", "FLUSH"});
  ClaimOne();
}

TEST_F(ResilienceTest, WaitingForWorkNoticesADeadRedis) {
  absl::Status ended;
  boost::asio::co_spawn(loop_, store_->AwaitWork(60s),
                        [&](std::exception_ptr, const absl::Status& status) { ended = status; });
  while (Raw({"INFO", "clients"}).text.find("blocked_clients:1") == std::string::npos) {
  }
  server_->Kill();
  loop_.restart();
  while (ended.ok()) loop_.run_one();
  EXPECT_TRUE(absl::IsUnavailable(ended)) << ended;
}

TEST_F(ResilienceTest, WaitingForWorkNoticesAHungRedis) {
  ASSERT_TRUE(Await(store_->AwaitWork(1ms)).ok());
  server_->Freeze();
  const absl::Status hung = Await(store_->AwaitWork(1ms));
  EXPECT_TRUE(absl::IsUnavailable(hung)) << hung;
  server_->Thaw();
  EXPECT_TRUE(Await(store_->AwaitWork(1ms)).ok());
}

}  // namespace
}  // namespace mailhaul::queue
