#pragma once

#include <iosfwd>
#include <string>
#include <variant>
#include <vector>

#include "cli/exit_code.h"
#include "common/config/settings.h"
#include "mailhaul/v1/job.pb.h"

namespace mailhaul::cli {

enum class Verb { kRun, kCoordinator, kWorker, kSubmit, kList, kStatus, kWatch, kReport, kCancel };

enum class Output { kTable, kCsv, kJson };

// What the command line asks for, checked. Which members count depends on the verb.
struct Invocation {
  Verb verb = Verb::kRun;
  config::Settings settings;
  Output output = Output::kTable;
  std::string file;          // run, submit: the CSV
  std::string name;          // status, watch, report, cancel: "batches/7" or "batches/7/jobs/42"
  std::string state_dir;     // run
  std::string request_id;    // submit; empty: a new one
  std::string display_name;  // run, submit
  bool check_only = false;   // submit
  int limit = 0;             // list, status; 0: all
  std::vector<v1::JobState> states;  // status; empty: all
  std::string user;                  // status; empty: all
};

// Reads the command line. When there is nothing to do (--help, --version) or it is wrong, says so
// on `out` or `err` and returns the exit code instead.
std::variant<Invocation, ExitCode> ParseCommandLine(int argc, const char* const* argv,
                                                    std::ostream& out, std::ostream& err);

}  // namespace mailhaul::cli
