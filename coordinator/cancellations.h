#pragma once

#include <cstddef>
#include <deque>
#include <set>

#include "common/queue/job_store.h"

namespace mailhaul::coordinator {

// What was cancelled through this coordinator of late, so that workers hear of it with their next
// report instead of with their next renewal. Advice: the queue decides. Lives on one thread.
class Cancellations {
 public:
  // A whole batch, or one job of it.
  void AddBatch(queue::BatchId batch) { Add({batch, kWholeBatch}); }
  void AddJob(queue::JobId job) { Add({queue::BatchOf(job), queue::RowOf(job)}); }

  bool Has(queue::JobId job) const {
    return known_.contains({queue::BatchOf(job), queue::RowOf(job)}) ||
           known_.contains({queue::BatchOf(job), kWholeBatch});
  }

 private:
  using Entry = std::pair<queue::BatchId, uint32_t>;
  static constexpr uint32_t kWholeBatch = ~uint32_t{0};
  static constexpr size_t kKept = 1000;

  void Add(Entry entry) {
    if (!known_.insert(entry).second) return;
    order_.push_back(entry);
    if (order_.size() <= kKept) return;
    known_.erase(order_.front());
    order_.pop_front();
  }

  std::set<Entry> known_;
  std::deque<Entry> order_;
};

}  // namespace mailhaul::coordinator
