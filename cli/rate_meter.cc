#include "cli/rate_meter.h"

#include <algorithm>

namespace mailhaul::cli {
namespace {

constexpr std::chrono::seconds kWindow{10};

int64_t Settled(const v1::Tally& tally) { return tally.found() - tally.remaining(); }

}  // namespace

void RateMeter::Add(Clock::time_point now, const v1::Tally& tally) {
  samples_.push_back({now, Settled(tally), tally.copied_bytes()});
  last_ = tally;
  while (samples_.size() > 2 && now - samples_[1].at >= kWindow) samples_.pop_front();
}

double RateMeter::Seconds() const {
  if (samples_.size() < 2) return 0;
  return std::chrono::duration<double>(samples_.back().at - samples_.front().at).count();
}

double RateMeter::BytesPerSecond() const {
  const double seconds = Seconds();
  if (seconds <= 0) return 0;
  return std::max(0.0, static_cast<double>(samples_.back().bytes - samples_.front().bytes)) /
         seconds;
}

// Messages that are settled without being sent (already there, skipped) cost no octets, so the
// slower of the two views counts.
std::optional<std::chrono::seconds> RateMeter::Eta() const {
  const double seconds = Seconds();
  const auto settled = static_cast<double>(
      samples_.empty() ? 0 : samples_.back().settled - samples_.front().settled);
  if (seconds <= 0 || settled <= 0) return std::nullopt;
  double left = static_cast<double>(last_.remaining()) * seconds / settled;
  const bool all_sent = last_.already_there() + last_.skipped() + last_.failed() == 0;
  if (const double bytes = BytesPerSecond(); all_sent && bytes > 0) {
    const auto unsent = static_cast<double>(last_.found_bytes() - last_.copied_bytes());
    left = std::max(left, unsent / bytes);
  }
  return std::chrono::seconds(static_cast<int64_t>(left + 0.5));
}

}  // namespace mailhaul::cli
