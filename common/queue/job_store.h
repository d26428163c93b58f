#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/queue/lease_times.h"

namespace mailhaul::queue {

// A batch is numbered from 1; a job is (batch, row) with row counted from 0 over the CSV's data
// rows. Packed as batch * 2^24 + row, which stays exact in Lua (below 2^53).
using BatchId = uint32_t;
using JobId = uint64_t;
constexpr int kRowBits = 24;
constexpr JobId MakeJobId(BatchId batch, uint32_t row) { return (JobId{batch} << kRowBits) | row; }
constexpr BatchId BatchOf(JobId job) { return static_cast<BatchId>(job >> kRowBits); }
constexpr uint32_t RowOf(JobId job) { return job & ((1u << kRowBits) - 1); }

// Fencing number of a lease: only equality counts; it is different for every claim.
using Epoch = uint64_t;

// A limit shared by all workers: at most `cap` leases at a time that name this gate, for instance
// {"src:o365:baya.com", 10}. The cap is fixed when a job first names the gate, until every job
// that names it has ended. An id is not empty and holds no line feed.
struct Gate {
  std::string id;
  uint32_t cap = 0;
};

// One row to be queued. Jobs with the same gates wait in one line (a lane), first come first
// served. Among lanes, the one whose first gate has the fewest jobs running goes first. No gate is
// named twice.
struct NewJob {
  uint32_t row = 0;
  std::vector<Gate> gates;
  std::string spec;  // a serialized v1::JobSpec; opaque here, not empty
};

// A job handed to a worker under a lease.
struct ClaimedJob {
  JobId id = 0;
  Epoch epoch = 0;
  int attempt = 0;  // counts from 1; interrupted and throttled runs do not count
  std::string spec;
};

struct LeaseRef {
  JobId id = 0;
  Epoch epoch = 0;
};

// A named record of a pair's ledger; opaque here. An empty value removes the record.
struct LedgerRecord {
  std::string name;
  std::string value;
};

// What earlier runs left, to be read when a run begins.
struct Past {
  std::string generation;            // which life of Redis this is: changes with every restart and
                                     // every fail-over
  std::vector<std::string> folders;  // serialized v1::FolderProgress of this job's earlier runs, in
                                     // the order of their index
  std::vector<LedgerRecord> ledger;  // of the pair, whichever job wrote it; in no order
};

// How far one folder of a job has come.
struct FolderRecord {
  int index = 0;         // in the job's list of folders
  std::string progress;  // a serialized v1::FolderProgress
};

// What a run stores on its way. Records that are not given stay as they are.
struct CheckpointRecords {
  uint64_t number = 0;  // from 1, and larger with every call of one lease
  std::string pair;     // JobSpec.pair; not empty
  std::vector<FolderRecord> folders;
  std::vector<LedgerRecord> ledger;
};

// What a worker learns when it renews. Jobs in neither list are held for another lease.
struct Renewal {
  std::vector<JobId> lost;       // someone else owns it, or it is gone: stop silently
  std::vector<JobId> cancelled;  // stop, then Finish with kCancelled
};

enum class State {
  kQueued,
  kRunning,
  kWaiting,
  kSucceeded,
  kSucceededWithSkips,
  kFailed,
  kCancelled
};
constexpr int kStates = 7;
constexpr bool IsFinal(State state) { return state >= State::kSucceeded; }

// How a run of a job that will be tried again ended.
enum class Interruption {
  kRetry,        // a failure that may pass: counts as an attempt; past `max_attempts` the job fails
  kThrottled,    // the server asked us to wait: no attempt counted
  kInterrupted,  // connection lost, worker leaving: no attempt counted
};

struct BatchInfo {
  BatchId id = 0;
  std::string request_id;
  std::string description;  // a serialized message of the coordinator's; opaque here
  int64_t created_ms = 0;   // Redis' clock, Unix ms
  int64_t rows = 0;         // rows submitted so far; all of them once `sealed`
  bool sealed = false;
  bool cancelled = false;
  std::vector<int64_t> counts;  // by State, kStates of them
};

struct JobInfo {
  JobId id = 0;
  State state = State::kQueued;
  int attempt = 0;            // the current or the last one; 0 before the first
  std::string worker;         // who holds the lease, while running
  int64_t not_before_ms = 0;  // Redis' clock, Unix ms, while waiting
  std::string spec;           // empty once the job has ended and the spec was dropped
  std::string result;         // what Finish stored; before that, what the last GiveBack did
};

struct Page {
  std::vector<JobInfo> jobs;
  std::optional<uint32_t> next_row;  // where the next page starts; nullopt at the end
};

// The queue. Every call is one Lua script (or a few bounded ones, or a plain read): atomic, safe to
// repeat, checked against the epoch where it carries one. Time is Redis' own.
//
// A restart and a fail-over of Redis void every lease, since the last second may be lost: the epoch
// is not the current one any more. Claims are then held back until the last of those leases has
// ended, grace included.
//
// Errors, the same for every method: UNAVAILABLE (Redis away or loading; try again),
// DEADLINE_EXCEEDED (it may have happened), ABORTED (the epoch is not the current one; nothing was
// changed), NOT_FOUND (no such batch or job), ALREADY_EXISTS (request id used with another
// description), FAILED_PRECONDITION (rows for a batch that is sealed or cancelled),
// INVALID_ARGUMENT (against a comment here), INTERNAL (a reply of the wrong shape).
class JobStore {
 public:
  virtual ~JobStore() = default;

