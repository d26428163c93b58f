// What is asked of both servers before anything is sent, and what is made of the answers; against
// peers that follow a script to the octet.
#include "worker/copy/reconcile.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "tests/support/run_task.h"
#include "tests/support/script.h"
#include "tests/support/scripted_stream.h"

namespace mailhaul::copy {
namespace {

using support::Conversation;
using support::ScriptedStream;
using support::Transcript;

constexpr imap::Timeouts kTimeouts{std::chrono::milliseconds(5'000),
                                   std::chrono::milliseconds(5'000)};

constexpr absl::string_view kItems =
    "(UID FLAGS INTERNALDATE "
    "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM TO CC SUBJECT)]<0.65536>)";

// A message whose header is nothing but a Message-ID.
std::string Fetched(imap::Uid uid, absl::string_view message_id, absl::string_view flags = "") {
  const std::string header = absl::StrCat("Message-ID: <", message_id, ">\r\n\r\n");
  return absl::StrCat("S: * ", uid, " FETCH (UID ", uid, " FLAGS (", flags,
                      ") INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
                      "BODY[HEADER.FIELDS (MESSAGE-ID DATE FROM TO CC SUBJECT)]<0> {",
                      header.size(), "}\nS: Message-ID: <", message_id, ">\nS: \nS: )\n");
}

// Folder "A" with UIDs 1 to 4 of which an earlier run may have sent some into "B", whose UIDNEXT
// was 100 before.
class ReconcileTest : public testing::Test {
 protected:
  absl::Status Settle(const std::string& source, const std::string& destination) {
    Begin();
    absl::Status settled = support::RunTask(Run(source, destination));
    EXPECT_EQ(source_->complaint, "");
    EXPECT_EQ(destination_->complaint, "");
    return settled;
  }

  FolderCopy& folder() { return folders_[0]; }

 private:
  void Begin() {
    Ledger ledger("A", "B");
    ledger.set_source_uid_validity(7);
    ledger.set_destination_uid_validity(9);
    ledger.set_generation("life");
    Intent intent{{}, 100};
    intent.source_uids.AddRange({1, 4});
    ledger.set_intent(intent);
    PlannedFolder plan;
    plan.source_wire = plan.source_name = "A";
    plan.destination_wire = plan.destination_name = "B";
    SourceFolder found;
    found.listed = true;
    found.mailbox.uid_validity = 7;
    found.uids.AddRange({1, 4});
    DestinationFolder into;
    into.mailbox.uid_validity = 9;
    into.mailbox.uid_next = 103;
    into.mailbox.exists = 50;
    folders_.emplace_back(plan, found, into, EarlierRuns{nullptr, std::move(ledger), "life"});
  }

  static Task<absl::StatusOr<std::unique_ptr<imap::Session>>> Greet(
      std::string script, std::shared_ptr<Transcript> transcript) {
    auto stream = std::make_unique<ScriptedStream>(
        Conversation(absl::StrCat("S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n", script)).Close(),
        support::Delivery{}, transcript);
    imap::Account account;
    account.security = imap::Security::kPlaintext;
    co_return co_await imap::Session::Begin(std::move(stream), std::move(account), kTimeouts);
  }

  Task<absl::Status> Run(std::string source, std::string destination) {
    CO_ASSIGN_OR_RETURN(const auto from, co_await Greet(std::move(source), source_));
    CO_ASSIGN_OR_RETURN(const auto to, co_await Greet(std::move(destination), destination_));
    co_return co_await Reconcile(*from, *to, folders_);
  }

  std::vector<FolderCopy> folders_;
  std::shared_ptr<Transcript> source_ = std::make_shared<Transcript>();
  std::shared_ptr<Transcript> destination_ = std::make_shared<Transcript>();
};

std::string Opened(absl::string_view folder, absl::string_view uids) {
  return absl::StrCat("C: m1 EXAMINE \"", folder, "\"\nC: m2 UID FETCH ", uids, " ", kItems,
                      "\nS: m1 OK [READ-ONLY] ok\n");
}

TEST_F(ReconcileTest, AdoptsWhatHasArrivedAndLeavesTheRestToBeSent) {
  const absl::Status settled =
      Settle(absl::StrCat(Opened("A", "1:4"), Fetched(1, "one", "\\Seen"), Fetched(2, "two"),
                          Fetched(3, "three"), Fetched(4, "four"), "S: m2 OK done"),
             absl::StrCat(Opened("B", "100:102"), Fetched(100, "a user's own"), Fetched(101, "one"),
                          Fetched(102, "three"), "S: m2 OK done"));
  EXPECT_TRUE(settled.ok()) << settled;
  EXPECT_EQ(folder().TakeWork(100).ToString(), "2,4");
  EXPECT_EQ(folder().ledger().Find(1)->destination, 101u);
  EXPECT_EQ(folder().ledger().flags(*folder().ledger().Find(1)), "\\Seen");
  EXPECT_EQ(folder().Progress().tally().already_there(), 2);
}

TEST_F(ReconcileTest, DoesNotAskTheSourceWhenNothingHasArrived) {
  const absl::Status settled = Settle("", absl::StrCat(Opened("B", "100:102"), "S: m2 OK done"));
  EXPECT_TRUE(settled.ok()) << settled;
  EXPECT_EQ(folder().TakeWork(100).ToString(), "1:4");
}

TEST_F(ReconcileTest, ReadsWholeMessagesOnlyWhereFewerOfEqualOnesHaveArrived) {
  const absl::Status settled =
      Settle(absl::StrCat(Opened("A", "1:4"), Fetched(1, "twin"), Fetched(2, "twin"),
                          Fetched(3, "other"), "S: m2 OK done\n",
                          R"(C: m3 EXAMINE "A"
                             S: m3 OK ok
                             C: m4 UID FETCH 1:2 (UID BODY.PEEK[])
                             S: * 1 FETCH (UID 1 BODY[] {5}
                             S: one
                             S: )
                             S: * 2 FETCH (UID 2 BODY[] {5}
                             S: two
                             S: )
                             S: m4 OK done)"),
             absl::StrCat(Opened("B", "100:102"), Fetched(100, "twin"), Fetched(101, "other"),
                          "S: m2 OK done\n",
                          R"(C: m3 EXAMINE "B"
                             S: m3 OK ok
                             C: m4 UID FETCH 100 (UID BODY.PEEK[])
                             S: * 1 FETCH (UID 100 BODY[] {5}
                             S: two
                             S: )
                             S: m4 OK done)"));
  EXPECT_TRUE(settled.ok()) << settled;
  EXPECT_EQ(folder().ledger().Find(2)->destination, 100u);
  EXPECT_EQ(folder().TakeWork(100).ToString(), "1,4");
}

TEST_F(ReconcileTest, SendsNothingAndForgetsNothingWhenItCouldNotReadAll) {
  const absl::Status settled =
      Settle("", absl::StrCat(Opened("B", "100:102"), "S: m2 NO [SERVERBUG] not now"));
  EXPECT_TRUE(absl::IsUnavailable(settled)) << settled;
  EXPECT_EQ(GetErrorDetail(settled)->side, Side::kDestination);
  EXPECT_TRUE(folder().TakeLedgerChanges().empty()) << "the stored intent must stay";
}

TEST_F(ReconcileTest, TakesNoMessageOfANewUserForOneThatIsNotInDoubt) {
  // 5 came to the source after the intent was stored; the destination's is a user's own copy of it.
  const absl::Status settled = Settle(
      absl::StrCat(Opened("A", "1:4"), Fetched(1, "one"), Fetched(5, "five"), "S: m2 OK done"),
      absl::StrCat(Opened("B", "100:102"), Fetched(100, "five"), "S: m2 OK done"));
  EXPECT_TRUE(settled.ok()) << settled;
  EXPECT_EQ(folder().Progress().tally().already_there(), 0);
}

}  // namespace
}  // namespace mailhaul::copy
