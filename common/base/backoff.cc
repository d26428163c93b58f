#include "common/base/backoff.h"

#include <algorithm>

namespace mailhaul {

std::chrono::milliseconds Backoff(int attempt, std::chrono::milliseconds first,
                                  std::chrono::milliseconds most, std::mt19937_64& random) {
  const int doublings = std::clamp(attempt, 1, 31) - 1;
  const auto full = std::min<std::chrono::milliseconds>(first * (int64_t{1} << doublings), most);
  std::uniform_int_distribution<int64_t> upper_half(full.count() / 2, full.count());
  return std::chrono::milliseconds(upper_half(random));
}

}  // namespace mailhaul
