#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Early returns for absl::Status. The CO_ forms are for coroutines, the plain ones for functions.
//
//   RETURN_IF_ERROR(Check(x));
//   ASSIGN_OR_RETURN(const int n, Parse(text));
//   CO_RETURN_IF_ERROR(co_await stream.Write(octets, deadline));
//   CO_ASSIGN_OR_RETURN(const Reply reply, co_await redis.Call(args, deadline));

#define MAILHAUL_CONCAT_INNER(a, b) a##b
#define MAILHAUL_CONCAT(a, b) MAILHAUL_CONCAT_INNER(a, b)

#define MAILHAUL_RETURN_IF_ERROR(keyword, expr)             \
  do {                                                      \
    if (absl::Status mh_status = (expr); !mh_status.ok()) { \
      keyword mh_status;                                    \
    }                                                       \
  } while (false)

#define MAILHAUL_ASSIGN_OR_RETURN(keyword, result, lhs, expr) \
  auto result = (expr);                                       \
  if (!result.ok()) {                                         \
    keyword std::move(result).status();                       \
  }                                                           \
  lhs = *std::move(result)

#define RETURN_IF_ERROR(expr) MAILHAUL_RETURN_IF_ERROR(return, expr)
#define CO_RETURN_IF_ERROR(expr) MAILHAUL_RETURN_IF_ERROR(co_return, expr)
#define ASSIGN_OR_RETURN(lhs, expr) \
  MAILHAUL_ASSIGN_OR_RETURN(return, MAILHAUL_CONCAT(mh_result_, __LINE__), lhs, expr)
#define CO_ASSIGN_OR_RETURN(lhs, expr) \
  MAILHAUL_ASSIGN_OR_RETURN(co_return, MAILHAUL_CONCAT(mh_result_, __LINE__), lhs, expr)
