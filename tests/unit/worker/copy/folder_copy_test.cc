#include "worker/copy/folder_copy.h"

#include <gtest/gtest.h>

#include "common/report/tally.h"

namespace mailhaul::copy {
namespace {

PlannedFolder Plan() {
  PlannedFolder plan;
  plan.source_name = "A";
  plan.destination_name = "B";
  return plan;
}

SourceFolder Source(absl::string_view uids, uint32_t validity = 7) {
  SourceFolder source;
  source.uid_validity = validity;
  source.uids = imap::ParseUidSet(uids).value();
  return source;
}

DestinationFolder Destination(uint32_t validity = 9) {
  DestinationFolder destination;
  destination.mailbox.uid_validity = validity;
  return destination;
}

// As a crash would leave it and the next run find it.
v1::FolderProgress Stored(FolderCopy& folder) {
  v1::FolderProgress progress = folder.Progress();
  EXPECT_TRUE(report::CheckSum(progress.tally(), false).ok()) << progress.ShortDebugString();
  return progress;
}

TEST(FolderCopyTest, NeverCallsAMessageDealtWithThatIsNot) {
  FolderCopy folder(Plan(), Source("1:6"), Destination(), nullptr);
  EXPECT_EQ(folder.TakeWork(4).ToString(), "1:4");
  folder.Copied(1, 10);
  folder.Copied(3, 10);  // 2 is still on its way
  EXPECT_EQ(Stored(folder).copied_up_to_uid(), 1u);
  folder.TryAgain(2);
  EXPECT_EQ(Stored(folder).copied_up_to_uid(), 3u);
  EXPECT_EQ(Stored(folder).pending_uids(), "2");
  EXPECT_EQ(Stored(folder).tally().remaining(), 4);
}

TEST(FolderCopyTest, GoesOnWhereAnEarlierRunStopped) {
  FolderCopy first(Plan(), Source("1:6"), Destination(), nullptr);
  first.TakeWork(4);
  first.Copied(1, 10);
  first.TryAgain(2);
  first.Copied(3, 10);
  const v1::FolderProgress stored = Stored(first);

  FolderCopy second(Plan(), Source("1:7"), Destination(), &stored);
  EXPECT_EQ(second.second_tries().ToString(), "2");
  EXPECT_EQ(second.TakeWork(100).ToString(), "4:7");
  EXPECT_EQ(Stored(second).tally().found(), 7);
  EXPECT_EQ(Stored(second).tally().copied(), 2);
}

TEST(FolderCopyTest, StartsOverWhenEitherUidvalidityChanged) {
  FolderCopy first(Plan(), Source("1:3"), Destination(), nullptr);
  first.TakeWork(3);
  first.Copied(1, 10);
  const v1::FolderProgress stored = Stored(first);
  FolderCopy other_source(Plan(), Source("1:3", 8), Destination(), &stored);
  EXPECT_EQ(other_source.TakeWork(100).ToString(), "1:3");
  FolderCopy other_destination(Plan(), Source("1:3"), Destination(10), &stored);
  EXPECT_EQ(other_destination.TakeWork(100).ToString(), "1:3");
}

TEST(FolderCopyTest, ForgetsASecondTryThatLeftTheSource) {
  FolderCopy first(Plan(), Source("1:2"), Destination(), nullptr);
  first.TakeWork(2);
  first.TryAgain(1);
  first.Copied(2, 10);
  const v1::FolderProgress stored = Stored(first);
  FolderCopy second(Plan(), Source("2"), Destination(), &stored);
  EXPECT_TRUE(second.second_tries().empty());
  EXPECT_EQ(Stored(second).tally().found(), 1);
  EXPECT_TRUE(Stored(second).done());
}

TEST(FolderCopyTest, KeepsASecondTryInItsBooksUntilItIsSettled) {
  FolderCopy folder(Plan(), Source("1:2"), Destination(), nullptr);
  folder.TakeWork(2);
  folder.TryAgain(1);
  folder.Copied(2, 10);
  const imap::UidSet again = folder.second_tries();
  EXPECT_EQ(again.ToString(), "1");
  EXPECT_EQ(Stored(folder).pending_uids(), "1");
  v1::Problem problem;
  problem.mutable_error()->set_message("no");
  folder.Failed(1, problem);
  EXPECT_EQ(Stored(folder).pending_uids(), "");
  EXPECT_EQ(Stored(folder).copied_up_to_uid(), 2u);
  EXPECT_EQ(Stored(folder).problems(0).uid(), 1u);
  EXPECT_TRUE(Stored(folder).done());
}

TEST(FolderCopyTest, CountsTheProblemsItDoesNotList) {
  FolderCopy folder(Plan(), Source("1:150"), Destination(), nullptr);
  folder.TakeWork(150);
  for (imap::Uid uid = 1; uid <= 150; ++uid) folder.Skipped(uid, v1::Problem());
  EXPECT_EQ(Stored(folder).problems_size(), 100);
  EXPECT_EQ(Stored(folder).problems_omitted(), 50);
  EXPECT_EQ(Stored(folder).tally().skipped(), 150);
}

TEST(FolderCopyTest, OfAFolderThatCannotBeUsedHasFailedAllItsMessages) {
  DestinationFolder refused;
  refused.status = absl::PermissionDeniedError("creating \"B\" was refused");
  FolderCopy folder(Plan(), Source("1:5"), refused, nullptr);
  EXPECT_TRUE(folder.failed());
  EXPECT_FALSE(folder.HasWork());
  EXPECT_EQ(Stored(folder).tally().failed(), 5);
  EXPECT_EQ(Stored(folder).error().message(), refused.status.message());
}

TEST(FolderCopyTest, IsDoneAtOnceWhenEmpty) {
  FolderCopy folder(Plan(), SourceFolder{absl::OkStatus(), 7, {}, 0}, Destination(), nullptr);
  EXPECT_TRUE(Stored(folder).done());
  EXPECT_EQ(Stored(folder).tally().found(), 0);
}

}  // namespace
}  // namespace mailhaul::copy
