// Single jobs: reading and cancelling.

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "common/queue/redis_job_store_impl.h"
#include "common/queue/reply_shape.h"
#include "lua_scripts.h"

namespace mailhaul::queue {
namespace {

constexpr int kMostJobs = 1000;

}  // namespace

Task<absl::StatusOr<Page>> RedisJobStore::ListJobs(BatchId batch, uint32_t from_row, int limit,
                                                   Deadline deadline) {
  redis::Args args = {"HGET", keys_.Batch(batch), "last"};
  CO_ASSIGN_OR_RETURN(const redis::Reply last, co_await redis_.Call(std::move(args), deadline));
  if (last.IsNil()) co_return absl::NotFoundError(absl::StrCat("no batch ", batch));
  CO_ASSIGN_OR_RETURN(const int64_t rows, AsInteger(last));

  const int64_t end = std::min<int64_t>(rows, int64_t{from_row} + std::clamp(limit, 1, kMostJobs));
  std::vector<JobId> ids;
  for (int64_t row = from_row; row < end; ++row) {
    ids.push_back(MakeJobId(batch, static_cast<uint32_t>(row)));
  }
  Page page;
  CO_ASSIGN_OR_RETURN(page.jobs, co_await ReadJobs(ids, deadline));
  if (end < rows) page.next_row = static_cast<uint32_t>(end);
  co_return page;
}

Task<absl::StatusOr<std::vector<JobInfo>>> RedisJobStore::ReadJobs(std::span<const JobId> jobs,
                                                                   Deadline deadline) {
  if (jobs.size() > kMostJobs) co_return absl::InvalidArgumentError("too many jobs at once");
  std::vector<JobInfo> infos;
  while (!jobs.empty()) {
    redis::Args argv;
    for (const JobId id : jobs.first(std::min<size_t>(jobs.size(), kIdsPerScript))) {
      argv.push_back(absl::StrCat(id));
    }
    jobs = jobs.subspan(argv.size());
    CO_ASSIGN_OR_RETURN(const redis::Reply reply,
                        co_await Run(lua::read_jobs, std::move(argv), deadline));
    CO_RETURN_IF_ERROR(ExpectArray(reply, 0));
    for (const redis::Reply& item : reply.items) {
      CO_ASSIGN_OR_RETURN(JobInfo info, AsJobInfo(item));
      infos.push_back(std::move(info));
    }
  }
  co_return infos;
}

Task<absl::StatusOr<std::vector<std::string>>> RedisJobStore::ReadCheckpoint(JobId job,
                                                                             Deadline deadline) {
  redis::Args args = {"HGETALL", keys_.Checkpoint(job)};
  CO_ASSIGN_OR_RETURN(const redis::Reply reply, co_await redis_.Call(std::move(args), deadline));
  co_return AsCheckpoint(reply);
}

Task<absl::Status> RedisJobStore::CancelJob(JobId job, Deadline deadline) {
  redis::Args argv = {absl::StrCat(job)};
  co_return (co_await Run(lua::cancel_job, std::move(argv), deadline)).status();
}

}  // namespace mailhaul::queue
