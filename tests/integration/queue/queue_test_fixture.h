#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/queue/redis_job_store.h"
#include "common/redis/client.h"

namespace mailhaul::queue {

using namespace std::chrono_literals;

// A queue of its own in the Redis of the test run (MAILHAUL_TEST_REDIS), and one loop to call it
// on.
class QueueTest : public testing::Test {
 protected:
  void SetUp() override;

  // Runs `task` to its end.
  template <typename T>
  T Await(Task<T> task) {
    std::optional<T> value;
    std::exception_ptr thrown;
    boost::asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr error, T result) {
      thrown = error;
      value.emplace(std::move(result));
      loop_.stop();
    });
    loop_.restart();
    loop_.run_for(30s);
    if (thrown) std::rethrow_exception(thrown);
    if (!value) throw std::runtime_error("the task did not end");
    return *std::move(value);
  }

  static Deadline Soon() { return Deadline::After(10s); }

  // Another connection to the same queue.
  std::unique_ptr<JobStore> NewStore() const;

  // ---- shorthands; they fail the test on any error ----
  // The queue is new: nobody can hold a lease of it.
  void Vouch();
  BatchId CreateBatch(const std::string& request_id = "request");
  // Rows from..to-1 with the same gates; specs are "spec of <row>".
  void Submit(BatchId batch, uint32_t from, uint32_t to, std::vector<Gate> gates);
  std::vector<ClaimedJob> Claim(const std::string& worker, int want);
  ClaimedJob ClaimOne(const std::string& worker = "worker");
  JobInfo Read(JobId job);
  std::vector<int64_t> Counts(BatchId batch);

  // ---- around the store ----
  // Lets a job's lease, just given, have ended so long ago.
  void EndLease(JobId job, std::chrono::milliseconds ago = 1h);
  // Lets the pause of a delayed job have ended an hour ago.
  void EndPause(JobId job);
  void TickUntilQuiet();
  // Keys of the queue that begin like this, the common prefix left out.
  std::vector<std::string> KeysLike(const std::string& beginning);
  redis::Reply Raw(redis::Args args);
  std::string Key(const std::string& name) const;

  static LeaseRef Lease(const ClaimedJob& job) { return {.id = job.id, .epoch = job.epoch}; }

  boost::asio::io_context loop_;
  redis::Address address_;
  RedisJobStoreOptions options_;
  std::unique_ptr<redis::Client> redis_;
  std::unique_ptr<JobStore> store_;

 private:
  uint64_t calls_ = 0;
};

}  // namespace mailhaul::queue
