// Redis away at the start, killed in the middle, hung.

#include <gmock/gmock.h>

#include <cstdlib>

#include <boost/asio/co_spawn.hpp>

#include "queue_test_fixture.h"
#include "redis_server.h"

namespace mailhaul::queue {
namespace {

using testing::HasSubstr;

// A queue in a Redis of its own, which the test may take away. It keeps every write (appendfsync
// always).
class ResilienceTest : public QueueTest {
 protected:
  void SetUp() override {
    if (!support::RedisServer::Installed()) {
      ASSERT_EQ(std::getenv("CI"), nullptr) << "redis-server is not installed";
      GTEST_SKIP() << "redis-server is not installed";
    }
    server_ = std::make_unique<support::RedisServer>();
    address_ = server_->address();
    redis_ = std::make_unique<redis::Client>(loop_.get_executor(), address_);
    store_ = NewStore();
    Vouch();
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
