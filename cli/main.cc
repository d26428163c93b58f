#include <clocale>
#include <csignal>
#include <iostream>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "common/obs/log.h"

namespace mailhaul::cli {
namespace {

ExitCode Dispatch(const Invocation& invocation, Streams streams) {
  switch (invocation.verb) {
    case Verb::kRun:
      return RunRun(invocation, streams);
    case Verb::kCoordinator:
      return RunCoordinator(invocation, streams);
    case Verb::kWorker:
      return RunWorker(invocation, streams);
    case Verb::kSubmit:
      return RunSubmit(invocation, streams);
    case Verb::kList:
      return RunList(invocation, streams);
    case Verb::kStatus:
      return RunStatus(invocation, streams);
    case Verb::kWatch:
      return RunWatch(invocation, streams);
    case Verb::kReport:
      return RunReport(invocation, streams);
    case Verb::kCancel:
      return RunCancel(invocation, streams);
  }
  return kFailed;
}

int Main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // how wide characters are
  std::signal(SIGPIPE, SIG_IGN);        // a reader that left is an error of the write
  const auto parsed = ParseCommandLine(argc, argv, std::cout, std::cerr);
  if (const auto* code = std::get_if<ExitCode>(&parsed)) return *code;
  const auto& invocation = std::get<Invocation>(parsed);
  log::Init(invocation.settings.log_level, invocation.settings.log_format);
  const ExitCode code = Dispatch(invocation, {std::cout, std::cerr});
  std::cout.flush();
  return code;
}

}  // namespace
}  // namespace mailhaul::cli

int main(int argc, char** argv) { return mailhaul::cli::Main(argc, argv); }
