#include "common/report/tally.h"

#include "absl/strings/str_cat.h"

namespace mailhaul::report {

void Add(v1::Tally& sum, const v1::Tally& part) {
  sum.set_found(sum.found() + part.found());
  sum.set_copied(sum.copied() + part.copied());
  sum.set_already_there(sum.already_there() + part.already_there());
  sum.set_skipped(sum.skipped() + part.skipped());
  sum.set_failed(sum.failed() + part.failed());
  sum.set_copied_bytes(sum.copied_bytes() + part.copied_bytes());
  sum.set_found_bytes(sum.found_bytes() + part.found_bytes());
  sum.set_remaining(sum.remaining() + part.remaining());
}

absl::Status CheckSum(const v1::Tally& tally, bool complete) {
  const int64_t accounted =
      tally.copied() + tally.already_there() + tally.skipped() + tally.failed() + tally.remaining();
  if (tally.found() == accounted && !(complete && tally.remaining() != 0)) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      absl::StrCat("the counts do not add up: found ", tally.found(), ", copied ", tally.copied(),
                   ", already there ", tally.already_there(), ", skipped ", tally.skipped(),
                   ", failed ", tally.failed(), ", not dealt with ", tally.remaining()));
}

}  // namespace mailhaul::report
