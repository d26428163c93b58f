#include <ostream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "cli/batch_picture.h"
#include "cli/commands.h"
#include "cli/job_report.h"
#include "cli/json.h"
#include "cli/text.h"
#include "common/base/status.h"
#include "common/report/names.h"

namespace mailhaul::cli {
namespace {

struct Status {
  v1::Batch batch;
  std::vector<v1::Job> jobs;
  bool more = false;
};

absl::StatusOr<Status> ReadStatus(Client& client, const Invocation& invocation) {
  Status status;
  ASSIGN_OR_RETURN(status.batch, client.GetBatch(invocation.name));
  const int limit = invocation.limit;
  v1::ListJobsRequest request;
  request.set_parent(invocation.name);
  request.set_user(invocation.user);
  request.mutable_states()->Add(invocation.states.begin(), invocation.states.end());
  do {
    request.set_page_size(limit == 0 ? 1000 : limit - static_cast<int>(status.jobs.size()));
    ASSIGN_OR_RETURN(const v1::ListJobsResponse page, client.ListJobs(request));
    status.jobs.insert(status.jobs.end(), page.jobs().begin(), page.jobs().end());
    request.set_page_token(page.next_page_token());
    status.more = !request.page_token().empty();
  } while (status.more && (limit == 0 || static_cast<int>(status.jobs.size()) < limit));
  return status;
}

std::string Headline(const v1::Batch& batch) {
  std::vector<std::string> counts;
  for (const v1::StateCount& count : batch.counts()) {
    counts.push_back(absl::StrCat(count.jobs(), " ", report::Word(count.state())));
  }
  return absl::StrCat(
      batch.name(),
      batch.display_name().empty() ? "" : absl::StrCat(" \"", batch.display_name(), "\""), ", ",
      report::Word(batch.state()), batch.cancelled() ? ", cancelled" : "", ", ", batch.rows(),
      " mailboxes: ", absl::StrJoin(counts, ", "));
}

void WriteTable(const Status& status, std::ostream& out) {
  out << Printable(Headline(status.batch)) << '\n';
  if (status.jobs.empty()) return;
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kRight, kLeft, kLeft});
  table.Add({"mailbox", "state", "messages", "size", "worker", ""});
  for (const v1::Job& job : status.jobs) {
    table.Add({Title(job), report::Word(job.state()), MessagesDone(job.tally()),
               BytesDone(job.tally()), job.worker(),
               job.has_error() ? Sentence(job.error()) : job.current_mailbox()});
  }
  out << '\n';
  for (const std::string& line : table.Lines()) out << line << '\n';
  if (status.more) out << "and more: --limit 0 shows all\n";
}

void WriteJson(const Status& status, std::ostream& out) {
  out << "{\"batch\":" << ToJson(status.batch) << ",\n\"jobs\":["
      << absl::StrJoin(status.jobs, ",",
                       [](std::string* text, const v1::Job& job) {
                         absl::StrAppend(text, "\n", ToJson(job));
                       })
      << "],\n\"more\":" << (status.more ? "true" : "false") << "}\n";
}

}  // namespace

ExitCode RunStatus(const Invocation& invocation, Streams streams) {
  Client client(invocation.settings.coordinator);
  const absl::StatusOr<Status> status = ReadStatus(client, invocation);
  if (!status.ok()) return Fail(status.status(), streams.err);
  if (invocation.output == Output::kJson) {
    WriteJson(*status, streams.out);
  } else {
    WriteTable(*status, streams.out);
  }
  return kAllWell;
}

}  // namespace mailhaul::cli
