#include "common/queue/redis_job_store.h"

#include <utility>

#include "common/queue/redis_job_store_impl.h"
#include "lua_scripts.h"

namespace mailhaul::queue {

RedisJobStore::RedisJobStore(boost::asio::any_io_executor executor, redis::Address address,
                             RedisJobStoreOptions options)
    : keys_(options.queue),
      options_(std::move(options)),
      claim_script_(options_.claim_script.value_or(lua::claim)),
      redis_(std::move(executor), std::move(address)) {}

Task<absl::StatusOr<redis::Reply>> RedisJobStore::Run(redis::Script script, redis::Args argv,
                                                      Deadline deadline) {
  redis::Args keys = {keys_.prefix()};
  co_return co_await redis_.Eval(script, std::move(keys), std::move(argv), deadline);
}

std::unique_ptr<JobStore> MakeRedisJobStore(boost::asio::any_io_executor executor,
                                            redis::Address address, RedisJobStoreOptions options) {
  return std::make_unique<RedisJobStore>(std::move(executor), std::move(address),
                                         std::move(options));
}

}  // namespace mailhaul::queue
