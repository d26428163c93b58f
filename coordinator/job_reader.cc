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
  CO_ASSIGN_OR_RETURN(JobPage page, co_await View(std::move(stored.jobs), deadline));
  page.next_row = stored.next_row;
  co_return page;
}

Task<absl::StatusOr<JobPage>> JobReader::ReadThese(std::vector<queue::JobId> jobs,
                                                   Deadline deadline) const {
  CO_ASSIGN_OR_RETURN(std::vector<queue::JobInfo> stored, co_await store_.ReadJobs(jobs, deadline));
  co_return co_await View(std::move(stored), deadline);
}

Task<absl::StatusOr<v1::Job>> JobReader::ReadOne(queue::JobId job, Deadline deadline) const {
  std::vector<queue::JobId> one = {job};
  CO_ASSIGN_OR_RETURN(JobPage page, co_await ReadThese(std::move(one), deadline));
  if (page.jobs.empty()) co_return absl::NotFoundError(JobName(job));
  co_return std::move(page.jobs.front());
}

bool JobReader::Refresh(queue::JobId id, v1::Job& job) const {
  if (job.state() != v1::JOB_STATE_RUNNING) return false;
  const v1::JobProgress* live = progress_.Find(id, job.worker());
  if (live != nullptr) AddLive(*live, job);
  return live != nullptr;
}

Task<absl::StatusOr<JobPage>> JobReader::View(std::vector<queue::JobInfo> stored,
                                              Deadline deadline) const {
  JobPage page;
  for (const queue::JobInfo& info : stored) {
    v1::Job job = ViewOfJob(info);
    if (!Refresh(info.id, job) && HasCheckpoint(info)) {
      CO_ASSIGN_OR_RETURN(const std::vector<std::string> folders,
                          co_await store_.ReadCheckpoint(info.id, deadline));
      AddCheckpoint(folders, job);
    }
    page.ids.push_back(info.id);
    page.jobs.push_back(std::move(job));
  }
  co_return page;
}

}  // namespace mailhaul::coordinator
