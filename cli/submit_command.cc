#include <openssl/rand.h>

#include <array>
#include <ostream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "cli/commands.h"
#include "cli/json.h"

namespace mailhaul::cli {
namespace {

// Unlike any other, so that the same file handed in twice on purpose makes two batches.
std::string NewRequestId() {
  std::array<char, 16> octets{};
  RAND_bytes(reinterpret_cast<unsigned char*>(octets.data()), octets.size());
  return absl::StrCat("cli-", absl::BytesToHexString(absl::string_view(octets.data(), 16)));
}

}  // namespace

ExitCode RunSubmit(const Invocation& invocation, Streams streams) {
  v1::CreateBatchRequest::Header header;
  header.set_request_id(invocation.request_id.empty() ? NewRequestId() : invocation.request_id);
  header.set_display_name(invocation.display_name);
  header.set_validate_only(invocation.check_only);
  Client client(invocation.settings.coordinator);
  const absl::StatusOr<v1::Batch> batch = client.CreateBatch(header, invocation.file);
  if (!batch.ok()) return Fail(batch.status(), streams.err);
  if (invocation.output == Output::kJson) {
    streams.out << ToJson(*batch, 2) << '\n';
  } else if (invocation.check_only) {
    streams.out << batch->rows() << " rows, all good; nothing was queued\n";
  } else {
    streams.out << batch->name() << ": " << batch->rows() << " mailboxes queued\n";
  }
  return kAllWell;
}

}  // namespace mailhaul::cli
