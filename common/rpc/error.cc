#include "common/rpc/error.h"

#include "absl/strings/strip.h"

namespace mailhaul::rpc {
namespace {

constexpr absl::string_view kDomain = "mailhaul";
constexpr absl::string_view kReasonPrefix = "ERROR_REASON_";

}  // namespace

absl::Status MakeError(absl::StatusCode code, absl::string_view message, v1::ErrorReason reason,
                       const Metadata& metadata) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  const std::string& name = v1::ErrorReason_Name(reason);
  info.set_reason(std::string(absl::StripPrefix(name, kReasonPrefix)));
  info.set_domain(std::string(kDomain));
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  SetDetail(status, info);
  return status;
}

absl::Status BadField(absl::string_view field, absl::string_view wrong) {
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument,
                                  absl::StrCat(field, ": ", wrong), v1::ERROR_REASON_BAD_REQUEST);
  google::rpc::BadRequest request;
  google::rpc::BadRequest::FieldViolation& violation = *request.add_field_violations();
  violation.set_field(std::string(field));
  violation.set_description(std::string(wrong));
  SetDetail(status, request);
  return status;
}

v1::ErrorReason ReasonOf(const absl::Status& status) {
  const auto info = GetDetail<google::rpc::ErrorInfo>(status);
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  if (!info || info->domain() != kDomain) return reason;
  v1::ErrorReason_Parse(absl::StrCat(kReasonPrefix, info->reason()), &reason);
  return reason;
}

}  // namespace mailhaul::rpc
