#include "worker/app.h"

#include <prometheus/registry.h>

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "common/base/status.h"
#include "common/net/event.h"
#include "common/obs/http_listener.h"
#include "common/obs/log.h"
#include "common/obs/metrics.h"
#include "worker/crew.h"
#include "worker/sync_loop.h"
#include "worker/worker_metrics.h"

namespace mailhaul::worker {

struct App::Parts {
  Parts(boost::asio::any_io_executor executor_in, WorkerOptions options_in, queue::JobStore& store)
      : executor(executor_in),
        options(std::move(options_in)),
        metrics(*registry),
        crew(executor, store, options, metrics),
        sync(
            executor, options.coordinator, options.worker_id, [this] { return crew.Snapshot(); },
            [this](queue::JobId job) { crew.Cancel(job); }),
        claiming_ended(executor),
        renewing_ended(executor) {}

  boost::asio::any_io_executor executor;
  WorkerOptions options;
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  WorkerMetrics metrics;
  Crew crew;
  SyncLoop sync;
  net::Event claiming_ended;
  net::Event renewing_ended;
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
                              obs::HealthRoute("/readyz", [this] { return crew.health(); })}));
  return absl::OkStatus();
}

void App::Parts::Spawn(Task<void> loop, net::Event& ended) {
  boost::asio::co_spawn(executor, std::move(loop), [&ended](std::exception_ptr bug) {
    if (bug) log::Error("a loop of the worker ended by an exception");
    ended.Set();
  });
}

App::App(boost::asio::any_io_executor executor, WorkerOptions options, queue::JobStore& store)
    : parts_(std::make_unique<Parts>(std::move(executor), std::move(options), store)) {}

App::~App() = default;

absl::Status App::Start() {
  RETURN_IF_ERROR(parts_->ListenHttp());
  parts_->sync.Start();
  parts_->Spawn(parts_->crew.KeepClaiming(), parts_->claiming_ended);
  parts_->Spawn(parts_->crew.KeepRenewing(), parts_->renewing_ended);
  log::Info("worker started", {{"worker", parts_->options.worker_id}, {"http_port", http_port()}});
  return absl::OkStatus();
}

Task<void> App::Stop(Deadline deadline) {
  Crew& crew = parts_->crew;
  crew.Stop();
  // Half of the time for what was begun, the rest for what must be cut off.
  const Deadline patience = Deadline::After(deadline.Left() / 2);
  while (!crew.Empty() && !patience.Passed()) {
    crew.run_ended().Reset();
    co_await crew.run_ended().Wait(patience);
  }
  crew.CutOff();
  while (!crew.Empty() && !deadline.Passed()) {
    crew.run_ended().Reset();
    co_await crew.run_ended().Wait(deadline);
  }
  crew.StopRenewing();
  parts_->sync.Stop();
  if (parts_->http != nullptr) parts_->http->Close();
  // Both end on their own within the time-out of one call to the queue.
  co_await parts_->claiming_ended.Wait(Deadline::After(std::chrono::seconds(30)));
  co_await parts_->renewing_ended.Wait(Deadline::After(std::chrono::seconds(30)));
}

uint16_t App::http_port() const { return parts_->http == nullptr ? 0 : parts_->http->port(); }

}  // namespace mailhaul::worker
