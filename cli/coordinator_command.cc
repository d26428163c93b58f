#include <boost/asio/io_context.hpp>

#include "cli/commands.h"
#include "cli/open_queue.h"
#include "cli/serve.h"
#include "coordinator/app.h"

namespace mailhaul::cli {
namespace {

// For calls in progress; streams end within a second.
constexpr std::chrono::seconds kGrace{5};

}  // namespace

ExitCode RunCoordinator(const Invocation& invocation, Streams streams) {
  const config::Settings& settings = invocation.settings;
  boost::asio::io_context loop(1);
  const auto store = OpenQueue(loop.get_executor(), settings);
  if (!store.ok()) return Fail(store.status(), streams.err);

  coordinator::CoordinatorOptions options;
  options.grpc_listen = settings.grpc_listen;
  options.http_listen = settings.http_listen;
  options.intake.caps = settings.caps;
  coordinator::App app(loop.get_executor(), options, **store);
  const absl::Status ended = RunLoop(loop, ServeUntilSignal(app, kGrace));
  return ended.ok() ? kAllWell : Fail(ended, streams.err);
}

}  // namespace mailhaul::cli
