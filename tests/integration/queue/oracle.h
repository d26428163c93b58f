#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "common/queue/defaults.h"
#include "common/queue/job_store.h"

namespace mailhaul::queue {

// What a queue with gates should do, said without lanes, lines or scripts: a job may be claimed
// when it is queued, its batch is not cancelled, and each of its gates has room. Is told what
// happened, and objects.
//
// A stall (something could run, and the queue hands out nothing) is FAILED_PRECONDITION, any other
// difference INTERNAL.
class Oracle {
 public:
  struct Job {
    std::vector<Gate> gates;
    State state = State::kQueued;
    Epoch epoch = 0;
    int attempts = 0;
    bool stop = false;
  };

  void Submitted(JobId id, std::vector<Gate> gates);
  absl::Status Claimed(const ClaimedJob& claimed);
  void Finished(JobId id, State state);
  void GivenBack(JobId id, Interruption why, bool with_pause);
  void Reaped(JobId id);
  void Promoted(JobId id);
  void BatchCancelled(BatchId batch);
  void JobCancelled(JobId id);

  // The queue has just said that there is nothing to claim.
  absl::Status CheckNothingCouldRun() const;
  absl::Status CheckCounts(const BatchInfo& batch) const;

  const Job& at(JobId id) const { return jobs_.at(id); }
  std::vector<JobId> InState(State state) const;
  const std::map<std::string, uint32_t>& held() const { return held_; }
  bool cancelled(BatchId batch) const { return cancelled_.contains(batch); }

 private:
  void Release(const Job& job);
  bool HasRoom(const Gate& gate) const;
  bool MustStop(JobId id) const;

  std::map<JobId, Job> jobs_;
  std::map<std::string, uint32_t> held_;
  std::set<BatchId> cancelled_;
  std::set<Epoch> epochs_;
};

}  // namespace mailhaul::queue
