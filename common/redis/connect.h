#pragma once

#include <memory>

#include "absl/status/statusor.h"

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/redis/address.h"
#include "common/redis/connection.h"

namespace mailhaul::redis {

// Dials, secures, logs in (AUTH) and chooses the database (SELECT). The codes are those of Client;
// whatever says that the server cannot be reached just now, an unknown host included, is
// UNAVAILABLE.
Task<absl::StatusOr<std::shared_ptr<Connection>>> Connect(Address address, Deadline deadline);

// "redis unix:/run/redis.sock: message". OK stays OK.
absl::Status NameServer(const Address& address, const absl::Status& status);

}  // namespace mailhaul::redis
