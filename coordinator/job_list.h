#pragma once

#include "absl/status/statusor.h"

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "coordinator/job_reader.h"
#include "mailhaul/v1/migration_service.pb.h"

namespace mailhaul::coordinator {

// One page of a batch's jobs, filtered as asked. Reads a bounded number of jobs, so a filter that
// few match gives short pages. INVALID_ARGUMENT (BAD_REQUEST, BAD_PAGE_TOKEN), else JobStore's.
Task<absl::StatusOr<v1::ListJobsResponse>> ListJobs(JobReader reader, v1::ListJobsRequest request,
                                                    Deadline deadline);

}  // namespace mailhaul::coordinator
