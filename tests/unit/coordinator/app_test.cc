// The coordinator's API over real gRPC, on a queue in memory.

#include "coordinator/app.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/rpc/channel.h"
#include "common/rpc/error.h"
#include "common/rpc/status.h"
#include "mailhaul/v1/migration_service.grpc.pb.h"
#include "mailhaul/v1/worker_service.grpc.pb.h"
#include "tests/support/fake_job_store.h"
#include "tests/support/loop_thread.h"

namespace mailhaul::coordinator {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string Csv(int rows) {
  std::string csv =
      "source user,source password,source server,destination user,destination password,"
      "destination server\n";
  for (int n = 1; n <= rows; ++n) {
    absl::StrAppend(&csv, "u", n, "@a.example,hush,imap.a.example,u", n,
                    "@b.example,hush,imap.b.example\n");
  }
  return csv;
}

v1::CreateBatchRequest HeaderPiece(const std::string& request_id, bool validate_only = false) {
  v1::CreateBatchRequest piece;
  piece.mutable_header()->set_request_id(request_id);
  piece.mutable_header()->set_display_name("move");
  piece.mutable_header()->set_validate_only(validate_only);
  return piece;
}

v1::CreateBatchRequest CsvPiece(const std::string& csv) {
  v1::CreateBatchRequest piece;
  piece.set_csv(csv);
  return piece;
}

v1::CreateBatchRequest EndPiece(size_t octets) {
  v1::CreateBatchRequest piece;
  piece.mutable_end()->set_size_bytes(static_cast<int64_t>(octets));
  return piece;
}

v1::Tally TallyOf(int64_t found, int64_t copied) {
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
        loop_.Run(store_.Claim(worker, 1, 1, milliseconds(1000), Deadline::After(milliseconds(1))));
    return claimed->at(0);
  }
  void Finish(const queue::ClaimedJob& job, queue::State state, const v1::JobResult& result) {
    const queue::LeaseRef lease{.id = job.id, .epoch = job.epoch};
    EXPECT_TRUE(loop_
                    .Run(store_.Finish(lease, state, result.SerializeAsString(),
                                       Deadline::After(milliseconds(1))))
                    .ok());
  }

  support::LoopThread loop_;
  support::FakeJobStore store_;
  std::unique_ptr<App> app_;
  std::unique_ptr<v1::MigrationService::Stub> api_;
  std::unique_ptr<v1::WorkerService::Stub> workers_;
};

// ---- CreateBatch ----

TEST_F(AppTest, CreateBatchQueuesTheRows) {
  const auto batch = CreateFrom(Csv(3));
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->name(), "batches/1");
  EXPECT_EQ(batch->display_name(), "move");
  EXPECT_EQ(batch->rows(), 3);
  EXPECT_EQ(batch->state(), v1::BATCH_STATE_ACTIVE);
  ASSERT_THAT(batch->counts(), SizeIs(1));
  EXPECT_EQ(batch->counts(0).state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(batch->counts(0).jobs(), 3);
}

TEST_F(AppTest, CreateBatchReturnsEveryBadRowAndQueuesNothing) {
  const auto batch = CreateFrom(Csv(2) + ",,,,,\nx,y\n");
  EXPECT_EQ(rpc::ReasonOf(batch.status()), v1::ERROR_REASON_BAD_ROWS) << batch.status();
  const auto request = rpc::GetDetail<google::rpc::BadRequest>(batch.status());
  ASSERT_TRUE(request.has_value());
  EXPECT_THAT(request->ShortDebugString(), HasSubstr("rows[3]"));
  EXPECT_TRUE(InQueue([](auto& store) { return store.batches.empty(); }));
}

