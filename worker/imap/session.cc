#include "worker/imap/session.h"

#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"

namespace mailhaul::imap {
namespace {

// Enough to hide a round trip of any length behind the server's own work.
constexpr size_t kCommandsInFlight = 32;

}  // namespace

Task<absl::Status> Session::RunAll(std::span<const std::string> commands, OnUntagged on_untagged,
                                   OnDone on_done) {
  std::deque<std::string> tags;
  size_t sent = 0;
  for (size_t done = 0; done < commands.size();) {
    for (; sent < commands.size() && tags.size() < kCommandsInFlight; ++sent) {
      tags.push_back(connection_->NextTag());
      const std::string line = absl::StrCat(tags.back(), " ", commands[sent], "\r\n");
      CO_RETURN_IF_ERROR(co_await connection_->Send(line, Patience()));
    }
    CO_RETURN_IF_ERROR(co_await connection_->Flush(Patience()));
    CO_ASSIGN_OR_RETURN(const Response response, co_await connection_->Receive(Patience()));
    if (response.kind == Response::Kind::kUntagged) {
      CO_RETURN_IF_ERROR(on_untagged(done, response.text));
      continue;
    }
    if (response.kind != Response::Kind::kTagged || response.tag != tags.front()) {
      co_return absl::DataLossError(absl::StrCat("the server answered \"", response.tag,
                                                 "\" instead of \"", tags.front(), "\""));
    }
    tags.pop_front();
    CO_ASSIGN_OR_RETURN(const StatusResponse answer, ParseStatusResponse(response.text));
    CO_RETURN_IF_ERROR(on_done(done++, answer));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Session::Run(std::string command, std::string what,
                                std::function<absl::Status(absl::string_view)> on_untagged) {
  const std::vector<std::string> commands = {std::move(command)};
  co_return co_await RunAll(
      commands, [&on_untagged](size_t, absl::string_view text) { return on_untagged(text); },
      [&what](size_t, const StatusResponse& answer) { return ToStatus(answer, what); });
}

Task<void> Session::Logout() {
  connection_->ExpectBye();
  const std::string line = absl::StrCat(connection_->NextTag(), " LOGOUT\r\n");
  const absl::Status sent = co_await connection_->Send(line, Connecting());
  if (sent.ok()) (void)co_await connection_->Flush(Connecting());
}

}  // namespace mailhaul::imap
