// The stream from source to destination, against peers that follow a script to the octet.
#include "worker/copy/copy_pass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "common/report/tally.h"
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

// Two scripted servers, one folder "A" of UIDs 1..n at the source, to be copied into "B".
class CopyPassTest : public testing::Test {
 protected:
  // `capabilities` are the destination's.
  void Copy(uint32_t messages, absl::string_view capabilities, const std::string& source,
            const std::string& destination, SourceReader::Mode mode = SourceReader::Mode::kMany) {
    SourceFolder found;
    found.listed = true;
    found.mailbox.uid_validity = 7;
    if (messages > 0) found.uids.AddRange({1, messages});
    PlannedFolder plan;
    plan.source_wire = plan.source_name = "A";
    plan.destination_wire = plan.destination_name = "B";
    DestinationFolder into;
    into.mailbox.uid_validity = 9;
    into.mailbox.uid_next = 100;
    folders_.emplace_back(plan, found, into, EarlierRuns{nullptr, Ledger("A", "B"), "life"});
    ASSERT_FALSE(folders_[0].TakeDoubt());
    if (mode == SourceReader::Mode::kSingly) {
      folders_[0].TakeWork(messages);
      for (uint32_t uid = 1; uid <= messages; ++uid) folders_[0].TryAgain(uid);
    }
    ended_ = support::RunTask(Run(
        absl::StrCat("S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n", source),
        absl::StrCat("S: * PREAUTH [CAPABILITY IMAP4rev1 ", capabilities, "] hi\n", destination),
        mode));
    EXPECT_EQ(source_->complaint, "");
    EXPECT_EQ(destination_->complaint, "");
    EXPECT_TRUE(report::CheckSum(Progress().tally(), false).ok()) << Progress().ShortDebugString();
  }

  const v1::FolderProgress& Progress() { return folders_[0].Progress(); }

  std::vector<FolderCopy> folders_;
  absl::Status ended_;
  bool under_way_ = false;
  absl::Status stored_ok_;
  std::vector<std::string> stored_;
  std::shared_ptr<Transcript> source_ = std::make_shared<Transcript>();
  std::shared_ptr<Transcript> destination_ = std::make_shared<Transcript>();

 private:
  static Task<absl::StatusOr<std::unique_ptr<imap::Session>>> Greet(
      std::string script, std::shared_ptr<Transcript> transcript) {
    auto stream = std::make_unique<ScriptedStream>(Conversation(script).Close(),
                                                   support::Delivery{}, transcript);
    imap::Account account;
    account.security = imap::Security::kPlaintext;
    co_return co_await imap::Session::Begin(std::move(stream), std::move(account), kTimeouts);
  }

  Task<absl::Status> Run(std::string source, std::string destination, SourceReader::Mode mode) {
    CO_ASSIGN_OR_RETURN(const auto from, co_await Greet(std::move(source), source_));
    CO_ASSIGN_OR_RETURN(const auto to, co_await Greet(std::move(destination), destination_));
    CopyPass pass(*from, *to, co_await boost::asio::this_coro::executor, folders_, mode,
                  [this] { return Store(); });
    absl::Status ended = co_await pass.Run();
    under_way_ = pass.under_way();
    co_return ended;
  }

  // Notes what is told to be in doubt each time, and how far the source's conversation was then.
  Task<absl::Status> Store() {
    folders_[0].TakeLedgerChanges();
    const Intent& intent = folders_[0].ledger().intent();
    stored_.push_back(absl::StrCat(intent.source_uids.ToString(), " from ", intent.uid_next));
    co_return stored_ok_;
  }
};

constexpr absl::string_view kExamineA = R"(
    C: m1 EXAMINE "A"
    C: m2 UID FETCH 1:2 (UID FLAGS INTERNALDATE BODY.PEEK[])
    S: * OK [UIDVALIDITY 7] ok
    S: m1 OK [READ-ONLY] ok
)";
constexpr absl::string_view kGoodbyeM3 = R"(
    C: m3 LOGOUT
    S: * BYE
    S: m3 OK bye
    )";

std::string TwoMessages() {
  return absl::StrCat(kExamineA, R"(
    S: * 1 FETCH (UID 1 FLAGS (\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[] {5}
    S: one
    S: )
    S: * 2 FETCH (UID 2 FLAGS () INTERNALDATE "18-Jul-1996 02:44:25 -0700" BODY[] {5}
    S: two
    S: )
    S: m2 OK done)",
                      kGoodbyeM3);
}

