#include <ostream>
#include <string>

#include "absl/strings/numbers.h"

#include "cli/commands.h"
#include "cli/text.h"
#include "common/rpc/error.h"

namespace mailhaul::cli {
namespace {

// Of the violations that the coordinator counted, those it did not list.
int64_t NotListed(const absl::Status& status, int listed) {
  const auto info = rpc::GetDetail<google::rpc::ErrorInfo>(status);
  int64_t all = 0;
  if (!info || !info->metadata().contains("violations") ||
      !absl::SimpleAtoi(info->metadata().at("violations"), &all)) {
    return 0;
  }
  return all - listed;
}

}  // namespace

ExitCode Fail(const absl::Status& status, std::ostream& err) {
  err << "mailhaul: " << Printable(status.message()) << '\n';
  const v1::ErrorReason reason = rpc::ReasonOf(status);
  if (reason == v1::ERROR_REASON_BAD_CSV || reason == v1::ERROR_REASON_BAD_ROWS) {
    const auto request =
        rpc::GetDetail<google::rpc::BadRequest>(status).value_or(google::rpc::BadRequest());
    for (const auto& violation : request.field_violations()) {
      err << "  " << Printable(violation.description()) << '\n';
    }
    const int64_t more = NotListed(status, request.field_violations_size());
    if (more > 0) err << "  and " << more << " more\n";
  }
  return ExitCodeOf(status);
}

}  // namespace mailhaul::cli
