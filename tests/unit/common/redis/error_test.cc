#include "common/redis/error.h"

#include <gtest/gtest.h>

namespace mailhaul::redis {
namespace {

using absl::StatusCode;

struct Case {
  const char* text;
  StatusCode code;
};
class ErrorTest : public testing::TestWithParam<Case> {};

TEST_P(ErrorTest, HasOneMeaning) {
  EXPECT_EQ(ErrorFromReply(GetParam().text).code(), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Replies, ErrorTest,
    testing::Values(
        Case{"LOADING Redis is loading the dataset in memory", StatusCode::kUnavailable},
        Case{"READONLY You can't write against a read only replica.", StatusCode::kUnavailable},
        Case{"MISCONF Redis is configured to save RDB snapshots", StatusCode::kUnavailable},
        Case{"NOAUTH Authentication required.", StatusCode::kUnauthenticated},
        Case{"WRONGPASS invalid username-password pair", StatusCode::kUnauthenticated},
        Case{"NOPERM this user has no permissions", StatusCode::kPermissionDenied},
        Case{"OOM command not allowed when used memory > 'maxmemory'.",
             StatusCode::kResourceExhausted},
        Case{"ABORTED too old", StatusCode::kAborted}, Case{"NOT_FOUND", StatusCode::kNotFound},
        Case{"WRONGTYPE Operation against a key", StatusCode::kInternal},
        Case{"ABORTEDLY other word", StatusCode::kInternal}, Case{"", StatusCode::kInternal}));

TEST(ErrorTest, OurOwnErrorsLoseTheWordThatWasTheirCode) {
  EXPECT_EQ(ErrorFromReply("NOT_FOUND no such batch").message(), "no such batch");
}

TEST(ErrorTest, OnlyAReplicaIsTheWrongServer) {
  EXPECT_TRUE(MeansWrongServer("READONLY You can't write against a read only replica."));
  EXPECT_FALSE(MeansWrongServer("LOADING Redis is loading the dataset in memory"));
}

}  // namespace
}  // namespace mailhaul::redis