TEST_F(AppTest, CreateBatchStopsAnUploadThatIsNoCsvAtItsStart) {
  std::vector<v1::CreateBatchRequest> pieces = {HeaderPiece("r-1"),
                                                CsvPiece("PK\x03\x04 workbook")};
  for (int n = 0; n < 100; ++n) pieces.push_back(CsvPiece(std::string(100'000, 'x')));
  EXPECT_EQ(rpc::ReasonOf(Create(pieces).status()), v1::ERROR_REASON_BAD_CSV);
}

TEST_F(AppTest, CreateBatchOnlyChecksWhenAskedTo) {
  const std::string csv = Csv(5);
  const auto batch = Create({HeaderPiece("r-1", true), CsvPiece(csv), EndPiece(csv.size())});
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->rows(), 5);
  EXPECT_EQ(batch->name(), "");
  EXPECT_TRUE(InQueue([](auto& store) { return store.batches.empty(); }));
}

TEST_F(AppTest, CreateBatchRefusesAStreamThatBreaksOff) {
  EXPECT_EQ(rpc::ReasonOf(Create({HeaderPiece("r-1"), CsvPiece(Csv(5))}).status()),
            v1::ERROR_REASON_BAD_REQUEST);
  EXPECT_EQ(rpc::ReasonOf(Create({CsvPiece(Csv(5))}).status()), v1::ERROR_REASON_BAD_REQUEST);
  EXPECT_EQ(rpc::ReasonOf(Create({}).status()), v1::ERROR_REASON_BAD_REQUEST);
  EXPECT_TRUE(InQueue([](auto& store) { return store.batches.empty(); }));
}

TEST_F(AppTest, CreateBatchTwiceIsOneBatch) {
  EXPECT_EQ(CreateFrom(Csv(3))->name(), "batches/1");
  EXPECT_EQ(CreateFrom(Csv(3))->name(), "batches/1");
  EXPECT_EQ(rpc::ReasonOf(CreateFrom(Csv(4)).status()), v1::ERROR_REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(CreateFrom(Csv(4), "r-2")->name(), "batches/2");
}

TEST_F(AppTest, WithoutTheQueueCallersHearWhenToTryAgain) {
  InQueue([](auto& store) {
    store.failure = absl::UnavailableError("redis is away");
    return 0;
  });
  const absl::Status status = CreateFrom(Csv(3)).status();
  EXPECT_EQ(rpc::ReasonOf(status), v1::ERROR_REASON_QUEUE_UNAVAILABLE) << status;
  EXPECT_TRUE(rpc::GetDetail<google::rpc::RetryInfo>(status).has_value());
}

// ---- GetBatch, ListBatches, ListJobs ----

TEST_F(AppTest, NamesThatNameNothing) {
  EXPECT_EQ(rpc::ReasonOf(Get("batches/9").status()), v1::ERROR_REASON_NO_SUCH_RESOURCE);
  EXPECT_EQ(rpc::GetDetail<google::rpc::ResourceInfo>(Get("batches/9").status())->resource_name(),
            "batches/9");
  for (const char* odd : {"", "batches/", "batches/0", "batches/x", "batches/07", "jobs/1"}) {
    EXPECT_EQ(rpc::ReasonOf(Get(odd).status()), v1::ERROR_REASON_BAD_REQUEST) << odd;
  }
}

TEST_F(AppTest, ListBatchesPagesFromTheNewest) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(CreateFrom(Csv(1), id).ok());
  v1::ListBatchesRequest request;
  request.set_page_size(2);
  const auto first = Ask(&v1::MigrationService::Stub::ListBatches, request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->batches(), SizeIs(2));
  EXPECT_EQ(first->batches(0).name(), "batches/3");
  request.set_page_token(first->next_page_token());
  const auto second = Ask(&v1::MigrationService::Stub::ListBatches, request);
  ASSERT_THAT(second->batches(), SizeIs(1));
  EXPECT_EQ(second->batches(0).name(), "batches/1");
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(AppTest, ListJobsPagesFiltersAndHidesPasswords) {
  ASSERT_TRUE(CreateFrom(Csv(30)).ok());
  v1::ListJobsRequest request;
  request.set_parent("batches/1");
  request.set_page_size(20);
  const auto first = List(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->jobs(), SizeIs(20));
  EXPECT_EQ(first->jobs(0).name(), "batches/1/jobs/1");
  EXPECT_EQ(first->jobs(0).source().user(), "u1@a.example");
  EXPECT_EQ(first->DebugString().find("hush"), std::string::npos);
  request.set_page_token(first->next_page_token());
  EXPECT_THAT(List(request)->jobs(), SizeIs(10));

  v1::ListJobsRequest by_user;
  by_user.set_parent("batches/1");
  by_user.set_user("U2");  // u2, u20 .. u29
  EXPECT_THAT(List(by_user)->jobs(), SizeIs(11));
  by_user.add_states(v1::JOB_STATE_RUNNING);
  EXPECT_THAT(List(by_user)->jobs(), IsEmpty());
}

TEST_F(AppTest, AFilteredPageGoesOnWhereItStopped) {
  ASSERT_TRUE(CreateFrom(Csv(30)).ok());
  v1::ListJobsRequest request;
  request.set_parent("batches/1");
  request.set_user("u2");
  request.set_page_size(3);
  std::vector<std::string> seen;
  do {
    const auto page = List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Job& job : page->jobs()) seen.push_back(job.source().user());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, SizeIs(11));
  EXPECT_EQ(seen.front(), "u2@a.example");
  EXPECT_EQ(seen.back(), "u29@a.example");
}

TEST_F(AppTest, ATokenOfAnotherListIsRefused) {
  ASSERT_TRUE(CreateFrom(Csv(3)).ok());
  v1::ListJobsRequest request;
  request.set_parent("batches/1");
  request.set_page_size(1);
  v1::ListBatchesRequest other;
  other.set_page_token(List(request)->next_page_token());
  EXPECT_EQ(rpc::ReasonOf(Ask(&v1::MigrationService::Stub::ListBatches, other).status()),
            v1::ERROR_REASON_BAD_PAGE_TOKEN);
  request.set_page_token("???");
  EXPECT_EQ(rpc::ReasonOf(List(request).status()), v1::ERROR_REASON_BAD_PAGE_TOKEN);
}

// ---- cancelling ----

TEST_F(AppTest, CancelBatchEndsWhatHasNotBegun) {
  ASSERT_TRUE(CreateFrom(Csv(2)).ok());
  v1::CancelBatchRequest request;
  request.set_name("batches/1");
  const auto batch = Ask(&v1::MigrationService::Stub::CancelBatch, request);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_TRUE(batch->cancelled());
  EXPECT_EQ(batch->state(), v1::BATCH_STATE_ENDED);
  request.set_name("batches/5");
  EXPECT_EQ(rpc::ReasonOf(Ask(&v1::MigrationService::Stub::CancelBatch, request).status()),
            v1::ERROR_REASON_NO_SUCH_RESOURCE);
}

TEST_F(AppTest, CancelJobEndsOneOnly) {
  ASSERT_TRUE(CreateFrom(Csv(2)).ok());
  v1::CancelJobRequest request;
  request.set_name("batches/1/jobs/2");
  const auto job = Ask(&v1::MigrationService::Stub::CancelJob, request);
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(Get("batches/1")->state(), v1::BATCH_STATE_ACTIVE);
  request.set_name("batches/1/jobs/3");
  EXPECT_EQ(rpc::ReasonOf(Ask(&v1::MigrationService::Stub::CancelJob, request).status()),
            v1::ERROR_REASON_NO_SUCH_RESOURCE);
}

// ---- workers ----

class SynchronizeTest : public AppTest {
 protected:
  using Stream = grpc::ClientReaderWriter<v1::WorkerReport, v1::WorkerOrders>;

  static v1::WorkerReport Report(const std::string& worker, std::vector<v1::JobProgress> jobs) {
    v1::WorkerReport report;
    report.set_worker_id(worker);
    report.mutable_jobs()->Add(jobs.begin(), jobs.end());
    return report;
  }
  static v1::JobProgress Progress(queue::JobId job, int64_t found, int64_t copied) {
    v1::JobProgress progress;
    progress.set_job_id(job);
    *progress.mutable_tally() = TallyOf(found, copied);
    progress.set_current_mailbox("INBOX");
    return progress;
  }
  v1::WorkerOrders Exchange(Stream& stream, const v1::WorkerReport& report) {
    v1::WorkerOrders orders;
    EXPECT_TRUE(stream.Write(report));
    EXPECT_TRUE(stream.Read(&orders));
    return orders;
  }
  v1::Job FirstJob() {
    v1::ListJobsRequest request;
    request.set_parent("batches/1");
    return List(request)->jobs(0);
  }
};

TEST_F(SynchronizeTest, ShowsWhatTheWorkerReportsAndPassesOnACancellation) {
  ASSERT_TRUE(CreateFrom(Csv(1)).ok());
  const queue::ClaimedJob job = Claim("w-1");
  const auto context = Context();
  const auto stream = workers_->Synchronize(context.get());
  v1::WorkerOrders orders = Exchange(*stream, Report("w-1", {Progress(job.id, 10, 4)}));
  ASSERT_THAT(orders.jobs(), SizeIs(1));
  EXPECT_EQ(orders.jobs(0).desired_state(), v1::JobOrder::DESIRED_STATE_RUN);
  EXPECT_EQ(orders.report_after().seconds(), 1);
  EXPECT_EQ(FirstJob().tally().copied(), 4);
  EXPECT_EQ(FirstJob().current_mailbox(), "INBOX");

  v1::CancelJobRequest request;
  request.set_name("batches/1/jobs/1");
  ASSERT_TRUE(Ask(&v1::MigrationService::Stub::CancelJob, request).ok());
  orders = Exchange(*stream, Report("w-1", {Progress(job.id, 10, 5)}));
  EXPECT_EQ(orders.jobs(0).desired_state(), v1::JobOrder::DESIRED_STATE_CANCEL);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(SynchronizeTest, DoesNotBelieveAWorkerThatHasLostTheJob) {
  ASSERT_TRUE(CreateFrom(Csv(1)).ok());
  const queue::ClaimedJob job = Claim("w-1");
  const auto context = Context();
  const auto stream = workers_->Synchronize(context.get());
  Exchange(*stream, Report("w-2", {Progress(job.id, 10, 9)}));
  EXPECT_EQ(FirstJob().tally().copied(), 0);
  context->TryCancel();
}

TEST_F(SynchronizeTest, ANewerStreamOfAWorkerEndsTheOlder) {
  const auto old_context = Context();
  const auto old_stream = workers_->Synchronize(old_context.get());
  Exchange(*old_stream, Report("w-1", {}));
  const auto new_context = Context();
  const auto new_stream = workers_->Synchronize(new_context.get());
  Exchange(*new_stream, Report("w-1", {}));
  old_stream->Write(Report("w-1", {}));
  v1::WorkerOrders orders;
  EXPECT_FALSE(old_stream->Read(&orders));
  EXPECT_EQ(rpc::ReasonOf(rpc::FromGrpc(old_stream->Finish())), v1::ERROR_REASON_SESSION_REPLACED);
  Exchange(*new_stream, Report("w-1", {}));
  new_context->TryCancel();
}

TEST_F(SynchronizeTest, AWorkerWithoutAnIdIsRefused) {
  const auto context = Context();
  const auto stream = workers_->Synchronize(context.get());
  stream->Write(Report("", {}));
  v1::WorkerOrders orders;
  EXPECT_FALSE(stream->Read(&orders));
  EXPECT_EQ(rpc::ReasonOf(rpc::FromGrpc(stream->Finish())), v1::ERROR_REASON_BAD_REQUEST);
}

TEST_F(SynchronizeTest, WithoutAReportTheCheckpointIsShown) {
  ASSERT_TRUE(CreateFrom(Csv(1)).ok());
  const queue::ClaimedJob job = Claim("w-1");
  v1::FolderProgress folder;
  *folder.mutable_tally() = TallyOf(7, 3);
  InQueue([&](auto& store) { return store.Job(job.id).folders[0] = folder.SerializeAsString(); });
  EXPECT_EQ(FirstJob().tally().copied(), 3);
  EXPECT_EQ(FirstJob().folders(), 1);
}

TEST_F(SynchronizeTest, ARestartedCoordinatorKnowsWhatTheQueueKnows) {
  ASSERT_TRUE(CreateFrom(Csv(2)).ok());
  v1::JobResult result;
  *result.mutable_tally() = TallyOf(5, 5);
  result.mutable_source()->set_user("u1@a.example");
  Finish(Claim("w-1"), queue::State::kSucceeded, result);
  Stop();
  Start();
  EXPECT_EQ(FirstJob().state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(FirstJob().tally().copied(), 5);
  EXPECT_EQ(FirstJob().source().user(), "u1@a.example");
  EXPECT_EQ(CreateFrom(Csv(2))->name(), "batches/1");
}

// ---- WatchBatch ----

class WatchTest : public AppTest {
 protected:
  void Open(const std::string& name) {
    v1::WatchBatchRequest request;
    request.set_name(name);
    context_ = Context();
    reader_ = api_->WatchBatch(context_.get(), request);
  }
  // The first message that `wanted` is true of.
  v1::WatchBatchResponse Next(const std::function<bool(const v1::WatchBatchResponse&)>& wanted) {
    v1::WatchBatchResponse response;
    while (reader_->Read(&response)) {
      if (wanted(response)) return response;
    }
    ADD_FAILURE() << "the stream ended: " << rpc::FromGrpc(reader_->Finish());
    return {};
  }
  static bool Whole(const v1::WatchBatchResponse& response) { return response.snapshot_complete(); }

  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchBatchResponse>> reader_;
};

TEST_F(WatchTest, SendsASnapshotThenChangesThenTheEnd) {
  ASSERT_TRUE(CreateFrom(Csv(2)).ok());
  Open("batches/1");
  v1::WatchBatchResponse response = Next(&Whole);
  EXPECT_EQ(response.batch().rows(), 2);
  EXPECT_THAT(response.jobs(), IsEmpty()) << "jobs that never ran are not told one by one";

  const queue::ClaimedJob first = Claim("w-1");
  response = Next([](const auto& r) { return r.jobs_size() > 0; });
  EXPECT_EQ(response.jobs(0).name(), "batches/1/jobs/1");
  EXPECT_EQ(response.jobs(0).state(), v1::JOB_STATE_RUNNING);

  v1::JobResult result;
  *result.mutable_tally() = TallyOf(5, 5);
  Finish(first, queue::State::kSucceeded, result);
  Finish(Claim("w-1"), queue::State::kFailed, result);
  response = Next([](const auto& r) { return r.batch().state() == v1::BATCH_STATE_ENDED; });
  EXPECT_EQ(response.tally().copied(), 10);
  EXPECT_FALSE(reader_->Read(&response));
  EXPECT_TRUE(reader_->Finish().ok());
}

TEST_F(WatchTest, OfAnEndedBatchIsOneSnapshot) {
  ASSERT_TRUE(CreateFrom(Csv(1)).ok());
  v1::JobResult result;
  *result.mutable_tally() = TallyOf(3, 3);
  Finish(Claim("w-1"), queue::State::kSucceeded, result);
  Open("batches/1");
  const v1::WatchBatchResponse response = Next(&Whole);
  EXPECT_EQ(response.tally().copied(), 3);
  EXPECT_THAT(response.jobs(), SizeIs(1));
  v1::WatchBatchResponse more;
  EXPECT_FALSE(reader_->Read(&more));
  EXPECT_TRUE(reader_->Finish().ok());
}

TEST_F(WatchTest, ShowsTheProgressOfAReportingWorker) {
  ASSERT_TRUE(CreateFrom(Csv(1)).ok());
  const queue::ClaimedJob job = Claim("w-1");
  Open("batches/1");
  Next(&Whole);
  const auto context = Context();
  const auto stream = workers_->Synchronize(context.get());
  v1::WorkerReport report;
  report.set_worker_id("w-1");
  v1::JobProgress& progress = *report.add_jobs();
  progress.set_job_id(job.id);
  *progress.mutable_tally() = TallyOf(10, 6);
  stream->Write(report);
  const auto response = Next([](const auto& r) { return r.tally().copied() == 6; });
  ASSERT_THAT(response.jobs(), SizeIs(1));
  EXPECT_EQ(response.jobs(0).tally().remaining(), 4);
  context->TryCancel();
  context_->TryCancel();
}

TEST_F(WatchTest, EndsWithAWordWhenTheCoordinatorStops) {
  ASSERT_TRUE(CreateFrom(Csv(1)).ok());
  Open("batches/1");
  Next(&Whole);
  Stop();
  v1::WatchBatchResponse response;
  while (reader_->Read(&response)) {
  }
  EXPECT_EQ(rpc::ReasonOf(rpc::FromGrpc(reader_->Finish())), v1::ERROR_REASON_SHUTTING_DOWN);
}

TEST_F(WatchTest, OfNothingIsNotFound) {
  Open("batches/4");
  v1::WatchBatchResponse response;
  EXPECT_FALSE(reader_->Read(&response));
  EXPECT_EQ(rpc::ReasonOf(rpc::FromGrpc(reader_->Finish())), v1::ERROR_REASON_NO_SUCH_RESOURCE);
}

// ---- GetReport ----

class ReportTest : public AppTest {
 protected:
  absl::StatusOr<std::vector<std::string>> Read(const std::string& name) {
    v1::GetReportRequest request;
    request.set_name(name);
    const auto context = Context();
    const auto reader = api_->GetReport(context.get(), request);
    std::vector<std::string> entries;
    v1::GetReportResponse entry;
    while (reader->Read(&entry)) {
      entries.push_back(entry.has_job() ? entry.job().name() : entry.folder().source_mailbox());
    }
    const absl::Status status = rpc::FromGrpc(reader->Finish());
    if (!status.ok()) return status;
    return entries;
  }
};

TEST_F(ReportTest, ListsEachJobThenItsFolders) {
  ASSERT_TRUE(CreateFrom(Csv(3)).ok());
  InQueue([](auto& store) {
    for (const auto& [index, mailbox] : {std::pair(0, "INBOX"), std::pair(1, "Sent")}) {
      v1::FolderProgress folder;
      folder.set_source_mailbox(mailbox);
      store.Job(queue::MakeJobId(1, 1)).folders[index] = folder.SerializeAsString();
    }
    return 0;
  });
  EXPECT_THAT(*Read("batches/1"), ElementsAre("batches/1/jobs/1", "batches/1/jobs/2", "INBOX",
                                              "Sent", "batches/1/jobs/3"));
  EXPECT_THAT(*Read("batches/1/jobs/2"), ElementsAre("batches/1/jobs/2", "INBOX", "Sent"));
}

TEST_F(ReportTest, CoversEveryJobOfALargeBatch) {
  ASSERT_TRUE(CreateFrom(Csv(1234)).ok());
  EXPECT_THAT(*Read("batches/1"), SizeIs(1234));
}

TEST_F(ReportTest, OfNothingIsNotFound) {
  ASSERT_TRUE(CreateFrom(Csv(1)).ok());
  EXPECT_EQ(rpc::ReasonOf(Read("batches/2").status()), v1::ERROR_REASON_NO_SUCH_RESOURCE);
  EXPECT_EQ(rpc::ReasonOf(Read("batches/1/jobs/2").status()), v1::ERROR_REASON_NO_SUCH_RESOURCE);
  EXPECT_EQ(rpc::ReasonOf(Read("reports/1").status()), v1::ERROR_REASON_BAD_REQUEST);
}

}  // namespace
}  // namespace mailhaul::coordinator