TEST_F(CopyPassTest, SendsManyMessagesInOneCommandWhereThatIsOffered) {
  Copy(2, "LITERAL+ MULTIAPPEND UIDPLUS", TwoMessages(), R"(
      C: m1 APPEND "B" (\Seen) "17-Jul-1996 02:44:25 -0700" {5+}
      C: one
      C:  () "18-Jul-1996 02:44:25 -0700" {5+}
      C: two
      C:
      C: m2 LOGOUT
      S: m1 OK [APPENDUID 9 100:101] done
      S: * BYE
      S: m2 OK bye)");
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(Progress().tally().copied(), 2);
  EXPECT_EQ(Progress().tally().copied_bytes(), 10);
  EXPECT_EQ(folders_[0].ledger().Find(1)->destination, 100u);
  EXPECT_EQ(folders_[0].ledger().Find(2)->destination, 101u);
  EXPECT_TRUE(Progress().done());
}

// Nothing may be sent that a later run would not look for.
TEST_F(CopyPassTest, AsksForNothingUntilTheIntentIsStored) {
  stored_ok_ = absl::CancelledError("the queue is away");
  Copy(2, "LITERAL+ UIDPLUS", "", "");
  EXPECT_EQ(ended_, stored_ok_);
  EXPECT_THAT(stored_, testing::ElementsAre("1:2 from 100"));
}

// Without UIDPLUS: what has arrived stays in doubt until the destination's UIDNEXT is known to be
// above it.
TEST_F(CopyPassTest, AsksHowFarTheDestinationHasComeWhereItTellsNoUids) {
  Copy(2, "LITERAL+ MULTIAPPEND", TwoMessages(), R"(
      C: m1 APPEND "B" (\Seen) "17-Jul-1996 02:44:25 -0700" {5+}
      C: one
      C:  () "18-Jul-1996 02:44:25 -0700" {5+}
      C: two
      C:
      C: m2 STATUS "B" (UIDNEXT UIDVALIDITY)
      C: m3 LOGOUT
      S: m1 OK done
      S: * STATUS B (UIDNEXT 102 UIDVALIDITY 9)
      S: m2 OK done
      S: * BYE
      S: m3 OK bye)");
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(folders_[0].ledger().Find(2)->destination, 0u);
  folders_[0].TakeLedgerChanges();
  EXPECT_TRUE(folders_[0].ledger().intent().source_uids.empty());
  EXPECT_EQ(folders_[0].ledger().intent().uid_next, 102u);
}

TEST_F(CopyPassTest, EndsWhenTheDestinationsUidvalidityChangedUnderIt) {
  Copy(2, "LITERAL+ MULTIAPPEND UIDPLUS", TwoMessages(), R"(
      C: m1 APPEND "B" (\Seen) "17-Jul-1996 02:44:25 -0700" {5+}
      C: one
      C:  () "18-Jul-1996 02:44:25 -0700" {5+}
      C: two
      C:
      C: m2 LOGOUT
      S: m1 OK [APPENDUID 10 1:2] done)");
  EXPECT_TRUE(absl::IsUnavailable(ended_)) << ended_;
  EXPECT_EQ(ended_.message(), "UIDVALIDITY of \"B\" changed in mid-copy");
  EXPECT_EQ(Progress().tally().copied(), 0);
}

// What is complete is settled; what is not, the destination cannot carry out any more.
TEST_F(CopyPassTest, WhenTheSourceIsLostWaitsForWhatTheDestinationWasSent) {
  Copy(2, "LITERAL+ UIDPLUS", absl::StrCat(kExamineA, R"(
      S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[] {5}
      S: one
      S: )
      S: * 2 FETCH (UID 2 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[] {500}
      S: two)"),
       R"(
      C: m1 APPEND "B" () "17-Jul-1996 02:44:25 -0700" {5+}
      C: one
      C:
      C: m2 APPEND "B" () "17-Jul-1996 02:44:25 -0700" {500+}
      C: two
      S: m1 OK [APPENDUID 9 100] done)");
  EXPECT_TRUE(absl::IsUnavailable(ended_)) << ended_;
  EXPECT_EQ(Progress().tally().copied(), 1);
  EXPECT_FALSE(under_way_);
}

