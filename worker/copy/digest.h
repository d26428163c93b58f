#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mailhaul::copy {

using Sha256 = std::array<unsigned char, 32>;

// SHA-256 of the parts, each behind its length, so that no two lists of parts are one text.
Sha256 DigestOf(absl::Span<const absl::string_view> parts);

// 64 bits of it: the first, second, ... `word`.
uint64_t Word(const Sha256& digest, size_t word);

}  // namespace mailhaul::copy
