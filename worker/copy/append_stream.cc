#include "worker/copy/append_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "worker/imap/mailbox_name.h"

namespace mailhaul::copy {
namespace {

using imap::Response;

// Above 100 messages a command gains nothing more; 4 MiB bounds what one refusal makes us send
// again.
constexpr size_t kMessagesInCommand = 100;
constexpr uint64_t kOctetsInCommand = 4 * 1024 * 1024;
// Bounds the memory for what awaits an answer, and how much is in doubt when the connection is
// lost.
constexpr size_t kMessagesInFlight = 2000;
// What a server has received it carries out, also when we are dead by then; whoever takes over
// waits the lease's grace and then counts on having met all of it. So no more is in flight than
// the server, at the pace it has shown, answers in a fraction of that time.
constexpr std::chrono::seconds kPromptly{1};
constexpr std::chrono::seconds kTooLate{3};
constexpr size_t kCommandsInFlight = 200;
// How many messages without a UID may be in doubt before STATUS is asked.
constexpr size_t kMessagesWithoutStatus = 500;
// LITERAL- allows non-synchronising literals up to this size (RFC 7888 5).
constexpr uint64_t kLiteralMinusOctets = 4096;
// A server answers only when it has everything, and sending has its own deadline: this one only
// keeps a reader from living for ever.
constexpr std::chrono::hours kLongestSilence{4};

}  // namespace

AppendStream::AppendStream(imap::Session& session, boost::asio::any_io_executor executor,
                           AppendListener& listener)
    : session_(session),
      listener_(listener),
      tells_uids_(session.capabilities().Has("UIDPLUS")),
      answered_(executor),
      begun_(executor),
      most_messages_(session.capabilities().Has("MULTIAPPEND") ? kMessagesInCommand : 1),
      most_in_flight_(kMessagesInCommand) {}

bool AppendStream::Synchronising(uint64_t octets) const {
  const imap::Capabilities& offered = session_.capabilities();
  if (offered.Has("LITERAL+")) return false;
  return !offered.Has("LITERAL-") || octets > kLiteralMinusOctets;
}

// append-message = [SP flag-list] [SP date-time] SP literal        ; RFC 3502 6.3.11
// The flag list is always sent: without it some servers misread the date.
std::string AppendStream::MessageHead(const Envelope& message) const {
  std::string head = absl::StrCat(" (", message.flags, ") ");
  if (!message.internal_date.empty()) absl::StrAppend(&head, "\"", message.internal_date, "\" ");
  absl::StrAppend(&head, "{", message.octets, Synchronising(message.octets) ? "}\r\n" : "+}\r\n");
  return head;
}

Task<absl::Status> AppendStream::WaitForAnswer(Deadline deadline) {
  answered_.Reset();
  if (co_await answered_.Wait(deadline)) co_return absl::OkStatus();
  co_return absl::DeadlineExceededError("the server did not answer in time");
}

Task<absl::Status> AppendStream::WaitForRoom() {
  if (messages_in_flight_ < most_in_flight_ && in_flight_.size() < kCommandsInFlight)
    co_return failed_;
  CO_RETURN_IF_ERROR(co_await Flush());
  const Deadline deadline = session_.Patience();
  while (failed_.ok() &&
         (messages_in_flight_ >= most_in_flight_ || in_flight_.size() >= kCommandsInFlight)) {
    CO_RETURN_IF_ERROR(co_await WaitForAnswer(deadline));
  }
  co_return failed_;
}

Task<absl::Status> AppendStream::Open(const Envelope& message) {
  CO_RETURN_IF_ERROR(co_await WaitForRoom());
  Command command;
  command.tag = session_.connection().NextTag();
  command.outcome.folder = message.folder;
  const std::string line = absl::StrCat(command.tag, " APPEND ", imap::Quote(message.mailbox));
  last_folder_ = message.folder;
  last_mailbox_ = std::string(message.mailbox);
  in_flight_.push_back(std::move(command));
  open_ = true;
  open_refused_ = false;
  begun_.Set();
  co_return co_await session_.connection().Send(line, session_.Patience());
}

Task<absl::StatusOr<bool>> AppendStream::Begin(Envelope message) {
  const bool fits = open_ && !open_refused_ && in_flight_.back().outcome.folder == message.folder &&
                    in_flight_.back().outcome.messages.size() < MostMessages() &&
                    in_flight_.back().octets + message.octets <= kOctetsInCommand;
  if (open_ && !fits) {
    CO_RETURN_IF_ERROR(co_await Close());
  }
  const bool elsewhere = message.folder != last_folder_;
  if (!open_ && (elsewhere || messages_since_status_ >= kMessagesWithoutStatus)) {
    CO_RETURN_IF_ERROR(co_await AskStatus());
  }
  if (!open_) {
    CO_RETURN_IF_ERROR(co_await Open(message));
  }
  ++messages_since_status_;
  in_flight_.back().outcome.messages.push_back(
      {message.source_uid, message.octets, std::move(message.source_flags), 0});
  in_flight_.back().octets += message.octets;
  ++messages_in_flight_;
  const std::string head = MessageHead(message);
  go_ahead_ = !Synchronising(message.octets);
  CO_RETURN_IF_ERROR(co_await session_.connection().Send(head, session_.Patience()));
  if (go_ahead_) co_return true;

  CO_RETURN_IF_ERROR(co_await Flush());
  const Deadline deadline = session_.Patience();
  while (!go_ahead_ && open_ && !open_refused_ && failed_.ok()) {
    CO_RETURN_IF_ERROR(co_await WaitForAnswer(deadline));
  }
  CO_RETURN_IF_ERROR(failed_);
  if (open_refused_)
    open_ = open_refused_ = false;  // the command ended with its refusal: no CRLF is owed
  co_return go_ahead_;
}

Task<absl::Status> AppendStream::Write(absl::string_view octets) {
  return session_.connection().Send(octets, session_.Patience());
}

Task<absl::Status> AppendStream::End() {
  CO_RETURN_IF_ERROR(failed_);
  const bool full = open_refused_ || in_flight_.back().outcome.messages.size() >= MostMessages() ||
                    in_flight_.back().octets >= kOctetsInCommand;
  if (full) {
    CO_RETURN_IF_ERROR(co_await Close());
  }
  co_return absl::OkStatus();
}

Task<absl::Status> AppendStream::Close() {
  open_ = open_refused_ = false;
  in_flight_.back().sent = Deadline::Clock::now();
  co_return co_await session_.connection().Send("\r\n", session_.Patience());
}

// STATUS (RFC 9051 6.3.11) behind the APPENDs, without waiting for either.
Task<absl::Status> AppendStream::AskStatus() {
  if (tells_uids_ || messages_since_status_ == 0) co_return absl::OkStatus();
  messages_since_status_ = 0;
  Command command;
  command.tag = session_.connection().NextTag();
  command.asks_status = true;
  command.outcome.folder = last_folder_;
  const std::string line = absl::StrCat(command.tag, " STATUS ", imap::Quote(last_mailbox_),
                                        " (UIDNEXT UIDVALIDITY)\r\n");
  in_flight_.push_back(std::move(command));
  begun_.Set();
  co_return co_await session_.connection().Send(line, session_.Patience());
}

Task<absl::Status> AppendStream::Finish() {
  if (open_) {
    CO_RETURN_IF_ERROR(co_await Close());
  }
  CO_RETURN_IF_ERROR(co_await AskStatus());
  CO_RETURN_IF_ERROR(co_await session_.SayLogout());
  while (failed_.ok() && !in_flight_.empty()) {
    CO_RETURN_IF_ERROR(co_await WaitForAnswer(session_.Patience()));
  }
  finished_ = true;
  begun_.Set();
  co_return failed_;
}

Task<absl::Status> AppendStream::Settle() {
  CO_RETURN_IF_ERROR(co_await Flush());
  while (failed_.ok() && HasUnanswered()) {
    CO_RETURN_IF_ERROR(co_await WaitForAnswer(session_.Patience()));
  }
  co_return failed_;
}

Task<absl::Status> AppendStream::ReadAnswers() {
  while (!finished_) {
    if (in_flight_.empty()) {
      begun_.Reset();
      co_await begun_.Wait(Deadline::After(kLongestSilence));
      continue;
    }
    const absl::StatusOr<Response> response =
        co_await session_.connection().Receive(Deadline::After(kLongestSilence));
    failed_ = response.status();
    if (failed_.ok() && response->kind == Response::Kind::kContinue) go_ahead_ = true;
    if (failed_.ok() && response->kind == Response::Kind::kUntagged)
      failed_ = Untagged(response->text);
    if (failed_.ok() && response->kind == Response::Kind::kTagged)
      failed_ = Answered(response->tag, response->text);
    if (!failed_.ok()) break;
    if (response->kind != Response::Kind::kUntagged) answered_.Set();
  }
  answered_.Set();
  if (failed_.ok()) co_await session_.AwaitEnd();
  co_return failed_;
}

void AppendStream::GiveUp(const absl::Status& why) {
  failed_.Update(why);
  finished_ = true;
  begun_.Set();
  answered_.Set();
}

// A STATUS that was asked for comes before the answer to the command that asked, and the server
// works on what is in flight in its order.
absl::Status AppendStream::Untagged(absl::string_view text) {
  if (tells_uids_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto status, imap::ParseMailboxStatus(text));
  const auto asked = std::find_if(in_flight_.begin(), in_flight_.end(),
                                  [](const Command& c) { return c.asks_status; });
  if (!status || asked == in_flight_.end()) return absl::OkStatus();
  return listener_.OnMailboxStatus(asked->outcome.folder, *status);
}

// [APPENDUID ...]: the UIDs are in the order of the messages, which ascends (RFC 4315 3).
absl::Status AppendStream::NoteUids(const imap::StatusResponse& answer, AppendOutcome& outcome) {
  ASSIGN_OR_RETURN(const auto told, imap::ParseAppendUid(answer.code));
  if (!told || told->uids.size() != outcome.messages.size()) return absl::OkStatus();
  outcome.uid_validity = told->uid_validity;
  auto message = outcome.messages.begin();
  for (const imap::UidSet::Range& range : told->uids.ranges()) {
    for (uint64_t uid = range.first; uid <= range.last; ++uid)
      (message++)->destination_uid = static_cast<imap::Uid>(uid);
  }
  return absl::OkStatus();
}

void AppendStream::NotePace(Deadline::Clock::duration taken, size_t messages) {
  if (taken < kPromptly) {
    most_in_flight_ = std::min(most_in_flight_ + messages, kMessagesInFlight);
  } else if (taken > kTooLate) {
    most_in_flight_ = std::max<size_t>(most_in_flight_ / 2, 1);
  }
}

absl::Status AppendStream::Answered(absl::string_view tag, absl::string_view text) {
  const auto it = std::find_if(in_flight_.begin(), in_flight_.end(),
                               [tag](const Command& c) { return c.tag == tag; });
  if (it == in_flight_.end()) {
    return absl::DataLossError(
        absl::StrCat("the server answered \"", tag, "\", which it was not asked"));
  }
  ASSIGN_OR_RETURN(const imap::StatusResponse answer, imap::ParseStatusResponse(text));
  const bool is_open = open_ && it + 1 == in_flight_.end();
  if (it->asks_status) {
    in_flight_.erase(it);
    return absl::OkStatus();  // a refusal only leaves more in doubt
  }
  AppendOutcome outcome = std::move(it->outcome);
  outcome.status = imap::ToStatus(answer, "adding the message");
  if (is_open && outcome.status.ok()) {
    return absl::DataLossError("the server accepted a message before it was sent");
  }
  if (outcome.status.ok()) {
    RETURN_IF_ERROR(NoteUids(answer, outcome));
  }
  open_refused_ = open_refused_ || is_open;
  if (!is_open) NotePace(Deadline::Clock::now() - it->sent, outcome.messages.size());
  messages_in_flight_ -= outcome.messages.size();
  in_flight_.erase(it);
  return listener_.OnOutcome(outcome);
}

}  // namespace mailhaul::copy
