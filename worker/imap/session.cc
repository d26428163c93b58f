#include "worker/imap/session.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"

namespace mailhaul::imap {
namespace {

// Enough to hide a round trip of any length behind the server's own work.
constexpr size_t kCommandsInFlight = 128;
// What sockets hold without a reader. Beyond it, a server that waits for us to read its answers and
// we, who wait for it to read our commands, would wait for ever.
constexpr size_t kOctetsInFlight = 16 * 1024;

// A server that does not close after LOGOUT is left behind.
constexpr std::chrono::seconds kGoodbye{3};

}  // namespace

Task<absl::Status> Session::RunAll(std::span<const std::string> commands, OnUntagged on_untagged,
                                   OnDone on_done) {
  struct InFlight {
    std::string tag;
    size_t command;
  };
  std::deque<InFlight> in_flight;
  size_t sent = 0;
  size_t octets = 0;
  const auto room = [&] {
    return in_flight.empty() || (in_flight.size() < kCommandsInFlight &&
                                 octets + commands[sent].size() <= kOctetsInFlight);
  };
  while (sent < commands.size() || !in_flight.empty()) {
    for (; sent < commands.size() && room(); ++sent) {
      octets += commands[sent].size();
      in_flight.push_back({connection_->NextTag(), sent});
      const std::string line = absl::StrCat(in_flight.back().tag, " ", commands[sent], "\r\n");
      CO_RETURN_IF_ERROR(co_await connection_->Send(line, Patience()));
    }
    CO_RETURN_IF_ERROR(co_await connection_->Flush(Patience()));
    CO_ASSIGN_OR_RETURN(const Response response, co_await connection_->Receive(Patience()));
    if (response.body_size) co_return absl::DataLossError("the server sent a message unasked");
    if (response.kind == Response::Kind::kUntagged) {
      CO_RETURN_IF_ERROR(on_untagged(in_flight.front().command, response.text));
      continue;
    }
    const auto answered = std::find_if(in_flight.begin(), in_flight.end(),
                                       [&](const InFlight& f) { return f.tag == response.tag; });
    if (response.kind != Response::Kind::kTagged || answered == in_flight.end()) {
      co_return absl::DataLossError(absl::StrCat("the server answered \"",
                                                 absl::CHexEscape(response.tag.substr(0, 40)),
                                                 "\", which it was not asked"));
    }
    const size_t command = answered->command;
    in_flight.erase(answered);
    octets -= commands[command].size();
    CO_ASSIGN_OR_RETURN(const StatusResponse answer, ParseStatusResponse(response.text));
    CO_RETURN_IF_ERROR(on_done(command, answer));
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
  const absl::Status said = co_await SayLogout();
  if (said.ok()) co_await AwaitEnd();
}

Task<absl::Status> Session::SayLogout() {
  connection_->ExpectBye();
  const std::string line = absl::StrCat(connection_->NextTag(), " LOGOUT\r\n");
  CO_RETURN_IF_ERROR(co_await connection_->Send(line, Connecting()));
  co_return co_await connection_->Flush(Connecting());
}

Task<void> Session::AwaitEnd() {
  for (const Deadline deadline = Deadline::After(kGoodbye);;) {
    const absl::StatusOr<Response> response = co_await connection_->Receive(deadline);
    if (!response.ok() || response->body_size) break;
  }
  connection_->Abort();
}

}  // namespace mailhaul::imap
