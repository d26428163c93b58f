// Submission, sealing, reading.

#include <gmock/gmock.h>

#include "queue_test_fixture.h"

namespace mailhaul::queue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class BatchesTest : public QueueTest {};

TEST_F(BatchesTest, TheSameRequestGivesTheSameBatch) {
  const BatchId first = CreateBatch("one");
  EXPECT_EQ(CreateBatch("one"), first);
  EXPECT_NE(CreateBatch("two"), first);
}

TEST_F(BatchesTest, ARequestIdIsNotReusedForAnotherSubmission) {
  CreateBatch("one");
  const auto other = Await(store_->CreateBatch("one", "another description", Soon()));
  EXPECT_TRUE(absl::IsAlreadyExists(other.status())) << other.status();
}

TEST_F(BatchesTest, SubmittedRowsAreCountedAndListedAsQueued) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 100, {{"src:a", 2}});

  const BatchInfo info = Await(store_->GetBatch(batch, Soon())).value();
  EXPECT_EQ(info.rows, 100);
  EXPECT_EQ(info.request_id, "request");
  EXPECT_EQ(info.description, "description");
  EXPECT_GT(info.created_ms, 1'600'000'000'000);
  EXPECT_FALSE(info.sealed);
  EXPECT_THAT(info.counts, ElementsAre(100, 0, 0, 0, 0, 0, 0));
  const JobInfo job = Read(MakeJobId(batch, 70));
  EXPECT_EQ(job.state, State::kQueued);
  EXPECT_EQ(job.spec, "spec of 70");
  EXPECT_EQ(job.attempt, 0);
}

TEST_F(BatchesTest, ARepeatedBlockChangesNothingEvenAfterItsJobsEnded) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  ASSERT_TRUE(Await(store_->Finish(Lease(job), State::kSucceeded, "", Soon())).ok());

  Submit(batch, 0, 1, {{"src:a", 1}});

  EXPECT_THAT(Claim("worker", 1), IsEmpty());
  EXPECT_THAT(Counts(batch), ElementsAre(0, 0, 0, 1, 0, 0, 0));
}

TEST_F(BatchesTest, BlocksThatBreakTheRulesAreRefused) {
  const BatchId batch = CreateBatch();
  const auto refused = [&](std::vector<NewJob> jobs) {
    return absl::IsInvalidArgument(Await(store_->Submit(batch, jobs, Soon())));
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(
      refused({{.row = 63, .gates = {}, .spec = "x"}, {.row = 64, .gates = {}, .spec = "x"}}));
  EXPECT_TRUE(
      refused({{.row = 1, .gates = {}, .spec = "x"}, {.row = 1, .gates = {}, .spec = "x"}}));
  EXPECT_TRUE(refused({{.row = 1u << kRowBits, .gates = {}, .spec = "x"}}));
  EXPECT_TRUE(refused({{.row = 0, .gates = {}, .spec = ""}}));
  EXPECT_TRUE(refused({{.row = 0, .gates = {{"", 1}}, .spec = "x"}}));
  EXPECT_TRUE(refused({{.row = 0, .gates = {{"two\nlines", 1}}, .spec = "x"}}));
  EXPECT_TRUE(refused({{.row = 0, .gates = {{"never", 0}}, .spec = "x"}}));
  EXPECT_TRUE(refused({{.row = 0, .gates = {{"twice", 1}, {"twice", 1}}, .spec = "x"}}));
}

TEST_F(BatchesTest, RowsNeedABatchThatIsOpen) {
  const std::vector<NewJob> rows = {{.row = 0, .gates = {{"src:a", 1}}, .spec = "x"}};
  EXPECT_TRUE(absl::IsNotFound(Await(store_->Submit(77, rows, Soon()))));

  const BatchId sealed = CreateBatch("sealed");
  ASSERT_TRUE(Await(store_->Seal(sealed, 0, Soon())).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Await(store_->Submit(sealed, rows, Soon()))));

  const BatchId cancelled = CreateBatch("cancelled");
  ASSERT_TRUE(Await(store_->CancelBatch(cancelled, Soon())).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Await(store_->Submit(cancelled, rows, Soon()))));
}