  // ---- submission ----
  // The same request_id gives the same batch.
  virtual Task<absl::StatusOr<BatchId>> CreateBatch(std::string request_id, std::string description,
                                                    Deadline deadline) = 0;
  // At most 64 jobs, rows ascending and all within one aligned block of 64. A block is submitted
  // whole, in one call; repeating it changes nothing.
  virtual Task<absl::Status> Submit(BatchId batch, std::span<const NewJob> jobs,
                                    Deadline deadline) = 0;
  // All rows are in; FAILED_PRECONDITION unless `rows` is their number. Repeating it changes
  // nothing.
  virtual Task<absl::Status> Seal(BatchId batch, int64_t rows, Deadline deadline) = 0;

  // ---- reading ----
  virtual Task<absl::StatusOr<BatchInfo>> GetBatch(BatchId batch, Deadline deadline) = 0;
  // Newest first, from `before` (exclusive; 0 = the newest) on, at most `limit` (<= 500).
  virtual Task<absl::StatusOr<std::vector<BatchInfo>>> ListBatches(BatchId before, int limit,
                                                                   Deadline deadline) = 0;
  // Jobs from_row .. in row order, at most `limit` (<= 1000).
  virtual Task<absl::StatusOr<Page>> ListJobs(BatchId batch, uint32_t from_row, int limit,
                                              Deadline deadline) = 0;
  // Those of `jobs` (<= 1000) that exist, in the order given.
  virtual Task<absl::StatusOr<std::vector<JobInfo>>> ReadJobs(std::span<const JobId> jobs,
                                                              Deadline deadline) = 0;
  // Serialized v1::FolderProgress of a job, in the order the folders were begun. Empty for a job
  // that never began, or that does not exist.
  virtual Task<absl::StatusOr<std::vector<std::string>>> ReadCheckpoint(JobId job,
                                                                        Deadline deadline) = 0;

  // ---- control ----
  // Queued and waiting jobs end at once (in bounded steps), running ones with their next renewal.
  // Once this was accepted none of the batch's jobs will be claimed any more, even if the deadline
  // cuts the steps short; then Tick takes them.
  virtual Task<absl::Status> CancelBatch(BatchId batch, Deadline deadline) = 0;
  virtual Task<absl::Status> CancelJob(JobId job, Deadline deadline) = 0;

  // ---- a worker's side ----
  // How long leases are, in every process of this queue.
  virtual const LeaseTimes& lease_times() const = 0;
  // The caller knows that nobody holds a lease of this queue: claims begin at once in this life of
  // Redis. FAILED_PRECONDITION, and the hold stays, when leases are stored.
  virtual Task<absl::Status> Vouch(Deadline deadline) = 0;
  // Up to `want` (<= 100) jobs; none during a hold. A repeated `call` number of the same worker
  // returns the same jobs again, so that a lost reply loses no lease; one smaller than the last
  // returns none. `worker` names one life of one process; it is not empty and holds no space and no
  // "|".
  virtual Task<absl::StatusOr<std::vector<ClaimedJob>>> Claim(absl::string_view worker,
                                                              uint64_t call, int want,
                                                              Deadline deadline) = 0;
  virtual Task<absl::StatusOr<Renewal>> Renew(absl::string_view worker,
                                              std::span<const LeaseRef> leases,
                                              Deadline deadline) = 0;
  // `pair` is JobSpec.pair. The ledger belongs to the pair and outlives jobs and batches.
  virtual Task<absl::StatusOr<Past>> ReadPast(LeaseRef lease, std::string pair,
                                              Deadline deadline) = 0;
  // All of it or nothing. A call that arrives after one with a higher number (what a lost
  // connection still held) changes nothing and is OK.
  virtual Task<absl::Status> Checkpoint(LeaseRef lease, CheckpointRecords records,
                                        Deadline deadline) = 0;
  // `state` is a final one. Drops the spec (and with it the credentials).
  virtual Task<absl::Status> Finish(LeaseRef lease, State state, std::string result,
                                    Deadline deadline) = 0;
  // Gives the job back, to be claimed no sooner than `pause` from now. With kRetry, when the
  // attempts are used up, the job fails with `result`. A job that was cancelled meanwhile ends as
  // such.
  virtual Task<absl::Status> GiveBack(LeaseRef lease, Interruption why,
                                      std::chrono::milliseconds pause, std::string result,
                                      Deadline deadline) = 0;
  // Housekeeping that any process may do at any time, bounded work per call: takes back leases that
  // ended more than the grace ago, promotes jobs whose time has come, goes on with cancellations.
  // Returns ms until it is worth calling again, at most a second.
  virtual Task<absl::StatusOr<std::chrono::milliseconds>> Tick(Deadline deadline) = 0;
  // Returns when there may be work, or after `patience`: a blocking pop, never a poll. One waiter
  // wakes at a time; it should claim, which wakes the next if there is more.
  virtual Task<absl::Status> AwaitWork(std::chrono::milliseconds patience) = 0;

  // ---- watching ----
  // Ids of jobs whose state changed after `cursor` (empty: from now on), waiting up to `patience`
  // for one. An id may come more than once; read the job to learn its state.
  struct Changes {
    std::string cursor;
    std::vector<JobId> jobs;
    bool missed = false;  // the stream was cut behind the cursor: read everything again
  };
  virtual Task<absl::StatusOr<Changes>> AwaitChanges(std::string cursor,
                                                     std::chrono::milliseconds patience) = 0;

  // The process leaves: AwaitWork and AwaitChanges end with CANCELLED, now and from now on.
  virtual void Interrupt() = 0;
};

}  // namespace mailhaul::queue