TEST_F(CopyPassTest, WhenTheDestinationIsLostItMayStillBeBusy) {
  Copy(2, "LITERAL+ UIDPLUS", TwoMessages(), R"(
      C: m1 APPEND "B" (\Seen) "17-Jul-1996 02:44:25 -0700" {5+}
      C: one
      C:
      C: m2 APPEND "B" () "18-Jul-1996 02:44:25 -0700" {5+}
      C: two
      C:
      C: m3 LOGOUT
      S: m1 OK [APPENDUID 9 100] done)");
  EXPECT_TRUE(absl::IsUnavailable(ended_)) << ended_;
  EXPECT_TRUE(under_way_);
  folders_[0].TakeLedgerChanges();
  EXPECT_EQ(folders_[0].ledger().intent().source_uids.ToString(), "2");
}

TEST_F(CopyPassTest, SendsOneMessageACommandWithoutMultiappend) {
  Copy(2, "LITERAL+ UIDPLUS", TwoMessages(), R"(
      C: m1 APPEND "B" (\Seen) "17-Jul-1996 02:44:25 -0700" {5+}
      C: one
      C:
      C: m2 APPEND "B" () "18-Jul-1996 02:44:25 -0700" {5+}
      C: two
      C:
      C: m3 LOGOUT
      S: m1 OK done
      S: m2 OK done
      S: * BYE
      S: m3 OK bye)");
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(Progress().tally().copied(), 2);
}

TEST_F(CopyPassTest, WaitsForTheGoAheadWithoutLiteralPlus) {
  Copy(2, "UIDPLUS", TwoMessages(), R"(
      C: m1 APPEND "B" (\Seen) "17-Jul-1996 02:44:25 -0700" {5}
      S: + go
      C: one
      C:
      C: m2 APPEND "B" () "18-Jul-1996 02:44:25 -0700" {5}
      S: m1 OK done
      S: + go
      C: two
      C:
      C: m3 LOGOUT
      S: m2 OK done
      S: * BYE
      S: m3 OK bye)");
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(Progress().tally().copied(), 2);
}

TEST_F(CopyPassTest, PassesOverAMessageThatIsRefusedBeforeItsOctets) {
  Copy(2, "UIDPLUS", TwoMessages(), R"(
      C: m1 APPEND "B" (\Seen) "17-Jul-1996 02:44:25 -0700" {5}
      S: m1 NO too odd
      C: m2 APPEND "B" () "18-Jul-1996 02:44:25 -0700" {5}
      S: + go
      C: two
      C:
      C: m3 LOGOUT
      S: m2 OK done
      S: * BYE
      S: m3 OK bye)");
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(Progress().tally().copied(), 1);
  EXPECT_EQ(folders_[0].second_tries().ToString(), "1");
}

TEST_F(CopyPassTest, TriesAllOfARefusedCommandAgain) {
  Copy(2, "LITERAL- MULTIAPPEND UIDPLUS", TwoMessages(), R"(
      C: m1 APPEND "B" (\Seen) "17-Jul-1996 02:44:25 -0700" {5+}
      C: one
      C:  () "18-Jul-1996 02:44:25 -0700" {5+}
      C: two
      C:
      C: m2 LOGOUT
      S: m1 NO one of them is odd
      S: * BYE
      S: m2 OK bye)");
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(folders_[0].second_tries().ToString(), "1:2");
  EXPECT_EQ(Progress().tally().copied(), 0);
}

TEST_F(CopyPassTest, EndsWhenTheDestinationIsFull) {
  Copy(2, "LITERAL+ UIDPLUS", TwoMessages(), R"(
      C: m1 APPEND "B" (\Seen) "17-Jul-1996 02:44:25 -0700" {5+}
      C: one
      C:
      C: m2 APPEND "B" () "18-Jul-1996 02:44:25 -0700" {5+}
      C: two
      C:
      C: m3 LOGOUT
      S: m1 NO [OVERQUOTA] mailbox is full)");
  EXPECT_TRUE(absl::IsResourceExhausted(ended_)) << ended_;
  EXPECT_EQ(GetErrorDetail(ended_)->side, Side::kDestination);
  EXPECT_EQ(GetErrorDetail(ended_)->server_text, "[OVERQUOTA] mailbox is full");
}

TEST_F(CopyPassTest, RecordsWhatIsLargerThanAppendlimitWithoutSendingIt) {
  Copy(2, "LITERAL+ APPENDLIMIT=4 UIDPLUS", TwoMessages(), R"(
      C: m1 LOGOUT
      S: * BYE
      S: m1 OK bye)");
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(Progress().tally().failed(), 2);
  EXPECT_EQ(Progress().problems(0).error().message(),
            "larger than the destination takes: APPENDLIMIT is 4");
}

