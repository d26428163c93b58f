// The coordinator's API over real gRPC, on a queue in memory: workers, watching, reports.

#include <gmock/gmock.h>

#include <functional>

#include "tests/unit/coordinator/app_fixture.h"

namespace mailhaul::coordinator {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

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
