#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "common/base/status.h"
#include "google/rpc/error_details.pb.h"
#include "mailhaul/v1/batch.pb.h"

namespace mailhaul::rpc {

// An error for the API's callers: an absl::Status that carries google.rpc details as payloads, one
// of each type, under the type URL that google.protobuf.Any uses.

using Metadata = std::vector<std::pair<std::string, std::string>>;

// `message` with its ErrorInfo{reason, "mailhaul", metadata}.
absl::Status MakeError(absl::StatusCode code, absl::string_view message, v1::ErrorReason reason,
                       const Metadata& metadata = {});

// INVALID_ARGUMENT with reason BAD_REQUEST and one violation: `field` is `wrong`.
absl::Status BadField(absl::string_view field, absl::string_view wrong);

// The reason of an error that MakeError made, here or on the other end of a call; UNSPECIFIED
// without one.
v1::ErrorReason ReasonOf(const absl::Status& status);

template <typename Detail>
std::string TypeUrl() {
  return absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name());
}

// Sets the detail of this type, in place of an earlier one.
template <typename Detail>
void SetDetail(absl::Status& status, const Detail& detail) {
  // From a view: clang names Cord's constructor from a moved string otherwise than Debian's library
  // does.
  const std::string octets = detail.SerializeAsString();
  status.SetPayload(TypeUrl<Detail>(), absl::Cord(absl::string_view(octets)));
}

template <typename Detail>
std::optional<Detail> GetDetail(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<Detail>());
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

}  // namespace mailhaul::rpc
