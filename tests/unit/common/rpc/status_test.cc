#include "common/rpc/status.h"

#include <gtest/gtest.h>

#include "common/base/error_detail.h"
#include "common/rpc/error.h"
#include "google/rpc/status.pb.h"

namespace mailhaul::rpc {
namespace {

google::rpc::Status Wire(const grpc::Status& status) {
  google::rpc::Status wire;
  EXPECT_TRUE(wire.ParseFromString(status.error_details()));
  return wire;
}

int ErrorInfos(const google::rpc::Status& wire) {
  int count = 0;
  for (const auto& any : wire.details()) count += any.Is<google::rpc::ErrorInfo>() ? 1 : 0;
  return count;
}

TEST(RpcStatus, OkHasNoDetails) {
  const grpc::Status status = ToGrpc(absl::OkStatus());
  EXPECT_TRUE(status.ok());
  EXPECT_TRUE(status.error_details().empty());
}

TEST(RpcStatus, ComesBackWithItsReasonAndDetails) {
  absl::Status sent = MakeError(absl::StatusCode::kAlreadyExists, "used before",
                                v1::ERROR_REASON_REQUEST_ID_REUSED, {{"request_id", "r1"}});
  const absl::Status received = FromGrpc(ToGrpc(sent));
  EXPECT_EQ(received, sent);
  EXPECT_EQ(ReasonOf(received), v1::ERROR_REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(GetDetail<google::rpc::ErrorInfo>(received)->metadata().at("request_id"), "r1");
}

TEST(RpcStatus, EveryErrorLeavesWithExactlyOneErrorInfo) {
  for (const absl::Status& status :
       {absl::UnavailableError("redis is away"), absl::NotFoundError("batch"),
        absl::InternalError("bug"), BadField("name", "is odd")}) {
    const google::rpc::Status wire = Wire(ToGrpc(status));
    EXPECT_EQ(ErrorInfos(wire), 1) << status;
    EXPECT_EQ(wire.code(), static_cast<int>(status.code()));
  }
}

TEST(RpcStatus, UnavailableSaysWhenToTryAgain) {
  const absl::Status status = FromGrpc(ToGrpc(absl::UnavailableError("redis is away")));
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_QUEUE_UNAVAILABLE);
  EXPECT_EQ(GetDetail<google::rpc::RetryInfo>(status)->retry_delay().seconds(), 1);
}

TEST(RpcStatus, OurBugsKeepTheirWordsToThemselves) {
  const grpc::Status status = ToGrpc(absl::InternalError("script reply: 42 at key mh:secret"));
  EXPECT_EQ(status.error_message().find("secret"), std::string::npos);
  EXPECT_EQ(status.error_details().find("secret"), std::string::npos);
}

TEST(RpcStatus, WordsOfAPeerStayHere) {
  absl::Status status =
      MakeError(absl::StatusCode::kFailedPrecondition, "refused", v1::ERROR_REASON_BAD_REQUEST);
  SetErrorDetail(status, {.side = Side::kSource, .server_text = "NO user bob"});
  EXPECT_EQ(ToGrpc(status).error_details().find("bob"), std::string::npos);
}

TEST(RpcStatus, AForeignErrorHasNoReason) {
  const absl::Status status = FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no route"));
  EXPECT_EQ(status.message(), "no route");
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_UNSPECIFIED);
}

}  // namespace
}  // namespace mailhaul::rpc
