#include "cli/client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <fstream>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/rpc/channel.h"
#include "common/rpc/error.h"
#include "common/rpc/status.h"
#include "mailhaul/v1/migration_service.grpc.pb.h"

namespace mailhaul::cli {
namespace {

constexpr std::chrono::seconds kAnswer{30};
constexpr size_t kPiece = 64 * 1024;

}  // namespace

struct Client::Shared {
  std::unique_ptr<v1::MigrationService::Stub> stub;
  std::mutex mutex;
  bool interrupted = false;                // guarded by mutex
  grpc::ClientContext* current = nullptr;  // guarded by mutex
};

// One call's context, within reach of Interrupt().
class Client::Call {
 public:
  explicit Call(Shared& shared) : shared_(shared) {
    const std::lock_guard lock(shared_.mutex);
    shared_.current = &context_;
    if (shared_.interrupted) context_.TryCancel();
  }
  ~Call() {
    const std::lock_guard lock(shared_.mutex);
    shared_.current = nullptr;
  }
  grpc::ClientContext& context() { return context_; }

 private:
  Shared& shared_;
  grpc::ClientContext context_;
};

Client::Client(std::string address)
    : address_(std::move(address)), shared_(std::make_unique<Shared>()) {
  shared_->stub = v1::MigrationService::NewStub(rpc::Connect(address_));
}

Client::~Client() = default;

void Client::Interrupt() {
  const std::lock_guard lock(shared_->mutex);
  shared_->interrupted = true;
  if (shared_->current != nullptr) shared_->current->TryCancel();
}

// gRPC's own words for a missing peer are not for people.
absl::Status Client::Explain(absl::Status status) const {
  if (!absl::IsUnavailable(status) || rpc::ReasonOf(status) != v1::ERROR_REASON_UNSPECIFIED) {
    return status;
  }
  return absl::UnavailableError(absl::StrCat("no coordinator answers at ", address_));
}

template <typename Response, typename Request, typename Method>
absl::StatusOr<Response> Client::Ask(Method method, const Request& request) {
  Call call(*shared_);
  call.context().set_deadline(std::chrono::system_clock::now() + kAnswer);
  Response response;
  const grpc::Status status = (*shared_->stub.*method)(&call.context(), request, &response);
  if (!status.ok()) return Explain(rpc::FromGrpc(status));
  return response;
}

absl::StatusOr<v1::Batch> Client::CreateBatch(const v1::CreateBatchRequest::Header& header,
                                              const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be opened"));
  Call call(*shared_);
  v1::Batch batch;
  const auto writer = shared_->stub->CreateBatch(&call.context(), &batch);
  v1::CreateBatchRequest piece;
  *piece.mutable_header() = header;
  bool taken = writer->Write(piece);
  std::vector<char> buffer(kPiece);
  int64_t sent = 0;
  // A piece that is not taken means that the coordinator has made up its mind; Finish says how.
  while (taken && (file.read(buffer.data(), kPiece) || file.gcount() > 0)) {
    piece.set_csv(buffer.data(), static_cast<size_t>(file.gcount()));
    sent += file.gcount();
    taken = writer->Write(piece);
  }
  if (file.bad() || (taken && !file.eof())) {
    call.context().TryCancel();
    writer->Finish().ok();
    return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  }
  piece.mutable_end()->set_size_bytes(sent);
  if (taken) writer->Write(piece);
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return Explain(rpc::FromGrpc(status));
  return batch;
}

absl::StatusOr<v1::Batch> Client::GetBatch(const std::string& name) {
  v1::GetBatchRequest request;
  request.set_name(name);
  return Ask<v1::Batch>(&v1::MigrationService::Stub::GetBatch, request);
}

absl::StatusOr<v1::ListBatchesResponse> Client::ListBatches(const v1::ListBatchesRequest& request) {
  return Ask<v1::ListBatchesResponse>(&v1::MigrationService::Stub::ListBatches, request);
}

absl::StatusOr<v1::ListJobsResponse> Client::ListJobs(const v1::ListJobsRequest& request) {
  return Ask<v1::ListJobsResponse>(&v1::MigrationService::Stub::ListJobs, request);
}

absl::StatusOr<v1::Batch> Client::CancelBatch(const std::string& name) {
  v1::CancelBatchRequest request;
  request.set_name(name);
  return Ask<v1::Batch>(&v1::MigrationService::Stub::CancelBatch, request);
}

absl::StatusOr<v1::Job> Client::CancelJob(const std::string& name) {
  v1::CancelJobRequest request;
  request.set_name(name);
  return Ask<v1::Job>(&v1::MigrationService::Stub::CancelJob, request);
}

absl::Status Client::WatchBatch(const std::string& name,
                                const std::function<void(const v1::WatchBatchResponse&)>& take) {
  Call call(*shared_);
  v1::WatchBatchRequest request;
  request.set_name(name);
  const auto reader = shared_->stub->WatchBatch(&call.context(), request);
  for (v1::WatchBatchResponse response; reader->Read(&response);) take(response);
  return Explain(rpc::FromGrpc(reader->Finish()));
}

absl::Status Client::GetReport(const std::string& name,
                               const std::function<void(v1::GetReportResponse)>& take) {
  Call call(*shared_);
  v1::GetReportRequest request;
  request.set_name(name);
  const auto reader = shared_->stub->GetReport(&call.context(), request);
  for (v1::GetReportResponse entry; reader->Read(&entry);) take(std::move(entry));
  return Explain(rpc::FromGrpc(reader->Finish()));
}

}  // namespace mailhaul::cli
