#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "mailhaul/v1/migration_service.pb.h"

namespace mailhaul::cli {

// The coordinator's API as blocking calls. Errors are the API's, details included (common/rpc/
// error.h); a coordinator that cannot be reached is UNAVAILABLE with words that say which.
class Client {
 public:
  // "host:port" or "unix:/path"; connects with the first call.
  explicit Client(std::string address);
  ~Client();

  // Sends the file at `path`. INVALID_ARGUMENT when it cannot be read.
  absl::StatusOr<v1::Batch> CreateBatch(const v1::CreateBatchRequest::Header& header,
                                        const std::string& path);
  absl::StatusOr<v1::Batch> GetBatch(const std::string& name);
  absl::StatusOr<v1::ListBatchesResponse> ListBatches(const v1::ListBatchesRequest& request);
  absl::StatusOr<v1::ListJobsResponse> ListJobs(const v1::ListJobsRequest& request);
  absl::StatusOr<v1::Batch> CancelBatch(const std::string& name);
  absl::StatusOr<v1::Job> CancelJob(const std::string& name);

  // Calls `take` with each message until the stream ends.
  absl::Status WatchBatch(const std::string& name,
                          const std::function<void(const v1::WatchBatchResponse&)>& take);
  absl::Status GetReport(const std::string& name,
                         const std::function<void(v1::GetReportResponse)>& take);

  // Ends the call in progress, and every later one, with CANCELLED. From any thread.
  void Interrupt();

 private:
  class Call;
  struct Shared;

  absl::Status Explain(absl::Status status) const;
  template <typename Response, typename Request, typename Method>
  absl::StatusOr<Response> Ask(Method method, const Request& request);

  const std::string address_;
  const std::unique_ptr<Shared> shared_;  // hidden: gRPC is slow to include
};

}  // namespace mailhaul::cli
