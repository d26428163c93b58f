#include "coordinator/job_view.h"

#include <google/protobuf/util/time_util.h>

#include <utility>

#include "common/report/names.h"
#include "common/report/tally.h"
#include "coordinator/resource_name.h"

namespace mailhaul::coordinator {
namespace {

using google::protobuf::util::TimeUtil;

// queue::State counts from 0 in the order of v1::JobState, which has UNSPECIFIED before it.
static_assert(static_cast<int>(queue::State::kQueued) + 1 == v1::JOB_STATE_QUEUED);
static_assert(static_cast<int>(queue::State::kCancelled) + 1 == v1::JOB_STATE_CANCELLED);

v1::JobState ToApi(queue::State state) {
  return static_cast<v1::JobState>(static_cast<int>(state) + 1);
}

v1::Account WithoutPassword(const v1::Endpoint& endpoint) {
  v1::Account account;
  account.set_provider(endpoint.provider());
  account.set_host(endpoint.host());
  account.set_port(endpoint.port());
  account.set_user(endpoint.user());
  return account;
}

void AddSpec(const v1::JobSpec& spec, v1::Job& job) {
  job.set_request_type(spec.request_type());
  *job.mutable_source() = WithoutPassword(spec.source());
  *job.mutable_destination() = WithoutPassword(spec.destination());
}

void AddResult(const v1::JobResult& result, v1::Job& job) {
  if (result.has_source()) {
    job.set_request_type(result.request_type());
    *job.mutable_source() = result.source();
    *job.mutable_destination() = result.destination();
  }
  *job.mutable_tally() = result.tally();
  if (result.has_start_time()) *job.mutable_start_time() = result.start_time();
  if (result.has_end_time()) *job.mutable_end_time() = result.end_time();
  if (result.has_duration()) *job.mutable_duration() = result.duration();
  if (result.has_error()) *job.mutable_error() = result.error();
  *job.mutable_warnings() = result.warnings();
}

}  // namespace

v1::Batch ViewOfBatch(const queue::BatchInfo& info) {
  v1::BatchDescription description;
  description.ParseFromString(info.description);
  v1::Batch batch;
  batch.set_name(BatchName(info.id));
  batch.set_display_name(description.display_name());
  batch.set_request_id(info.request_id);
  batch.set_cancelled(info.cancelled);
  *batch.mutable_create_time() = TimeUtil::MillisecondsToTimestamp(info.created_ms);
  batch.set_rows(description.rows());
  batch.set_state(HasEnded(info) ? v1::BATCH_STATE_ENDED
                  : info.sealed  ? v1::BATCH_STATE_ACTIVE
                                 : v1::BATCH_STATE_SUBMITTING);
  for (size_t state = 0; state < info.counts.size(); ++state) {
    if (info.counts[state] == 0) continue;
    v1::StateCount& count = *batch.add_counts();
    count.set_state(ToApi(static_cast<queue::State>(state)));
    count.set_jobs(info.counts[state]);
  }
  return batch;
}

v1::Job ViewOfJob(const queue::JobInfo& info) {
  v1::Job job;
  job.set_name(JobName(info.id));
  job.set_state(ToApi(info.state));
  job.set_attempt(info.attempt);
  job.set_worker(info.worker);
  if (info.state == queue::State::kWaiting && info.not_before_ms > 0) {
    *job.mutable_not_before_time() = TimeUtil::MillisecondsToTimestamp(info.not_before_ms);
  }
  if (v1::JobSpec spec; !info.spec.empty() && spec.ParseFromString(info.spec)) AddSpec(spec, job);
  if (v1::JobResult result; !info.result.empty() && result.ParseFromString(info.result)) {
    AddResult(result, job);
  }
  return job;
}

void AddLive(const v1::JobProgress& progress, v1::Job& job) {
  *job.mutable_tally() = progress.tally();
  job.set_folders(progress.folders());
  job.set_folders_done(progress.folders_done());
  job.set_current_mailbox(progress.current_mailbox());
  if (progress.has_start_time()) *job.mutable_start_time() = progress.start_time();
}

void AddCheckpoint(const std::vector<std::string>& folders, v1::Job& job) {
  v1::Tally sum;
  int done = 0;
  for (const std::string& record : folders) {
    v1::FolderProgress folder;
    if (!folder.ParseFromString(record)) continue;
    report::Add(sum, folder.tally());
    if (folder.done()) ++done;
  }
  // An ended job's own sum is the better one: it also counts what no folder's record holds.
  if (!report::IsFinal(job.state())) *job.mutable_tally() = sum;
  job.set_folders(static_cast<int>(folders.size()));
  job.set_folders_done(done);
}

bool HasEnded(const queue::BatchInfo& info) {
  if (!info.sealed && !info.cancelled) return false;
  int64_t ended = 0;
  for (size_t state = 0; state < info.counts.size(); ++state) {
    if (queue::IsFinal(static_cast<queue::State>(state))) ended += info.counts[state];
  }
  return ended >= info.rows;
}

}  // namespace mailhaul::coordinator
