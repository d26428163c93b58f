#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/deadline.h"
#include "common/base/task.h"
#include "common/net/event.h"
#include "worker/imap/session.h"
#include "worker/imap/uid_set.h"

namespace mailhaul::copy {

// A message that is about to be appended.
struct Envelope {
  size_t folder = 0;  // the caller's number for the folder
  imap::Uid source_uid = 0;
  uint64_t octets = 0;        // exact
  absl::string_view mailbox;  // on the wire
  std::string source_flags;   // words, as they are at the source
  std::string flags;          // those of them to be set
  std::string internal_date;  // date-time, or empty
};

// How an APPEND ended, for the messages it carried, in the order they were sent.
struct AppendOutcome {
  struct Message {
    imap::Uid source_uid = 0;
    uint64_t octets = 0;
    std::string source_flags;
    imap::Uid destination_uid = 0;  // where the server told it (UIDPLUS, RFC 4315); else 0
  };
  size_t folder = 0;
  std::vector<Message> messages;
  absl::Status status;        // OK: all are there. Else none is, and this says why.
  uint32_t uid_validity = 0;  // of the mailbox they went to, where the server told it
};

// What the append stream has to tell; an error of either ends it.
class AppendListener {
 public:
  virtual ~AppendListener() = default;
  virtual absl::Status OnOutcome(const AppendOutcome& outcome) = 0;
  // The state of a folder after all that was answered so far. Only without UIDPLUS.
  virtual absl::Status OnMailboxStatus(size_t folder, const imap::MailboxStatus& status) = 0;
};

// The destination's end of the copy: a stream of APPEND commands, many in flight, none waited for
// unless the server makes us. With MULTIAPPEND (RFC 3502) up to 100 messages or 4 MiB go in one
// command; literals are non-synchronising as far as LITERAL+ or LITERAL- (RFC 7888) allow.
//
// Where the server tells no UIDs, STATUS between the APPENDs tells how far they have come.
//
// Two coroutines of one thread: one calls Begin, Write, End, Finish; the other runs ReadAnswers,
// which calls the listener. When either fails the caller aborts the session, and the other ends
// too.
class AppendStream {
 public:
  AppendStream(imap::Session& session, boost::asio::any_io_executor executor,
               AppendListener& listener);

  // One message per command, as is right after a command of many was refused.
  void SendSingly() { most_messages_ = 1; }

  // Announces a message. False: the server refused it before its octets were sent (its outcome
  // tells why); do not Write or End.
  Task<absl::StatusOr<bool>> Begin(Envelope message);
  // The next of its octets, exactly as many in all as announced.
  Task<absl::Status> Write(absl::string_view octets);
  Task<absl::Status> End();
  // Sends what is gathered; to be called before waiting for something else.
  Task<absl::Status> Flush() { return session_.connection().Flush(session_.Patience()); }
  // Ends the open command, logs out behind it, waits for all answers and lets ReadAnswers return
  // once the server has closed.
  Task<absl::Status> Finish();

  // Begins nothing more and waits for the answers to everything that was sent to its end.
  Task<absl::Status> Settle();
  // Whether commands were sent to their end and not answered. One that is still open can never be
  // carried out once the connection is closed.
  bool HasUnanswered() const { return in_flight_.size() > (open_ ? 1 : 0); }

  Task<absl::Status> ReadAnswers();
  // Ends both: one side of the copy has failed.
  void GiveUp(const absl::Status& why);

 private:
  struct Command {
    std::string tag;
    AppendOutcome outcome;  // of APPEND
    uint64_t octets = 0;
    Deadline::Clock::time_point sent;  // its end
    bool asks_status = false;          // STATUS of the outcome's folder
  };

  Task<absl::Status> Open(const Envelope& message);
  Task<absl::Status> Close();
  Task<absl::Status> AskStatus();
  Task<absl::Status> WaitForRoom();
  Task<absl::Status> WaitForAnswer(Deadline deadline);
  bool Synchronising(uint64_t octets) const;
  size_t MostMessages() const { return std::min(most_messages_, most_in_flight_); }
  std::string MessageHead(const Envelope& message) const;
  void NotePace(Deadline::Clock::duration taken, size_t messages);
  absl::Status Untagged(absl::string_view text);
  absl::Status Answered(absl::string_view tag, absl::string_view text);
  absl::Status NoteUids(const imap::StatusResponse& answer, AppendOutcome& outcome);

  imap::Session& session_;
  AppendListener& listener_;
  const bool tells_uids_;
  net::Event answered_;    // the writer waits for it
  net::Event begun_;       // the reader of answers waits for it
  size_t most_messages_;   // in one command, at the best pace
  size_t most_in_flight_;  // messages; grows while the server answers promptly

  std::deque<Command> in_flight_;  // the last one is the open one, if any
  size_t messages_in_flight_ = 0;
  // For STATUS: what was appended since the last one, and where.
  size_t messages_since_status_ = 0;
  size_t last_folder_ = 0;
  std::string last_mailbox_;
  bool open_ = false;          // a command awaits more messages
  bool open_refused_ = false;  // ... and the server has refused it already
  bool go_ahead_ = false;      // the server asked for the literal
  bool finished_ = false;
  absl::Status failed_;  // why ReadAnswers ended early
};

}  // namespace mailhaul::copy
