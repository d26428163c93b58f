#include "common/report/names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace mailhaul::report {

std::string Word(v1::JobState state) {
  return absl::AsciiStrToLower(absl::StripPrefix(v1::JobState_Name(state), "JOB_STATE_"));
}

std::string Word(v1::BatchState state) {
  return absl::AsciiStrToLower(absl::StripPrefix(v1::BatchState_Name(state), "BATCH_STATE_"));
}

v1::JobState ParseJobState(absl::string_view word) {
  v1::JobState state = v1::JOB_STATE_UNSPECIFIED;
  v1::JobState_Parse(absl::StrCat("JOB_STATE_", absl::AsciiStrToUpper(word)), &state);
  return state;
}

bool IsFinal(v1::JobState state) {
  switch (state) {
    case v1::JOB_STATE_SUCCEEDED:
    case v1::JOB_STATE_SUCCEEDED_WITH_SKIPS:
    case v1::JOB_STATE_FAILED:
    case v1::JOB_STATE_CANCELLED:
      return true;
    default:
      return false;
  }
}

}  // namespace mailhaul::report
