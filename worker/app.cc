#include "worker/app.h"

#include <prometheus/registry.h>

#include <chrono>
#include <utility>

#include "common/base/status.h"
#include "common/obs/background.h"
#include "common/obs/log.h"
#include "common/obs/operator_listener.h"
#include "worker/crew.h"
#include "worker/sync_loop.h"
#include "worker/worker_metrics.h"

namespace mailhaul::worker {
namespace {

constexpr std::chrono::seconds kLastCalls{30};

}  // namespace

struct App::Parts {
  Parts(boost::asio::any_io_executor executor_in, WorkerOptions options_in, queue::JobStore& store)
      : executor(executor_in),
        options(std::move(options_in)),
        metrics(*registry),
        crew(executor, store, options, metrics),
        sync(
            executor, options.coordinator, options.worker_id, [this] { return crew.Snapshot(); },
            [this](queue::JobId job) { crew.Cancel(job); }),
        claiming(executor, "claims"),
        housekeeping(executor, "housekeeping"),
        renewing(executor, "renewals") {}

  boost::asio::any_io_executor executor;
  WorkerOptions options;
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  WorkerMetrics metrics;
  Crew crew;
  SyncLoop sync;
  obs::Background claiming;
  obs::Background housekeeping;
  obs::Background renewing;
  std::unique_ptr<obs::HttpListener> http;
};

App::App(boost::asio::any_io_executor executor, WorkerOptions options, queue::JobStore& store)
    : parts_(std::make_unique<Parts>(std::move(executor), std::move(options), store)) {}

App::~App() = default;

absl::Status App::Start() {
  ASSIGN_OR_RETURN(parts_->http, obs::ListenForOperators(
                                     parts_->executor, parts_->options.http_listen,
                                     parts_->registry, [this] { return parts_->crew.health(); }));
  parts_->sync.Start();
  parts_->claiming.Start(parts_->crew.KeepClaiming());
  parts_->housekeeping.Start(parts_->crew.KeepHouse());
  parts_->renewing.Start(parts_->crew.KeepRenewing());
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
  // They end on their own within the time-out of one call to the queue.
  co_await parts_->claiming.AwaitEnd(Deadline::After(kLastCalls));
  co_await parts_->housekeeping.AwaitEnd(Deadline::After(kLastCalls));
  co_await parts_->renewing.AwaitEnd(Deadline::After(kLastCalls));
}

uint16_t App::http_port() const { return parts_->http == nullptr ? 0 : parts_->http->port(); }

}  // namespace mailhaul::worker
