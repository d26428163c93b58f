#include "coordinator/job_list.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "coordinator/resource_name.h"

namespace mailhaul::coordinator {
namespace {

// Jobs looked at for one page, and in one read.
constexpr int kMostRead = 10'000;
constexpr int kReadAtOnce = 500;
constexpr int kMostPage = 1000;

bool Names(const v1::Account& account, const std::string& lower_case) {
  return absl::StrContains(absl::AsciiStrToLower(account.user()), lower_case);
}

bool Matches(const v1::ListJobsRequest& request, const std::string& user, const v1::Job& job) {
  if (!request.states().empty() && std::find(request.states().begin(), request.states().end(),
                                             job.state()) == request.states().end()) {
    return false;
  }
  return user.empty() || Names(job.source(), user) || Names(job.destination(), user);
}

}  // namespace

Task<absl::StatusOr<v1::ListJobsResponse>> ListJobs(JobReader reader, v1::ListJobsRequest request,
                                                    Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const queue::BatchId batch, ParseBatchName("parent", request.parent()));
  CO_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), kMostPage));
  const std::string list = absl::StrCat(request.parent(), "/jobs");
  CO_ASSIGN_OR_RETURN(const std::optional<uint32_t> from,
                      ParsePageToken(list, request.page_token()));
  const std::string user = absl::AsciiStrToLower(request.user());
  const bool filtered = !request.states().empty() || !user.empty();

  v1::ListJobsResponse response;
  std::optional<uint32_t> row = from.value_or(0);
  for (int read = 0; row && read < kMostRead && response.jobs_size() < size;) {
    const int want = filtered ? kReadAtOnce : size - response.jobs_size();
    CO_ASSIGN_OR_RETURN(const JobPage page, co_await reader.Read(batch, *row, want, deadline));
    row = page.next_row;
    read += static_cast<int>(page.jobs.size());
    for (size_t i = 0; i < page.jobs.size(); ++i) {
      if (!Matches(request, user, page.jobs[i])) continue;
      if (response.jobs_size() == size) {
        row = queue::RowOf(page.ids[i]);  // full: the next page begins here
        break;
      }
      *response.add_jobs() = page.jobs[i];
    }
  }
  if (row) response.set_next_page_token(PageToken(list, *row));
  co_return response;
}

}  // namespace mailhaul::coordinator
