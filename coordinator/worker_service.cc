#include "coordinator/worker_service.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "common/obs/log.h"
#include "common/rpc/error.h"

namespace mailhaul::coordinator {
namespace {

using google::protobuf::util::TimeUtil;

// A worker that says nothing for so long is gone, whatever its connection looks like.
constexpr std::chrono::seconds kSilence{30};
// One report a second from each worker, less often when there are more than this many of them.
constexpr int kReportsPerSecond = 200;

absl::Status Replaced(const std::string& worker) {
  return rpc::MakeError(absl::StatusCode::kAborted,
                        absl::StrCat("a newer stream of worker ", worker, " took over"),
                        v1::ERROR_REASON_SESSION_REPLACED);
}

absl::Status ShuttingDown() {
  return rpc::MakeError(absl::StatusCode::kUnavailable, "the coordinator is shutting down",
                        v1::ERROR_REASON_SHUTTING_DOWN);
}

}  // namespace

grpc::ServerBidiReactor<v1::WorkerReport, v1::WorkerOrders>* WorkerService::Synchronize(
    grpc::CallbackServerContext*) {
  return rpc::ServeStream<Stream>(executor_,
                                  [this](Stream& stream) { return HandleStream(stream); });
}

Task<absl::Status> WorkerService::HandleStream(Stream& stream) {
  CO_ASSIGN_OR_RETURN(const v1::WorkerReport* report,
                      co_await stream.Read(Deadline::After(kSilence)));
  if (report == nullptr) co_return absl::OkStatus();
  const std::string worker = report->worker_id();
  if (worker.empty()) co_return rpc::BadField("worker_id", "must not be empty");

  const Progress::Session session = progress_.Begin(worker);
  log::Info("worker connected", {{"worker", worker}});
  const absl::Cleanup leave = [this, session, &worker] {
    progress_.End(session);
    CountWorkers();
    log::Info("worker disconnected", {{"worker", worker}});
  };
  while (report != nullptr && !stopping_) {
    if (!progress_.Update(session, *report)) co_return Replaced(worker);
    CountWorkers();
    CO_RETURN_IF_ERROR(co_await stream.Write(OrdersFor(*report), Deadline::After(kSilence)));
    CO_ASSIGN_OR_RETURN(report, co_await stream.Read(Deadline::After(kSilence)));
  }
  co_return stopping_ ? ShuttingDown() : absl::OkStatus();
}

v1::WorkerOrders WorkerService::OrdersFor(const v1::WorkerReport& report) const {
  v1::WorkerOrders orders;
  for (const v1::JobProgress& job : report.jobs()) {
    v1::JobOrder& order = *orders.add_jobs();
    order.set_job_id(job.job_id());
    order.set_desired_state(cancellations_.Has(job.job_id()) ? v1::JobOrder::DESIRED_STATE_CANCEL
                                                             : v1::JobOrder::DESIRED_STATE_RUN);
  }
  const int64_t pause_ms =
      std::max<int64_t>(1000, int64_t{1000} * progress_.Count().workers / kReportsPerSecond);
  *orders.mutable_report_after() = TimeUtil::MillisecondsToDuration(pause_ms);
  return orders;
}

void WorkerService::CountWorkers() {
  const Progress::Totals totals = progress_.Count();
  metrics_.workers.Set(totals.workers);
  metrics_.worker_slots.Set(totals.slots);
  metrics_.worker_jobs.Set(totals.jobs);
}

}  // namespace mailhaul::coordinator
