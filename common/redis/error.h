#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mailhaul::redis {

// What an error reply means, by its first word
// (https://redis.io/docs/reference/protocol-spec#resp-errors):
//   LOADING, BUSY, READONLY, MISCONF, ...  UNAVAILABLE: not now, or not this server
//   NOAUTH, WRONGPASS                      UNAUTHENTICATED
//   NOPERM                                 PERMISSION_DENIED
//   OOM                                    RESOURCE_EXHAUSTED
// Our own scripts raise errors that begin with a canonical code: ABORTED, NOT_FOUND,
// ALREADY_EXISTS, FAILED_PRECONDITION. Everything else is INTERNAL: we asked for something wrong.
absl::Status ErrorFromReply(absl::string_view text);

// Whether this server will go on refusing us until we connect anew, as a demoted master does.
bool MeansWrongServer(absl::string_view error_text);

}  // namespace mailhaul::redis
