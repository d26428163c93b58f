#pragma once

#include "absl/status/status.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/task.h"
#include "common/rpc/stream_call.h"
#include "coordinator/cancellations.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/progress.h"
#include "mailhaul/v1/worker_service.grpc.pb.h"

namespace mailhaul::coordinator {

// The workers' side of the coordinator (proto/mailhaul/v1/worker_service.proto). Handlers run on
// the executor's thread.
class WorkerService final : public v1::WorkerService::CallbackService {
 public:
  WorkerService(boost::asio::any_io_executor executor, Progress& progress,
                const Cancellations& cancellations, CoordinatorMetrics& metrics)
      : executor_(std::move(executor)),
        progress_(progress),
        cancellations_(cancellations),
        metrics_(metrics) {}

  // Streams end with UNAVAILABLE (SHUTTING_DOWN) at their next report. On the executor's thread.
  void Stop() { stopping_ = true; }

  grpc::ServerBidiReactor<v1::WorkerReport, v1::WorkerOrders>* Synchronize(
      grpc::CallbackServerContext* context) override;

 private:
  using Stream = rpc::DuplexCall<v1::WorkerReport, v1::WorkerOrders>;

  Task<absl::Status> HandleStream(Stream& stream);
  v1::WorkerOrders OrdersFor(const v1::WorkerReport& report) const;
  void CountWorkers();

  const boost::asio::any_io_executor executor_;
  Progress& progress_;
  const Cancellations& cancellations_;
  CoordinatorMetrics& metrics_;
  bool stopping_ = false;
};

}  // namespace mailhaul::coordinator
