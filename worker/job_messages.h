#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "common/queue/job_store.h"
#include "mailhaul/v1/job.pb.h"
#include "worker/app.h"
#include "worker/copy/mailbox_copy.h"

// Between the messages that the queue stores and what the copy works with.
namespace mailhaul::worker {

// What to copy, and from where earlier runs left it. Records of a folder's progress that cannot be
// read are passed over: they only count what was done. The caller sets `store`.
copy::MailboxCopy::Options ToCopyOptions(const v1::JobSpec& spec, queue::Past past,
                                         const WorkerOptions& options);

// When a run began, by both clocks.
struct RunStart {
  std::chrono::system_clock::time_point wall = std::chrono::system_clock::now();
  Deadline::Clock::time_point steady = Deadline::Clock::now();
};

// What is stored with the end of a job. `state` is a final one.
v1::JobResult MakeResult(const v1::JobSpec& spec, queue::State state, int attempts, RunStart start,
                         const absl::Status& error);

// The two enumerations name the same states; the queue's knows no protobuf. `state` is a final one.
v1::JobState ToProto(queue::State state);

}  // namespace mailhaul::worker
