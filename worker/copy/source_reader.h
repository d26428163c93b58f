#pragma once

#include <deque>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "common/base/task.h"
#include "worker/copy/folder_copy.h"
#include "worker/imap/fetch.h"
#include "worker/imap/session.h"

namespace mailhaul::copy {

// Where the octets of a message go while the source sends them.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  // False: not wanted, its octets are passed over. `message` has its metadata.
  virtual Task<absl::StatusOr<bool>> Begin(size_t folder, const imap::FetchedMessage& message,
                                           uint64_t octets) = 0;
  virtual Task<absl::Status> Write(absl::string_view octets) = 0;
  virtual Task<absl::Status> End() = 0;
  // The source has nothing more to give for the moment.
  virtual Task<absl::Status> Flush() = 0;
};

// Stores what the folders' books say, before it returns OK. Any error ends the copy.
using StoreBooks = std::function<Task<absl::Status>()>;

// The source's end of the copy: asks for messages far ahead, over folder borders, so that the
// source never waits for us a round trip long, and hands their octets to the sink as they come.
// What it asks for is in the folders' intents, and those are stored, before it asks.
class SourceReader {
 public:
  // kMany: windows of messages in one FETCH. kSingly: each of the second tries on its own, its
  // metadata before its octets; what fails now has failed.
  enum class Mode { kMany, kSingly };
  SourceReader(imap::Session& session, std::span<FolderCopy> folders, MessageSink& sink, Mode mode,
               StoreBooks store)
      : session_(session), folders_(folders), sink_(sink), mode_(mode), store_(std::move(store)) {}

  // Until all folders have nothing more to ask for, or Stop was called. Session errors end it.
  Task<absl::Status> Run();
  // Run returns after the message that is on its way; nothing can be read from the session
  // afterwards.
  void Stop() { stopped_ = true; }

 private:
  enum class Kind { kExamine, kWindow, kMetadata, kBody };
  struct Request {
    Kind kind = Kind::kWindow;
    std::string tag;
    size_t folder = 0;
    imap::UidSet unanswered;
    imap::SelectedMailbox opened;   // kExamine
    imap::FetchedMessage metadata;  // kMetadata: what came; kBody: what came before it
  };

  bool PlanNext();
  Request& Add(Kind kind, size_t folder, absl::string_view command);
  Request& AddFetch(Kind kind, size_t folder, imap::UidSet uids, absl::string_view items);
  Request* Asked(imap::Uid uid);
  Task<absl::Status> AskAhead();
  Task<absl::Status> Untagged(imap::Response response);
  Task<absl::Status> Message(Request* request, std::optional<uint64_t> body_size);
  Task<absl::Status> HandOver(size_t folder, const imap::FetchedMessage& message, uint64_t octets,
                              const std::optional<std::string>& quoted);
  Task<absl::Status> PassOver();
  absl::Status Tagged(absl::string_view tag, absl::string_view text);
  absl::Status Opened(const Request& request, const imap::StatusResponse& answer);
  void Unanswered(const Request& request, const imap::StatusResponse& answer);

  imap::Session& session_;
  std::span<FolderCopy> folders_;
  MessageSink& sink_;
  const Mode mode_;
  const StoreBooks store_;

  size_t next_folder_ = 0;
  imap::UidSet second_tries_;  // of next_folder_, in kSingly
  bool folder_begun_ = false;
  std::deque<Request> requests_;  // sent or about to be, not answered
  std::string unsent_;
  bool intent_grew_ = false;
  uint64_t messages_asked_for_ = 0;
  imap::FetchParser parser_;
  bool stopped_ = false;
};

}  // namespace mailhaul::copy