TEST_F(BatchesTest, ABatchIsSealedOnlyWithAllItsRows) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 3, {{"src:a", 1}});
  EXPECT_TRUE(absl::IsFailedPrecondition(Await(store_->Seal(batch, 4, Soon()))));
  EXPECT_FALSE(Await(store_->GetBatch(batch, Soon()))->sealed);

  EXPECT_TRUE(Await(store_->Seal(batch, 3, Soon())).ok());
  EXPECT_TRUE(Await(store_->Seal(batch, 3, Soon())).ok()) << "sealing again";
  EXPECT_TRUE(Await(store_->GetBatch(batch, Soon()))->sealed);
  EXPECT_TRUE(absl::IsNotFound(Await(store_->Seal(77, 0, Soon()))));
}

TEST_F(BatchesTest, BatchesAreListedNewestFirstPageByPage) {
  for (const char* request : {"1", "2", "3", "4", "5"}) CreateBatch(request);
  const auto ids = [this](BatchId before, int limit) {
    std::vector<BatchId> found;
    const auto batches = Await(store_->ListBatches(before, limit, Soon())).value();
    for (const BatchInfo& batch : batches) found.push_back(batch.id);
    return found;
  };
  EXPECT_THAT(ids(0, 3), ElementsAre(5, 4, 3));
  EXPECT_THAT(ids(3, 3), ElementsAre(2, 1));
  EXPECT_THAT(ids(1, 3), IsEmpty());
  EXPECT_THAT(ids(99, 1), ElementsAre(5));
}

TEST_F(BatchesTest, JobsAreListedInRowOrderPageByPage) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 130, {{"src:a", 1}});
  std::vector<JobId> seen;
  std::optional<uint32_t> next = 0;
  int pages = 0;
  while (next) {
    const Page page = Await(store_->ListJobs(batch, *next, 50, Soon())).value();
    for (const JobInfo& job : page.jobs) seen.push_back(job.id);
    next = page.next_row;
    ++pages;
  }
  EXPECT_EQ(pages, 3);
  ASSERT_THAT(seen, SizeIs(130));
  for (uint32_t row = 0; row < 130; ++row) EXPECT_EQ(seen[row], MakeJobId(batch, row));
  EXPECT_TRUE(absl::IsNotFound(Await(store_->ListJobs(77, 0, 50, Soon())).status()));
}

TEST_F(BatchesTest, AThousandJobsAreOnePage) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1001, {{"src:a", 1}});
  const Page page = Await(store_->ListJobs(batch, 0, 5000, Soon())).value();
  EXPECT_THAT(page.jobs, SizeIs(1000));
  EXPECT_EQ(page.next_row, 1000u);
}

TEST_F(BatchesTest, JobsThatDoNotExistAreLeftOut) {
  const BatchId batch = CreateBatch();
  Submit(batch, 0, 1, {});
  const std::vector<JobId> ids = {MakeJobId(batch, 0), MakeJobId(batch, 1), MakeJobId(77, 0)};
  const auto jobs = Await(store_->ReadJobs(ids, Soon())).value();
  ASSERT_THAT(jobs, SizeIs(1));
  EXPECT_EQ(jobs[0].id, ids[0]);
}

TEST_F(BatchesTest, LargeBatchNumbersKeepTheirDigits) {
  Raw({"HSET", Key("meta"), "batch", "16777216"});
  const BatchId batch = CreateBatch();
  ASSERT_EQ(batch, 16777217u);
  Submit(batch, 0, 1, {{"src:a", 1}});
  const ClaimedJob job = ClaimOne();
  EXPECT_EQ(job.id, MakeJobId(batch, 0));
  ASSERT_TRUE(Await(store_->Finish(Lease(job), State::kSucceeded, "", Soon())).ok());
  EXPECT_EQ(Read(job.id).state, State::kSucceeded);
}

}  // namespace
}  // namespace mailhaul::queue
