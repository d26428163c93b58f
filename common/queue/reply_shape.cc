#include "common/queue/reply_shape.h"

#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/status.h"

namespace mailhaul::queue {
namespace {

using Kind = redis::Reply::Kind;

absl::Status Unexpected() {
  return absl::InternalError("a script's reply has an unexpected shape");
}

absl::StatusOr<State> AsState(const redis::Reply& reply) {
  ASSIGN_OR_RETURN(const int64_t number, AsInteger(reply));
  if (number < 0 || number >= kStates) return Unexpected();
  return static_cast<State>(number);
}

// Puts one field of a batch into its place; fields of later versions are passed over.
absl::Status ReadField(const std::string& name, const redis::Reply& value, BatchInfo& batch) {
  if (name == "request_id") {
    batch.request_id = value.text;
  } else if (name == "description") {
    batch.description = value.text;
  } else if (name == "created_ms") {
    ASSIGN_OR_RETURN(batch.created_ms, AsInteger(value));
  } else if (name == "rows") {
    ASSIGN_OR_RETURN(batch.rows, AsInteger(value));
  } else if (name == "sealed") {
    batch.sealed = value.text == "1";
  } else if (name == "cancelled") {
    batch.cancelled = value.text == "1";
  } else if (name.size() == 2 && name[0] == 'n' && name[1] >= '0' && name[1] < '0' + kStates) {
    ASSIGN_OR_RETURN(batch.counts[static_cast<size_t>(name[1] - '0')], AsInteger(value));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ExpectArray(const redis::Reply& reply, size_t at_least) {
  if (reply.kind != Kind::kArray || reply.items.size() < at_least) return Unexpected();
  return absl::OkStatus();
}

absl::StatusOr<int64_t> AsInteger(const redis::Reply& reply) {
  if (reply.kind == Kind::kInteger) return reply.integer;
  int64_t value = 0;
  if (reply.kind != Kind::kString || !absl::SimpleAtoi(reply.text, &value)) return Unexpected();
  return value;
}

absl::StatusOr<std::vector<JobId>> AsJobIds(const redis::Reply& reply) {
  RETURN_IF_ERROR(ExpectArray(reply, 0));
  std::vector<JobId> ids;
  for (const redis::Reply& item : reply.items) {
    ASSIGN_OR_RETURN(const int64_t id, AsInteger(item));
    ids.push_back(static_cast<JobId>(id));
  }
  return ids;
}

absl::StatusOr<std::vector<std::string>> AsCheckpoint(const redis::Reply& reply) {
  RETURN_IF_ERROR(ExpectArray(reply, 0));
  if (reply.items.size() % 2 != 0) return Unexpected();
  std::map<int64_t, std::string> by_index;
  for (size_t i = 0; i < reply.items.size(); i += 2) {
    ASSIGN_OR_RETURN(const int64_t index, AsInteger(reply.items[i]));
    by_index[index] = reply.items[i + 1].text;
  }
  std::vector<std::string> folders;
  for (auto& [index, progress] : by_index) folders.push_back(std::move(progress));
  return folders;
}

absl::StatusOr<ClaimedJob> AsClaimedJob(const redis::Reply& reply) {
  RETURN_IF_ERROR(ExpectArray(reply, 4));
  ClaimedJob job;
  ASSIGN_OR_RETURN(const int64_t id, AsInteger(reply.items[0]));
  job.id = static_cast<JobId>(id);
  ASSIGN_OR_RETURN(const int64_t epoch, AsInteger(reply.items[1]));
  job.epoch = static_cast<Epoch>(epoch);
  ASSIGN_OR_RETURN(const int64_t attempt, AsInteger(reply.items[2]));
  job.attempt = static_cast<int>(attempt);
  job.spec = reply.items[3].text;
  return job;
}

absl::StatusOr<Past> AsPast(const redis::Reply& reply) {
  RETURN_IF_ERROR(ExpectArray(reply, 3));
  Past past;
  past.generation = reply.items[0].text;
  ASSIGN_OR_RETURN(past.folders, AsCheckpoint(reply.items[1]));
  const redis::Reply& ledger = reply.items[2];
  RETURN_IF_ERROR(ExpectArray(ledger, 0));
  if (ledger.items.size() % 2 != 0) return Unexpected();
  for (size_t i = 0; i < ledger.items.size(); i += 2) {
    past.ledger.push_back({ledger.items[i].text, ledger.items[i + 1].text});
  }
  return past;
}

absl::StatusOr<JobInfo> AsJobInfo(const redis::Reply& reply) {
  RETURN_IF_ERROR(ExpectArray(reply, 7));
  JobInfo job;
  ASSIGN_OR_RETURN(const int64_t id, AsInteger(reply.items[0]));
  job.id = static_cast<JobId>(id);
  ASSIGN_OR_RETURN(job.state, AsState(reply.items[1]));
  ASSIGN_OR_RETURN(const int64_t attempt, AsInteger(reply.items[2]));
  job.attempt = static_cast<int>(attempt);
  job.worker = reply.items[3].text;
  ASSIGN_OR_RETURN(job.not_before_ms, AsInteger(reply.items[4]));
  job.spec = reply.items[5].text;
  job.result = reply.items[6].text;
  return job;
}

absl::StatusOr<BatchInfo> AsBatchInfo(BatchId id, const redis::Reply& reply, size_t first_item) {
  RETURN_IF_ERROR(ExpectArray(reply, first_item));
  if ((reply.items.size() - first_item) % 2 != 0) return Unexpected();
  if (reply.items.size() == first_item) {
    return absl::NotFoundError(absl::StrCat("no batch ", id));
  }
  BatchInfo batch;
  batch.id = id;
  batch.counts.resize(kStates);
  for (size_t i = first_item; i < reply.items.size(); i += 2) {
    RETURN_IF_ERROR(ReadField(reply.items[i].text, reply.items[i + 1], batch));
  }
  return batch;
}

}  // namespace mailhaul::queue
