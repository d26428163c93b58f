#include "cli/local_services.h"

#include <future>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include "cli/open_queue.h"
#include "cli/serve.h"
#include "cli/worker_options.h"
#include "common/base/status.h"

namespace mailhaul::cli {
namespace {

constexpr std::chrono::seconds kCall{5};
constexpr std::chrono::seconds kCoordinatorGrace{2};

coordinator::CoordinatorOptions ToCoordinatorOptions(const config::Settings& settings) {
  coordinator::CoordinatorOptions options;
  options.grpc_listen = settings.grpc_listen;
  options.http_listen = settings.http_listen;
  options.intake.caps = settings.caps;
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LocalServices>> LocalServices::Start(
    const config::Settings& settings, std::function<void()> on_signal) {
  std::unique_ptr<LocalServices> services(new LocalServices());
  services->settings_ = settings;
  const auto executor = services->loop_.get_executor();
  ASSIGN_OR_RETURN(services->store_, OpenQueue(executor, settings));
  services->coordinator_ = std::make_unique<coordinator::App>(
      executor, ToCoordinatorOptions(settings), *services->store_);
  worker::WorkerOptions worker_options = ToWorkerOptions(settings);
  worker_options.http_listen.clear();  // the coordinator's listener is the process's
  services->worker_ =
      std::make_unique<worker::App>(executor, std::move(worker_options), *services->store_);
  boost::asio::co_spawn(executor, AwaitStopSignal(),
                        [on_signal](std::exception_ptr) { on_signal(); });
  services->thread_ = std::thread([&loop = services->loop_] {
    const auto work = boost::asio::make_work_guard(loop);
    loop.run();
  });
  return services;
}

LocalServices::~LocalServices() {
  if (!thread_.joinable()) return;
  Run(Stop()).IgnoreError();
  loop_.stop();
  thread_.join();
}

absl::Status LocalServices::Ping() { return Run(PingQueue()); }

absl::Status LocalServices::Vouch() { return Run(VouchForQueue()); }

absl::Status LocalServices::StartCoordinator() { return Run(StartServing()); }

absl::Status LocalServices::StartWorker() { return Run(StartCopying()); }

absl::Status LocalServices::Run(Task<absl::Status> task) {
  std::promise<absl::Status> ended;
  boost::asio::co_spawn(loop_, std::move(task), [&ended](std::exception_ptr bug, absl::Status s) {
    ended.set_value(bug ? absl::InternalError("bug") : std::move(s));
  });
  return ended.get_future().get();
}

Task<absl::Status> LocalServices::StartServing() {
  const absl::Status started = coordinator_->Start();
  coordinator_runs_ = started.ok();
  co_return started;
}

Task<absl::Status> LocalServices::PingQueue() {
  co_return (co_await store_->ListBatches(0, 1, Deadline::After(kCall))).status();
}

Task<absl::Status> LocalServices::VouchForQueue() {
  absl::Status vouched = co_await store_->Vouch(Deadline::After(kCall));
  // The last run left jobs behind that would not end in time: this one waits for their leases.
  if (absl::IsFailedPrecondition(vouched)) co_return absl::OkStatus();
  co_return vouched;
}

Task<absl::Status> LocalServices::StartCopying() {
  const absl::Status started = worker_->Start();
  worker_runs_ = started.ok();
  co_return started;
}

Task<absl::Status> LocalServices::Stop() {
  if (worker_runs_) co_await worker_->Stop(Deadline::After(settings_.worker_grace));
  if (coordinator_runs_) co_await coordinator_->Stop(Deadline::After(kCoordinatorGrace));
  worker_.reset();
  coordinator_.reset();
  store_.reset();
  co_return absl::OkStatus();
}

}  // namespace mailhaul::cli
