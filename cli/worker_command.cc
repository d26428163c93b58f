#include <boost/asio/io_context.hpp>

#include "cli/commands.h"
#include "cli/open_queue.h"
#include "cli/serve.h"
#include "cli/worker_options.h"
#include "worker/app.h"

namespace mailhaul::cli {

ExitCode RunWorker(const Invocation& invocation, Streams streams) {
  const config::Settings& settings = invocation.settings;
  boost::asio::io_context loop(1);
  const auto store = OpenQueue(loop.get_executor(), settings);
  if (!store.ok()) return Fail(store.status(), streams.err);

  worker::App app(loop.get_executor(), ToWorkerOptions(settings), **store);
  const absl::Status ended = RunLoop(loop, ServeUntilSignal(app, settings.worker_grace));
  return ended.ok() ? kAllWell : Fail(ended, streams.err);
}

}  // namespace mailhaul::cli