// A server may work on two FETCHes at once and give the items of a message in any order.
TEST_F(CopyPassTest, PutsAnswersInPlaceByUidNotByOrder) {
  Copy(2, "LITERAL+ UIDPLUS",
       absl::StrCat(kExamineA, R"(
      S: * 2 FETCH (FLAGS () INTERNALDATE "18-Jul-1996 02:44:25 -0700" UID 2 BODY[] {5}
      S: two
      S: )
      S: * 1 FETCH (BODY[] {5}
      S: one
      S:  UID 1 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700")
      S: m2 OK done)",
                    kGoodbyeM3),
       R"(
      C: m1 APPEND "B" () "18-Jul-1996 02:44:25 -0700" {5+}
      C: two
      C:
      C: m2 LOGOUT
      S: m1 OK done
      S: * BYE
      S: m2 OK bye)");
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(Progress().tally().copied(), 1);
  // Its octets came before we knew where they belong: a second look brings the metadata first.
  EXPECT_EQ(folders_[0].second_tries().ToString(), "1");
}

TEST_F(CopyPassTest, SendsNothingTwiceWhateverTheSourceRepeats) {
  Copy(2, "LITERAL+ UIDPLUS",
       absl::StrCat(kExamineA, R"(
      S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[] {5}
      S: one
      S: )
      S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[] {5}
      S: one
      S: )
      S: * 9 FETCH (UID 9 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[] {5}
      S: new
      S: )
      S: m2 OK done)",
                    kGoodbyeM3),
       R"(
      C: m1 APPEND "B" () "17-Jul-1996 02:44:25 -0700" {5+}
      C: one
      C:
      C: m2 LOGOUT
      S: m1 OK done
      S: * BYE
      S: m2 OK bye)");
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(Progress().tally().copied(), 1);
  EXPECT_EQ(folders_[0].second_tries().ToString(), "2");
}

TEST_F(CopyPassTest, FailsAFolderThatCannotBeOpenedAndCopiesNothingInItsName) {
  Copy(2, "LITERAL+ UIDPLUS",
       absl::StrCat(R"(
      C: m1 EXAMINE "A"
      C: m2 UID FETCH 1:2 (UID FLAGS INTERNALDATE BODY.PEEK[])
      S: m1 NO [NOPERM] not yours
      S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[] {5}
      S: one
      S: )
      S: m2 OK done)",
                    kGoodbyeM3),
       R"(
      C: m1 LOGOUT
      S: * BYE
      S: m1 OK bye)");
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(Progress().tally().failed(), 2);
  EXPECT_EQ(Progress().error().server_text(), "[NOPERM] not yours");
}

TEST_F(CopyPassTest, EndsWhenUidvalidityChangedUnderIt) {
  Copy(2, "LITERAL+ UIDPLUS", R"(
      C: m1 EXAMINE "A"
      C: m2 UID FETCH 1:2 (UID FLAGS INTERNALDATE BODY.PEEK[])
      S: * OK [UIDVALIDITY 8] new
      S: m1 OK ok)",
       "");
  EXPECT_TRUE(absl::IsUnavailable(ended_)) << ended_;
  EXPECT_EQ(ended_.message(), "UIDVALIDITY of \"A\" changed in mid-copy");
}

TEST_F(CopyPassTest, OnSecondTriesAsksForTheMetadataFirst) {
  Copy(2, "LITERAL+ MULTIAPPEND UIDPLUS", R"(
      C: m1 EXAMINE "A"
      C: m2 UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)
      C: m3 UID FETCH 2 (UID FLAGS INTERNALDATE RFC822.SIZE)
      S: * OK [UIDVALIDITY 7] ok
      S: m1 OK ok
      S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4)
      S: m2 OK done
      C: m4 UID FETCH 1 (UID BODY.PEEK[])
      S: m3 OK done
      S: * 1 FETCH (BODY[] {5}
      S: one
      S:  UID 1)
      S: m4 OK done
      C: m5 LOGOUT
      S: * BYE
      S: m5 OK bye)",
       R"(
      C: m1 LOGOUT
      S: * BYE
      S: m1 OK bye)",
       SourceReader::Mode::kSingly);
  EXPECT_TRUE(ended_.ok()) << ended_;
  EXPECT_EQ(Progress().tally().skipped(), 1);
  EXPECT_EQ(Progress().problems(0).error().message(), "gone from the source meanwhile");
}

}  // namespace
}  // namespace mailhaul::copy
