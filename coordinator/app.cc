#include "coordinator/app.h"

#include <prometheus/registry.h>

#include <chrono>
#include <utility>

#include "common/base/status.h"
#include "common/obs/background.h"
#include "common/obs/log.h"
#include "common/obs/operator_listener.h"
#include "common/rpc/server.h"
#include "coordinator/cancellations.h"
#include "coordinator/change_feed.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/migration_service.h"
#include "coordinator/progress.h"
#include "coordinator/tick_loop.h"
#include "coordinator/worker_service.h"

namespace mailhaul::coordinator {
namespace {

constexpr std::chrono::seconds kLastCalls{30};

}  // namespace

struct App::Parts {
  Parts(boost::asio::any_io_executor executor_in, CoordinatorOptions options_in,
        queue::JobStore& store)
      : executor(executor_in),
        options(std::move(options_in)),
        metrics(*registry),
        feed(store, executor),
        ticks(store, executor, metrics),
        migration({executor, store, progress, feed, cancellations, metrics, options.intake}),
        workers(executor, progress, cancellations, metrics),
        feeding(executor, "change feed"),
        ticking(executor, "housekeeping") {}

  boost::asio::any_io_executor executor;
  CoordinatorOptions options;
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  CoordinatorMetrics metrics;
  Progress progress;
  Cancellations cancellations;
  ChangeFeed feed;
  TickLoop ticks;
  MigrationService migration;
  WorkerService workers;
  obs::Background feeding;
  obs::Background ticking;
  std::unique_ptr<rpc::Server> server;  // after the services: it goes first
  std::unique_ptr<obs::HttpListener> http;
};

App::App(boost::asio::any_io_executor executor, CoordinatorOptions options, queue::JobStore& store)
    : parts_(std::make_unique<Parts>(std::move(executor), std::move(options), store)) {}

App::~App() = default;

absl::Status App::Start() {
  ASSIGN_OR_RETURN(parts_->server, rpc::Server::Listen(parts_->options.grpc_listen,
                                                       {&parts_->migration, &parts_->workers}));
  ASSIGN_OR_RETURN(parts_->http, obs::ListenForOperators(
                                     parts_->executor, parts_->options.http_listen,
                                     parts_->registry, [this] { return parts_->ticks.health(); }));
  parts_->feeding.Start(parts_->feed.Run());
  parts_->ticking.Start(parts_->ticks.Run());
  log::Info("coordinator listening", {{"grpc", address()}, {"http_port", http_port()}});
  return absl::OkStatus();
}

Task<void> App::Stop(Deadline deadline) {
  parts_->migration.Stop();
  parts_->workers.Stop();
  parts_->feed.Stop();
  parts_->ticks.Stop();
  co_await parts_->server->Shutdown(parts_->executor, deadline);
  if (parts_->http != nullptr) parts_->http->Close();
  // Both end on their own within the time-out of one call to the queue.
  co_await parts_->feeding.AwaitEnd(Deadline::After(kLastCalls));
  co_await parts_->ticking.AwaitEnd(Deadline::After(kLastCalls));
}

const std::string& App::address() const { return parts_->server->address(); }

uint16_t App::http_port() const { return parts_->http == nullptr ? 0 : parts_->http->port(); }

}  // namespace mailhaul::coordinator
