// Batches: creating, filling, sealing, reading, cancelling.

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/status.h"
#include "common/queue/redis_job_store_impl.h"
#include "common/queue/reply_shape.h"
#include "lua_scripts.h"

namespace mailhaul::queue {
namespace {

constexpr int kMostBatches = 500;

absl::Status CheckGates(std::span<const Gate> gates) {
  for (auto gate = gates.begin(); gate != gates.end(); ++gate) {
    const auto same = [&gate](const Gate& other) { return other.id == gate->id; };
    if (gate->id.empty() || gate->id.find('\n') != std::string::npos || gate->cap == 0 ||
        std::any_of(gates.begin(), gate, same)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "gate \"", gate->id, "\" is empty, named twice, without a cap, or holds a line feed"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBlock(std::span<const NewJob> jobs) {
  if (jobs.empty()) return absl::InvalidArgumentError("a block without rows");
  const uint32_t block = jobs.front().row / kBlockRows;
  for (size_t i = 0; i < jobs.size(); ++i) {
    const uint32_t row = jobs[i].row;
    if (row >> kRowBits != 0 || row / kBlockRows != block || (i > 0 && row <= jobs[i - 1].row)) {
      return absl::InvalidArgumentError(
          absl::StrCat("row ", row, " does not ascend within one block of ", kBlockRows));
    }
    if (jobs[i].spec.empty()) return absl::InvalidArgumentError("a job without a spec");
    RETURN_IF_ERROR(CheckGates(jobs[i].gates));
  }
  return absl::OkStatus();
}

std::string LaneName(std::span<const Gate> gates) {
  return absl::StrJoin(gates, "\n",
                       [](std::string* out, const Gate& gate) { out->append(gate.id); });
}

std::string LaneCaps(std::span<const Gate> gates) {
  return absl::StrJoin(gates, " ",
                       [](std::string* out, const Gate& gate) { absl::StrAppend(out, gate.cap); });
}

// ARGV of submit: each lane once, then the rows that point to them.
redis::Args SubmitArguments(BatchId batch, std::span<const NewJob> jobs) {
  std::map<std::string, size_t> lanes;  // name -> place in the list, from 1
  redis::Args lane_words;
  redis::Args row_words;
  for (const NewJob& job : jobs) {
    const auto [lane, is_new] = lanes.emplace(LaneName(job.gates), lanes.size() + 1);
    if (is_new) {
      lane_words.push_back(lane->first);
      lane_words.push_back(LaneCaps(job.gates));
    }
    row_words.push_back(absl::StrCat(MakeJobId(batch, job.row)));
    row_words.push_back(absl::StrCat(lane->second));
    row_words.push_back(job.spec);
  }
  redis::Args argv = {absl::StrCat(batch), absl::StrCat(jobs.front().row / kBlockRows),
                      absl::StrCat(lanes.size())};
  std::move(lane_words.begin(), lane_words.end(), std::back_inserter(argv));
  std::move(row_words.begin(), row_words.end(), std::back_inserter(argv));
  return argv;
}

}  // namespace

Task<absl::StatusOr<BatchId>> RedisJobStore::CreateBatch(std::string request_id,
                                                         std::string description,
                                                         Deadline deadline) {
  redis::Args argv = {std::move(request_id), std::move(description)};
  CO_ASSIGN_OR_RETURN(const redis::Reply reply,
                      co_await Run(lua::create_batch, std::move(argv), deadline));
  CO_ASSIGN_OR_RETURN(const int64_t batch, AsInteger(reply));
  co_return static_cast<BatchId>(batch);
}

Task<absl::Status> RedisJobStore::Submit(BatchId batch, std::span<const NewJob> jobs,
                                         Deadline deadline) {
  CO_RETURN_IF_ERROR(CheckBlock(jobs));
  co_return (co_await Run(lua::submit, SubmitArguments(batch, jobs), deadline)).status();
}

Task<absl::Status> RedisJobStore::Seal(BatchId batch, int64_t rows, Deadline deadline) {
  redis::Args argv = {absl::StrCat(batch), absl::StrCat(rows)};
  co_return (co_await Run(lua::seal, std::move(argv), deadline)).status();
}

Task<absl::StatusOr<BatchInfo>> RedisJobStore::GetBatch(BatchId batch, Deadline deadline) {
  redis::Args args = {"HGETALL", keys_.Batch(batch)};
  CO_ASSIGN_OR_RETURN(const redis::Reply reply, co_await redis_.Call(std::move(args), deadline));
  co_return AsBatchInfo(batch, reply, 0);
}

Task<absl::StatusOr<std::vector<BatchInfo>>> RedisJobStore::ListBatches(BatchId before, int limit,
                                                                        Deadline deadline) {
  redis::Args argv = {absl::StrCat(before), absl::StrCat(std::clamp(limit, 0, kMostBatches))};
  CO_ASSIGN_OR_RETURN(const redis::Reply reply,
                      co_await Run(lua::list_batches, std::move(argv), deadline));
  CO_RETURN_IF_ERROR(ExpectArray(reply, 0));
  std::vector<BatchInfo> batches;
  for (const redis::Reply& item : reply.items) {
    CO_RETURN_IF_ERROR(ExpectArray(item, 1));
    CO_ASSIGN_OR_RETURN(const int64_t id, AsInteger(item.items[0]));
    CO_ASSIGN_OR_RETURN(BatchInfo batch, AsBatchInfo(static_cast<BatchId>(id), item, 1));
    batches.push_back(std::move(batch));
  }
  co_return batches;
}

Task<absl::Status> RedisJobStore::CancelBatch(BatchId batch, Deadline deadline) {
  redis::Args argv = {absl::StrCat(batch)};
  CO_RETURN_IF_ERROR((co_await Run(lua::cancel_batch, std::move(argv), deadline)).status());
  for (bool more = true; more;) {
    CO_ASSIGN_OR_RETURN(more, co_await Sweep(deadline));
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<bool>> RedisJobStore::Sweep(Deadline deadline) {
  redis::Args argv = {absl::StrCat(kBlocksPerSweep)};
  CO_ASSIGN_OR_RETURN(const redis::Reply reply,
                      co_await Run(lua::sweep, std::move(argv), deadline));
  CO_ASSIGN_OR_RETURN(const int64_t left, AsInteger(reply));
  co_return left > 0;
}

}  // namespace mailhaul::queue
