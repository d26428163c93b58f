#pragma once

#include <string>

#include "absl/strings/string_view.h"

#include "common/queue/job_store.h"

namespace mailhaul::queue {

// Names of the keys that are read without a script; the scripts' own are listed in lua/include. All
// keys of a queue begin with the same hash tag, "mh:{queue}:", so that a Redis Cluster keeps them
// in one slot.
class Keys {
 public:
  explicit Keys(absl::string_view queue);

  const std::string& prefix() const { return prefix_; }
  std::string Batch(BatchId batch) const;
  std::string Checkpoint(JobId job) const;
  std::string Marker() const;
  std::string Changes() const;

 private:
  const std::string prefix_;
};

}  // namespace mailhaul::queue
