#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "mailhaul/v1/job.pb.h"

namespace mailhaul::cli {

// How fast something is copied, over the last ten seconds.
class RateMeter {
 public:
  using Clock = std::chrono::steady_clock;

  void Add(Clock::time_point now, const v1::Tally& tally);

  // Octets a second; 0 before there are two samples.
  double BytesPerSecond() const;
  // Until nothing remains, at this rate; nullopt while it cannot be told.
  std::optional<std::chrono::seconds> Eta() const;

 private:
  struct Sample {
    Clock::time_point at;
    int64_t settled;  // messages
    int64_t bytes;
  };
  double Seconds() const;

  std::deque<Sample> samples_;
  v1::Tally last_;
};

}  // namespace mailhaul::cli
