#include "queue_test_fixture.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace mailhaul::queue {

void QueueTest::SetUp() {
  const char* const server = std::getenv("MAILHAUL_TEST_REDIS");
  ASSERT_NE(server, nullptr) << "run under tests/support/with_servers.py redis";
  address_ = *redis::ParseAddress(server);
  const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
  options_.queue = absl::StrCat(test->test_suite_name(), ".", test->name(), ".", getpid());
  redis_ = std::make_unique<redis::Client>(loop_.get_executor(), address_);
  store_ = NewStore();
  Vouch();
}

std::unique_ptr<JobStore> QueueTest::NewStore() const {
  return MakeRedisJobStore(const_cast<boost::asio::io_context&>(loop_).get_executor(), address_,
                           options_);
}

void QueueTest::Vouch() {
  const absl::Status vouched = Await(store_->Vouch(Soon()));
  ASSERT_TRUE(vouched.ok()) << vouched;
}

BatchId QueueTest::CreateBatch(const std::string& request_id) {
  return Await(store_->CreateBatch(request_id, "description", Soon())).value();
}

void QueueTest::Submit(BatchId batch, uint32_t from, uint32_t to, std::vector<Gate> gates) {
  for (uint32_t begin = from; begin < to;) {
    const uint32_t end = std::min(to, (begin / kBlockRows + 1) * kBlockRows);
    std::vector<NewJob> jobs;
    for (uint32_t row = begin; row < end; ++row) {
      jobs.push_back({.row = row, .gates = gates, .spec = absl::StrCat("spec of ", row)});
    }
    const absl::Status submitted = Await(store_->Submit(batch, jobs, Soon()));
    ASSERT_TRUE(submitted.ok()) << submitted;
    begin = end;
  }
}

std::vector<ClaimedJob> QueueTest::Claim(const std::string& worker, int want) {
  return Await(store_->Claim(worker, ++calls_, want, Soon())).value();
}

ClaimedJob QueueTest::ClaimOne(const std::string& worker) {
  std::vector<ClaimedJob> jobs = Claim(worker, 1);
  if (jobs.size() != 1) throw std::runtime_error("nothing to claim");
  return std::move(jobs[0]);
}

JobInfo QueueTest::Read(JobId job) {
  std::vector<JobInfo> jobs = Await(store_->ReadJobs({&job, 1}, Soon())).value();
  if (jobs.size() != 1) throw std::runtime_error("no such job");
  return std::move(jobs[0]);
}

std::vector<int64_t> QueueTest::Counts(BatchId batch) {
  return Await(store_->GetBatch(batch, Soon())).value().counts;
}

void QueueTest::EndLease(JobId job, std::chrono::milliseconds ago) {
  const auto back = options_.times.lease() + ago;
  Raw({"ZINCRBY", Key("lease"), absl::StrCat(-back.count()), absl::StrCat(job)});
}

void QueueTest::EndPause(JobId job) {
  Raw({"ZINCRBY", Key("delay"), "-3600000", absl::StrCat(job)});
}

void QueueTest::TickUntilQuiet() {
  while (Await(store_->Tick(Soon())).value() == 0ms) {
  }
}

std::vector<std::string> QueueTest::KeysLike(const std::string& beginning) {
  std::vector<std::string> names;
  for (const redis::Reply& key : Raw({"KEYS", Key(beginning + "*")}).items) {
    names.push_back(key.text.substr(Key("").size()));
  }
  return names;
}

redis::Reply QueueTest::Raw(redis::Args args) {
  return Await(redis_->Call(std::move(args), Soon())).value();
}

std::string QueueTest::Key(const std::string& name) const {
  return absl::StrCat("mh:{", options_.queue, "}:", name);
}

}  // namespace mailhaul::queue
