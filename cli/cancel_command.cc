#include <ostream>

#include "absl/strings/match.h"

#include "cli/commands.h"
#include "cli/job_report.h"
#include "cli/json.h"
#include "common/report/names.h"

namespace mailhaul::cli {
namespace {

ExitCode CancelJob(Client& client, const Invocation& invocation, Streams streams) {
  const absl::StatusOr<v1::Job> job = client.CancelJob(invocation.name);
  if (!job.ok()) return Fail(job.status(), streams.err);
  if (invocation.output == Output::kJson) {
    streams.out << ToJson(*job, 2) << '\n';
  } else {
    streams.out << Title(*job) << ": "
                << (report::IsFinal(job->state()) ? report::Word(job->state())
                                                  : "will end within seconds")
                << '\n';
  }
  return kAllWell;
}

}  // namespace

ExitCode RunCancel(const Invocation& invocation, Streams streams) {
  Client client(invocation.settings.coordinator);
  if (absl::StrContains(invocation.name, "/jobs/")) return CancelJob(client, invocation, streams);
  const absl::StatusOr<v1::Batch> batch = client.CancelBatch(invocation.name);
  if (!batch.ok()) return Fail(batch.status(), streams.err);
  if (invocation.output == Output::kJson) {
    streams.out << ToJson(*batch, 2) << '\n';
  } else {
    streams.out << batch->name() << ": cancelled"
                << (batch->state() == v1::BATCH_STATE_ENDED ? ""
                                                            : "; what runs ends within seconds")
                << '\n';
  }
  return kAllWell;
}

}  // namespace mailhaul::cli
