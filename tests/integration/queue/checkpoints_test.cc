// What a run stores, and what the next one reads.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

#include "queue_test_fixture.h"

namespace mailhaul::queue {

// For the matchers.
bool operator==(const LedgerRecord& a, const LedgerRecord& b) {
  return a.name == b.name && a.value == b.value;
}
void PrintTo(const LedgerRecord& record, std::ostream* out) {
  *out << record.name << "=" << record.value;
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class CheckpointsTest : public QueueTest {
 protected:
  void SetUp() override {
    QueueTest::SetUp();
    Submit(CreateBatch(), 0, 1, {{"src:a", 1}});
    job_ = ClaimOne();
  }
  absl::Status Checkpoint(uint64_t number, std::vector<FolderRecord> folders,
                          std::vector<LedgerRecord> ledger = {}) {
    CheckpointRecords records{.number = number,
                              .pair = "pair",
                              .folders = std::move(folders),
                              .ledger = std::move(ledger)};
    return Await(store_->Checkpoint(Lease(job_), std::move(records), Soon()));
  }
  Past ReadPast(const std::string& pair = "pair") {
    return Await(store_->ReadPast(Lease(job_), pair, Soon())).value();
  }
  std::vector<std::string> ReadReport() {
    return Await(store_->ReadCheckpoint(job_.id, Soon())).value();
  }
  absl::Status Finish() {
    return Await(store_->Finish(Lease(job_), State::kSucceeded, "", Soon()));
  }

  ClaimedJob job_;
};

TEST_F(CheckpointsTest, APairThatNobodyCopiedHasNoPast) {
  const Past past = ReadPast();
  EXPECT_THAT(past.folders, IsEmpty());
  EXPECT_THAT(past.ledger, IsEmpty());
}

TEST_F(CheckpointsTest, TheyAddUpAndAreTheNextRunsPast) {
  ASSERT_TRUE(Checkpoint(1, {{10, "ten"}, {2, "two"}}, {{"a", "1"}, {"b", "2"}}).ok());
  ASSERT_TRUE(Checkpoint(2, {{2, "two, further"}, {0, "zero"}}, {{"b", "3"}}).ok());
  EXPECT_THAT(ReadReport(), ElementsAre("zero", "two, further", "ten"));

  const LeaseRef old = Lease(job_);
  ASSERT_TRUE(Await(store_->GiveBack(old, Interruption::kInterrupted, 0ms, "", Soon())).ok());
  job_ = ClaimOne();
  const Past past = ReadPast();
  EXPECT_THAT(past.folders, ElementsAre("zero", "two, further", "ten"));
  EXPECT_THAT(past.ledger, UnorderedElementsAre(LedgerRecord{"a", "1"}, LedgerRecord{"b", "3"}));

  const CheckpointRecords late{.number = 3, .pair = "pair", .folders = {{0, "late"}}, .ledger = {}};
  EXPECT_TRUE(absl::IsAborted(Await(store_->Checkpoint(old, late, Soon()))));
  EXPECT_TRUE(absl::IsAborted(Await(store_->ReadPast(old, "pair", Soon())).status()));
  ASSERT_TRUE(Finish().ok());
  EXPECT_THAT(ReadReport(), ElementsAre("zero", "two, further", "ten"))
      << "the report needs it after the end";
}

TEST_F(CheckpointsTest, AnEmptyValueRemovesARecord) {
  ASSERT_TRUE(Checkpoint(1, {}, {{"a", "1"}, {"b", "2"}}).ok());
  ASSERT_TRUE(Checkpoint(2, {}, {{"a", ""}, {"never there", ""}}).ok());
  EXPECT_THAT(ReadPast().ledger, ElementsAre(LedgerRecord{"b", "2"}));
}

TEST_F(CheckpointsTest, ALateOneChangesNothing) {
  ASSERT_TRUE(Checkpoint(3, {{0, "third"}}, {{"a", "third"}}).ok());
  EXPECT_TRUE(Checkpoint(2, {{0, "second"}, {1, "second"}}, {{"a", ""}}).ok());
  EXPECT_THAT(ReadPast().folders, ElementsAre("third"));
  EXPECT_THAT(ReadPast().ledger, ElementsAre(LedgerRecord{"a", "third"}));
}

TEST_F(CheckpointsTest, TheNextLeaseCountsFromOneAgain) {
  ASSERT_TRUE(Checkpoint(3, {{0, "third"}}).ok());
  const LeaseRef old = Lease(job_);
  ASSERT_TRUE(Await(store_->GiveBack(old, Interruption::kInterrupted, 0ms, "", Soon())).ok());
  job_ = ClaimOne();
  ASSERT_TRUE(Checkpoint(1, {{0, "further"}}).ok());
  EXPECT_THAT(ReadPast().folders, ElementsAre("further"));
}

TEST_F(CheckpointsTest, TheLedgerOutlivesTheJobAndIsThePairsAlone) {
  ASSERT_TRUE(Checkpoint(1, {{0, "zero"}}, {{"a", "1"}}).ok());
  ASSERT_TRUE(Finish().ok());
  Submit(CreateBatch("another batch"), 0, 1, {{"src:a", 1}});
  job_ = ClaimOne();
  const Past past = ReadPast();
  EXPECT_THAT(past.folders, IsEmpty()) << "they are the other job's report";
  EXPECT_THAT(past.ledger, ElementsAre(LedgerRecord{"a", "1"}));
  EXPECT_THAT(ReadPast("another pair").ledger, IsEmpty());
  EXPECT_EQ(Raw({"TTL", Key("ledger:pair")}).integer, -1) << "it does not end by itself";
}

TEST_F(CheckpointsTest, RecordsMayHoldAnyOctetsAndBeMany) {
  const std::string any("|\r\n\0\xff", 5);
  std::vector<FolderRecord> folders;
  std::vector<LedgerRecord> ledger;
  for (int i = 0; i < 3'000; ++i) {
    folders.push_back({i, absl::StrCat(i, any)});
    ledger.push_back({absl::StrCat(any, i), any});
  }
  ASSERT_TRUE(Checkpoint(1, folders, ledger).ok());
  const Past past = ReadPast();
  ASSERT_THAT(past.folders, SizeIs(3'000));
  EXPECT_EQ(past.folders[2'999], absl::StrCat(2'999, any));
  ASSERT_THAT(past.ledger, SizeIs(3'000));
  EXPECT_EQ(past.ledger[0].value, any);
}

TEST_F(CheckpointsTest, AJobWithoutAPairIsTheCallersMistake) {
  EXPECT_TRUE(absl::IsInvalidArgument(Await(store_->ReadPast(Lease(job_), "", Soon())).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Await(store_->Checkpoint(Lease(job_), {}, Soon()))));
}

}  // namespace
}  // namespace mailhaul::queue
