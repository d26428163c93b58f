#include "common/queue/keys.h"

#include "absl/strings/str_cat.h"

namespace mailhaul::queue {

Keys::Keys(absl::string_view queue) : prefix_(absl::StrCat("mh:{", queue, "}:")) {}

std::string Keys::Batch(BatchId batch) const { return absl::StrCat(prefix_, "b:", batch); }
std::string Keys::Checkpoint(JobId job) const { return absl::StrCat(prefix_, "ck:", job); }
std::string Keys::Marker() const { return absl::StrCat(prefix_, "marker"); }
std::string Keys::Changes() const { return absl::StrCat(prefix_, "ev"); }

}  // namespace mailhaul::queue
