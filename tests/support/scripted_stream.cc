#include "tests/support/scripted_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <boost/asio/this_coro.hpp>

#include "common/base/status.h"

namespace mailhaul::support {
namespace {

using Kind = Script::Step::Kind;

std::string Printable(absl::string_view octets) {
  return absl::StrCat("\"", absl::CHexEscape(octets.substr(0, 200)),
                      octets.size() > 200 ? "\"..." : "\"");
}

}  // namespace

ScriptedStream::ScriptedStream(Script script, Delivery delivery,
                               std::shared_ptr<Transcript> transcript)
    : script_(std::move(script)), delivery_(delivery), transcript_(std::move(transcript)) {}

ScriptedStream::~ScriptedStream() {
  if (!transcript_->complaint.empty()) return;
  const Script::Step* const step = Now();
  if (!arrived_.empty()) {
    transcript_->complaint = absl::StrCat("the script does not expect ", Printable(arrived_));
  } else if (step != nullptr && step->kind == Kind::kExpect) {
    transcript_->complaint = absl::StrCat("the client never wrote ", Printable(step->octets));
  } else if (step != nullptr && step->kind == Kind::kSend) {
    transcript_->complaint =
        absl::StrCat("the client never read ", Printable(step->octets.substr(delivered_)));
  }
}

const Script::Step* ScriptedStream::Now() const {
  return step_ < script_.steps().size() ? &script_.steps()[step_] : nullptr;
}

absl::Status ScriptedStream::Begin() {
  if (!dead_.ok()) return dead_;
  if (transcript_->operations++ != delivery_.cut_at) return absl::OkStatus();
  return Die(absl::UnavailableError("cut by the test"));
}

absl::Status ScriptedStream::Die(absl::Status why) {
  if (dead_.ok()) dead_ = std::move(why);
  if (progress_) progress_->Set();
  return dead_;
}

size_t ScriptedStream::Deliver(std::span<char> buf) {
  const absl::string_view left = absl::string_view(Now()->octets).substr(delivered_);
  const size_t n = std::min({buf.size(), delivery_.most_octets, left.size()});
  std::copy_n(left.begin(), n, buf.begin());
  delivered_ += n;
  if (n == left.size()) {
    ++step_;
    delivered_ = 0;
    Match();
  }
  return n;
}

void ScriptedStream::Match() {
  for (; Now() != nullptr && Now()->kind == Kind::kExpect; ++step_) {
    const std::string& expected = Now()->octets;
    const absl::string_view comparable = absl::string_view(arrived_).substr(0, expected.size());
    if (!absl::StartsWith(expected, comparable)) {
      transcript_->complaint =
          absl::StrCat("expected ", Printable(expected), ", got ", Printable(arrived_));
      Die(absl::UnavailableError("the client left the script")).IgnoreError();
      return;
    }
    if (comparable.size() < expected.size()) return;
    arrived_.erase(0, expected.size());
  }
}

Task<absl::StatusOr<size_t>> ScriptedStream::ReadSome(std::span<char> buf, Deadline deadline) {
  CO_RETURN_IF_ERROR(Begin());
  if (!progress_) progress_.emplace(co_await boost::asio::this_coro::executor);
  while (dead_.ok()) {
    const Script::Step* const step = Now();
    if (step != nullptr && step->kind == Kind::kSend) co_return Deliver(buf);
    if (step != nullptr && step->kind == Kind::kClose) {
      ++step_;
      co_return Die(absl::UnavailableError("the peer closed the connection"));
    }
    progress_->Reset();
    if (!co_await progress_->Wait(deadline)) {
      co_return Die(absl::DeadlineExceededError("the script sends nothing"));
    }
  }
  co_return dead_;
}

Task<absl::Status> ScriptedStream::Write(absl::string_view data, Deadline) {
  CO_RETURN_IF_ERROR(Begin());
  absl::StrAppend(&arrived_, data);
  Match();
  if (Now() != nullptr && Now()->kind == Kind::kSend && delivered_ == 0) {
    transcript_->ahead = std::max(transcript_->ahead, arrived_.size());
  }
  if (progress_) progress_->Set();
  co_return dead_;
}

void ScriptedStream::Abort() {
  Die(absl::UnavailableError("the connection was closed")).IgnoreError();
}

}  // namespace mailhaul::support
