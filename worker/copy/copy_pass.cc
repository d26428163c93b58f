#include "worker/copy/copy_pass.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "worker/copy/flags.h"
#include "worker/copy/internal_date.h"

namespace mailhaul::copy {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;

// A refusal that is not about the message: the next one would meet the same.
bool ConcernsTheMailbox(const absl::Status& refusal) { return absl::IsResourceExhausted(refusal); }

}  // namespace

CopyPass::CopyPass(imap::Session& source, imap::Session& destination,
                   boost::asio::any_io_executor executor, std::span<FolderCopy> folders,
                   SourceReader::Mode mode, StoreBooks store)
    : source_(source),
      destination_(destination),
      folders_(folders),
      mode_(mode),
      append_limit_(destination.capabilities().Number("APPENDLIMIT")),
      appends_(destination, std::move(executor), *this),
      reader_(source, folders, *this, mode, std::move(store)) {
  if (mode == SourceReader::Mode::kSingly) appends_.SendSingly();
}

Task<absl::Status> CopyPass::Run() {
  co_await (Send() && ReadAnswers());
  if (first_failure_.ok()) {
    for (FolderCopy& folder : folders_) folder.Rest();
  }
  co_return first_failure_;
}

Task<absl::Status> CopyPass::Send() {
  absl::Status sent = co_await reader_.Run();
  if (sent.ok()) {
    sent = OnSide(Side::kDestination, co_await (appends_.Finish() && EndSource()));
  } else if (GetErrorDetail(sent).value_or(ErrorDetail{}).side != Side::kDestination) {
    // So that the next run need not wait for what may still be carried out.
    (void)co_await appends_.Settle();
  }
  Fail(sent);
  co_return sent;
}

Task<void> CopyPass::EndSource() {
  if (stopped_) {
    source_.connection().Abort();  // it is in the middle of what was asked for ahead
  } else {
    co_await source_.Logout();
  }
}

void CopyPass::Stop() {
  stopped_ = true;
  reader_.Stop();
}

Task<absl::Status> CopyPass::ReadAnswers() {
  absl::Status read = OnSide(Side::kDestination, co_await appends_.ReadAnswers());
  Fail(read);
  co_return read;
}

void CopyPass::Fail(const absl::Status& status) {
  if (status.ok()) return;
  first_failure_.Update(status);
  appends_.GiveUp(status);
  source_.connection().Abort();
  destination_.connection().Abort();
}

Task<absl::StatusOr<bool>> CopyPass::Begin(size_t folder, const imap::FetchedMessage& message,
                                           uint64_t octets) {
  FolderCopy& into = folders_[folder];
  into.Arriving();
  if (append_limit_ && octets > *append_limit_) {
    v1::Problem problem;
    *problem.mutable_error() =
        ToProto(OnSide(Side::kDestination,
                       absl::FailedPreconditionError(absl::StrCat(
                           "larger than the destination takes: APPENDLIMIT is ", *append_limit_))));
    problem.set_internal_date(message.internal_date);
    problem.set_size_bytes(static_cast<int64_t>(octets));
    into.Failed(message.uid, std::move(problem));
    co_return false;
  }
  Envelope envelope;
  envelope.folder = folder;
  envelope.source_uid = message.uid;
  envelope.octets = octets;
  envelope.mailbox = into.plan().destination_wire;
  envelope.source_flags = *message.flags;
  envelope.flags = FlagsFor(into.destination(), *message.flags);
  envelope.internal_date = NormalizeInternalDate(message.internal_date);
  absl::StatusOr<bool> begun = co_await appends_.Begin(std::move(envelope));
  if (!begun.ok()) co_return OnSide(Side::kDestination, begun.status());
  co_return begun;
}

Task<absl::Status> CopyPass::Write(absl::string_view octets) {
  co_return OnSide(Side::kDestination, co_await appends_.Write(octets));
}

Task<absl::Status> CopyPass::End() {
  co_return OnSide(Side::kDestination, co_await appends_.End());
}

Task<absl::Status> CopyPass::Flush() {
  co_return OnSide(Side::kDestination, co_await appends_.Flush());
}

// What was known of the folder is void; the next run begins with that.
absl::Status CopyPass::CheckUidValidity(size_t folder, uint32_t uid_validity) const {
  const FolderCopy& books = folders_[folder];
  if (uid_validity == 0 || uid_validity == books.destination().uid_validity)
    return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("UIDVALIDITY of \"", books.plan().destination_name, "\" changed in mid-copy"));
}

absl::Status CopyPass::OnMailboxStatus(size_t folder, const imap::MailboxStatus& status) {
  RETURN_IF_ERROR(CheckUidValidity(folder, status.uid_validity));
  folders_[folder].NoteUidNext(status.uid_next);
  return absl::OkStatus();
}

absl::Status CopyPass::OnOutcome(const AppendOutcome& outcome) {
  if (ConcernsTheMailbox(outcome.status)) return outcome.status;
  RETURN_IF_ERROR(CheckUidValidity(outcome.folder, outcome.uid_validity));
  FolderCopy& folder = folders_[outcome.folder];
  for (const AppendOutcome::Message& message : outcome.messages) {
    if (outcome.status.ok()) {
      folder.Copied(message.source_uid, message.destination_uid, message.source_flags,
                    message.octets);
    } else if (mode_ == SourceReader::Mode::kMany) {
      folder.TryAgain(message.source_uid);
    } else {
      v1::Problem problem;
      *problem.mutable_error() = ToProto(OnSide(Side::kDestination, outcome.status));
      problem.set_size_bytes(static_cast<int64_t>(message.octets));
      folder.Failed(message.source_uid, std::move(problem));
    }
  }
  return absl::OkStatus();
}

}  // namespace mailhaul::copy
