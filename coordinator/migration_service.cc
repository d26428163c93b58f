#include "coordinator/migration_service.h"

#include <chrono>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"

#include "common/base/status.h"
#include "common/obs/log.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/error.h"
#include "common/rpc/serve.h"
#include "coordinator/batch_watch.h"
#include "coordinator/job_list.h"
#include "coordinator/job_view.h"
#include "coordinator/report_reader.h"
#include "coordinator/resource_name.h"

namespace mailhaul::coordinator {
namespace {

constexpr int kMostBatches = 500;  // JobStore::ListBatches has no more at once
constexpr std::chrono::seconds kStoreCall{10};
// How long a caller may take to send, or to take, one message.
constexpr std::chrono::seconds kSlowCaller{60};
// Changes are gathered at least this long.
constexpr std::chrono::seconds kBetweenChanges{1};
constexpr std::chrono::milliseconds kBeforeTheEnd{50};  // the end of a batch waits no longer

absl::Status ShuttingDown() {
  absl::Status status =
      rpc::MakeError(absl::StatusCode::kUnavailable, "the coordinator is shutting down; try again",
                     v1::ERROR_REASON_SHUTTING_DOWN);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  rpc::SetDetail(status, retry);
  return status;
}

}  // namespace

MigrationService::MigrationService(Parts parts)
    : parts_(std::move(parts)), reader_(parts_.store, parts_.progress) {}

// ---- what gRPC calls: each names its handler, nothing else ----

grpc::ServerReadReactor<v1::CreateBatchRequest>* MigrationService::CreateBatch(
    grpc::CallbackServerContext*, v1::Batch* response) {
  return rpc::ServeStream<Upload>(parts_.executor, [this, response](Upload& call) {
    return Counted("CreateBatch", HandleCreate(call, *response));
  });
}

grpc::ServerUnaryReactor* MigrationService::GetBatch(grpc::CallbackServerContext* context,
                                                     const v1::GetBatchRequest* request,
                                                     v1::Batch* response) {
  return rpc::Serve(context, parts_.executor,
                    Counted("GetBatch", HandleGet(*request, rpc::DeadlineOf(*context), *response)));
}

grpc::ServerUnaryReactor* MigrationService::ListBatches(grpc::CallbackServerContext* context,
                                                        const v1::ListBatchesRequest* request,
                                                        v1::ListBatchesResponse* response) {
  return rpc::Serve(
      context, parts_.executor,
      Counted("ListBatches", HandleListBatches(*request, rpc::DeadlineOf(*context), *response)));
}

grpc::ServerWriteReactor<v1::WatchBatchResponse>* MigrationService::WatchBatch(
    grpc::CallbackServerContext*, const v1::WatchBatchRequest* request) {
  return rpc::ServeStream<Watch>(parts_.executor, [this, request](Watch& call) {
    return Counted("WatchBatch", HandleWatch(*request, call));
  });
}

grpc::ServerUnaryReactor* MigrationService::ListJobs(grpc::CallbackServerContext* context,
                                                     const v1::ListJobsRequest* request,
                                                     v1::ListJobsResponse* response) {
  return rpc::Serve(
      context, parts_.executor,
      Counted("ListJobs", HandleListJobs(*request, rpc::DeadlineOf(*context), *response)));
}

grpc::ServerUnaryReactor* MigrationService::CancelBatch(grpc::CallbackServerContext* context,
                                                        const v1::CancelBatchRequest* request,
                                                        v1::Batch* response) {
  return rpc::Serve(
      context, parts_.executor,
      Counted("CancelBatch", HandleCancelBatch(*request, rpc::DeadlineOf(*context), *response)));
}

grpc::ServerUnaryReactor* MigrationService::CancelJob(grpc::CallbackServerContext* context,
                                                      const v1::CancelJobRequest* request,
                                                      v1::Job* response) {
  return rpc::Serve(
      context, parts_.executor,
      Counted("CancelJob", HandleCancelJob(*request, rpc::DeadlineOf(*context), *response)));
}

grpc::ServerWriteReactor<v1::GetReportResponse>* MigrationService::GetReport(
    grpc::CallbackServerContext*, const v1::GetReportRequest* request) {
  return rpc::ServeStream<Report>(parts_.executor, [this, request](Report& call) {
    return Counted("GetReport", HandleReport(*request, call));
  });
}

// ---- submission ----

Task<absl::Status> MigrationService::HandleCreate(Upload& call, v1::Batch& response) {
  bool validate_only = false;
  CO_ASSIGN_OR_RETURN(const std::unique_ptr<Submission> submission,
                      co_await Receive(call, validate_only));
  if (validate_only) {
    response.set_rows(submission->rows());
    co_return absl::OkStatus();
  }
  CO_ASSIGN_OR_RETURN(const queue::BatchId batch, co_await submission->Queue(parts_.store));
  parts_.metrics.rows_queued.Increment(static_cast<double>(submission->rows()));
  log::Info("batch queued", {{"batch", batch}, {"rows", submission->rows()}});
  CO_ASSIGN_OR_RETURN(response, co_await ReadBatch(batch, Deadline::After(kStoreCall)));
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::unique_ptr<Submission>>> MigrationService::Receive(Upload& call,
                                                                            bool& validate_only) {
  CO_ASSIGN_OR_RETURN(const v1::CreateBatchRequest* first,
                      co_await call.Read(Deadline::After(kSlowCaller)));
  if (first == nullptr || !first->has_header()) {
    co_return rpc::BadField("header", "must be the first message");
  }
  validate_only = first->header().validate_only();
  CO_ASSIGN_OR_RETURN(std::unique_ptr<Submission> submission,
                      Submission::Begin(first->header(), parts_.intake));
  for (;;) {
    CO_ASSIGN_OR_RETURN(const v1::CreateBatchRequest* piece,
                        co_await call.Read(Deadline::After(kSlowCaller)));
    if (piece == nullptr) co_return rpc::BadField("end", "must be the last message");
    if (piece->has_header()) co_return rpc::BadField("header", "must come only once");
    if (piece->has_end()) {
      CO_RETURN_IF_ERROR(submission->Complete(piece->end().size_bytes()));
      co_return submission;
    }
    CO_RETURN_IF_ERROR(submission->Add(piece->csv()));
  }
}

// ---- batches ----

Task<absl::StatusOr<v1::Batch>> MigrationService::ReadBatch(queue::BatchId batch,
                                                            Deadline deadline) {
  const absl::StatusOr<queue::BatchInfo> info = co_await parts_.store.GetBatch(batch, deadline);
  if (!info.ok()) co_return About(BatchName(batch), info.status());
  co_return ViewOfBatch(*info);
}

Task<absl::Status> MigrationService::HandleGet(const v1::GetBatchRequest& request,
                                               Deadline deadline, v1::Batch& response) {
  CO_ASSIGN_OR_RETURN(const queue::BatchId batch, ParseBatchName("name", request.name()));
  CO_ASSIGN_OR_RETURN(response, co_await ReadBatch(batch, deadline));
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationService::HandleListBatches(const v1::ListBatchesRequest& request,
                                                       Deadline deadline,
                                                       v1::ListBatchesResponse& response) {
  CO_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), kMostBatches));
  CO_ASSIGN_OR_RETURN(const std::optional<uint32_t> before,
                      ParsePageToken("batches", request.page_token()));
  CO_ASSIGN_OR_RETURN(const std::vector<queue::BatchInfo> batches,
                      co_await parts_.store.ListBatches(before.value_or(0), size, deadline));
  for (const queue::BatchInfo& batch : batches) *response.add_batches() = ViewOfBatch(batch);
  const bool more = static_cast<int>(batches.size()) == size && batches.back().id > 1;
  if (more) response.set_next_page_token(PageToken("batches", batches.back().id));
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationService::HandleCancelBatch(const v1::CancelBatchRequest& request,
                                                       Deadline deadline, v1::Batch& response) {
  CO_ASSIGN_OR_RETURN(const queue::BatchId batch, ParseBatchName("name", request.name()));
  CO_RETURN_IF_ERROR(About(request.name(), co_await parts_.store.CancelBatch(batch, deadline)));
  parts_.cancellations.AddBatch(batch);
  log::Info("batch cancelled", {{"batch", batch}});
  CO_ASSIGN_OR_RETURN(response, co_await ReadBatch(batch, deadline));
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationService::HandleWatch(const v1::WatchBatchRequest& request,
                                                 Watch& call) {
  CO_ASSIGN_OR_RETURN(const queue::BatchId batch, ParseBatchName("name", request.name()));
  CO_RETURN_IF_ERROR((co_await ReadBatch(batch, Deadline::After(kStoreCall))).status());
  parts_.metrics.watchers.Increment();
  const absl::Cleanup leave = [this] { parts_.metrics.watchers.Decrement(); };
  BatchWatch watch(parts_.store, reader_, parts_.feed, batch);
  while (!stopping_ && !watch.ended()) {
    CO_ASSIGN_OR_RETURN(std::optional<v1::WatchBatchResponse> news,
                        co_await watch.Next(Deadline::After(kStoreCall)));
    if (news) {
      CO_RETURN_IF_ERROR(co_await call.Write(*std::move(news), Deadline::After(kSlowCaller)));
    }
    if (watch.snapshot_complete() && !watch.ended()) {
      const Deadline next = Deadline::After(kBetweenChanges);
      while (!next.Passed() && !call.cancelled() && !watch.MayEndNow()) {
        co_await call.Pause(Earlier(next, Deadline::After(kBeforeTheEnd)));
      }
    }
    if (call.cancelled()) co_return absl::CancelledError("the caller left");
  }
  co_return watch.ended() ? absl::OkStatus() : ShuttingDown();
}

// ---- jobs ----

Task<absl::Status> MigrationService::HandleListJobs(const v1::ListJobsRequest& request,
                                                    Deadline deadline,
                                                    v1::ListJobsResponse& response) {
  absl::StatusOr<v1::ListJobsResponse> page =
      co_await coordinator::ListJobs(reader_, request, deadline);
  if (!page.ok()) co_return About(request.parent(), page.status());
  response = *std::move(page);
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationService::HandleCancelJob(const v1::CancelJobRequest& request,
                                                     Deadline deadline, v1::Job& response) {
  CO_ASSIGN_OR_RETURN(const queue::JobId id, ParseJobName("name", request.name()));
  CO_RETURN_IF_ERROR(About(request.name(), co_await parts_.store.CancelJob(id, deadline)));
  parts_.cancellations.AddJob(id);
  absl::StatusOr<v1::Job> job = co_await reader_.ReadOne(id, deadline);
  if (!job.ok()) co_return About(request.name(), job.status());
  response = *std::move(job);
  co_return absl::OkStatus();
}

Task<absl::Status> MigrationService::HandleReport(const v1::GetReportRequest& request,
                                                  Report& call) {
  queue::JobId first = 0;
  queue::JobId last = 0;
  if (absl::StrContains(request.name(), "/jobs/")) {
    CO_ASSIGN_OR_RETURN(first, ParseJobName("name", request.name()));
    last = first;
    CO_RETURN_IF_ERROR(About(
        request.name(), (co_await reader_.ReadOne(first, Deadline::After(kStoreCall))).status()));
  } else {
    CO_ASSIGN_OR_RETURN(const queue::BatchId batch, ParseBatchName("name", request.name()));
    CO_RETURN_IF_ERROR((co_await ReadBatch(batch, Deadline::After(kStoreCall))).status());
    first = queue::MakeJobId(batch, 0);
    last = queue::MakeJobId(batch + 1, 0) - 1;
  }
  ReportReader report(parts_.store, reader_, queue::BatchOf(first), queue::RowOf(first),
                      queue::RowOf(last));
  for (;;) {
    CO_ASSIGN_OR_RETURN(std::optional<v1::GetReportResponse> entry,
                        co_await report.Next(Deadline::After(kStoreCall)));
    if (!entry) co_return absl::OkStatus();
    CO_RETURN_IF_ERROR(co_await call.Write(*std::move(entry), Deadline::After(kSlowCaller)));
  }
}

Task<absl::Status> MigrationService::Counted(const char* method, Task<absl::Status> handler) {
  absl::Status status = co_await std::move(handler);
  parts_.metrics.CountCall(method, status);
  if (absl::IsInternal(status)) {
    log::Error("a call failed", {{"method", method}, {"error", status.message()}});
  }
  co_return status;
}

}  // namespace mailhaul::coordinator
