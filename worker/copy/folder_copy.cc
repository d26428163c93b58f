#include "worker/copy/folder_copy.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/string_view.h"

#include "common/base/error_detail.h"

namespace mailhaul::copy {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int kMostProblems = 100;
constexpr size_t kLongestServerText = 500;

// protobuf refuses strings that are not UTF-8, and servers send what they like.
std::string ValidUtf8(absl::string_view text) {
  std::string valid;
  for (const char c : text.substr(0, kLongestServerText)) {
    valid += static_cast<unsigned char>(c) < 0x80 ? c : '?';
  }
  return valid;
}

}  // namespace

bool CountsFor(const Ledger& ledger, const imap::SelectedMailbox& source,
               const imap::SelectedMailbox& destination) {
  return source.uid_validity != 0 && ledger.source_uid_validity() == source.uid_validity &&
         destination.uid_validity != 0 &&
         ledger.destination_uid_validity() == destination.uid_validity;
}

v1::Error ToProto(const absl::Status& status) {
  const ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail{});
  v1::Error error;
  error.set_code(static_cast<int>(status.code()));
  error.set_side(static_cast<v1::Side>(detail.side));
  error.set_message(std::string(status.message()));
  error.set_server_text(ValidUtf8(detail.server_text));
  return error;
}

FolderCopy::FolderCopy(PlannedFolder plan, SourceFolder source,
                       const DestinationFolder& destination, EarlierRuns earlier)
    : plan_(std::move(plan)),
      destination_(destination.mailbox),
      source_(std::move(source)),
      generation_(std::move(earlier.generation)),
      ledger_(std::move(earlier.ledger)),
      reflagged_(std::move(source_.reflagged)),
      windows_(destination.mailbox.uid_next),
      to_send_(source_.uids) {
  const uint32_t source_validity = source_.mailbox.uid_validity;
  absl::Status unusable = source_.status;
  unusable.Update(destination.status);
  ledger_is_new_ = !CountsFor(ledger_, source_.mailbox, destination_);
  if (ledger_is_new_ && unusable.ok()) {
    ledger_.Clear();
    ledger_.set_source_uid_validity(source_validity);
    ledger_.set_destination_uid_validity(destination_.uid_validity);
  }
  if (!source_.listed) source_.octets = ledger_.source_octets();
  to_send_.RemoveAll(ledger_.copied());
  if (earlier.progress != nullptr && earlier.progress->source_uid_validity() == source_validity &&
      earlier.progress->destination_uid_validity() == destination_.uid_validity) {
    Resume(*earlier.progress);
  }
  progress_.set_source_uid_validity(source_validity);
  progress_.set_destination_uid_validity(destination_.uid_validity);
  progress_.set_source_mailbox(plan_.source_name);
  progress_.set_destination_mailbox(plan_.destination_name);
  progress_.set_rename_reason(plan_.rename_reason);
  CountWhatIsThere();
  if (!unusable.ok()) FailRest(unusable);
}

void FolderCopy::Resume(const v1::FolderProgress& earlier) {
  progress_ = earlier;
  progress_.clear_error();
  lasted_before_ = std::chrono::nanoseconds(TimeUtil::DurationToNanoseconds(earlier.duration()));
  if (!earlier.failed_uids().empty()) {
    failed_ = imap::ParseUidSet(earlier.failed_uids()).value_or(imap::UidSet());
  }
  to_send_.RemoveAll(failed_);
  // Without what a fault of the whole folder had added: those are tried again.
  v1::Tally& tally = *progress_.mutable_tally();
  tally.set_failed(static_cast<int64_t>(failed_.size()) - tally.skipped());
}

void FolderCopy::CountWhatIsThere() {
  v1::Tally& tally = *progress_.mutable_tally();
  const uint64_t there =
      source_.listed ? Common(ledger_.copied(), source_.uids).size() : source_.mailbox.exists;
  // An earlier run of the same job has copied some of it, but mail may have gone from the source.
  tally.set_already_there(
      std::max(tally.already_there(), static_cast<int64_t>(there) - tally.copied()));
  tally.set_found(tally.copied() + tally.already_there() + tally.skipped() + tally.failed() +
                  static_cast<int64_t>(Unsettled()));
  tally.set_found_bytes(static_cast<int64_t>(source_.octets));
}

// ---- before the copy ----

std::optional<Doubt> FolderCopy::TakeDoubt() {
  if (failed()) return std::nullopt;
  const Intent& intent = ledger_.intent();
  const bool other_life = ledger_.generation() != generation_;
  Doubt doubt;
  imap::Uid from = 1;
  if (ledger_is_new_) {
    doubt.at_source = to_send_;
  } else if (other_life) {
    // Redis may have forgotten later intents: whatever is not in the ledger may have been sent.
    from = intent.uid_next;
    doubt.at_source = to_send_;
    doubt.at_source.AddAll(ledger_.SourcesWithoutDestination());
  } else {
    from = intent.uid_next;
    doubt.at_source = intent.source_uids;
  }
  if (NeedsDestinations()) {
    // With all that is there, or one of them would be taken for its twin.
    from = 1;
    doubt.at_source.AddAll(ledger_.SourcesWithoutDestination());
  }
  doubt.at_source = Common(std::move(doubt.at_source), source_.uids);
  from = std::max<imap::Uid>(from, 1);
  doubt.at_destination = imap::AllOthersFrom(from, ledger_.DestinationsFrom(from));
  // What comes after we have opened the folder is not ours.
  if (destination_.uid_next != 0)
    doubt.at_destination.RemoveAll(imap::AllOthersFrom(destination_.uid_next, {}));
  if (doubt.at_source.empty() || doubt.at_destination.empty() || destination_.exists == 0) {
    DoubtSettled();
    return std::nullopt;
  }
  return doubt;
}

