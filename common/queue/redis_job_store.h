#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "common/queue/defaults.h"
#include "common/queue/job_store.h"
#include "common/queue/lease_times.h"
#include "common/redis/address.h"
#include "common/redis/script.h"

namespace mailhaul::queue {

struct RedisJobStoreOptions {
  std::string queue =
      "default";  // queues of different names in one Redis know nothing of each other
  LeaseTimes times;
  int max_attempts = kMaxAttempts;
  // Instead of the built-in one: for the test that shows what its chain rule is for.
  std::optional<redis::Script> claim_script;
};

// The queue in Redis 6.2 or newer. Connects when first used; lives on the executor's thread and
// outlives its calls.
std::unique_ptr<JobStore> MakeRedisJobStore(boost::asio::any_io_executor executor,
                                            redis::Address address, RedisJobStoreOptions options);

}  // namespace mailhaul::queue
