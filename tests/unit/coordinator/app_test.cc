// The coordinator's API over real gRPC, on a queue in memory: what takes one answer.

#include <gmock/gmock.h>

#include "tests/unit/coordinator/app_fixture.h"

namespace mailhaul::coordinator {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

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

}  // namespace
}  // namespace mailhaul::coordinator
