#include "worker/sync_loop.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mailhaul/v1/worker_service.grpc.pb.h"
#include "tests/support/loop_thread.h"

namespace mailhaul::worker {
namespace {

// A coordinator that keeps every report and cancels the jobs it is told to.
class FakeCoordinator final : public v1::WorkerService::Service {
 public:
  explicit FakeCoordinator(const std::string& address) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeCoordinator() override { Shutdown(); }

  void Shutdown() { server_->Shutdown(std::chrono::system_clock::now()); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void CancelJob(queue::JobId job) {
    const std::lock_guard lock(mutex_);
    cancel_.push_back(job);
  }
  // Waits until this many reports have arrived.
  std::vector<v1::WorkerReport> AwaitReports(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, support::kTestLimit, [&] { return reports_.size() >= count; });
    EXPECT_GE(reports_.size(), count);
    return reports_;
  }

 private:
  grpc::Status Synchronize(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::WorkerOrders, v1::WorkerReport>* stream) override {
    for (v1::WorkerReport report; stream->Read(&report);) {
      if (!stream->Write(Answer(report))) break;
    }
    return grpc::Status::OK;
  }
  v1::WorkerOrders Answer(const v1::WorkerReport& report) {
    const std::lock_guard lock(mutex_);
    reports_.push_back(report);
    changed_.notify_all();
    v1::WorkerOrders orders;
    for (const queue::JobId job : cancel_) {
      v1::JobOrder& order = *orders.add_jobs();
      order.set_job_id(job);
      order.set_desired_state(v1::JobOrder::DESIRED_STATE_CANCEL);
    }
    orders.mutable_report_after()->set_nanos(100'000'000);
    return orders;
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<v1::WorkerReport> reports_;
  std::vector<queue::JobId> cancel_;
};

class SyncLoopTest : public testing::Test {
 protected:
  ~SyncLoopTest() override { Stop(); }

  void Start(const std::string& coordinator) {
    loop_.Call([&] {
      sync_ = std::make_unique<SyncLoop>(
          loop_.executor(), coordinator, "w-1",
          [this] {
            v1::WorkerReport report;
            report.set_slots(++snapshots_);
            return report;
          },
          [this](queue::JobId job) { Cancelled(job); });
      sync_->Start();
      return 0;
    });
  }
  void Stop() {
    loop_.Call([this] {
      sync_.reset();
      return 0;
    });
  }
  std::vector<queue::JobId> AwaitCancelled() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, support::kTestLimit, [this] { return !cancelled_.empty(); });
    return cancelled_;
  }

  support::LoopThread loop_;
  std::unique_ptr<SyncLoop> sync_;
  int snapshots_ = 0;  // the loop's thread only

 private:
  void Cancelled(queue::JobId job) {
    const std::lock_guard lock(mutex_);
    cancelled_.push_back(job);
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<queue::JobId> cancelled_;
};

TEST_F(SyncLoopTest, ReportsAgainAndAgainUnderItsName) {
  FakeCoordinator coordinator("127.0.0.1:0");
  Start(coordinator.address());
  const auto reports = coordinator.AwaitReports(3);
  EXPECT_EQ(reports[0].worker_id(), "w-1");
  EXPECT_EQ(reports[0].slots(), 1);
  EXPECT_EQ(reports[2].slots(), 3) << "each report is a fresh snapshot";
}

TEST_F(SyncLoopTest, PassesACancellationOn) {
  FakeCoordinator coordinator("127.0.0.1:0");
  coordinator.CancelJob(42);
  Start(coordinator.address());
  EXPECT_EQ(AwaitCancelled().front(), 42u);
}

TEST_F(SyncLoopTest, FindsACoordinatorThatComesBack) {
  auto coordinator = std::make_unique<FakeCoordinator>("127.0.0.1:0");
  const std::string address = coordinator->address();
  Start(address);
  coordinator->AwaitReports(1);
  coordinator.reset();
  coordinator = std::make_unique<FakeCoordinator>(address);
  coordinator->AwaitReports(2);
}

TEST_F(SyncLoopTest, IsSilentAfterStop) {
  FakeCoordinator coordinator("127.0.0.1:0");
  Start(coordinator.address());
  coordinator.AwaitReports(1);
  Stop();
  const int taken = loop_.Call([this] { return snapshots_; });
  coordinator.Shutdown();  // ends the stream, to which a loop that still ran would react
  EXPECT_EQ(loop_.Call([this] { return snapshots_; }), taken);
}

TEST_F(SyncLoopTest, StopsWhileNobodyAnswers) {
  Start("127.0.0.1:1");
  Stop();
  EXPECT_LE(loop_.Call([this] { return snapshots_; }), 1);
}

TEST_F(SyncLoopTest, WithoutACoordinatorNothingHappens) {
  Start("");
  EXPECT_EQ(loop_.Call([this] { return snapshots_; }), 0);
}

}  // namespace
}  // namespace mailhaul::worker
