#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "cli/rate_meter.h"
#include "mailhaul/v1/migration_service.pb.h"

namespace mailhaul::cli {

// A batch as a watcher knows it: the jobs that are open, those that ended of late, and the sums.
class BatchPicture {
 public:
  struct OpenJob {
    v1::Job job;
    RateMeter meter;
  };

  void Take(const v1::WatchBatchResponse& response, RateMeter::Clock::time_point now);

  const v1::Batch& batch() const { return batch_; }
  const v1::Tally& tally() const { return tally_; }
  const RateMeter& meter() const { return meter_; }
  // By number.
  const std::map<int64_t, OpenJob>& open() const { return open_; }
  // Newest first; at most a hundred.
  const std::deque<v1::Job>& ended() const { return ended_; }

  int64_t Count(v1::JobState state) const;
  int64_t CountEnded() const;

  // The table for a terminal of this size, a line each.
  std::vector<std::string> Render(size_t columns, size_t lines) const;
  // "12 of 50 mailboxes ended, 8 running; 1200 of 3000 messages, 3.4 of 9.1 MB, 290 kB/s, 0:20
  // left"
  std::string Summary() const;

 private:
  v1::Batch batch_;
  v1::Tally tally_;
  RateMeter meter_;
  std::map<int64_t, OpenJob> open_;
  std::deque<v1::Job> ended_;
};

// "120/500" messages, "1.2 MB of 3.4 MB", of a job or a batch.
std::string MessagesDone(const v1::Tally& tally);
std::string BytesDone(const v1::Tally& tally);

}  // namespace mailhaul::cli
