#pragma once

#include <iosfwd>
#include <memory>

#include "mailhaul/v1/migration_service.pb.h"

namespace mailhaul::cli {

// Shows a batch while it is watched.
class WatchDisplay {
 public:
  virtual ~WatchDisplay() = default;
  virtual void Take(const v1::WatchBatchResponse& response) = 0;
  // The last word; nothing is shown afterwards.
  virtual void End() = 0;
};

// A table that is drawn anew in its place, for the terminal `fd`.
std::unique_ptr<WatchDisplay> MakeLiveTable(std::ostream& out, int fd);
// A line when a mailbox begins, waits or ends, and one for the batch every ten seconds.
std::unique_ptr<WatchDisplay> MakePlainLines(std::ostream& out);

// The table if `fd`, which `out` writes to, is a terminal.
std::unique_ptr<WatchDisplay> MakeWatchDisplay(std::ostream& out, int fd);

}  // namespace mailhaul::cli
