#include "worker/sync_loop.h"

#include <google/protobuf/util/time_util.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <random>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/backoff.h"
#include "common/obs/log.h"
#include "common/rpc/channel.h"
#include "common/rpc/status.h"
#include "mailhaul/v1/worker_service.grpc.pb.h"

namespace mailhaul::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{15'000};
// Whatever the coordinator asks for, within reason.
constexpr milliseconds kLeastBetween{100};
constexpr milliseconds kMostBetween{60'000};
// A coordinator that does not answer a report for so long is gone.
constexpr std::chrono::seconds kAnswer{30};

}  // namespace

// The stream, and the pause before the next one. Reactions run on gRPC's threads and only post;
// everything else is the executor's thread.
class SyncLoop::Session : public std::enable_shared_from_this<SyncLoop::Session> {
 public:
  Session(boost::asio::any_io_executor executor, const std::string& coordinator,
          std::string worker_id, std::function<v1::WorkerReport()> snapshot,
          std::function<void(queue::JobId)> cancel)
      : executor_(executor),
        stub_(v1::WorkerService::NewStub(rpc::Connect(coordinator))),
        coordinator_(coordinator),
        worker_id_(std::move(worker_id)),
        snapshot_(std::move(snapshot)),
        cancel_(std::move(cancel)),
        timer_(executor),
        random_(std::random_device()()) {}

  void Connect();
  void Stop();

 private:
  class Stream;

  void Report();
  void Take(const v1::WorkerOrders& orders);
  void Ended(const grpc::Status& status);
  void After(milliseconds pause, void (Session::*step)());

  const boost::asio::any_io_executor executor_;
  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  const std::string coordinator_;
  const std::string worker_id_;
  const std::function<v1::WorkerReport()> snapshot_;
  const std::function<void(queue::JobId)> cancel_;
  // Until Stop: gRPC may hold the last reference to us, and drop it when the executor is gone.
  std::optional<boost::asio::steady_timer> timer_;
  std::mt19937_64 random_;
  std::shared_ptr<Stream> stream_;
  int failures_ = 0;  // in a row
  bool stopped_ = false;
};

// One call of Synchronize: report, answer, report, answer.
class SyncLoop::Session::Stream final
    : public grpc::ClientBidiReactor<v1::WorkerReport, v1::WorkerOrders> {
 public:
  explicit Stream(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  void Start(std::shared_ptr<Stream> self) {
    self_ = std::move(self);
    session_->stub_->async()->Synchronize(&context_, this);
    // Held, because later operations begin outside a reaction: gRPC must not call OnDone between.
    AddHold();
    StartCall();
  }

  void Send(v1::WorkerReport report) {
    report_ = std::move(report);
    StartWrite(&report_);
    StartRead(&orders_);
  }

  // Once; OnDone follows.
  void Cancel() {
    context_.TryCancel();
    Release();
  }
  void Release() {
    if (std::exchange(held_, false)) RemoveHold();
  }
  // Blocks until gRPC is done with the stream: soon after Cancel(), on its own threads.
  void AwaitDone() { done_.get_future().wait(); }

 private:
  void OnReadDone(bool ok) override {
    boost::asio::post(session_->executor_, [self = self_, ok] {
      if (!ok) return self->Release();
      if (self->IsCurrent()) self->session_->Take(self->orders_);
    });
  }
  void OnDone(const grpc::Status& status) override {
    const std::shared_ptr<Stream> self = std::move(self_);
    boost::asio::post(session_->executor_, [self, status] {
      if (self->IsCurrent()) self->session_->Ended(status);
    });
    self->done_.set_value();
  }
  bool IsCurrent() const { return session_->stream_.get() == this; }

  const std::shared_ptr<Session> session_;
  std::shared_ptr<Stream> self_;  // until OnDone
  grpc::ClientContext context_;
  v1::WorkerReport report_;
  v1::WorkerOrders orders_;
  bool held_ = true;
  std::promise<void> done_;
};

void SyncLoop::Session::Connect() {
  stream_ = std::make_shared<Stream>(shared_from_this());
  stream_->Start(stream_);
  Report();
}

void SyncLoop::Session::Report() {
  v1::WorkerReport report = snapshot_();
  report.set_worker_id(worker_id_);
  stream_->Send(std::move(report));
  timer_->expires_after(kAnswer);
  timer_->async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    if (!cancelled && !self->stopped_ && self->stream_) self->stream_->Cancel();
  });
}

void SyncLoop::Session::Take(const v1::WorkerOrders& orders) {
  if (std::exchange(failures_, 0) > 0) {
    log::Info("reporting to the coordinator again", {{"coordinator", coordinator_}});
  }
  for (const v1::JobOrder& order : orders.jobs()) {
    if (order.desired_state() == v1::JobOrder::DESIRED_STATE_CANCEL) cancel_(order.job_id());
  }
  using google::protobuf::util::TimeUtil;
  const milliseconds asked(TimeUtil::DurationToMilliseconds(orders.report_after()));
  After(std::clamp(asked, kLeastBetween, kMostBetween), &Session::Report);
}

void SyncLoop::Session::Ended(const grpc::Status& status) {
  stream_.reset();
  if (++failures_ == 1) {
    log::Warning("no coordinator to report to; working on without",
                 {{"coordinator", coordinator_}, {"error", rpc::FromGrpc(status).message()}});
  }
  After(Backoff(failures_, kFirstPause, kLongestPause, random_), &Session::Connect);
}

void SyncLoop::Session::After(milliseconds pause, void (Session::*step)()) {
  timer_->expires_after(pause);
  timer_->async_wait([self = shared_from_this(), step](const boost::system::error_code& cancelled) {
    if (!cancelled && !self->stopped_) ((*self).*step)();
  });
}

void SyncLoop::Session::Stop() {
  stopped_ = true;
  timer_.reset();
  const std::shared_ptr<Stream> stream = std::exchange(stream_, nullptr);
  if (stream == nullptr) return;
  stream->Cancel();
  stream->AwaitDone();  // later reactions would post to an executor that may be gone
}

SyncLoop::SyncLoop(boost::asio::any_io_executor executor, std::string coordinator,
                   std::string worker_id, std::function<v1::WorkerReport()> snapshot,
                   std::function<void(queue::JobId)> cancel) {
  if (coordinator.empty()) return;
  session_ = std::make_shared<Session>(std::move(executor), coordinator, std::move(worker_id),
                                       std::move(snapshot), std::move(cancel));
}

SyncLoop::~SyncLoop() { Stop(); }

void SyncLoop::Start() {
  if (session_ != nullptr) session_->Connect();
}

void SyncLoop::Stop() {
  if (session_ != nullptr) std::exchange(session_, nullptr)->Stop();
}

}  // namespace mailhaul::worker
