#include "worker/copy/folder_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "worker/imap/mailbox_name.h"

namespace mailhaul::copy {
namespace {

FolderListing Server(std::string prefix, char delimiter, std::vector<std::string> names) {
  FolderListing listing;
  listing.personal = {std::move(prefix), delimiter};
  for (std::string& name : names) {
    imap::ListedMailbox mailbox;
    mailbox.delimiter = delimiter;
    mailbox.name = std::move(name);
    listing.mailboxes.push_back(std::move(mailbox));
  }
  return listing;
}

// source name -> destination name, in the order of the plan
std::vector<std::string> Map(const FolderListing& source, const FolderListing& destination,
                             const char* root = "") {
  std::vector<std::string> mapped;
  for (const PlannedFolder& folder : PlanFolders(source, destination, root)) {
    mapped.push_back(folder.source_name + " -> " + folder.destination_name);
  }
  return mapped;
}

using Names = std::vector<std::string>;

TEST(FolderPlanTest, TranslatesDelimitersAndPrefixesBothWays) {
  const FolderListing slash = Server("", '/', {"INBOX", "Work/2024", "INBOX/Sub"});
  const FolderListing dot = Server("INBOX.", '.', {"INBOX", "INBOX.Work.2024"});
  EXPECT_EQ(Map(slash, dot),
            (Names{"INBOX -> INBOX", "Work/2024 -> INBOX.Work.2024", "INBOX/Sub -> INBOX.Sub"}));
  EXPECT_EQ(Map(dot, slash), (Names{"INBOX -> INBOX", "INBOX.Work.2024 -> Work/2024"}));
}

TEST(FolderPlanTest, GivesTheOtherSidesDelimiterItsFullwidthTwinAndSaysSo) {
  const auto plan = PlanFolders(Server("", '/', {"v1.2/notes"}), Server("", '.', {}), "");
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_EQ(plan[0].destination_name, "v1\uFF0E2.notes");
  EXPECT_EQ(plan[0].destination_wire, imap::EncodeMailboxName("v1\uFF0E2.notes"));
  EXPECT_EQ(plan[0].rename_reason, "'.' separates folders at the destination");
}

TEST(FolderPlanTest, PutsInboxFirstWhateverItsCaseAndPlace) {
  EXPECT_EQ(Map(Server("", '/', {"A", "Inbox", "B"}), Server("", '/', {})).front(),
            "Inbox -> INBOX");
}

TEST(FolderPlanTest, PutsEverythingBeneathTheRoot) {
  const FolderListing source = Server("", '/', {"INBOX", "Sent"});
  EXPECT_EQ(Map(source, Server("INBOX.", '.', {}), "old/2024"),
            (Names{"INBOX -> INBOX.old.2024.INBOX", "Sent -> INBOX.old.2024.Sent"}));
}

TEST(FolderPlanTest, KeepsTwoFoldersApartThatWouldMeetInOneName) {
  const FolderListing source = Server("", '/', {"INBOX/Sub", "Sub"});
  const auto plan = PlanFolders(source, Server("INBOX.", '.', {}), "");
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].destination_name, "INBOX.Sub");
  EXPECT_EQ(plan[1].destination_name, "INBOX.Sub (2)");
  EXPECT_EQ(plan[1].rename_reason, "another folder has this name already");
}

TEST(FolderPlanTest, CreatesOnlyWhatIsMissingAndSubscribesAsTheSourceDid) {
  FolderListing source = Server("", '/', {"INBOX", "Here", "Gone"});
  source.subscribed = {"Gone"};
  const auto plan = PlanFolders(source, Server("", '/', {"INBOX", "Here"}), "");
  EXPECT_FALSE(plan[0].create);
  EXPECT_FALSE(plan[1].create);
  EXPECT_TRUE(plan[2].create);
  EXPECT_FALSE(plan[1].subscribe);
  EXPECT_TRUE(plan[2].subscribe);
}

TEST(FolderPlanTest, LeavesOutWhatHoldsNoMailOrBelongsToOthers) {
  FolderListing source = Server("INBOX.", '.', {"INBOX.Parent", "user.bob", "INBOX.Parent.Child"});
  source.mailboxes[0].attributes = {"\\noselect"};
  EXPECT_EQ(Map(source, Server("", '/', {})), Names{"INBOX.Parent.Child -> Parent/Child"});
}

TEST(FolderPlanTest, DecodesNamesAndKeepsThoseThatNoEncoderMakes) {
  EXPECT_EQ(Map(Server("", '/', {"Entw&APw-rfe", "bad&zz"}), Server("", '/', {})),
            (Names{"Entw\u00FCrfe -> Entw\u00FCrfe", "bad&zz -> bad&zz"}));
}

TEST(FolderPlanTest, FlattensForAServerWithoutHierarchy) {
  EXPECT_EQ(Map(Server("", '/', {"a/b"}), Server("", '\0', {})), Names{"a/b -> a\uFF0Fb"});
}

TEST(FolderPlanTest, NamesEveryLevel) {
  const auto plan = PlanFolders(Server("", '/', {"a//b"}), Server("", '/', {}), "");
  EXPECT_EQ(plan.at(0).destination_name, "a/_/b");
  EXPECT_EQ(plan.at(0).rename_reason, "a level of the name was empty");
}

}  // namespace
}  // namespace mailhaul::copy
