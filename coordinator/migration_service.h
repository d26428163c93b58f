#pragma once

#include "absl/status/status.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/queue/job_store.h"
#include "common/rpc/stream_call.h"
#include "coordinator/cancellations.h"
#include "coordinator/change_feed.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/intake.h"
#include "coordinator/job_reader.h"
#include "coordinator/progress.h"
#include "mailhaul/v1/migration_service.grpc.pb.h"

namespace mailhaul::coordinator {

// The operators' API (proto/mailhaul/v1/migration_service.proto says what each method does). gRPC
// calls the methods on threads of its own; every handler runs on the executor's.
class MigrationService final : public v1::MigrationService::CallbackService {
 public:
  // What it works with; all of it outlives the service and lives on the executor's thread.
  struct Parts {
    boost::asio::any_io_executor executor;
    queue::JobStore& store;
    Progress& progress;
    ChangeFeed& feed;
    Cancellations& cancellations;
    CoordinatorMetrics& metrics;
    IntakeOptions intake;
  };
  explicit MigrationService(Parts parts);

  // Streams end with UNAVAILABLE (SHUTTING_DOWN), within a second. On the executor's thread.
  void Stop() { stopping_ = true; }

  grpc::ServerReadReactor<v1::CreateBatchRequest>* CreateBatch(grpc::CallbackServerContext* context,
                                                               v1::Batch* response) override;
  grpc::ServerUnaryReactor* GetBatch(grpc::CallbackServerContext* context,
                                     const v1::GetBatchRequest* request,
                                     v1::Batch* response) override;
  grpc::ServerUnaryReactor* ListBatches(grpc::CallbackServerContext* context,
                                        const v1::ListBatchesRequest* request,
                                        v1::ListBatchesResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchBatchResponse>* WatchBatch(
      grpc::CallbackServerContext* context, const v1::WatchBatchRequest* request) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* context,
                                     const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* response) override;
  grpc::ServerUnaryReactor* CancelBatch(grpc::CallbackServerContext* context,
                                        const v1::CancelBatchRequest* request,
                                        v1::Batch* response) override;
  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* context,
                                      const v1::CancelJobRequest* request,
                                      v1::Job* response) override;
  grpc::ServerWriteReactor<v1::GetReportResponse>* GetReport(
      grpc::CallbackServerContext* context, const v1::GetReportRequest* request) override;

 private:
  using Upload = rpc::UploadCall<v1::CreateBatchRequest>;
  using Watch = rpc::DownloadCall<v1::WatchBatchResponse>;
  using Report = rpc::DownloadCall<v1::GetReportResponse>;

  Task<absl::Status> HandleCreate(Upload& call, v1::Batch& response);
  Task<absl::StatusOr<std::unique_ptr<Submission>>> Receive(Upload& call, bool& validate_only);
  Task<absl::Status> HandleGet(const v1::GetBatchRequest& request, Deadline deadline,
                               v1::Batch& response);
  Task<absl::Status> HandleListBatches(const v1::ListBatchesRequest& request, Deadline deadline,
                                       v1::ListBatchesResponse& response);
  Task<absl::Status> HandleWatch(const v1::WatchBatchRequest& request, Watch& call);
  Task<absl::Status> HandleListJobs(const v1::ListJobsRequest& request, Deadline deadline,
                                    v1::ListJobsResponse& response);
  Task<absl::Status> HandleCancelBatch(const v1::CancelBatchRequest& request, Deadline deadline,
                                       v1::Batch& response);
  Task<absl::Status> HandleCancelJob(const v1::CancelJobRequest& request, Deadline deadline,
                                     v1::Job& response);
  Task<absl::Status> HandleReport(const v1::GetReportRequest& request, Report& call);

  Task<absl::StatusOr<v1::Batch>> ReadBatch(queue::BatchId batch, Deadline deadline);
  // Runs `handler` and counts how it ended.
  Task<absl::Status> Counted(const char* method, Task<absl::Status> handler);

  const Parts parts_;
  const JobReader reader_;
  bool stopping_ = false;
};

}  // namespace mailhaul::coordinator
