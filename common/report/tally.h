#pragma once

#include "absl/status/status.h"

#include "mailhaul/v1/job.pb.h"

namespace mailhaul::report {

// sum += part, field by field.
void Add(v1::Tally& sum, const v1::Tally& part);

// Whether the counts add up: found = copied + already_there + skipped + failed + remaining, and, if
// `complete`, remaining = 0. DATA_LOSS with the figures when not.
absl::Status CheckSum(const v1::Tally& tally, bool complete);

}  // namespace mailhaul::report
