#include "worker/copy/folder_copy.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"

#include "common/report/tally.h"

namespace mailhaul::copy {
namespace {

imap::UidSet Set(absl::string_view uids) {
  return uids.empty() ? imap::UidSet() : imap::ParseUidSet(uids).value();
}

// A folder "A" at the source, "B" at the destination, and what runs leave of it one after the
// other.
class FolderCopyTest : public testing::Test {
 protected:
  // A run that finds these messages at the source.
  FolderCopy Run(absl::string_view uids) {
    PlannedFolder plan;
    plan.source_name = "A";
    plan.destination_name = "B";
    SourceFolder source = at_source_;
    source.listed = true;
    source.uids = Set(uids);
    source.mailbox.exists = source.uids.size();
    std::vector<std::string> damaged;
    std::vector<Ledger> ledgers = Ledger::Parse(records_, &damaged);
    EXPECT_TRUE(damaged.empty());
    if (ledgers.empty()) ledgers.emplace_back("A", "B");
    return FolderCopy(plan, source, at_destination_,
                      {progress_ ? &*progress_ : nullptr, std::move(ledgers[0]), life_});
  }

  // As a crash would leave it and the next run find it.
  v1::FolderProgress Stored(FolderCopy& folder) {
    for (LedgerRecord& record : folder.TakeLedgerChanges()) {
      std::erase_if(records_, [&](const LedgerRecord& old) { return old.name == record.name; });
      if (!record.value.empty()) records_.push_back(std::move(record));
    }
    progress_ = folder.Progress();
    EXPECT_TRUE(report::CheckSum(progress_->tally(), false).ok()) << progress_->ShortDebugString();
    return *progress_;
  }

  // Another batch over the same pair.
  void NextBatch() { progress_.reset(); }

  static std::string Words(const std::optional<Doubt>& doubt) {
    if (!doubt) return "none";
    return absl::StrCat(doubt->at_source.ToString(), " at ", doubt->at_destination.ToString());
  }

  FolderCopyTest() {
    at_source_.mailbox.uid_validity = 7;
    at_destination_.mailbox.uid_validity = 9;
    at_destination_.mailbox.uid_next = 100;
  }

