#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/queue/job_store.h"
#include "common/queue/keys.h"
#include "common/queue/redis_job_store.h"
#include "common/redis/client.h"

namespace mailhaul::queue {

// JobStore over Redis: each call hands its arguments to a script of lua/ and takes the reply apart.
// Implemented in redis_job_store_{batches,jobs,leases,changes}.cc.
class RedisJobStore final : public JobStore {
 public:
  RedisJobStore(boost::asio::any_io_executor executor, redis::Address address,
                RedisJobStoreOptions options);

  Task<absl::StatusOr<BatchId>> CreateBatch(std::string request_id, std::string description,
                                            Deadline deadline) override;
  Task<absl::Status> Submit(BatchId batch, std::span<const NewJob> jobs,
                            Deadline deadline) override;
  Task<absl::Status> Seal(BatchId batch, int64_t rows, Deadline deadline) override;

  Task<absl::StatusOr<BatchInfo>> GetBatch(BatchId batch, Deadline deadline) override;
  Task<absl::StatusOr<std::vector<BatchInfo>>> ListBatches(BatchId before, int limit,
                                                           Deadline deadline) override;
  Task<absl::StatusOr<Page>> ListJobs(BatchId batch, uint32_t from_row, int limit,
                                      Deadline deadline) override;
  Task<absl::StatusOr<std::vector<JobInfo>>> ReadJobs(std::span<const JobId> jobs,
                                                      Deadline deadline) override;
  Task<absl::StatusOr<std::vector<std::string>>> ReadCheckpoint(JobId job,
                                                                Deadline deadline) override;

  Task<absl::Status> CancelBatch(BatchId batch, Deadline deadline) override;
  Task<absl::Status> CancelJob(JobId job, Deadline deadline) override;

  Task<absl::Status> Vouch(Deadline deadline) override;
  const LeaseTimes& lease_times() const override { return options_.times; }
  Task<absl::StatusOr<std::vector<ClaimedJob>>> Claim(absl::string_view worker, uint64_t call,
                                                      int want, Deadline deadline) override;
  Task<absl::StatusOr<Renewal>> Renew(absl::string_view worker, std::span<const LeaseRef> leases,
                                      Deadline deadline) override;
  Task<absl::StatusOr<Past>> ReadPast(LeaseRef lease, std::string pair, Deadline deadline) override;
  Task<absl::Status> Checkpoint(LeaseRef lease, CheckpointRecords records,
                                Deadline deadline) override;
  Task<absl::Status> Finish(LeaseRef lease, State state, std::string result,
                            Deadline deadline) override;
  Task<absl::Status> GiveBack(LeaseRef lease, Interruption why, std::chrono::milliseconds pause,
                              std::string result, Deadline deadline) override;
  Task<absl::StatusOr<std::chrono::milliseconds>> Tick(Deadline deadline) override;
  Task<absl::Status> AwaitWork(std::chrono::milliseconds patience) override;

  Task<absl::StatusOr<Changes>> AwaitChanges(std::string cursor,
                                             std::chrono::milliseconds patience) override;
  void Interrupt() override { redis_.Interrupt(); }

 private:
  Task<absl::StatusOr<redis::Reply>> Run(redis::Script script, redis::Args argv, Deadline deadline);
  // The same for a script that includes generation.lua.
  Task<absl::StatusOr<redis::Reply>> RunFenced(redis::Script script, redis::Args argv,
                                               Deadline deadline);
  // Goes on with cancellations; true while there is more to do.
  Task<absl::StatusOr<bool>> Sweep(Deadline deadline);
  // At most kIdsPerScript leases; adds to `renewal`.
  Task<absl::Status> RenewSome(std::string worker, std::span<const LeaseRef> leases,
                               Renewal& renewal, Deadline deadline);
  // Ids of the newest and the oldest entry of the stream of changes.
  Task<absl::StatusOr<std::string>> LatestChange(Deadline deadline);
  Task<absl::StatusOr<std::pair<uint64_t, uint64_t>>> OldestChange(Deadline deadline);

  const Keys keys_;
  const RedisJobStoreOptions options_;
  const redis::Script claim_script_;
  redis::Client redis_;
};

}  // namespace mailhaul::queue
