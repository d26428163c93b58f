#pragma once

#include <string>

#include "absl/strings/string_view.h"

#include "mailhaul/v1/batch.pb.h"

namespace mailhaul::report {

// "succeeded_with_skips": how a state is written for people, in JSON and in metrics.
std::string Word(v1::JobState state);
std::string Word(v1::BatchState state);

// The inverse; UNSPECIFIED when there is no such state.
v1::JobState ParseJobState(absl::string_view word);

// Whether a job in this state has ended.
bool IsFinal(v1::JobState state);

}  // namespace mailhaul::report
