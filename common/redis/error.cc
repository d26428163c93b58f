#include "common/redis/error.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mailhaul::redis {
namespace {

using absl::StatusCode;

struct Meaning {
  absl::string_view word;
  StatusCode code;
};

constexpr Meaning kRedisWords[] = {
    {"LOADING", StatusCode::kUnavailable},     {"BUSY", StatusCode::kUnavailable},
    {"READONLY", StatusCode::kUnavailable},    {"MASTERDOWN", StatusCode::kUnavailable},
    {"CLUSTERDOWN", StatusCode::kUnavailable}, {"MISCONF", StatusCode::kUnavailable},
    {"NOREPLICAS", StatusCode::kUnavailable},  {"UNBLOCKED", StatusCode::kUnavailable},
    {"NOAUTH", StatusCode::kUnauthenticated},  {"WRONGPASS", StatusCode::kUnauthenticated},
    {"NOPERM", StatusCode::kPermissionDenied}, {"OOM", StatusCode::kResourceExhausted},
};

constexpr Meaning kOurWords[] = {
    {"ABORTED", StatusCode::kAborted},
    {"NOT_FOUND", StatusCode::kNotFound},
    {"ALREADY_EXISTS", StatusCode::kAlreadyExists},
    {"FAILED_PRECONDITION", StatusCode::kFailedPrecondition},
};

}  // namespace

absl::Status ErrorFromReply(absl::string_view text) {
  const size_t space = text.find(' ');
  const absl::string_view word = text.substr(0, space);
  for (const Meaning& redis : kRedisWords) {
    if (word == redis.word) return absl::Status(redis.code, text);
  }
  for (const Meaning& ours : kOurWords) {
    if (word == ours.word) {
      return absl::Status(ours.code, space == text.npos ? text : text.substr(space + 1));
    }
  }
  return absl::InternalError(absl::StrCat("Redis refused a command: ", text));
}

bool MeansWrongServer(absl::string_view error_text) {
  return absl::StartsWith(error_text, "READONLY") || absl::StartsWith(error_text, "MASTERDOWN");
}

}  // namespace mailhaul::redis
