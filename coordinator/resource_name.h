#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/queue/job_store.h"

namespace mailhaul::coordinator {

// "batches/7" and "batches/7/jobs/42": the API's names of what the queue numbers. A job's name
// counts rows from 1, the queue's number from 0.
std::string BatchName(queue::BatchId batch);
std::string JobName(queue::JobId job);

// INVALID_ARGUMENT (BAD_REQUEST) naming `field` when it is no such name.
absl::StatusOr<queue::BatchId> ParseBatchName(absl::string_view field, absl::string_view name);
absl::StatusOr<queue::JobId> ParseJobName(absl::string_view field, absl::string_view name);

// Opaque to callers: where a list goes on. `list` is whose token it is ("batches",
// "batches/7/jobs"); a token of another list is INVALID_ARGUMENT (BAD_PAGE_TOKEN), an empty one is
// nullopt.
std::string PageToken(absl::string_view list, uint32_t next);
absl::StatusOr<std::optional<uint32_t>> ParsePageToken(absl::string_view list,
                                                       absl::string_view token);

// What a page_size means: 0 is 50, more than `most` is `most`. INVALID_ARGUMENT when negative.
absl::StatusOr<int> PageSize(int asked, int most);

// `status` as the API says it of the resource `name`: NOT_FOUND becomes NO_SUCH_RESOURCE with its
// ResourceInfo; anything else stays.
absl::Status About(absl::string_view name, absl::Status status);

}  // namespace mailhaul::coordinator
