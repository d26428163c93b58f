#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/queue/job_store.h"
#include "common/redis/reply.h"

namespace mailhaul::queue {

// What the scripts return, taken apart. A reply of another shape than its script's header promises
// is INTERNAL: script and code are not of the same version.

absl::Status ExpectArray(const redis::Reply& reply, size_t at_least);

// An integer reply, or a string of digits.
absl::StatusOr<int64_t> AsInteger(const redis::Reply& reply);

absl::StatusOr<std::vector<JobId>> AsJobIds(const redis::Reply& reply);

// {folder index, progress, ...} as HGETALL returns it: the progress records in the order of their
// index.
absl::StatusOr<std::vector<std::string>> AsCheckpoint(const redis::Reply& reply);

// {id, epoch, attempt, spec}
absl::StatusOr<ClaimedJob> AsClaimedJob(const redis::Reply& reply);

// {generation, checkpoint, {name, value, ...} of the ledger}
absl::StatusOr<Past> AsPast(const redis::Reply& reply);

// {id, state, attempt, worker, not before, spec, result}
absl::StatusOr<JobInfo> AsJobInfo(const redis::Reply& reply);

// {field, value, ...} of a batch, from the given item on.
absl::StatusOr<BatchInfo> AsBatchInfo(BatchId id, const redis::Reply& reply, size_t first_item);

}  // namespace mailhaul::queue
