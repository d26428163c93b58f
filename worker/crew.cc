#include "worker/crew.h"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>

#include "common/base/backoff.h"
#include "common/base/status.h"
#include "common/obs/log.h"
#include "common/queue/defaults.h"

namespace mailhaul::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kQueueCall{3};
// How long one wait for work lasts; it bounds how late a dead connection to the queue is noticed,
// and how long an idle worker takes to leave.
constexpr seconds kPatience{5};

}  // namespace

Crew::Crew(boost::asio::any_io_executor executor, queue::JobStore& store,
           const WorkerOptions& options, WorkerMetrics& metrics)
    : executor_(executor),
      store_(store),
      options_(options),
      metrics_(metrics),
      run_ended_(executor),
      slot_free_(executor),
      stop_renewing_(executor),
      claim_pause_(executor),
      house_pause_(executor) {
  metrics_.slots.Set(options_.jobs);
}

void Crew::Note(absl::string_view what, const absl::Status& status) {
  if (!status.ok()) {
    metrics_.queue_failures.Increment();
    if (health_.ok())
      log::Warning("the queue is away", {{"call", what}, {"error", status.message()}});
  } else if (!health_.ok()) {
    log::Info("the queue answers", {{"worker", options_.worker_id}});
  }
  health_ = status;
}

Task<void> Crew::KeepClaiming() {
  for (int failures = 0; !stopped_;) {
    const absl::StatusOr<size_t> claimed = co_await ClaimOnce();
    Note("claim", claimed.status());
    if (!claimed.ok()) {
      co_await claim_pause_.Wait(
          Deadline::After(Backoff(++failures, milliseconds(200), milliseconds(5'000), random_)));
      continue;
    }
    failures = 0;
    if (stopped_) break;
    if (runs_.size() >= static_cast<size_t>(options_.jobs)) {
      slot_free_.Reset();
      co_await slot_free_.Wait(Deadline::After(std::chrono::hours(1)));
    } else if (*claimed == 0) {
      // Other errors show in the claim that follows.
      if (absl::IsCancelled(co_await store_.AwaitWork(kPatience))) break;
    }
  }
}

Task<absl::StatusOr<size_t>> Crew::ClaimOnce() {
  const int want = options_.jobs - static_cast<int>(runs_.size());
  const auto asked = net::BootClock::now();
  CO_ASSIGN_OR_RETURN(
      std::vector<queue::ClaimedJob> jobs,
      co_await store_.Claim(options_.worker_id, call_, want, Deadline::After(kQueueCall)));
  ++call_;
  for (queue::ClaimedJob& job : jobs) StartRun(std::move(job), EndOfLease(asked));
  co_return jobs.size();
}

void Crew::StartRun(queue::ClaimedJob job, net::BootClock::time_point valid_until) {
  log::Info("job claimed", {{"job", job.id}, {"attempt", job.attempt}, {"epoch", job.epoch}});
  const queue::JobId id = job.id;
  auto run =
      std::make_shared<JobRun>(executor_, std::move(job), valid_until, store_, options_, metrics_);
  runs_[id] = run;
  metrics_.jobs.Set(static_cast<double>(runs_.size()));
  if (stopped_) run->HandBack();
  boost::asio::co_spawn(executor_, run->Run(), [this, run, id](std::exception_ptr bug) {
    if (bug) log::Error("a job ended by an exception; its lease will end", {{"job", id}});
    const auto it = runs_.find(id);
    if (it != runs_.end() && it->second == run) runs_.erase(it);
    metrics_.jobs.Set(static_cast<double>(runs_.size()));
    slot_free_.Set();
    run_ended_.Set();
  });
}

Deadline Crew::NextRenewal() {
  std::uniform_real_distribution<double> spread(0.8, 1.2);
  const auto pause = store_.lease_times().renew_every() * spread(random_);
  return Earlier(Deadline::After(std::chrono::duration_cast<milliseconds>(pause)), FirstEnd());
}

Deadline Crew::FirstEnd() const {
  auto first = net::BootClock::now() + store_.lease_times().lease();
  for (const auto& [id, run] : runs_) {
    if (!run->lost()) first = std::min(first, run->valid_until());
  }
  return Deadline::After(first - net::BootClock::now());
}

net::BootClock::time_point Crew::EndOfLease(net::BootClock::time_point asked) const {
  const queue::LeaseTimes& times = store_.lease_times();
  return asked + times.lease() - times.margin();
}

Task<void> Crew::KeepRenewing() {
  while (!co_await stop_renewing_.Wait(NextRenewal())) co_await RenewOnce();
}

// Whoever works also keeps the queue's house: jobs of dead workers go on without a coordinator.
Task<void> Crew::KeepHouse() {
  do {
    const absl::StatusOr<milliseconds> pause = co_await store_.Tick(Deadline::After(kQueueCall));
    co_await house_pause_.Wait(Deadline::After(pause.value_or(queue::kTickAtMost)));
  } while (!stopped_);
}

Task<void> Crew::RenewOnce() {
  std::vector<queue::LeaseRef> leases;
  for (const auto& [id, run] : runs_) {
    if (run->Expired()) run->Lose();
    if (!run->lost()) leases.push_back(run->lease());
  }
  const auto asked = net::BootClock::now();
  // A queue that does not answer must not keep us from stopping in time.
  const Deadline deadline = Earlier(Deadline::After(kQueueCall), FirstEnd());
  const absl::StatusOr<queue::Renewal> renewal =
      co_await store_.Renew(options_.worker_id, leases, deadline);
  Note("renew", renewal.status());
  if (!renewal.ok()) co_return;
  for (const queue::LeaseRef& lease : leases) {
    const auto it = runs_.find(lease.id);
    if (it == runs_.end() || it->second->lease().epoch != lease.epoch) continue;
    const auto is_it = [&](queue::JobId id) { return id == lease.id; };
    if (std::any_of(renewal->lost.begin(), renewal->lost.end(), is_it)) {
      it->second->Lose();
    } else {
      it->second->Renewed(EndOfLease(asked));
      if (std::any_of(renewal->cancelled.begin(), renewal->cancelled.end(), is_it))
        it->second->Cancel();
    }
  }
}

void Crew::Stop() {
  stopped_ = true;
  store_.Interrupt();
  slot_free_.Set();
  claim_pause_.Set();
  house_pause_.Set();
  for (const auto& [id, run] : runs_) run->HandBack();
}

void Crew::CutOff() {
  for (const auto& [id, run] : runs_) run->CutOff();
}

void Crew::StopRenewing() { stop_renewing_.Set(); }

void Crew::Cancel(queue::JobId job) {
  const auto it = runs_.find(job);
  if (it != runs_.end()) it->second->Cancel();
}

v1::WorkerReport Crew::Snapshot() {
  v1::WorkerReport report;
  report.set_slots(options_.jobs);
  report.set_draining(stopped_);
  for (const auto& [id, run] : runs_) *report.add_jobs() = run->Snapshot();
  return report;
}

}  // namespace mailhaul::worker
