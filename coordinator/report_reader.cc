#include "coordinator/report_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "common/base/status.h"

namespace mailhaul::coordinator {
namespace {

constexpr int kPage = 100;

}  // namespace

Task<absl::StatusOr<std::optional<v1::GetReportResponse>>> ReportReader::Next(Deadline deadline) {
  if (!folders_.empty()) {
    v1::GetReportResponse folder = std::move(folders_.front());
    folders_.pop_front();
    co_return folder;
  }
  while (jobs_.empty() && next_row_) CO_RETURN_IF_ERROR(co_await ReadPage(deadline));
  if (jobs_.empty()) co_return std::nullopt;
  auto [id, job] = std::move(jobs_.front());
  jobs_.pop_front();
  CO_RETURN_IF_ERROR(co_await ReadFolders(id, deadline));
  v1::GetReportResponse entry;
  *entry.mutable_job() = std::move(job);
  co_return entry;
}

Task<absl::Status> ReportReader::ReadPage(Deadline deadline) {
  CO_ASSIGN_OR_RETURN(JobPage page, co_await reader_.Read(batch_, *next_row_, kPage, deadline));
  for (size_t i = 0; i < page.jobs.size(); ++i) {
    if (queue::RowOf(page.ids[i]) <= last_) {
      jobs_.emplace_back(page.ids[i], std::move(page.jobs[i]));
    }
  }
  next_row_ = page.next_row;
  if (next_row_ && *next_row_ > last_) next_row_.reset();
  co_return absl::OkStatus();
}

Task<absl::Status> ReportReader::ReadFolders(queue::JobId job, Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const std::vector<std::string> records,
                      co_await store_.ReadCheckpoint(job, deadline));
  for (const std::string& record : records) {
    v1::GetReportResponse& entry = folders_.emplace_back();
    if (!entry.mutable_folder()->ParseFromString(record)) {
      co_return absl::InternalError("a folder's record cannot be read");
    }
  }
  co_return absl::OkStatus();
}

}  // namespace mailhaul::coordinator
