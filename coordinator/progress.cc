#include "coordinator/progress.h"

namespace mailhaul::coordinator {

Progress::Session Progress::Begin(absl::string_view worker) {
  const std::string id(worker);
  const auto known = workers_.find(id);
  if (known != workers_.end()) sessions_.erase(known->second.session);
  workers_[id].session = ++last_;
  sessions_[last_] = id;
  return last_;
}

bool Progress::Update(Session session, const v1::WorkerReport& report) {
  const auto current = sessions_.find(session);
  if (current == sessions_.end()) return false;
  Worker& worker = workers_[current->second];
  worker.slots = report.slots();
  worker.jobs.clear();
  for (const v1::JobProgress& job : report.jobs()) worker.jobs[job.job_id()] = job;
  return true;
}

void Progress::End(Session session) {
  const auto current = sessions_.find(session);
  if (current == sessions_.end()) return;
  workers_.erase(current->second);
  sessions_.erase(current);
}

const v1::JobProgress* Progress::Find(queue::JobId job, absl::string_view worker) const {
  const auto holder = workers_.find(std::string(worker));
  if (holder == workers_.end()) return nullptr;
  const auto progress = holder->second.jobs.find(job);
  return progress == holder->second.jobs.end() ? nullptr : &progress->second;
}

Progress::Totals Progress::Count() const {
  Totals totals;
  for (const auto& [id, worker] : workers_) {
    ++totals.workers;
    totals.slots += worker.slots;
    totals.jobs += static_cast<int>(worker.jobs.size());
  }
  return totals;
}

}  // namespace mailhaul::coordinator
