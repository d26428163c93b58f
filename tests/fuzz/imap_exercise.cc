#include "tests/fuzz/imap_exercise.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_stream.h"
#include "worker/imap/connection.h"
#include "worker/imap/fetch.h"
#include "worker/imap/mailbox_name.h"
#include "worker/imap/responses.h"

namespace mailhaul::fuzz {
namespace {

using imap::Connection;
using imap::Response;

Deadline Soon() { return Deadline::After(std::chrono::seconds(10)); }

void Note(std::vector<std::string>& seen, absl::string_view what, const absl::Status& status) {
  if (!status.ok()) seen.push_back(absl::StrCat(what, ": ", status.message()));
}

void Parse(absl::string_view text, std::vector<std::string>& seen) {
  if (const auto status = imap::ParseStatusResponse(text); status.ok()) {
    seen.push_back(absl::StrCat("status ", status->code, "|", status->text));
    Note(seen, "to status", imap::ToStatus(*status, "it"));
    const auto appended = imap::ParseAppendUid(status->code);
    Note(seen, "appenduid", appended.status());
    if (appended.ok() && *appended) seen.push_back((*appended)->uids.ToString());
    imap::ParseCapabilities(status->code);
  }
  if (const auto offered = imap::ParseCapabilities(text)) (void)offered->Number("APPENDLIMIT");
  const auto listed = imap::ParseList(text);
  Note(seen, "list", listed.status());
  if (listed.ok() && *listed) {
    seen.push_back((*listed)->name);
    Note(seen, "name", imap::DecodeMailboxName((*listed)->name).status());
  }
  const auto spaces = imap::ParseNamespace(text);
  Note(seen, "namespace", spaces.status());
  imap::SelectedMailbox mailbox;
  Note(seen, "select", imap::NoteSelectResponse(text, mailbox));
}

// One response with its bodies.
Task<absl::Status> TakeResponse(Connection& connection, std::vector<std::string>& seen) {
  CO_ASSIGN_OR_RETURN(Response response, co_await connection.Receive(Soon()));
  seen.push_back(absl::StrCat(response.tag, " ", response.text));
  Parse(response.text, seen);
  imap::FetchParser fetch;
  const bool is_fetch = imap::FetchParser::Matches(response.text);
  if (is_fetch) Note(seen, "fetch", fetch.Start(response.text, response.body_size.has_value()));
  while (response.body_size) {
    std::string body;
    for (;;) {
      CO_ASSIGN_OR_RETURN(const absl::string_view octets, co_await connection.Body(Soon()));
      if (octets.empty()) break;
      absl::StrAppend(&body, octets);
    }
    seen.push_back(std::move(body));
    CO_ASSIGN_OR_RETURN(response, co_await connection.Resume(Soon()));
    seen.push_back(std::string(response.text));
    if (is_fetch) {
      Note(seen, "continued", fetch.Continue(response.text, response.body_size.has_value()));
    }
  }
  seen.push_back(absl::StrCat(fetch.message().uid, " ", fetch.message().flags.value_or("")));
  co_return absl::OkStatus();
}

Task<absl::Status> TakeAll(std::unique_ptr<net::ByteStream> stream,
                           std::vector<std::string>& seen) {
  Connection connection(std::move(stream));
  for (;;) {
    CO_RETURN_IF_ERROR(co_await TakeResponse(connection, seen));
  }
}

}  // namespace

std::vector<std::string> ReadAsClient(absl::string_view octets, size_t most_octets) {
  std::vector<std::string> seen;
  support::Script script;
  if (!octets.empty()) script.Send(octets);
  script.Close();
  auto stream = std::make_unique<support::ScriptedStream>(
      script, support::Delivery{.most_octets = most_octets});
  const absl::Status ended = support::RunTask(TakeAll(std::move(stream), seen));
  seen.push_back(ended.ToString());
  return seen;
}

bool MailboxNameComesBack(absl::string_view octets) {
  const std::string wire = imap::EncodeMailboxName(octets);
  const auto utf8 = imap::DecodeMailboxName(wire);
  if (!utf8.ok() || imap::EncodeMailboxName(*utf8) != wire) return false;
  // What decodes must come back as it was decoded, whatever form the server gave it.
  const auto decoded = imap::DecodeMailboxName(octets);
  if (!decoded.ok()) return true;
  return imap::DecodeMailboxName(imap::EncodeMailboxName(*decoded)).value_or("") == *decoded;
}

}  // namespace mailhaul::fuzz
