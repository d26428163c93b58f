#include "worker/copy/source_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "worker/imap/mailbox_name.h"

namespace mailhaul::copy {
namespace {

using imap::Response;
using imap::StatusResponse;

// One FETCH asks for at most this many; its uid-set stays far below every server's limit on line
// length.
constexpr uint64_t kWindow = 250;
// How far to ask ahead: more than a round trip's worth of small messages on a fast link.
// It bounds what is in doubt after a crash, too. Asking for half of it at a time keeps the intents,
// which are stored each time, from costing more than the copy.
constexpr uint64_t kMessagesAhead = 2000;
constexpr size_t kRequestsAhead = 64;

v1::Problem MakeProblem(const imap::FetchedMessage& message, const absl::Status& why) {
  v1::Problem problem;
  *problem.mutable_error() = ToProto(OnSide(Side::kSource, why));
  problem.set_internal_date(message.internal_date);
  problem.set_size_bytes(static_cast<int64_t>(message.size.value_or(0)));
  return problem;
}

}  // namespace

SourceReader::Request& SourceReader::Add(Kind kind, size_t folder, absl::string_view command) {
  Request request;
  request.kind = kind;
  request.tag = session_.connection().NextTag();
  request.folder = folder;
  absl::StrAppend(&unsent_, request.tag, " ", command, "\r\n");
  requests_.push_back(std::move(request));
  return requests_.back();
}

SourceReader::Request& SourceReader::AddFetch(Kind kind, size_t folder, imap::UidSet uids,
                                              absl::string_view items) {
  Request& request = Add(kind, folder, absl::StrCat("UID FETCH ", uids.ToString(), " ", items));
  messages_asked_for_ += uids.size();
  request.unanswered = std::move(uids);
  return request;
}

// Adds the next request to the queue; false when there is nothing left to ask for.
bool SourceReader::PlanNext() {
  for (; next_folder_ < folders_.size(); ++next_folder_, folder_begun_ = false) {
    FolderCopy& folder = folders_[next_folder_];
    if (!folder_begun_ && mode_ == Mode::kSingly) second_tries_ = folder.second_tries();
    const bool has_work = mode_ == Mode::kMany ? folder.HasWork() : !second_tries_.empty();
    if (!has_work) continue;
    // What is still to be asked for in the folder before depends on answers.
    if (!folder_begun_ && mode_ == Mode::kSingly && !requests_.empty()) return false;
    if (!std::exchange(folder_begun_, true)) {
      Add(Kind::kExamine, next_folder_,
          absl::StrCat("EXAMINE ", imap::Quote(folder.plan().source_wire)));
    }
    if (mode_ == Mode::kMany) {
      AddFetch(Kind::kWindow, next_folder_, folder.TakeWork(kWindow),
               "(UID FLAGS INTERNALDATE BODY.PEEK[])");
    } else {
      const imap::Uid uid = second_tries_.TakeLowest(1).lowest();
      AddFetch(Kind::kMetadata, next_folder_, folder.TakeSecondTry(uid),
               "(UID FLAGS INTERNALDATE RFC822.SIZE)");
    }
    intent_grew_ = true;
    return true;
  }
  return false;
}

Task<absl::Status> SourceReader::AskAhead() {
  if (messages_asked_for_ <= kMessagesAhead / 2 && requests_.size() <= kRequestsAhead / 2) {
    while (messages_asked_for_ < kMessagesAhead && requests_.size() < kRequestsAhead &&
           PlanNext()) {
    }
  }
  if (std::exchange(intent_grew_, false)) {
    CO_RETURN_IF_ERROR(co_await sink_.Flush());
    CO_RETURN_IF_ERROR(co_await store_());
  }
  if (unsent_.empty()) co_return absl::OkStatus();
  const std::string octets = std::exchange(unsent_, {});
  absl::Status sent = co_await session_.connection().Send(octets, session_.Patience());
  if (sent.ok()) sent = co_await session_.connection().Flush(session_.Patience());
  co_return OnSide(Side::kSource, sent);
}

Task<absl::Status> SourceReader::Run() {
  while (!stopped_) {
    CO_RETURN_IF_ERROR(co_await AskAhead());
    if (requests_.empty()) break;
    if (!session_.connection().HasBuffered()) {
      CO_RETURN_IF_ERROR(co_await sink_.Flush());
    }
    absl::StatusOr<Response> response = co_await session_.connection().Receive(session_.Patience());
    if (!response.ok()) co_return OnSide(Side::kSource, response.status());
    if (response->kind == Response::Kind::kUntagged) {
      CO_RETURN_IF_ERROR(OnSide(Side::kSource, co_await Untagged(*response)));
    } else if (response->kind == Response::Kind::kTagged) {
      CO_RETURN_IF_ERROR(OnSide(Side::kSource, Tagged(response->tag, response->text)));
    }
  }
  co_return absl::OkStatus();
}

// The request that asked for a message. Servers may answer several FETCHes of one folder at once
// (Dovecot does, when its output blocks), so their order tells nothing; EXAMINE is a barrier.
SourceReader::Request* SourceReader::Asked(imap::Uid uid) {
  for (Request& request : requests_) {
    if (request.kind == Kind::kExamine) break;
    if (request.unanswered.Contains(uid)) return &request;
  }
  return nullptr;
}

Task<absl::Status> SourceReader::Untagged(Response response) {
  if (requests_.front().kind == Kind::kExamine) {
    co_return imap::NoteSelectResponse(response.text, requests_.front().opened);
  }
  if (!imap::FetchParser::Matches(response.text)) co_return absl::OkStatus();
  CO_RETURN_IF_ERROR(parser_.Start(response.text, response.body_size.has_value()));
  Request* const request = Asked(parser_.message().uid);
  if (response.body_size || parser_.message().quoted_body)
    co_return co_await Message(request, response.body_size);
  if (request != nullptr && request->kind == Kind::kMetadata && parser_.message().HasMetadata()) {
    request->metadata = parser_.message();
  }
  co_return absl::OkStatus();
}

Task<absl::Status> SourceReader::PassOver() {
  for (;;) {
    CO_ASSIGN_OR_RETURN(const absl::string_view octets,
                        co_await session_.connection().Body(session_.Patience()));
    if (octets.empty()) co_return absl::OkStatus();
  }
}

// Hands one message over, its octets out of the open body or, rarely, out of a quoted string.
Task<absl::Status> SourceReader::HandOver(size_t folder, const imap::FetchedMessage& message,
                                          uint64_t octets,
                                          const std::optional<std::string>& quoted) {
  CO_ASSIGN_OR_RETURN(const bool begun, co_await sink_.Begin(folder, message, octets));
  if (!begun) co_return absl::OkStatus();
  if (quoted) {
    CO_RETURN_IF_ERROR(co_await sink_.Write(*quoted));
  }
  while (!quoted) {
    CO_ASSIGN_OR_RETURN(const absl::string_view some,
                        co_await session_.connection().Body(session_.Patience()));
    if (some.empty()) break;
    CO_RETURN_IF_ERROR(co_await sink_.Write(some));
    if (!session_.connection().HasBuffered()) {
      CO_RETURN_IF_ERROR(co_await sink_.Flush());
    }
  }
  co_return co_await sink_.End();
}

// A message leaves `unanswered` here at most once: a server that repeats itself cannot make us send
// twice.
Task<absl::Status> SourceReader::Message(Request* request, std::optional<uint64_t> body_size) {
  const std::optional<std::string> quoted = parser_.message().quoted_body;
  const uint64_t octets = body_size ? *body_size : quoted.value_or("").size();
  imap::FetchedMessage message = parser_.message();
  if (request != nullptr && request->kind == Kind::kBody) message = request->metadata;
  const bool wanted =
      request != nullptr && message.HasMetadata() && !folders_[request->folder].failed();
  if (wanted && octets > 0) {
    request->unanswered.Remove(message.uid);
    --messages_asked_for_;
    CO_RETURN_IF_ERROR(
        co_await HandOver(request->folder, message, octets, body_size ? std::nullopt : quoted));
  }
  if (body_size) {
    CO_RETURN_IF_ERROR(co_await PassOver());
    CO_ASSIGN_OR_RETURN(const Response rest,
                        co_await session_.connection().Resume(session_.Patience()));
    CO_RETURN_IF_ERROR(parser_.Continue(rest.text, rest.body_size.has_value()));
  }
  co_return absl::OkStatus();
}

absl::Status SourceReader::Tagged(absl::string_view tag, absl::string_view text) {
  const auto it = std::find_if(requests_.begin(), requests_.end(),
                               [tag](const Request& r) { return r.tag == tag; });
  if (it == requests_.end()) {
    return absl::DataLossError(
        absl::StrCat("the server answered \"", tag, "\", which it was not asked"));
  }
  ASSIGN_OR_RETURN(const StatusResponse answer, imap::ParseStatusResponse(text));
  const Request request = std::move(*it);
  requests_.erase(it);
  if (request.kind == Kind::kExamine) return Opened(request, answer);
  messages_asked_for_ -= request.unanswered.size();
  if (folders_[request.folder].failed()) return absl::OkStatus();
  if (request.kind == Kind::kMetadata && request.metadata.uid != 0) {
    AddFetch(Kind::kBody, request.folder, request.unanswered, "(UID BODY.PEEK[])").metadata =
        request.metadata;
  } else {
    Unanswered(request, answer);
  }
  return absl::OkStatus();
}

absl::Status SourceReader::Opened(const Request& request, const StatusResponse& answer) {
  FolderCopy& folder = folders_[request.folder];
  const absl::Status opened = imap::ToStatus(answer, "opening the folder");
  if (!opened.ok()) {
    folder.FailRest(OnSide(Side::kSource, opened));
  } else if (request.opened.uid_validity != folder.source_uid_validity()) {
    // What was listed is void: end here; the next run lists again.
    return absl::UnavailableError(
        absl::StrCat("UIDVALIDITY of \"", folder.plan().source_name, "\" changed in mid-copy"));
  }
  return absl::OkStatus();
}

// The server is through with a request and did not give these.
void SourceReader::Unanswered(const Request& request, const StatusResponse& answer) {
  FolderCopy& folder = folders_[request.folder];
  const absl::Status refused = imap::ToStatus(answer, "reading the message");
  for (const auto& range : request.unanswered.ranges()) {
    for (uint64_t i = range.first; i <= range.last; ++i) {
      const auto uid = static_cast<imap::Uid>(i);
      if (mode_ == Mode::kMany) {
        folder.TryAgain(uid);
      } else if (!refused.ok()) {
        folder.Failed(uid, MakeProblem(request.metadata, refused));
      } else if (request.metadata.uid == 0) {
        folder.Skipped(uid, MakeProblem(request.metadata,
                                        absl::NotFoundError("gone from the source meanwhile")));
      } else {
        folder.Failed(uid, MakeProblem(request.metadata,
                                       absl::DataLossError("the source gave no octets for it")));
      }
    }
  }
}

}  // namespace mailhaul::copy
