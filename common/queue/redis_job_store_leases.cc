// A worker's side: claims, leases, endings, housekeeping, waiting for work.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "common/base/status.h"
#include "common/queue/redis_job_store_impl.h"
#include "common/queue/reply_shape.h"
#include "lua_scripts.h"

namespace mailhaul::queue {
namespace {

constexpr int kMostClaims = 100;

absl::Status CheckWorker(absl::string_view worker) {
  if (!worker.empty() && worker.find_first_of(" |") == worker.npos) return absl::OkStatus();
  return absl::InvalidArgumentError("a worker's name is empty or holds a space or \"|\"");
}

absl::Status CheckPair(absl::string_view pair) {
  if (!pair.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("the job names no pair");
}

// The {more, job...} of claim.
absl::StatusOr<std::vector<ClaimedJob>> AsClaimedJobs(const redis::Reply& reply) {
  std::vector<ClaimedJob> jobs;
  for (size_t i = 1; i < reply.items.size(); ++i) {
    ASSIGN_OR_RETURN(ClaimedJob job, AsClaimedJob(reply.items[i]));
    jobs.push_back(std::move(job));
  }
  return jobs;
}

}  // namespace

Task<absl::Status> RedisJobStore::Vouch(Deadline deadline) {
  co_return (co_await Run(lua::vouch, {}, deadline)).status();
}

Task<absl::StatusOr<redis::Reply>> RedisJobStore::RunFenced(redis::Script script, redis::Args argv,
                                                            Deadline deadline) {
  argv.insert(argv.begin(), absl::StrCat(options_.times.hold().count()));
  co_return co_await Run(script, std::move(argv), deadline);
}

Task<absl::StatusOr<std::vector<ClaimedJob>>> RedisJobStore::Claim(absl::string_view worker,
                                                                   uint64_t call, int want,
                                                                   Deadline deadline) {
  CO_RETURN_IF_ERROR(CheckWorker(worker));
  const redis::Args argv = {std::string(worker), absl::StrCat(call),
                            absl::StrCat(std::clamp(want, 1, kMostClaims)),
                            absl::StrCat(options_.times.lease().count())};
  for (;;) {
    CO_ASSIGN_OR_RETURN(const redis::Reply reply,
                        co_await RunFenced(claim_script_, argv, deadline));
    CO_RETURN_IF_ERROR(ExpectArray(reply, 1));
    CO_ASSIGN_OR_RETURN(const int64_t more, AsInteger(reply.items[0]));
    if (more == 0) co_return AsClaimedJobs(reply);
  }
}

Task<absl::StatusOr<Renewal>> RedisJobStore::Renew(absl::string_view worker,
                                                   std::span<const LeaseRef> leases,
                                                   Deadline deadline) {
  CO_RETURN_IF_ERROR(CheckWorker(worker));
  Renewal renewal;
  do {  // at least once: it also says that the worker is alive
    const auto some = leases.first(std::min<size_t>(leases.size(), kIdsPerScript));
    CO_RETURN_IF_ERROR(co_await RenewSome(std::string(worker), some, renewal, deadline));
    leases = leases.subspan(some.size());
  } while (!leases.empty());
  co_return renewal;
}

Task<absl::Status> RedisJobStore::RenewSome(std::string worker, std::span<const LeaseRef> leases,
                                            Renewal& renewal, Deadline deadline) {
  redis::Args argv = {std::move(worker), absl::StrCat(options_.times.lease().count())};
  for (const LeaseRef& held : leases) {
    argv.push_back(absl::StrCat(held.id));
    argv.push_back(absl::StrCat(held.epoch));
  }
  CO_ASSIGN_OR_RETURN(const redis::Reply reply,
                      co_await RunFenced(lua::renew, std::move(argv), deadline));
  CO_RETURN_IF_ERROR(ExpectArray(reply, 2));
  CO_ASSIGN_OR_RETURN(const std::vector<JobId> lost, AsJobIds(reply.items[0]));
  CO_ASSIGN_OR_RETURN(const std::vector<JobId> cancelled, AsJobIds(reply.items[1]));
  renewal.lost.insert(renewal.lost.end(), lost.begin(), lost.end());
  renewal.cancelled.insert(renewal.cancelled.end(), cancelled.begin(), cancelled.end());
  co_return absl::OkStatus();
}

Task<absl::StatusOr<Past>> RedisJobStore::ReadPast(LeaseRef lease, std::string pair,
                                                   Deadline deadline) {
  CO_RETURN_IF_ERROR(CheckPair(pair));
  redis::Args argv = {absl::StrCat(lease.id), absl::StrCat(lease.epoch), std::move(pair)};
  CO_ASSIGN_OR_RETURN(const redis::Reply reply,
                      co_await RunFenced(lua::read_past, std::move(argv), deadline));
  co_return AsPast(reply);
}

Task<absl::Status> RedisJobStore::Checkpoint(LeaseRef lease, CheckpointRecords records,
                                             Deadline deadline) {
  CO_RETURN_IF_ERROR(CheckPair(records.pair));
  redis::Args argv = {absl::StrCat(lease.id), absl::StrCat(lease.epoch),
                      absl::StrCat(records.number), std::move(records.pair),
                      absl::StrCat(records.folders.size())};
  for (FolderRecord& folder : records.folders) {
    argv.push_back(absl::StrCat(folder.index));
    argv.push_back(std::move(folder.progress));
  }
  for (LedgerRecord& record : records.ledger) {
    argv.push_back(std::move(record.name));
    argv.push_back(std::move(record.value));
  }
  co_return (co_await RunFenced(lua::checkpoint, std::move(argv), deadline)).status();
}

Task<absl::Status> RedisJobStore::Finish(LeaseRef lease, State state, std::string result,
                                         Deadline deadline) {
  if (!IsFinal(state)) co_return absl::InvalidArgumentError("a job cannot end in that state");
  redis::Args argv = {absl::StrCat(lease.id), absl::StrCat(lease.epoch),
                      absl::StrCat(static_cast<int>(state)), std::move(result)};
  co_return (co_await RunFenced(lua::finish, std::move(argv), deadline)).status();
}

Task<absl::Status> RedisJobStore::GiveBack(LeaseRef lease, Interruption why,
                                           std::chrono::milliseconds pause, std::string result,
                                           Deadline deadline) {
  redis::Args argv = {absl::StrCat(lease.id),
                      absl::StrCat(lease.epoch),
                      absl::StrCat(why == Interruption::kRetry ? 1 : 0),
                      absl::StrCat(pause.count()),
                      absl::StrCat(options_.max_attempts),
                      std::move(result)};
  co_return (co_await RunFenced(lua::give_back, std::move(argv), deadline)).status();
}

Task<absl::StatusOr<std::chrono::milliseconds>> RedisJobStore::Tick(Deadline deadline) {
  redis::Args argv = {absl::StrCat(options_.times.grace().count()),
                      absl::StrCat(kTickAtMost.count())};
  CO_ASSIGN_OR_RETURN(const redis::Reply reply,
                      co_await RunFenced(lua::tick, std::move(argv), deadline));
  CO_RETURN_IF_ERROR(ExpectArray(reply, 2));
  CO_ASSIGN_OR_RETURN(const int64_t pause, AsInteger(reply.items[0]));
  CO_ASSIGN_OR_RETURN(const int64_t cancelling, AsInteger(reply.items[1]));
  bool more = cancelling > 0;
  if (more) {
    CO_ASSIGN_OR_RETURN(more, co_await Sweep(deadline));
  }
  co_return std::chrono::milliseconds(more ? 0 : pause);
}

Task<absl::Status> RedisJobStore::AwaitWork(std::chrono::milliseconds patience) {
  // 0 would mean for ever.
  const auto least = std::max(patience, std::chrono::milliseconds(1));
  redis::Args args = {"BZPOPMIN", keys_.Marker(),
                      absl::StrFormat("%.3f", static_cast<double>(least.count()) / 1000)};
  co_return (co_await redis_.CallBlocking(std::move(args), least)).status();
}

}  // namespace mailhaul::queue
