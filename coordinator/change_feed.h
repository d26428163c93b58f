#pragma once

#include <cstdint>
#include <set>

#include "common/base/task.h"
#include "common/net/event.h"
#include "common/queue/job_store.h"

namespace mailhaul::coordinator {

// Tells the watchers of batches which jobs changed: one reader of the queue's changes for all of
// them. Lives on one thread.
class ChangeFeed {
 public:
  // What changed in one batch and was not taken yet.
  class Subscription {
   public:
    Subscription(ChangeFeed& feed, queue::BatchId batch) : feed_(feed), batch_(batch) {
      feed_.subscriptions_.insert(this);
    }
    ~Subscription() { feed_.subscriptions_.erase(this); }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    // The rows since the last call, in order.
    std::set<uint32_t> Take() { return std::exchange(rows_, {}); }
    size_t pending() const { return rows_.size(); }
    // True once after changes were missed: anything may have changed.
    bool TakeMissed() { return std::exchange(missed_, false); }

   private:
    friend class ChangeFeed;
    void Add(queue::JobId job);
    void Miss();

    ChangeFeed& feed_;
    const queue::BatchId batch_;
    std::set<uint32_t> rows_;
    bool missed_ = false;
  };

  ChangeFeed(queue::JobStore& store, boost::asio::any_io_executor executor)
      : store_(store), pause_(executor) {}

  // Reads changes until Stop(). While the queue cannot be read, everybody misses them.
  Task<void> Run();
  void Stop();

 private:
  void Deliver(const queue::JobStore::Changes& changes);
  void MissAll();

  queue::JobStore& store_;
  net::Event pause_;  // set by Stop
  std::set<Subscription*> subscriptions_;
};

}  // namespace mailhaul::coordinator
