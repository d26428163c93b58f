#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mailhaul {

// Index of the candidate that takes the fewest insertions, removals and replacements of octets to
// become `word` (Levenshtein); the first of equals. `candidates` must not be empty.
size_t NearestWord(absl::string_view word, absl::Span<const std::string> candidates);

}  // namespace mailhaul
