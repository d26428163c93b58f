#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "absl/strings/str_cat.h"

#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"
#include "common/base/status.h"
#include "common/report/names.h"

namespace mailhaul::cli {
namespace {

absl::StatusOr<std::vector<v1::Batch>> ReadBatches(Client& client, int limit) {
  std::vector<v1::Batch> batches;
  v1::ListBatchesRequest request;
  do {
    request.set_page_size(limit == 0 ? 500 : limit - static_cast<int>(batches.size()));
    ASSIGN_OR_RETURN(const v1::ListBatchesResponse page, client.ListBatches(request));
    batches.insert(batches.end(), page.batches().begin(), page.batches().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() &&
           (limit == 0 || static_cast<int>(batches.size()) < limit));
  return batches;
}

int64_t CountOf(const v1::Batch& batch, v1::JobState state) {
  for (const v1::StateCount& count : batch.counts()) {
    if (count.state() == state) return count.jobs();
  }
  return 0;
}

void WriteTable(const std::vector<v1::Batch>& batches, std::ostream& out) {
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kRight, kRight, kRight, kLeft, kLeft});
  table.Add({"batch", "state", "mailboxes", "running", "succeeded", "failed", "created", "name"});
  for (const v1::Batch& batch : batches) {
    const int64_t succeeded = CountOf(batch, v1::JOB_STATE_SUCCEEDED) +
                              CountOf(batch, v1::JOB_STATE_SUCCEEDED_WITH_SKIPS);
    table.Add({batch.name(),
               absl::StrCat(report::Word(batch.state()), batch.cancelled() ? ", cancelled" : ""),
               absl::StrCat(batch.rows()), absl::StrCat(CountOf(batch, v1::JOB_STATE_RUNNING)),
               absl::StrCat(succeeded), absl::StrCat(CountOf(batch, v1::JOB_STATE_FAILED)),
               google::protobuf::util::TimeUtil::ToString(batch.create_time()),
               batch.display_name()});
  }
  for (const std::string& line : table.Lines()) out << line << '\n';
}

void WriteJson(const std::vector<v1::Batch>& batches, std::ostream& out) {
  v1::ListBatchesResponse all;
  all.mutable_batches()->Add(batches.begin(), batches.end());
  out << (batches.empty() ? "{\n  \"batches\": []\n}" : ToJson(all, 2)) << '\n';
}

}  // namespace

ExitCode RunList(const Invocation& invocation, Streams streams) {
  Client client(invocation.settings.coordinator);
  const auto batches = ReadBatches(client, invocation.limit);
  if (!batches.ok()) return Fail(batches.status(), streams.err);
  if (invocation.output == Output::kJson) {
    WriteJson(*batches, streams.out);
  } else if (batches->empty()) {
    streams.out << "no batches\n";
  } else {
    WriteTable(*batches, streams.out);
  }
  return kAllWell;
}

}  // namespace mailhaul::cli
