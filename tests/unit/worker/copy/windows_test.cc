#include "worker/copy/windows.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace mailhaul::copy {
namespace {

imap::UidSet Set(absl::string_view uids) { return imap::ParseUidSet(uids).value(); }

std::string Words(const Windows& windows) {
  const Intent intent = windows.intent();
  return absl::StrCat(intent.source_uids.ToString(), " from ", intent.uid_next);
}

TEST(WindowsTest, AreInDoubtFromTheUidnextBeforeTheyWereOpened) {
  Windows windows(100);
  windows.Open(Set("1:4"));
  EXPECT_EQ(Words(windows), "1:4 from 100");
  windows.Arrived(1, 100);
  windows.Arrived(2, 105);  // others had mail between
  windows.Open(Set("5:8"));
  EXPECT_EQ(Words(windows), "3:8 from 100");
  windows.Arrived(3, 106);
  windows.Arrived(4, 107);
  EXPECT_EQ(Words(windows), "5:8 from 106") << "5 was not sent before 2 had arrived as 105";
}

TEST(WindowsTest, LeaveNothingInDoubtWhenAllIsSettled) {
  Windows windows(100);
  windows.Open(Set("1:3"));
  windows.Arrived(1, 100);
  windows.Withdraw(2);
  windows.ArrivedSomewhere(3);
  EXPECT_EQ(Words(windows), " from 101");
}

// A twin of it that has not arrived must not be taken for it.
TEST(WindowsTest, KeepWhatArrivedWithoutAUidAsLongAsItMayBeMet) {
  Windows windows(100);
  windows.Open(Set("1:2"));
  windows.Open(Set("3:4"));
  windows.ArrivedSomewhere(1);
  windows.ArrivedSomewhere(2);
  EXPECT_EQ(Words(windows), "1:4 from 100");
  windows.NoteUidNext(102);  // 1 and 2 are below; but who looks for 3 and 4 begins at 100
  windows.Open(Set("5:6"));
  EXPECT_EQ(Words(windows), "1:6 from 100");
  windows.ArrivedSomewhere(3);
  windows.ArrivedSomewhere(4);
  EXPECT_EQ(Words(windows), "3:6 from 102") << "1 and 2 are not met any more";
}

TEST(WindowsTest, OpenedForASecondTryAreNewOnes) {
  Windows windows(100);
  windows.Open(Set("1:2"));
  windows.Withdraw(1);
  windows.Arrived(2, 100);
  windows.Open(Set("1"));
  EXPECT_EQ(Words(windows), "1 from 101");
}

TEST(WindowsTest, WithoutUidnextLookFromTheBeginning) {
  Windows windows(0);
  windows.Open(Set("1"));
  EXPECT_EQ(Words(windows), "1 from 0");
}

}  // namespace
}  // namespace mailhaul::copy