  SourceFolder at_source_;
  DestinationFolder at_destination_;
  std::string life_ = "first life";
  std::vector<LedgerRecord> records_;
  std::optional<v1::FolderProgress> progress_;
};

TEST_F(FolderCopyTest, GoesOnWhereAnEarlierRunStopped) {
  FolderCopy first = Run("1:6");
  ASSERT_FALSE(first.TakeDoubt());
  EXPECT_EQ(first.TakeWork(4).ToString(), "1:4");
  first.Copied(1, 100, "", 10);
  first.TryAgain(2);
  first.Copied(3, 101, "", 10);
  EXPECT_EQ(Stored(first).tally().remaining(), 4);

  at_destination_.mailbox = {.uid_validity = 9,
                             .uid_next = 102,
                             .exists = 2,
                             .highest_modseq = 0,
                             .permanent_flags = {},
                             .has_permanent_flags = false};
  FolderCopy second = Run("1:7");
  EXPECT_EQ(Words(second.TakeDoubt()), "none") << "nothing has arrived that is not known";
  EXPECT_EQ(second.TakeWork(100).ToString(), "2,4:7");
  EXPECT_EQ(Stored(second).tally().found(), 7);
  EXPECT_EQ(Stored(second).tally().copied(), 2);
}

TEST_F(FolderCopyTest, LooksOnlyForWhatMayHaveBeenSent) {
  FolderCopy first = Run("1:10");
  ASSERT_FALSE(first.TakeDoubt());
  first.TakeWork(4);
  Stored(first);
  first.Copied(1, 100, "", 10);
  Stored(first);

  at_destination_.mailbox.uid_next = 103;
  at_destination_.mailbox.exists = 3;
  FolderCopy second = Run("1:3,5:10");  // 4 has gone from the source
  EXPECT_EQ(Words(second.TakeDoubt()), "2:3 at 101:102");
  second.Adopt(2, 102, "\\Seen");
  second.DoubtSettled();
  EXPECT_EQ(second.TakeWork(100).ToString(), "3,5:10");
  EXPECT_EQ(Stored(second).tally().already_there(), 1);
  EXPECT_EQ(second.ledger().Find(2)->destination, 102u);
}

// Redis may have come back without the last intents.
TEST_F(FolderCopyTest, LooksForEverythingUnknownInAnotherLifeOfRedis) {
  FolderCopy first = Run("1:10");
  ASSERT_FALSE(first.TakeDoubt());
  first.TakeWork(4);
  Stored(first);
  life_ = "second life";
  at_destination_.mailbox.uid_next = 103;
  at_destination_.mailbox.exists = 3;
  FolderCopy second = Run("1:10");
  EXPECT_EQ(Words(second.TakeDoubt()), "1:10 at 100:102");
}

// Without UIDPLUS it is not known where the copies are; all of them take part in the search, or one
// would be taken for its twin.
TEST_F(FolderCopyTest, LooksForTheCopiesWhoseFlagsChanged) {
  FolderCopy first = Run("1:3");
  ASSERT_FALSE(first.TakeDoubt());
  first.TakeWork(3);
  for (imap::Uid uid = 1; uid <= 3; ++uid) first.Copied(uid, 0, "", 10);
  first.NoteUidNext(103);
  Stored(first);
  NextBatch();
  at_destination_.mailbox.uid_next = 103;
  at_destination_.mailbox.exists = 3;
  EXPECT_EQ(Words(Run("1:4").TakeDoubt()), "none");
  at_source_.reflagged = {{2, "\\Seen"}};
  FolderCopy delta = Run("1:4");
  EXPECT_EQ(Words(delta.TakeDoubt()), "1:3 at 1:102");
  delta.Adopt(2, 101, "\\Seen");
  delta.DoubtSettled();
  EXPECT_EQ(delta.ledger().Find(2)->destination, 101u);
  EXPECT_EQ(delta.ledger().flags(*delta.ledger().Find(2)), "") << "they are still to be brought";
  delta.FlagsBrought();
  EXPECT_EQ(delta.ledger().flags(*delta.ledger().Find(2)), "\\Seen");
}

TEST_F(FolderCopyTest, KeepsTheStoredIntentUntilTheDoubtIsSettled) {
  FolderCopy first = Run("1:10");
  ASSERT_FALSE(first.TakeDoubt());
  first.TakeWork(4);
  Stored(first);
  at_destination_.mailbox.uid_next = 103;
  at_destination_.mailbox.exists = 3;
  for (int crash = 0; crash < 2; ++crash) {
    FolderCopy next = Run("1:10");
    EXPECT_EQ(Words(next.TakeDoubt()), "1:4 at 100:102");
    Stored(next);
  }
}

TEST_F(FolderCopyTest, LooksThroughAFolderThatItKnowsNothingOf) {
  at_destination_.mailbox.exists = 50;
  FolderCopy folder = Run("1:10");
  EXPECT_EQ(Words(folder.TakeDoubt()), "1:10 at 1:99");
}

TEST_F(FolderCopyTest, MatchesAnewWhenEitherUidvalidityChanged) {
  at_destination_.mailbox.exists = 0;
  FolderCopy first = Run("1:3");
  ASSERT_FALSE(first.TakeDoubt());
  first.TakeWork(3);
  for (imap::Uid uid = 1; uid <= 3; ++uid) first.Copied(uid, 99 + uid, "", 10);
  Stored(first);
  at_destination_.mailbox.exists = 3;

  at_source_.mailbox.uid_validity = 8;
  FolderCopy other_source = Run("1:3");
  EXPECT_EQ(Words(other_source.TakeDoubt()), "1:3 at 1:99");
  at_source_.mailbox.uid_validity = 7;
  at_destination_.mailbox.uid_validity = 10;
  FolderCopy other_destination = Run("1:3");
  EXPECT_EQ(Words(other_destination.TakeDoubt()), "1:3 at 1:99");
  EXPECT_EQ(Stored(other_destination).tally().copied(), 0);
}

TEST_F(FolderCopyTest, ANewBatchCopiesOnlyWhatIsNewOrFailedBefore) {
  FolderCopy first = Run("1:5");
  ASSERT_FALSE(first.TakeDoubt());
  first.TakeWork(5);
  for (imap::Uid uid = 1; uid <= 4; ++uid) first.Copied(uid, 99 + uid, "", 10);
  first.Failed(5, v1::Problem());
  Stored(first);
  EXPECT_FALSE(Run("1:5").HasWork()) << "the same job does not try again what has failed";

  NextBatch();
  FolderCopy delta = Run("2:6");  // 1 has gone, 6 is new
  EXPECT_EQ(delta.TakeWork(100).ToString(), "5:6");
  EXPECT_EQ(Stored(delta).tally().already_there(), 3);
  EXPECT_EQ(Stored(delta).tally().found(), 5);
}

TEST_F(FolderCopyTest, RemembersThatAllIsCopiedOnlyWhenItIs) {
  at_source_.mailbox.highest_modseq = 44;
  FolderCopy folder = Run("1:2");
  ASSERT_FALSE(folder.TakeDoubt());
  folder.TakeWork(2);
  folder.Copied(1, 100, "", 10);
  Stored(folder);
  EXPECT_EQ(folder.ledger().source_modseq(), 0u);
  folder.Copied(2, 101, "", 10);
  Stored(folder);
  EXPECT_EQ(folder.ledger().source_modseq(), 44u);
}

TEST_F(FolderCopyTest, ForgetsASecondTryThatLeftTheSource) {
  FolderCopy first = Run("1:2");
  ASSERT_FALSE(first.TakeDoubt());
  first.TakeWork(2);
  first.TryAgain(1);
  first.Copied(2, 100, "", 10);
  Stored(first);
  FolderCopy second = Run("2");
  EXPECT_FALSE(second.HasWork());
  EXPECT_EQ(Stored(second).tally().found(), 1);
  EXPECT_TRUE(Stored(second).done());
}

TEST_F(FolderCopyTest, KeepsASecondTryInItsBooksUntilItIsSettled) {
  FolderCopy folder = Run("1:2");
  ASSERT_FALSE(folder.TakeDoubt());
  folder.TakeWork(2);
  folder.TryAgain(1);
  folder.Copied(2, 100, "", 10);
  EXPECT_EQ(folder.second_tries().ToString(), "1");
  EXPECT_EQ(Stored(folder).tally().remaining(), 1);
  folder.TakeSecondTry(1);
  Stored(folder);
  EXPECT_EQ(folder.ledger().intent().source_uids.ToString(), "1");
  v1::Problem problem;
  problem.mutable_error()->set_message("no");
  folder.Failed(1, problem);
  EXPECT_EQ(Stored(folder).failed_uids(), "1");
  EXPECT_TRUE(folder.ledger().intent().source_uids.empty());
  EXPECT_EQ(Stored(folder).problems(0).uid(), 1u);
  EXPECT_TRUE(Stored(folder).done());
}

TEST_F(FolderCopyTest, AfterACleanEndNothingIsInDoubt) {
  FolderCopy folder = Run("1:5");
  ASSERT_FALSE(folder.TakeDoubt());
  folder.TakeWork(4);
  folder.Copied(1, 100, "", 10);
  folder.Rest();
  Stored(folder);
  EXPECT_TRUE(folder.ledger().intent().source_uids.empty());
  EXPECT_EQ(Stored(folder).tally().remaining(), 4);
}

TEST_F(FolderCopyTest, CountsTheProblemsItDoesNotList) {
  FolderCopy folder = Run("1:150");
  folder.TakeWork(150);
  for (imap::Uid uid = 1; uid <= 150; ++uid) folder.Skipped(uid, v1::Problem());
  EXPECT_EQ(Stored(folder).problems_size(), 100);
  EXPECT_EQ(Stored(folder).problems_omitted(), 50);
  EXPECT_EQ(Stored(folder).tally().skipped(), 150);
}

TEST_F(FolderCopyTest, OfAFolderThatCannotBeUsedHasFailedAllItsMessages) {
  at_destination_.status = absl::PermissionDeniedError("creating \"B\" was refused");
  FolderCopy folder = Run("1:5");
  EXPECT_TRUE(folder.failed());
  EXPECT_FALSE(folder.HasWork());
  EXPECT_EQ(Stored(folder).tally().failed(), 5);
  EXPECT_EQ(Stored(folder).error().message(), at_destination_.status.message());
}

TEST_F(FolderCopyTest, IsDoneAtOnceWhenEmpty) {
  FolderCopy folder = Run("");
  EXPECT_TRUE(Stored(folder).done());
  EXPECT_EQ(Stored(folder).tally().found(), 0);
}

}  // namespace
}  // namespace mailhaul::copy
