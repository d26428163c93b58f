#pragma once

#include "absl/status/status.h"

namespace mailhaul::cli {

// How the process ends; docs/cli.md and --help say the same.
enum ExitCode {
  kAllWell = 0,
  kNotAllMoved = 1,   // it ran, but something failed, was skipped or was cancelled
  kBadInput = 2,      // the command line, the CSV, or a name that names nothing
  kUnreachable = 3,   // the coordinator or Redis is not there, or an address cannot be had
  kFailed = 4,        // anything else
  kInterrupted = 130  // Ctrl-C or SIGTERM, as shells expect it
};

inline ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kAllWell;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kResourceExhausted:
      return kBadInput;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kUnreachable;
    case absl::StatusCode::kCancelled:
      return kInterrupted;
    default:
      return kFailed;
  }
}

}  // namespace mailhaul::cli
