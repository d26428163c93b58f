#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/rpc/channel.h"
#include "common/rpc/error.h"
#include "common/rpc/status.h"
#include "coordinator/app.h"
#include "mailhaul/v1/migration_service.grpc.pb.h"
#include "mailhaul/v1/worker_service.grpc.pb.h"
#include "tests/support/fake_job_store.h"
#include "tests/support/loop_thread.h"

namespace mailhaul::coordinator {

inline std::string Csv(int rows) {
  std::string csv =
      "source user,source password,source server,destination user,destination password,"
      "destination server\n";
  for (int n = 1; n <= rows; ++n) {
    absl::StrAppend(&csv, "u", n, "@a.example,hush,imap.a.example,u", n,
                    "@b.example,hush,imap.b.example\n");
  }
  return csv;
}

inline v1::CreateBatchRequest HeaderPiece(const std::string& request_id,
                                          bool validate_only = false) {
  v1::CreateBatchRequest piece;
  piece.mutable_header()->set_request_id(request_id);
  piece.mutable_header()->set_display_name("move");
  piece.mutable_header()->set_validate_only(validate_only);
  return piece;
}

inline v1::CreateBatchRequest CsvPiece(const std::string& csv) {
  v1::CreateBatchRequest piece;
  piece.set_csv(csv);
  return piece;
}

inline v1::CreateBatchRequest EndPiece(size_t octets) {
  v1::CreateBatchRequest piece;
  piece.mutable_end()->set_size_bytes(static_cast<int64_t>(octets));
  return piece;
}

inline v1::Tally TallyOf(int64_t found, int64_t copied) {
  v1::Tally tally;
  tally.set_found(found);
  tally.set_copied(copied);
  tally.set_remaining(found - copied);
  return tally;
}

// A coordinator on a free port, and a client.
class AppTest : public testing::Test {
 protected:
  AppTest() { Start(); }
  ~AppTest() override { Stop(); }

  void Start() {
    app_ = loop_.Call([this] {
      CoordinatorOptions options;
      options.grpc_listen = "127.0.0.1:0";
      auto app = std::make_unique<App>(loop_.executor(), options, store_);
      const absl::Status started = app->Start();
      EXPECT_TRUE(started.ok()) << started;
      return app;
    });
    const auto channel = rpc::Connect(app_->address());
    api_ = v1::MigrationService::NewStub(channel);
    workers_ = v1::WorkerService::NewStub(channel);
  }
  void Stop() {
    if (app_ == nullptr) return;
    loop_.Run(app_->Stop(Deadline::After(std::chrono::seconds(5))));
    loop_.Call([this] { app_.reset(); });
  }

  static std::unique_ptr<grpc::ClientContext> Context() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + support::kTestLimit);
    return context;
  }

  absl::StatusOr<v1::Batch> Create(const std::vector<v1::CreateBatchRequest>& pieces) {
    const auto context = Context();
    v1::Batch batch;
    const auto writer = api_->CreateBatch(context.get(), &batch);
    for (const v1::CreateBatchRequest& piece : pieces) {
      if (!writer->Write(piece)) break;
    }
    writer->WritesDone();
    const absl::Status status = rpc::FromGrpc(writer->Finish());
    if (!status.ok()) return status;
    return batch;
  }
  absl::StatusOr<v1::Batch> CreateFrom(const std::string& csv, const std::string& id = "r-1") {
    return Create({HeaderPiece(id), CsvPiece(csv), EndPiece(csv.size())});
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(grpc::Status (v1::MigrationService::Stub::*method)(
                                   grpc::ClientContext*, const Request&, Response*),
                               const Request& request) {
    const auto context = Context();
    Response response;
    const absl::Status status = rpc::FromGrpc((*api_.*method)(context.get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Batch> Get(const std::string& name) {
    v1::GetBatchRequest request;
    request.set_name(name);
    return Ask(&v1::MigrationService::Stub::GetBatch, request);
  }
  absl::StatusOr<v1::ListJobsResponse> List(const v1::ListJobsRequest& request) {
    return Ask(&v1::MigrationService::Stub::ListJobs, request);
  }

  // Changes the queue behind the coordinator's back, as workers do.
  template <typename Change>
  auto InQueue(Change change) {
    return loop_.Call([this, change] { return change(store_); });
  }
  queue::ClaimedJob Claim(absl::string_view worker) {
    const auto claimed =
        loop_.Run(store_.Claim(worker, 1, 1, Deadline::After(std::chrono::milliseconds(1))));
    return claimed->at(0);
  }
  void Finish(const queue::ClaimedJob& job, queue::State state, const v1::JobResult& result) {
    const queue::LeaseRef lease{.id = job.id, .epoch = job.epoch};
    EXPECT_TRUE(loop_
                    .Run(store_.Finish(lease, state, result.SerializeAsString(),
                                       Deadline::After(std::chrono::milliseconds(1))))
                    .ok());
  }

  support::LoopThread loop_;
  support::FakeJobStore store_;
  std::unique_ptr<App> app_;
  std::unique_ptr<v1::MigrationService::Stub> api_;
  std::unique_ptr<v1::WorkerService::Stub> workers_;
};

}  // namespace mailhaul::coordinator
