#include "common/base/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace mailhaul {
namespace {

// Words are typed by people: what lies beyond tells nothing more, and bounds the work.
constexpr size_t kComparedOctets = 64;

size_t Distance(absl::string_view a, absl::string_view b) {
  a = a.substr(0, kComparedOctets);
  b = b.substr(0, kComparedOctets);
  std::vector<size_t> row(b.size() + 1);  // distances of a[0, i) to every prefix of b
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

size_t NearestWord(absl::string_view word, absl::Span<const std::string> candidates) {
  const auto nearest = std::min_element(
      candidates.begin(), candidates.end(),
      [word](const auto& a, const auto& b) { return Distance(word, a) < Distance(word, b); });
  return nearest - candidates.begin();
}

}  // namespace mailhaul
