#include "common/rpc/status.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"

#include "common/rpc/error.h"
#include "google/rpc/status.pb.h"

namespace mailhaul::rpc {
namespace {

constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

// What a caller may see of an error that nobody made for callers.
absl::Status Presentable(const absl::Status& status) {
  if (GetDetail<google::rpc::ErrorInfo>(status)) return status;
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return MakeError(absl::StatusCode::kInternal, "internal error; the log has more",
                       v1::ERROR_REASON_INTERNAL);
    case absl::StatusCode::kUnavailable: {
      absl::Status unavailable =
          MakeError(status.code(), status.message(), v1::ERROR_REASON_QUEUE_UNAVAILABLE);
      google::rpc::RetryInfo retry;
      retry.mutable_retry_delay()->set_seconds(1);
      SetDetail(unavailable, retry);
      return unavailable;
    }
    default:
      return MakeError(status.code(), status.message(), v1::ERROR_REASON_UNSPECIFIED);
  }
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const absl::Status presentable = Presentable(status);
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(presentable.code()));
  wire.set_message(std::string(presentable.message()));
  presentable.ForEachPayload([&wire](absl::string_view url, const absl::Cord& payload) {
    if (!absl::StartsWith(url, kTypePrefix)) return;  // ours alone: the peer's words stay here
    google::protobuf::Any& any = *wire.add_details();
    any.set_type_url(std::string(url));
    any.set_value(std::string(payload));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(presentable.code()), wire.message(),
                      wire.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status wire;
  if (!wire.ParseFromString(status.error_details())) return result;
  for (const google::protobuf::Any& any : wire.details()) {
    result.SetPayload(any.type_url(), absl::Cord(absl::string_view(any.value())));
  }
  return result;
}

}  // namespace mailhaul::rpc
