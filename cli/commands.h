#pragma once

#include <iosfwd>

#include "absl/status/status.h"

#include "cli/client.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/watch_display.h"

namespace mailhaul::cli {

// Where a command speaks: answers on `out`, all else on `err`.
struct Streams {
  std::ostream& out;
  std::ostream& err;
};

// One verb each; the return value is the process's exit code.
ExitCode RunRun(const Invocation& invocation, Streams streams);
ExitCode RunCoordinator(const Invocation& invocation, Streams streams);
ExitCode RunWorker(const Invocation& invocation, Streams streams);
ExitCode RunSubmit(const Invocation& invocation, Streams streams);
ExitCode RunList(const Invocation& invocation, Streams streams);
ExitCode RunStatus(const Invocation& invocation, Streams streams);
ExitCode RunWatch(const Invocation& invocation, Streams streams);
ExitCode RunReport(const Invocation& invocation, Streams streams);
ExitCode RunCancel(const Invocation& invocation, Streams streams);

// What verbs share.

// Says on `err` what went wrong, every violation on a line of its own, and returns the exit code.
ExitCode Fail(const absl::Status& status, std::ostream& err);

// Shows the batch until it has ended, through a coordinator's restarts. `batch` is as last seen.
absl::Status Watch(Client& client, const std::string& name, WatchDisplay& display,
                   std::ostream& err, v1::Batch& batch);

// Writes the report of a batch or job; `attention` tells whether something in it needs looking at.
absl::Status WriteReport(Client& client, const std::string& name, Output output, std::ostream& out,
                         bool& attention);

}  // namespace mailhaul::cli
