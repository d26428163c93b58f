#pragma once

#include <string>
#include <vector>

#include "common/queue/job_store.h"
#include "mailhaul/v1/batch.pb.h"
#include "mailhaul/v1/worker_report.pb.h"

namespace mailhaul::coordinator {

// A batch as the API shows it.
v1::Batch ViewOfBatch(const queue::BatchInfo& info);

// A job as the API shows it: what the queue has, credentials left out.
v1::Job ViewOfJob(const queue::JobInfo& info);

// Adds what its worker reports of a running job.
void AddLive(const v1::JobProgress& progress, v1::Job& job);

// Adds what the checkpoint says: serialized v1::FolderProgress, for a job nobody reports on.
void AddCheckpoint(const std::vector<std::string>& folders, v1::Job& job);

// A batch is over when no more rows will come and every one of its jobs has ended.
bool HasEnded(const queue::BatchInfo& info);

}  // namespace mailhaul::coordinator
