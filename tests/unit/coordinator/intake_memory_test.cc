// Memory does not grow with the rows of a submission. A process of its own: the peak is the
// process's. MAILHAUL_SOAK_ROWS in the environment makes it as large as one likes.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "coordinator/intake.h"
#include "tests/support/fake_job_store.h"
#include "tests/support/run_task.h"

namespace mailhaul::coordinator {
namespace {

// What RowCheck keeps of a row, at the moment when its table grows.
constexpr int64_t kRowOctets = 90;
constexpr int64_t kFixedOctets = 8 << 20;
constexpr std::chrono::seconds kLimit{300};

int64_t Rows() {
  const char* rows = std::getenv("MAILHAUL_SOAK_ROWS");
  return rows == nullptr ? 100'000 : std::atoll(rows);
}

int64_t PeakOctets() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

std::string Row(int64_t n) {
  return absl::StrCat("user", n, "@tenant.example,a-rather-long-password,imap.tenant.example,user",
                      n, "@destination.example,a-rather-long-password,imap.destination.example\n");
}

Task<absl::Status> SubmitRows(support::FakeJobStore& store, int64_t rows) {
  v1::CreateBatchRequest::Header header;
  header.set_request_id("soak");
  CO_ASSIGN_OR_RETURN(const auto submission, Submission::Begin(header, {}));
  std::string piece =
      "source user,source password,source server,destination user,destination password,"
      "destination server\n";
  int64_t octets = 0;
  for (int64_t n = 0; n < rows; ++n) {
    piece += Row(n);
    if (piece.size() < 64 * 1024 && n + 1 < rows) continue;
    octets += static_cast<int64_t>(piece.size());
    CO_RETURN_IF_ERROR(submission->Add(piece));
    piece.clear();
  }
  CO_RETURN_IF_ERROR(submission->Complete(octets));
  co_return (co_await submission->Queue(store)).status();
}

TEST(IntakeMemory, DoesNotGrowWithTheRows) {
  support::FakeJobStore store;
  store.keep_jobs = false;
  const auto warm = support::RunTask(SubmitRows(store, 1'000), kLimit);
  ASSERT_TRUE(warm.ok()) << warm;
  const int64_t before = PeakOctets();

  store.batches.clear();
  const int64_t submits = store.submits;
  const auto status = support::RunTask(SubmitRows(store, Rows()), kLimit);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(store.submits - submits, (Rows() + 63) / 64);
  // A hash of each row is kept; a spec would take 250 octets, an upload in memory 150.
  EXPECT_LT(PeakOctets() - before, kFixedOctets + kRowOctets * Rows());
  RecordProperty("growth_octets", absl::StrCat(PeakOctets() - before));
}

}  // namespace
}  // namespace mailhaul::coordinator
