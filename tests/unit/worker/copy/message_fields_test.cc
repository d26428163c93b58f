// What goes into an APPEND beside the octets: flags and date.
#include <gtest/gtest.h>

#include "worker/copy/flags.h"
#include "worker/copy/internal_date.h"

namespace mailhaul::copy {
namespace {

imap::SelectedMailbox Keeping(std::vector<std::string> flags) {
  imap::SelectedMailbox mailbox;
  mailbox.permanent_flags = std::move(flags);
  mailbox.has_permanent_flags = true;
  return mailbox;
}

TEST(FlagsTest, KeepsKeywordsWhereNewOnesAreAllowed) {
  EXPECT_EQ(FlagsFor(Keeping({"\\Seen", "\\*"}), "\\Seen $Forwarded project-x"),
            "\\Seen $Forwarded project-x");
}

TEST(FlagsTest, KeepsOnlyTheKeywordsNamedWhereNewOnesAreNot) {
  EXPECT_EQ(FlagsFor(Keeping({"\\Seen", "$MDNSent"}), "\\seen $mdnsent other"), "\\seen $mdnsent");
}

TEST(FlagsTest, DropsRecentAndSystemFlagsThatNoServerTakes) {
  EXPECT_EQ(FlagsFor(Keeping({"\\*", "\\Seen", "\\Forwarded"}), "\\Recent \\Forwarded \\Seen"),
            "\\Seen");
  EXPECT_EQ(FlagsFor(imap::SelectedMailbox{}, "\\Recent \\Draft kw"), "\\Draft kw");
}

TEST(FlagsTest, MayBeNone) { EXPECT_EQ(FlagsFor(Keeping({}), "\\Seen kw"), ""); }

TEST(InternalDateTest, StaysAsItIsWhenItIsRight) {
  EXPECT_EQ(NormalizeInternalDate("17-Jul-1996 02:44:25 -0700"), "17-Jul-1996 02:44:25 -0700");
  EXPECT_EQ(NormalizeInternalDate(" 1-Jan-1970 00:00:00 +1400"), " 1-Jan-1970 00:00:00 +1400");
}

TEST(InternalDateTest, GetsThePaddingAndTheZoneThatSomeServersLeaveOut) {
  EXPECT_EQ(NormalizeInternalDate("7-Jul-1996 02:44:25 +0000"), " 7-Jul-1996 02:44:25 +0000");
  EXPECT_EQ(NormalizeInternalDate("17-Jul-1996 02:44:25"), "17-Jul-1996 02:44:25 +0000");
}

TEST(InternalDateTest, IsLeftOutWhenItIsNone) {
  for (const char* const sent :
       {"", " ", "x", "yesterday", "17-Jul-96 02:44:25 +0000", "17-Jul-1996 02:44:25 \"",
        "x7-Jul-1996 02:44:25 +0000", "17-Jul-1996 02:44:25 +0000 and more"}) {
    EXPECT_EQ(NormalizeInternalDate(sent), "") << sent;
  }
}

}  // namespace
}  // namespace mailhaul::copy
