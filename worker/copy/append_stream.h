#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <boost/asio/any_io_executor.hpp>

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
  std::string flags;          // words, may be empty
  std::string internal_date;  // date-time, or empty
};

// How an APPEND ended, for the messages it carried, in the order they were sent.
struct AppendOutcome {
  struct Message {
    imap::Uid source_uid = 0;
    uint64_t octets = 0;
  };
  size_t folder = 0;
  std::vector<Message> messages;
  absl::Status status;  // OK: all are there. Else none is, and this says why.
};

// The destination's end of the copy: a stream of APPEND commands, many in flight, none waited for
// unless the server makes us. With MULTIAPPEND (RFC 3502) up to 100 messages or 4 MiB go in one
// command; literals are non-synchronising as far as LITERAL+ or LITERAL- (RFC 7888) allow.
//
// Two coroutines of one thread: one calls Begin, Write, End, Finish; the other runs ReadAnswers,
// which calls `on_outcome`. When either fails the caller aborts the session, and the other ends
// too.
class AppendStream {
 public:
  AppendStream(imap::Session& session, boost::asio::any_io_executor executor,
               std::function<absl::Status(const AppendOutcome&)> on_outcome);

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

  Task<absl::Status> ReadAnswers();
  // Ends both: one side of the copy has failed.
  void GiveUp(const absl::Status& why);

 private:
  struct Command {
    std::string tag;
    AppendOutcome outcome;
    uint64_t octets = 0;
  };

  Task<absl::Status> Open(const Envelope& message);
  Task<absl::Status> Close();
  Task<absl::Status> WaitForRoom();
  Task<absl::Status> WaitForAnswer(Deadline deadline);
  bool Synchronising(uint64_t octets) const;
  std::string MessageHead(const Envelope& message) const;
  absl::Status Answered(absl::string_view tag, absl::string_view text);

  imap::Session& session_;
  std::function<absl::Status(const AppendOutcome&)> on_outcome_;
  net::Event answered_;  // the writer waits for it
  net::Event begun_;     // the reader of answers waits for it
  size_t most_messages_;

  std::deque<Command> in_flight_;  // the last one is the open one, if any
  size_t messages_in_flight_ = 0;
  bool open_ = false;          // a command awaits more messages
  bool open_refused_ = false;  // ... and the server has refused it already
  bool go_ahead_ = false;      // the server asked for the literal
  bool finished_ = false;
  absl::Status failed_;  // why ReadAnswers ended early
};

}  // namespace mailhaul::copy
