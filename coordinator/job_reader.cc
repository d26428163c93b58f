#include "coordinator/job_reader.h"

#include <utility>

#include "common/base/status.h"
#include "coordinator/job_view.h"
#include "coordinator/resource_name.h"

namespace mailhaul::coordinator {
namespace {

// Whether the job has copied something that only its checkpoint knows.
bool HasCheckpoint(const queue::JobInfo& info) {
  return info.state == queue::State::kRunning || info.state == queue::State::kWaiting ||
         (info.state == queue::State::kQueued && info.attempt > 0);
}

}  // namespace

Task<absl::StatusOr<JobPage>> JobReader::Read(queue::BatchId batch, uint32_t from_row, int limit,
                                              Deadline deadline) const {
  CO_ASSIGN_OR_RETURN(queue::Page stored,
                      co_await store_.ListJobs(batch, from_row, limit, deadline));
  JobPage page;
  page.next_row = stored.next_row;
  for (queue::JobInfo& info : stored.jobs) {
    page.ids.push_back(info.id);
    CO_ASSIGN_OR_RETURN(v1::Job job, co_await View(std::move(info), deadline));
    page.jobs.push_back(std::move(job));
  }
  co_return page;
}

Task<absl::StatusOr<v1::Job>> JobReader::ReadOne(queue::JobId job, Deadline deadline) const {
  CO_ASSIGN_OR_RETURN(queue::Page page, co_await store_.ListJobs(queue::BatchOf(job),
                                                                 queue::RowOf(job), 1, deadline));
  if (page.jobs.empty() || page.jobs.front().id != job) {
    co_return absl::NotFoundError(JobName(job));
  }
  co_return co_await View(std::move(page.jobs.front()), deadline);
}

Task<absl::StatusOr<v1::Job>> JobReader::View(queue::JobInfo info, Deadline deadline) const {
  v1::Job job = ViewOfJob(info);
  const v1::JobProgress* live =
      info.state == queue::State::kRunning ? progress_.Find(info.id, info.worker) : nullptr;
  if (live != nullptr) {
    AddLive(*live, job);
  } else if (HasCheckpoint(info)) {
    CO_ASSIGN_OR_RETURN(const std::vector<std::string> folders,
                        co_await store_.ReadCheckpoint(info.id, deadline));
    AddCheckpoint(folders, job);
  }
  co_return job;
}

}  // namespace mailhaul::coordinator
