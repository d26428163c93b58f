// Watching: the stream of changed jobs.

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/status.h"
#include "common/queue/redis_job_store_impl.h"
#include "common/queue/reply_shape.h"

namespace mailhaul::queue {
namespace {

using std::chrono::milliseconds;

constexpr int kEntriesPerCall = 500;
constexpr std::chrono::seconds kReadPatience{5};  // of the plain reads beside the blocking one

// The id of a stream's entry, "milliseconds-number".
using EntryId = std::pair<uint64_t, uint64_t>;

absl::StatusOr<EntryId> ParseEntryId(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> halves =
      absl::StrSplit(text, absl::MaxSplits('-', 1));
  EntryId id;
  if (!absl::SimpleAtoi(halves.first, &id.first) || !absl::SimpleAtoi(halves.second, &id.second)) {
    return absl::InvalidArgumentError("not a cursor that AwaitChanges gave out");
  }
  return id;
}

// {id, {"j", "id id ..."}}
absl::Status AddEntry(const redis::Reply& entry, JobStore::Changes& changes) {
  RETURN_IF_ERROR(ExpectArray(entry, 2));
  RETURN_IF_ERROR(ExpectArray(entry.items[1], 2));
  changes.cursor = entry.items[0].text;
  for (absl::string_view word :
       absl::StrSplit(entry.items[1].items[1].text, ' ', absl::SkipEmpty())) {
    JobId id = 0;
    if (!absl::SimpleAtoi(word, &id)) return absl::InternalError("a change without a job id");
    changes.jobs.push_back(id);
  }
  return absl::OkStatus();
}

// {{key, {entry, ...}}}, as XREAD returns it for one stream; nil when it waited in vain.
absl::Status AddEntries(const redis::Reply& reply, JobStore::Changes& changes) {
  if (reply.IsNil()) return absl::OkStatus();
  RETURN_IF_ERROR(ExpectArray(reply, 1));
  RETURN_IF_ERROR(ExpectArray(reply.items[0], 2));
  const redis::Reply& entries = reply.items[0].items[1];
  RETURN_IF_ERROR(ExpectArray(entries, 0));
  for (const redis::Reply& entry : entries.items) {
    RETURN_IF_ERROR(AddEntry(entry, changes));
  }
  return absl::OkStatus();
}

}  // namespace

Task<absl::StatusOr<JobStore::Changes>> RedisJobStore::AwaitChanges(std::string cursor,
                                                                    milliseconds patience) {
  if (cursor.empty()) {
    CO_ASSIGN_OR_RETURN(cursor, co_await LatestChange(Deadline::After(kReadPatience)));
  }
  CO_ASSIGN_OR_RETURN(const EntryId seen, ParseEntryId(cursor));
  const auto least = std::max(patience, milliseconds(1));  // 0 would mean for ever
  redis::Args args = {"XREAD",
                      "COUNT",
                      absl::StrCat(kEntriesPerCall),
                      "BLOCK",
                      absl::StrCat(least.count()),
                      "STREAMS",
                      keys_.Changes(),
                      cursor};
  CO_ASSIGN_OR_RETURN(const redis::Reply reply,
                      co_await redis_.CallBlocking(std::move(args), least));
  Changes changes;
  changes.cursor = std::move(cursor);
  CO_RETURN_IF_ERROR(AddEntries(reply, changes));
  if (changes.jobs.empty()) co_return changes;

  // Looked at last: what was cut off meanwhile is reported too, rather once too often than never.
  CO_ASSIGN_OR_RETURN(const EntryId oldest, co_await OldestChange(Deadline::After(kReadPatience)));
  changes.missed = oldest > seen;
  co_return changes;
}

Task<absl::StatusOr<std::string>> RedisJobStore::LatestChange(Deadline deadline) {
  redis::Args last = {"XREVRANGE", keys_.Changes(), "+", "-", "COUNT", "1"};
  CO_ASSIGN_OR_RETURN(redis::Reply reply, co_await redis_.Call(std::move(last), deadline));
  CO_RETURN_IF_ERROR(ExpectArray(reply, 0));
  if (!reply.items.empty()) {
    CO_RETURN_IF_ERROR(ExpectArray(reply.items[0], 1));
    co_return reply.items[0].items[0].text;
  }
  // A first entry for the cursor to stand on; without one, that the stream was cut could not be
  // told.
  redis::Args add = {"XADD", keys_.Changes(), "*", "j", ""};
  CO_ASSIGN_OR_RETURN(reply, co_await redis_.Call(std::move(add), deadline));
  co_return reply.text;
}

Task<absl::StatusOr<std::pair<uint64_t, uint64_t>>> RedisJobStore::OldestChange(Deadline deadline) {
  redis::Args first = {"XRANGE", keys_.Changes(), "-", "+", "COUNT", "1"};
  CO_ASSIGN_OR_RETURN(const redis::Reply reply, co_await redis_.Call(std::move(first), deadline));
  CO_RETURN_IF_ERROR(ExpectArray(reply, 1));
  CO_RETURN_IF_ERROR(ExpectArray(reply.items[0], 1));
  co_return ParseEntryId(reply.items[0].items[0].text);
}

}  // namespace mailhaul::queue
