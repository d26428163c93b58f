#include <optional>
#include <ostream>
#include <utility>

#include "cli/commands.h"
#include "cli/job_report.h"
#include "cli/report_writer.h"
#include "common/base/status.h"
#include "common/report/tally.h"

namespace mailhaul::cli {
namespace {

// "batches/7/jobs/42" -> "batches/7".
std::string BatchOf(const std::string& name) { return name.substr(0, name.find("/jobs/")); }

// Puts the entries of a report together, job by job.
class Gatherer {
 public:
  Gatherer(ReportWriter& writer, bool& attention) : writer_(writer), attention_(attention) {}

  void Take(v1::GetReportResponse entry) {
    if (entry.has_folder()) {
      job_->folders.push_back(std::move(*entry.mutable_folder()));
      return;
    }
    Flush();
    job_ = JobReport{.job = std::move(*entry.mutable_job()), .folders = {}};
  }
  void Flush() {
    if (!job_) return;
    writer_.Add(*job_);
    report::Add(total_, job_->job.tally());
    attention_ |= NeedsAttention(*job_);
    job_.reset();
  }
  const v1::Tally& total() const { return total_; }

 private:
  ReportWriter& writer_;
  bool& attention_;
  std::optional<JobReport> job_;
  v1::Tally total_;
};

}  // namespace

absl::Status WriteReport(Client& client, const std::string& name, Output output, std::ostream& out,
                         bool& attention) {
  ASSIGN_OR_RETURN(const v1::Batch batch, client.GetBatch(BatchOf(name)));
  const std::unique_ptr<ReportWriter> writer = MakeReportWriter(output, out);
  Gatherer gatherer(*writer, attention);
  bool begun = false;
  RETURN_IF_ERROR(client.GetReport(name, [&](v1::GetReportResponse entry) {
    if (!std::exchange(begun, true)) writer->Begin(batch);
    gatherer.Take(std::move(entry));
  }));
  gatherer.Flush();
  if (!begun) writer->Begin(batch);
  writer->End(gatherer.total());
  return absl::OkStatus();
}

ExitCode RunReport(const Invocation& invocation, Streams streams) {
  Client client(invocation.settings.coordinator);
  bool attention = false;
  const absl::Status status =
      WriteReport(client, invocation.name, invocation.output, streams.out, attention);
  if (!status.ok()) return Fail(status, streams.err);
  return attention ? kNotAllMoved : kAllWell;
}

}  // namespace mailhaul::cli
