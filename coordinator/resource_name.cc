#include "coordinator/resource_name.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "common/rpc/error.h"

namespace mailhaul::coordinator {
namespace {

constexpr int kDefaultPage = 50;

// A number as we write it: digits only, no leading zero, from 1.
std::optional<uint32_t> ParseNumber(absl::string_view text) {
  uint32_t value = 0;
  if (!absl::SimpleAtoi(text, &value) || value == 0 || text != absl::StrCat(value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::string BatchName(queue::BatchId batch) { return absl::StrCat("batches/", batch); }

std::string JobName(queue::JobId job) {
  return absl::StrCat(BatchName(queue::BatchOf(job)), "/jobs/", queue::RowOf(job) + 1);
}

absl::StatusOr<queue::BatchId> ParseBatchName(absl::string_view field, absl::string_view name) {
  absl::string_view rest = name;
  if (absl::ConsumePrefix(&rest, "batches/")) {
    if (const auto number = ParseNumber(rest)) return *number;
  }
  return rpc::BadField(field, "must be \"batches/{batch}\", where {batch} is a number from 1");
}

absl::StatusOr<queue::JobId> ParseJobName(absl::string_view field, absl::string_view name) {
  const size_t middle = name.find("/jobs/");
  if (middle != absl::string_view::npos && absl::StartsWith(name, "batches/")) {
    const auto batch = ParseNumber(name.substr(8, middle - 8));
    const auto row = ParseNumber(name.substr(middle + 6));
    if (batch && row && *row <= (1u << queue::kRowBits)) return queue::MakeJobId(*batch, *row - 1);
  }
  return rpc::BadField(field, "must be \"batches/{batch}/jobs/{job}\", both numbers from 1");
}

std::string PageToken(absl::string_view list, uint32_t next) {
  return absl::WebSafeBase64Escape(absl::StrCat(list, "#", next));
}

absl::StatusOr<std::optional<uint32_t>> ParsePageToken(absl::string_view list,
                                                       absl::string_view token) {
  if (token.empty()) return std::nullopt;
  std::string text;
  uint32_t next = 0;
  if (absl::WebSafeBase64Unescape(token, &text)) {
    absl::string_view rest = text;
    if (absl::ConsumePrefix(&rest, list) && absl::ConsumePrefix(&rest, "#") &&
        absl::SimpleAtoi(rest, &next)) {
      return next;
    }
  }
  return rpc::MakeError(absl::StatusCode::kInvalidArgument,
                        "page_token: is not one that this list returned",
                        v1::ERROR_REASON_BAD_PAGE_TOKEN);
}

absl::StatusOr<int> PageSize(int asked, int most) {
  if (asked < 0) return rpc::BadField("page_size", "must not be negative");
  return asked == 0 ? kDefaultPage : std::min(asked, most);
}

absl::Status About(absl::string_view name, absl::Status status) {
  if (!absl::IsNotFound(status)) return status;
  absl::Status missing =
      rpc::MakeError(absl::StatusCode::kNotFound, absl::StrCat(name, " not found"),
                     v1::ERROR_REASON_NO_SUCH_RESOURCE);
  google::rpc::ResourceInfo resource;
  resource.set_resource_type(absl::StrContains(name, "/jobs/") ? "job" : "batch");
  resource.set_resource_name(std::string(name));
  rpc::SetDetail(missing, resource);
  return missing;
}

}  // namespace mailhaul::coordinator
