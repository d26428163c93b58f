#include "oracle.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mailhaul::queue {

void Oracle::Submitted(JobId id, std::vector<Gate> gates) {
  jobs_[id] = Job{.gates = std::move(gates)};
}

absl::Status Oracle::Claimed(const ClaimedJob& claimed) {
  const auto found = jobs_.find(claimed.id);
  if (found == jobs_.end()) return absl::InternalError("claimed a job that does not exist");
  Job& job = found->second;
  if (job.state != State::kQueued || MustStop(claimed.id)) {
    return absl::InternalError(
        absl::StrCat("claimed job ", claimed.id, " in state ", static_cast<int>(job.state)));
  }
  if (claimed.attempt != job.attempts + 1) return absl::InternalError("wrong attempt");
  if (!epochs_.insert(claimed.epoch).second) return absl::InternalError("an epoch given twice");
  for (const Gate& gate : job.gates) {
    if (!HasRoom(gate)) return absl::InternalError(absl::StrCat("cap exceeded at ", gate.id));
    ++held_[gate.id];
  }
  job.state = State::kRunning;
  job.epoch = claimed.epoch;
  return absl::OkStatus();
}

void Oracle::Finished(JobId id, State state) {
  Release(jobs_.at(id));
  jobs_.at(id).state = state;
}

void Oracle::GivenBack(JobId id, Interruption why, bool with_pause) {
  Job& job = jobs_.at(id);
  Release(job);
  if (why == Interruption::kRetry) ++job.attempts;
  if (MustStop(id)) {
    job.state = State::kCancelled;
  } else if (job.attempts == kMaxAttempts) {
    job.state = State::kFailed;
  } else {
    job.state = with_pause ? State::kWaiting : State::kQueued;
  }
}

void Oracle::Reaped(JobId id) {
  Job& job = jobs_.at(id);
  Release(job);
  job.state = MustStop(id) ? State::kCancelled : State::kQueued;
}

void Oracle::Promoted(JobId id) { jobs_.at(id).state = State::kQueued; }

void Oracle::BatchCancelled(BatchId batch) {
  cancelled_.insert(batch);
  for (auto& [id, job] : jobs_) {
    if (BatchOf(id) == batch) JobCancelled(id);
  }
}

void Oracle::JobCancelled(JobId id) {
  Job& job = jobs_.at(id);
  if (IsFinal(job.state)) return;
  job.stop = true;
  if (job.state != State::kRunning) job.state = State::kCancelled;
}

absl::Status Oracle::CheckNothingCouldRun() const {
  for (const auto& [id, job] : jobs_) {
    if (job.state != State::kQueued) continue;
    if (std::ranges::all_of(job.gates, [this](const Gate& gate) { return HasRoom(gate); })) {
      return absl::FailedPreconditionError(absl::StrCat("stall: job ", id, " could run"));
    }
  }
  return absl::OkStatus();
}

absl::Status Oracle::CheckCounts(const BatchInfo& batch) const {
  std::vector<int64_t> counts(kStates);
  for (const auto& [id, job] : jobs_) {
    if (BatchOf(id) == batch.id) ++counts[static_cast<size_t>(job.state)];
  }
  if (counts == batch.counts) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("the counts of batch ", batch.id, " are wrong"));
}

std::vector<JobId> Oracle::InState(State state) const {
  std::vector<JobId> ids;
  for (const auto& [id, job] : jobs_) {
    if (job.state == state) ids.push_back(id);
  }
  return ids;
}

void Oracle::Release(const Job& job) {
  for (const Gate& gate : job.gates) --held_[gate.id];
}

bool Oracle::HasRoom(const Gate& gate) const {
  const auto held = held_.find(gate.id);
  return held == held_.end() || held->second < gate.cap;
}

bool Oracle::MustStop(JobId id) const {
  return cancelled_.contains(BatchOf(id)) || jobs_.at(id).stop;
}

}  // namespace mailhaul::queue