bool FolderCopy::NeedsDestinations() const {
  return std::any_of(reflagged_.begin(), reflagged_.end(), [this](const Reflagged& message) {
    return ledger_.Find(message.uid)->destination == 0;
  });
}

void FolderCopy::Adopt(imap::Uid source, imap::Uid destination, absl::string_view flags) {
  if (const auto entry = ledger_.Find(source)) {
    ledger_.Add(source, destination, std::string(ledger_.flags(*entry)));
    return;
  }
  ledger_.Add(source, destination, flags);
  adopted_.Add(source);
}

void FolderCopy::DoubtSettled() {
  in_doubt_ = false;
  to_send_.RemoveAll(adopted_);
  v1::Tally& tally = *progress_.mutable_tally();
  tally.set_already_there(tally.already_there() + static_cast<int64_t>(adopted_.size()));
  adopted_ = {};
  dirty_ = true;
}

void FolderCopy::FlagsBrought() {
  for (const Reflagged& message : std::exchange(reflagged_, {}))
    ledger_.SetFlags(message.uid, message.flags);
}

// ---- the copy ----

void FolderCopy::Arriving() {
  if (!began_) began_ = Deadline::Clock::now();
}

imap::UidSet FolderCopy::TakeWork(uint64_t count) {
  imap::UidSet work = to_send_.TakeLowest(count);
  outstanding_.AddAll(work);
  windows_.Open(work);
  dirty_ = true;
  return work;
}

imap::UidSet FolderCopy::TakeSecondTry(imap::Uid uid) {
  imap::UidSet work;
  work.Add(uid);
  windows_.Open(work);
  dirty_ = true;
  return work;
}

void FolderCopy::Settle(imap::Uid uid) {
  outstanding_.Remove(uid);
  again_.Remove(uid);
  dirty_ = true;
  Arriving();  // what failed may have sent nothing
  const auto lasted = lasted_before_ + (Deadline::Clock::now() - *began_);
  *progress_.mutable_duration() = TimeUtil::NanosecondsToDuration(
      std::chrono::duration_cast<std::chrono::nanoseconds>(lasted).count());
}

void FolderCopy::Copied(imap::Uid uid, imap::Uid destination, absl::string_view flags,
                        uint64_t octets) {
  Settle(uid);
  if (destination != 0) {
    windows_.Arrived(uid, destination);
  } else {
    windows_.ArrivedSomewhere(uid);
  }
  ledger_.Add(uid, destination, flags);
  v1::Tally& tally = *progress_.mutable_tally();
  tally.set_copied(tally.copied() + 1);
  tally.set_copied_bytes(tally.copied_bytes() + static_cast<int64_t>(octets));
}

void FolderCopy::TryAgain(imap::Uid uid) {
  Settle(uid);
  windows_.Withdraw(uid);
  again_.Add(uid);
}

void FolderCopy::AddProblem(imap::Uid uid, v1::Problem problem) {
  windows_.Withdraw(uid);
  failed_.Add(uid);
  if (progress_.problems_size() >= kMostProblems) {
    progress_.set_problems_omitted(progress_.problems_omitted() + 1);
    return;
  }
  problem.set_uid(uid);
  *progress_.add_problems() = std::move(problem);
}

void FolderCopy::Skipped(imap::Uid uid, v1::Problem problem) {
  Settle(uid);
  progress_.mutable_tally()->set_skipped(progress_.tally().skipped() + 1);
  problem.set_skipped(true);
  AddProblem(uid, std::move(problem));
}

void FolderCopy::Failed(imap::Uid uid, v1::Problem problem) {
  Settle(uid);
  progress_.mutable_tally()->set_failed(progress_.tally().failed() + 1);
  AddProblem(uid, std::move(problem));
}

void FolderCopy::FailRest(const absl::Status& why) {
  *progress_.mutable_error() = ToProto(why);
  progress_.mutable_tally()->set_failed(progress_.tally().failed() +
                                        static_cast<int64_t>(Unsettled()));
  to_send_ = {};
  outstanding_ = {};
  again_ = {};
  dirty_ = true;
}

void FolderCopy::NoteUidNext(imap::Uid uid_next) { windows_.NoteUidNext(uid_next); }

void FolderCopy::Rest() {
  for (const auto& range : outstanding_.ranges()) {
    for (uint64_t uid = range.first; uid <= range.last; ++uid)
      windows_.Withdraw(static_cast<imap::Uid>(uid));
  }
  to_send_.AddAll(std::exchange(outstanding_, {}));
  dirty_ = true;
}

// ---- what to store and to show ----

bool FolderCopy::TakeDirty() { return std::exchange(dirty_, false); }

const v1::FolderProgress& FolderCopy::Progress() {
  progress_.set_failed_uids(failed_.ToString());
  progress_.mutable_tally()->set_remaining(static_cast<int64_t>(Unsettled()));
  progress_.set_done(Unsettled() == 0);
  return progress_;
}

std::vector<LedgerRecord> FolderCopy::TakeLedgerChanges() {
  // What is stored says where to look; it must stay until that was done.
  if (in_doubt_) return {};
  const bool complete = Unsettled() == 0 && failed_.empty() && reflagged_.empty();
  ledger_.set_generation(generation_);
  ledger_.set_intent(windows_.intent());
  ledger_.set_source_modseq(complete ? source_.mailbox.highest_modseq : 0);
  ledger_.set_source_octets(source_.octets);
  return ledger_.TakeChanges();
}

}  // namespace mailhaul::copy
