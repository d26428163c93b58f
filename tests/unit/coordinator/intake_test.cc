#include "coordinator/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "common/rpc/error.h"
#include "tests/support/fake_job_store.h"
#include "tests/support/run_task.h"

namespace mailhaul::coordinator {
namespace {

using support::FakeJobStore;
using testing::HasSubstr;
using testing::Not;

constexpr absl::string_view kHeader =
    "source user,source password,source server,destination user,destination password,"
    "destination server\n";

std::string Row(int n) {
  return absl::StrCat("u", n, "@a.example,pw,imap.a.example,u", n, "@b.example,pw,",
                      "imap.b.example\n");
}

std::string Csv(int rows) {
  std::string csv(kHeader);
  for (int n = 0; n < rows; ++n) csv += Row(n);
  return csv;
}

v1::CreateBatchRequest::Header Header(const std::string& request_id = "r-1") {
  v1::CreateBatchRequest::Header header;
  header.set_request_id(request_id);
  return header;
}

// Everything a caller does, in pieces of `piece` octets.
Task<absl::StatusOr<queue::BatchId>> Submit(FakeJobStore& store, std::string csv,
                                            std::string request_id = "r-1", size_t piece = 1000) {
  CO_ASSIGN_OR_RETURN(const auto submission, Submission::Begin(Header(request_id), {}));
  for (size_t at = 0; at < csv.size(); at += piece) {
    CO_RETURN_IF_ERROR(submission->Add(absl::string_view(csv).substr(at, piece)));
  }
  CO_RETURN_IF_ERROR(submission->Complete(static_cast<int64_t>(csv.size())));
  co_return co_await submission->Queue(store);
}

google::rpc::BadRequest Violations(const absl::Status& status) {
  return rpc::GetDetail<google::rpc::BadRequest>(status).value_or(google::rpc::BadRequest());
}

std::string Metadata(const absl::Status& status, const std::string& key) {
  return rpc::GetDetail<google::rpc::ErrorInfo>(status)->metadata().at(key);
}

TEST(Intake, QueuesEveryRowInOrder) {
  FakeJobStore store;
  const auto batch = support::RunTask(Submit(store, Csv(130)));
  ASSERT_TRUE(batch.ok()) << batch.status();
  const auto& stored = store.batches.at(*batch);
  EXPECT_TRUE(stored.info.sealed);
  EXPECT_EQ(stored.info.rows, 130);
  ASSERT_EQ(stored.jobs.size(), 130u);
  v1::JobSpec spec;
  ASSERT_TRUE(spec.ParseFromString(stored.jobs.at(129).info.spec));
  EXPECT_EQ(spec.source().user(), "u129@a.example");
  EXPECT_FALSE(stored.jobs.at(129).gates.empty());
}

TEST(Intake, IsTheSameHoweverTheUploadIsCut) {
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{64}, size_t{1} << 20}) {
    FakeJobStore store;
    ASSERT_TRUE(support::RunTask(Submit(store, Csv(70), "r-1", piece)).ok()) << piece;
    EXPECT_EQ(store.batches.at(1).jobs.size(), 70u) << piece;
  }
}

TEST(Intake, QueuesNothingWhenOneRowIsBad) {
  FakeJobStore store;
  const std::string csv = Csv(200) + "u@a.example,pw,imap.a.example,u@b.example,pw,\n";
  const auto batch = support::RunTask(Submit(store, csv));
  EXPECT_TRUE(absl::IsInvalidArgument(batch.status())) << batch.status();
  EXPECT_EQ(rpc::ReasonOf(batch.status()), v1::ERROR_REASON_BAD_ROWS);
  EXPECT_TRUE(store.batches.empty());
  EXPECT_EQ(store.submits, 0);
}

TEST(Intake, ReportsEveryBadRowWithItsLineAndColumn) {
  FakeJobStore store;
  const std::string bad = "u@a.example,top-secret,imap.a.example,,pw,imap.b.example\n";
  const auto batch = support::RunTask(Submit(store, Csv(1) + bad + Row(7) + bad));
  const google::rpc::BadRequest request = Violations(batch.status());
  ASSERT_EQ(request.field_violations_size(), 2) << batch.status();
  EXPECT_EQ(request.field_violations(0).field(), "rows[2].destination_user");
  EXPECT_THAT(request.field_violations(0).description(), HasSubstr("line 3"));
  EXPECT_EQ(request.field_violations(1).field(), "rows[4].destination_user");
  EXPECT_THAT(std::string(batch.status().message()), HasSubstr("2 rows"));
  EXPECT_THAT(request.ShortDebugString(), Not(HasSubstr("top-secret")));
}

