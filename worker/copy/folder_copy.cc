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

v1::Error ToProto(const absl::Status& status) {
  const ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail{});
  v1::Error error;
  error.set_code(static_cast<int>(status.code()));
  error.set_side(static_cast<v1::Side>(detail.side));
  error.set_message(std::string(status.message()));
  error.set_server_text(ValidUtf8(detail.server_text));
  return error;
}

FolderCopy::FolderCopy(PlannedFolder plan, const SourceFolder& source,
                       const DestinationFolder& destination, const v1::FolderProgress* earlier)
    : plan_(std::move(plan)),
      destination_(destination.mailbox),
      to_send_(source.uids),
      highest_(source.uids.highest()) {
  progress_.set_source_uid_validity(source.uid_validity);
  progress_.set_destination_uid_validity(destination.mailbox.uid_validity);
  progress_.mutable_tally()->set_found_bytes(static_cast<int64_t>(source.octets));
  if (earlier != nullptr && earlier->source_uid_validity() == source.uid_validity &&
      earlier->destination_uid_validity() == destination.mailbox.uid_validity) {
    Resume(*earlier);
  }
  progress_.set_source_mailbox(plan_.source_name);
  progress_.set_destination_mailbox(plan_.destination_name);
  progress_.set_rename_reason(plan_.rename_reason);
  v1::Tally& tally = *progress_.mutable_tally();
  tally.set_found(tally.copied() + tally.already_there() + tally.skipped() + tally.failed() +
                  static_cast<int64_t>(Unsettled()));
  absl::Status unusable = source.status;
  unusable.Update(destination.status);
  if (!unusable.ok()) FailRest(unusable);
}

void FolderCopy::Resume(const v1::FolderProgress& earlier) {
  const int64_t found_bytes = progress_.tally().found_bytes();
  progress_ = earlier;
  progress_.clear_error();
  lasted_before_ = std::chrono::nanoseconds(TimeUtil::DurationToNanoseconds(earlier.duration()));
  progress_.mutable_tally()->set_found_bytes(found_bytes);
  const imap::UidSet listed = to_send_;
  to_send_.RemoveUpTo(earlier.copied_up_to_uid());
  const auto pending = imap::ParseUidSet(earlier.pending_uids());
  if (earlier.pending_uids().empty() || !pending.ok()) return;
  // What went from the source meanwhile is no longer asked for, and no longer counted as found.
  for (const auto& range : pending->ranges()) {
    for (uint64_t uid = range.first; uid <= range.last; ++uid) {
      if (listed.Contains(static_cast<imap::Uid>(uid))) again_.Add(static_cast<imap::Uid>(uid));
    }
  }
}

void FolderCopy::Arriving() {
  if (!began_) began_ = Deadline::Clock::now();
}

imap::UidSet FolderCopy::TakeWork(uint64_t count) {
  imap::UidSet work = to_send_.TakeLowest(count);
  for (const auto& range : work.ranges()) outstanding_.AddRange(range);
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

void FolderCopy::Copied(imap::Uid uid, uint64_t octets) {
  Settle(uid);
  v1::Tally& tally = *progress_.mutable_tally();
  tally.set_copied(tally.copied() + 1);
  tally.set_copied_bytes(tally.copied_bytes() + static_cast<int64_t>(octets));
}

void FolderCopy::TryAgain(imap::Uid uid) {
  Settle(uid);
  again_.Add(uid);
}

void FolderCopy::AddProblem(imap::Uid uid, v1::Problem problem) {
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

bool FolderCopy::TakeDirty() { return std::exchange(dirty_, false); }

const v1::FolderProgress& FolderCopy::Progress() {
  imap::Uid below = 0;  // the lowest message that nobody has settled
  for (const imap::UidSet* open : {&to_send_, &outstanding_}) {
    if (!open->empty()) below = below == 0 ? open->lowest() : std::min(below, open->lowest());
  }
  progress_.set_copied_up_to_uid(below == 0 ? std::max(highest_, progress_.copied_up_to_uid())
                                            : below - 1);
  progress_.set_pending_uids(again_.ToString());
  progress_.mutable_tally()->set_remaining(static_cast<int64_t>(Unsettled()));
  progress_.set_done(Unsettled() == 0);
  return progress_;
}

}  // namespace mailhaul::copy
