#include "coordinator/app.h"

#include <prometheus/registry.h>

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "common/base/status.h"
#include "common/net/event.h"
#include "common/obs/http_listener.h"
#include "common/obs/log.h"
#include "common/obs/metrics.h"
#include "common/rpc/server.h"
#include "coordinator/cancellations.h"
#include "coordinator/change_feed.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/migration_service.h"
#include "coordinator/progress.h"
#include "coordinator/tick_loop.h"
#include "coordinator/worker_service.h"

namespace mailhaul::coordinator {

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
        feed_ended(executor),
        ticks_ended(executor) {}

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
  net::Event feed_ended;
  net::Event ticks_ended;
  std::unique_ptr<rpc::Server> server;  // after the services: it goes first
  std::unique_ptr<obs::HttpListener> http;

  absl::Status ListenHttp();
  void Spawn(Task<void> loop, net::Event& ended);
};

absl::Status App::Parts::ListenHttp() {
  if (options.http_listen.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(http, obs::HttpListener::Listen(
                             executor, options.http_listen,
                             {obs::MetricsRoute(registry),
                              // Alive: this thread answers. Ready: it also has the queue.
                              obs::HealthRoute("/healthz", [] { return absl::OkStatus(); }),
                              obs::HealthRoute("/readyz", [this] { return ticks.health(); })}));
  return absl::OkStatus();
}

void App::Parts::Spawn(Task<void> loop, net::Event& ended) {
  boost::asio::co_spawn(executor, std::move(loop), [&ended](std::exception_ptr bug) {
    if (bug) log::Error("a loop of the coordinator ended by an exception");
    ended.Set();
  });
}

App::App(boost::asio::any_io_executor executor, CoordinatorOptions options, queue::JobStore& store)
    : parts_(std::make_unique<Parts>(std::move(executor), std::move(options), store)) {}

App::~App() = default;

absl::Status App::Start() {
  ASSIGN_OR_RETURN(parts_->server, rpc::Server::Listen(parts_->options.grpc_listen,
                                                       {&parts_->migration, &parts_->workers}));
  RETURN_IF_ERROR(parts_->ListenHttp());
  parts_->Spawn(parts_->feed.Run(), parts_->feed_ended);
  parts_->Spawn(parts_->ticks.Run(), parts_->ticks_ended);
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
  co_await parts_->feed_ended.Wait(Deadline::After(std::chrono::seconds(30)));
  co_await parts_->ticks_ended.Wait(Deadline::After(std::chrono::seconds(30)));
}

const std::string& App::address() const { return parts_->server->address(); }

uint16_t App::http_port() const { return parts_->http == nullptr ? 0 : parts_->http->port(); }

}  // namespace mailhaul::coordinator
