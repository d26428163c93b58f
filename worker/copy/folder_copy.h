#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "common/base/deadline.h"
#include "mailhaul/v1/job.pb.h"
#include "worker/copy/ledger.h"
#include "worker/copy/survey.h"
#include "worker/copy/windows.h"
#include "worker/imap/uid_set.h"

namespace mailhaul::copy {

// What earlier runs left of a folder.
struct EarlierRuns {
  const v1::FolderProgress* progress = nullptr;  // of the same job; null: none
  Ledger ledger;                                 // of the pair; empty where there is none
  std::string generation;                        // of Redis, now
};

// What must be known before anything of a folder is sent (docs/exactly-once.md).
struct Doubt {
  imap::UidSet at_destination;  // messages that may be ours though the ledger does not know them
  imap::UidSet at_source;       // messages that they may be
};

// The book-keeping of one folder's copy, without a socket: which messages are still to be sent,
// which may have been sent, which are to be tried again, and the counts. Every message found is in
// exactly one of these.
class FolderCopy {
 public:
  // What earlier runs left counts only if both UIDVALIDITYs are still the same.
  FolderCopy(PlannedFolder plan, SourceFolder source, const DestinationFolder& destination,
             EarlierRuns earlier);

  const PlannedFolder& plan() const { return plan_; }
  const imap::SelectedMailbox& destination() const { return destination_; }
  uint32_t source_uid_validity() const { return progress_.source_uid_validity(); }
  bool failed() const { return progress_.has_error(); }
  Ledger& ledger() { return ledger_; }

  // ---- before the copy ----
  // What is in doubt: to be settled by Adopt and DoubtSettled before the first TakeWork. When it is
  // nothing, that was it.
  std::optional<Doubt> TakeDoubt();
  void DoubtSettled();
  // The destination has it already, under this UID. `flags` are the source's now.
  void Adopt(imap::Uid source, imap::Uid destination, absl::string_view flags);
  // Copied by an earlier pass, but with other flags at the source now.
  const std::vector<Reflagged>& reflagged() const { return reflagged_; }
  // ... and the destination's copies have those flags now.
  void FlagsBrought();

  // ---- the copy ----
  bool HasWork() const { return !to_send_.empty(); }
  // The lowest `count` messages to ask the source for. They belong to the intent from here on,
  // which must be stored before any of them is sent.
  imap::UidSet TakeWork(uint64_t count);
  // The same with those to be tried again.
  imap::UidSet TakeSecondTry(imap::Uid uid);
  const imap::UidSet& second_tries() const { return again_; }

  // A message of it begins to arrive: its time runs.
  void Arriving();

  // Each settles one outstanding message, or one of the second tries. `destination` is its UID
  // there; 0: not told.
  void Copied(imap::Uid uid, imap::Uid destination, absl::string_view flags, uint64_t octets);
  void TryAgain(imap::Uid uid);
  void Skipped(imap::Uid uid, v1::Problem problem);
  void Failed(imap::Uid uid, v1::Problem problem);
  // The folder as a whole is at fault: all that is not settled has failed for this reason.
  void FailRest(const absl::Status& why);
  // The destination's UIDNEXT: every message confirmed so far has a lower UID.
  void NoteUidNext(imap::Uid uid_next);
  // The session has ended well: what was asked for and not settled was never sent.
  void Rest();

  // ---- what to store and to show ----
  // Whether the progress changed since last time.
  bool TakeDirty();
  void MarkDirty() { dirty_ = true; }
  const v1::FolderProgress& Progress();
  // The records of its ledger that changed, with the intent as it is now.
  std::vector<LedgerRecord> TakeLedgerChanges();

 private:
  void Resume(const v1::FolderProgress& earlier);
  // To bring flags to copies of which it is not known where they are.
  bool NeedsDestinations() const;
  void CountWhatIsThere();
  void Settle(imap::Uid uid);
  void AddProblem(imap::Uid uid, v1::Problem problem);
  uint64_t Unsettled() const { return to_send_.size() + outstanding_.size() + again_.size(); }

  PlannedFolder plan_;
  imap::SelectedMailbox destination_;
  SourceFolder source_;  // its UIDs have gone where they belong
  std::string generation_;
  Ledger ledger_;
  bool ledger_is_new_ = false;
  bool in_doubt_ = true;
  imap::UidSet adopted_;
  std::vector<Reflagged> reflagged_;
  Windows windows_;
  imap::UidSet to_send_;
  imap::UidSet outstanding_;
  imap::UidSet again_;
  imap::UidSet failed_;
  std::optional<Deadline::Clock::time_point> began_;  // this run's first message
  Deadline::Clock::duration lasted_before_{};         // in earlier runs
  v1::FolderProgress progress_;
  bool dirty_ = true;
};

// Whether what the ledger knows is about these folders as they are now: UIDs mean nothing under
// another UIDVALIDITY, nor under none (RFC 9051 2.3.1.1).
bool CountsFor(const Ledger& ledger, const imap::SelectedMailbox& source,
               const imap::SelectedMailbox& destination);

// Our words and the server's, for a report.
v1::Error ToProto(const absl::Status& status);

}  // namespace mailhaul::copy
