#include "cli/open_queue.h"

#include <utility>

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "common/config/secret_file.h"
#include "common/queue/redis_job_store.h"
#include "common/redis/address.h"

namespace mailhaul::cli {
namespace {

absl::StatusOr<redis::Address> RedisAddress(const config::Settings& settings) {
  ASSIGN_OR_RETURN(redis::Address address, redis::ParseAddress(settings.redis_address));
  if (settings.redis_tls && !address.tls) {
    address.tls = net::TlsOptions{.server_name = address.host, .ca_file = ""};
  }
  if (address.tls) address.tls->ca_file = settings.ca_file;
  address.user = settings.redis_user;
  if (!settings.redis_password_file.empty()) {
    absl::StatusOr<Secret> password = config::ReadSecretFile(settings.redis_password_file);
    if (!password.ok()) {
      return absl::InvalidArgumentError(
          Annotate(password.status(), "redis.password_file").message());
    }
    address.password = *std::move(password);
  }
  return address;
}

}  // namespace

absl::StatusOr<std::unique_ptr<queue::JobStore>> OpenQueue(boost::asio::any_io_executor executor,
                                                           const config::Settings& settings) {
  ASSIGN_OR_RETURN(redis::Address address, RedisAddress(settings));
  queue::RedisJobStoreOptions options;
  options.queue = settings.queue;
  options.times = queue::LeaseTimes(settings.lease);
  return queue::MakeRedisJobStore(std::move(executor), std::move(address), std::move(options));
}

}  // namespace mailhaul::cli
