// Many connections at once.

#include <gmock/gmock.h>

#include <map>

#include "absl/strings/str_cat.h"
#include <boost/asio/this_coro.hpp>

#include "common/base/status.h"
#include "common/net/event.h"
#include "queue_test_fixture.h"

namespace mailhaul::queue {
namespace {

constexpr int kWorkers = 8;
constexpr uint32_t kRows = 1500;

// What all workers together hold, as they see it: from the reply to a claim until before the call
// that ends the job.
struct Watch {
  std::map<std::string, uint32_t> held;  // by spec, which names the gate
  uint32_t most_held = 0;
  uint32_t ended = 0;
  int workers = kWorkers;
};

class ConcurrentClaimsTest : public QueueTest {
 protected:
  // Claims and finishes until every row has ended.
  static Task<absl::Status> Work(JobStore& store, std::string worker, Watch& watch) {
    uint64_t call = 0;
    while (watch.ended < kRows) {
      CO_ASSIGN_OR_RETURN(const auto jobs, co_await store.Claim(worker, ++call, 3, Soon()));
      for (const ClaimedJob& job : jobs) {
        watch.most_held = std::max(watch.most_held, ++watch.held[job.spec]);
      }
      if (jobs.empty()) CO_RETURN_IF_ERROR(co_await store.AwaitWork(20ms));
      for (const ClaimedJob& job : jobs) {
        --watch.held[job.spec];
        CO_RETURN_IF_ERROR(co_await store.Finish(Lease(job), State::kSucceeded, "", Soon()));
        ++watch.ended;
      }
    }
    co_return absl::OkStatus();
  }

  static Task<absl::Status> WorkAll(std::vector<std::unique_ptr<JobStore>>& stores, Watch& watch) {
    const auto executor = co_await boost::asio::this_coro::executor;
    net::Event all_ended(executor);
    absl::Status first_error;
    for (size_t i = 0; i < stores.size(); ++i) {
      boost::asio::co_spawn(executor, Work(*stores[i], absl::StrCat("worker-", i), watch),
                            [&](std::exception_ptr, const absl::Status& status) {
                              first_error.Update(status);
                              if (--watch.workers == 0) all_ended.Set();
                            });
    }
    co_await all_ended.Wait(Soon());
    co_return first_error;
  }
};

TEST_F(ConcurrentClaimsTest, TogetherTheyNeverHoldMoreThanTheCapAndEndEveryRowOnce) {
  constexpr uint32_t kCap = 3;
  const BatchId batch = CreateBatch();
  for (uint32_t first = 0; first < kRows; first += kBlockRows) {
    std::vector<NewJob> block;
    for (uint32_t row = first; row < std::min(first + kBlockRows, kRows); ++row) {
      const std::string gate = absl::StrCat("src:", row % 2);
      block.push_back({.row = row, .gates = {{gate, kCap}}, .spec = gate});
    }
    ASSERT_TRUE(Await(store_->Submit(batch, block, Soon())).ok());
  }
  std::vector<std::unique_ptr<JobStore>> stores;
  for (int i = 0; i < kWorkers; ++i) stores.push_back(NewStore());

  Watch watch;
  const absl::Status worked = Await(WorkAll(stores, watch));

  ASSERT_TRUE(worked.ok()) << worked;
  EXPECT_EQ(watch.most_held, kCap);
  EXPECT_EQ(watch.ended, kRows);
  EXPECT_THAT(Counts(batch), testing::ElementsAre(0, 0, 0, kRows, 0, 0, 0));
}

}  // namespace
}  // namespace mailhaul::queue
