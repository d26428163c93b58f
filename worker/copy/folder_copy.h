#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "common/base/deadline.h"
#include "mailhaul/v1/job.pb.h"
#include "worker/copy/survey.h"
#include "worker/imap/uid_set.h"

namespace mailhaul::copy {

// The book-keeping of one folder's copy, without a socket: which messages are still to be sent,
// which have been asked for, which are to be tried again, and the counts. Every message found is in
// exactly one of these.
class FolderCopy {
 public:
  // `earlier` is what an earlier run left, or null; it counts only if both UIDVALIDITYs are still
  // the same.
  FolderCopy(PlannedFolder plan, const SourceFolder& source, const DestinationFolder& destination,
             const v1::FolderProgress* earlier);

  const PlannedFolder& plan() const { return plan_; }
  const imap::SelectedMailbox& destination() const { return destination_; }
  uint32_t source_uid_validity() const { return progress_.source_uid_validity(); }
  bool failed() const { return progress_.has_error(); }

  bool HasWork() const { return !to_send_.empty(); }
  // The lowest `count` messages to ask the source for; they are outstanding from here on.
  imap::UidSet TakeWork(uint64_t count);
  const imap::UidSet& second_tries() const { return again_; }

  // A message of it begins to arrive: its time runs.
  void Arriving();

  // Each settles one outstanding message, or one of the second tries.
  void Copied(imap::Uid uid, uint64_t octets);
  void TryAgain(imap::Uid uid);
  void Skipped(imap::Uid uid, v1::Problem problem);
  void Failed(imap::Uid uid, v1::Problem problem);
  // The folder as a whole is at fault: all that is not settled has failed for this reason.
  void FailRest(const absl::Status& why);

  // What to store and to show. Call Dirty first: it tells whether anything changed since last time.
  bool TakeDirty();
  void MarkDirty() { dirty_ = true; }
  const v1::FolderProgress& Progress();

 private:
  void Resume(const v1::FolderProgress& earlier);
  void Settle(imap::Uid uid);
  void AddProblem(imap::Uid uid, v1::Problem problem);
  uint64_t Unsettled() const { return to_send_.size() + outstanding_.size() + again_.size(); }

  PlannedFolder plan_;
  imap::SelectedMailbox destination_;
  imap::UidSet to_send_;
  imap::UidSet outstanding_;
  imap::UidSet again_;
  imap::Uid highest_ = 0;
  std::optional<Deadline::Clock::time_point> began_;  // this run's first message
  Deadline::Clock::duration lasted_before_{};         // in earlier runs
  v1::FolderProgress progress_;
  bool dirty_ = true;
};

// Our words and the server's, for a report.
v1::Error ToProto(const absl::Status& status);

}  // namespace mailhaul::copy