TEST(Intake, ListsAThousandViolationsAndCountsTheRest) {
  FakeJobStore store;
  std::string csv(kHeader);
  for (int n = 0; n < 1250; ++n) csv += ",pw,imap.a.example,u@b.example,pw,imap.b.example\n";
  const auto batch = support::RunTask(Submit(store, csv));
  EXPECT_EQ(Violations(batch.status()).field_violations_size(), 1000);
  EXPECT_EQ(Metadata(batch.status(), "bad_rows"), "1250");
}

TEST(Intake, NamesAnUnknownColumn) {
  FakeJobStore store;
  const auto batch = support::RunTask(Submit(store, "source user,colour\na@b.example,red\n"));
  EXPECT_EQ(rpc::ReasonOf(batch.status()), v1::ERROR_REASON_BAD_CSV);
  EXPECT_THAT(Violations(batch.status()).ShortDebugString(), HasSubstr("colour"));
}

TEST(Intake, RefusesWhatIsNoCsv) {
  FakeJobStore store;
  const std::string workbook("PK\x03\x04\x14\x00\x06\x00", 8);
  for (const std::string& file : {workbook, std::string(), std::string(kHeader)}) {
    const auto batch = support::RunTask(Submit(store, file));
    EXPECT_EQ(rpc::ReasonOf(batch.status()), v1::ERROR_REASON_BAD_CSV) << batch.status();
  }
  EXPECT_TRUE(store.batches.empty());
}

TEST(Intake, ARepeatGivesTheSameBatch) {
  FakeJobStore store;
  const auto first = support::RunTask(Submit(store, Csv(70)));
  const int64_t submits = store.submits;
  const auto second = support::RunTask(Submit(store, Csv(70)));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(store.batches.size(), 1u);
  EXPECT_EQ(store.submits, submits) << "a sealed batch was queued again";
}

TEST(Intake, ARepeatFinishesWhatWasInterrupted) {
  FakeJobStore store;
  ASSERT_TRUE(support::RunTask(Submit(store, Csv(200))).ok());
  auto& stored = store.batches.at(1);
  stored.info.sealed = false;
  stored.jobs.erase(stored.jobs.lower_bound(64), stored.jobs.end());
  ASSERT_TRUE(support::RunTask(Submit(store, Csv(200))).ok());
  EXPECT_TRUE(stored.info.sealed);
  EXPECT_EQ(stored.jobs.size(), 200u);
}

TEST(Intake, AnotherFileUnderTheSameRequestIdIsRefused) {
  FakeJobStore store;
  ASSERT_TRUE(support::RunTask(Submit(store, Csv(3))).ok());
  const auto batch = support::RunTask(Submit(store, Csv(4)));
  EXPECT_TRUE(absl::IsAlreadyExists(batch.status())) << batch.status();
  EXPECT_EQ(rpc::ReasonOf(batch.status()), v1::ERROR_REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(store.batches.at(1).jobs.size(), 3u);
}

TEST(Intake, AnUploadThatWasCutShortIsRefused) {
  const auto submission = *Submission::Begin(Header(), {});
  const std::string csv = Csv(5);
  ASSERT_TRUE(submission->Add(absl::string_view(csv).substr(0, csv.size() - Row(4).size())).ok());
  const absl::Status status = submission->Complete(static_cast<int64_t>(csv.size()));
  EXPECT_EQ(rpc::ReasonOf(status), v1::ERROR_REASON_BAD_REQUEST) << status;
}

TEST(Intake, AnUploadPastTheLimitIsRefused) {
  const auto submission = *Submission::Begin(Header(), {.most_octets = 1 << 20});
  absl::Status status;
  for (int n = 0; status.ok() && n < 100'000; ++n) {
    status = submission->Add(n == 0 ? std::string(kHeader) : Row(n));
  }
  EXPECT_EQ(rpc::ReasonOf(status), v1::ERROR_REASON_UPLOAD_TOO_LARGE) << status;
  EXPECT_EQ(Metadata(status, "limit_bytes"), "1048576");
}

TEST(Intake, RefusesAnOddRequestId) {
  for (const std::string& id : {std::string(), std::string("a b"), std::string(129, 'x')}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Submission::Begin(Header(id), {}).status())) << id;
  }
}

TEST(Intake, SaysWhenItCannotKeepTheUpload) {
  const auto submission = Submission::Begin(Header(), {.spool_folder = "/nowhere"});
  EXPECT_TRUE(absl::IsUnavailable(submission.status())) << submission.status();
}

}  // namespace
}  // namespace mailhaul::coordinator
