#include "worker/imap/connection.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"

namespace mailhaul::imap {
namespace {

constexpr size_t kLongestResponse = 1024 * 1024;

// Responses whose text is for people (RFC 9051 7.1): braces in it mean nothing.
bool IsStatusResponse(absl::string_view text) {
  const absl::string_view word = text.substr(0, text.find(' '));
  for (const absl::string_view status : {"OK", "NO", "BAD", "BYE", "PREAUTH"}) {
    if (absl::EqualsIgnoreCase(word, status)) return true;
  }
  return false;
}

// The n of a line that ends in "{n}" (or "{n+}", which some servers send).
std::optional<uint64_t> TrailingLiteral(absl::string_view line) {
  if (line.empty() || line.back() != '}') return std::nullopt;
  const size_t open = line.rfind('{');
  if (open == absl::string_view::npos) return std::nullopt;
  absl::string_view digits = line.substr(open + 1, line.size() - open - 2);
  if (!digits.empty() && digits.back() == '+') digits.remove_suffix(1);
  uint64_t size = 0;
  if (digits.empty() || digits.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(digits, &size)) {
    return std::nullopt;
  }
  return size;
}

bool EndsAtBody(absl::string_view line) {
  return absl::EndsWithIgnoreCase(line.substr(0, line.rfind('{')), "BODY[] ");
}

}  // namespace

Connection::Connection(std::unique_ptr<net::ByteStream> stream)
    : stream_(std::move(stream)), input_(*stream_), output_(*stream_) {}

std::string Connection::NextTag() { return absl::StrCat("m", ++last_tag_); }

Task<absl::StatusOr<Response>> Connection::Receive(Deadline deadline) {
  if (body_open_) co_return absl::InternalError("a response was asked for while a body is open");
  CO_ASSIGN_OR_RETURN(const absl::string_view line, co_await input_.Line(deadline));
  Response response;
  if (absl::StartsWith(line, "* ")) {
    if (IsStatusResponse(line.substr(2))) {
      response.text = line.substr(2);
      if (!expect_bye_ && absl::StartsWithIgnoreCase(response.text, "BYE")) {
        absl::Status bye = absl::UnavailableError("the server ended the session");
        SetErrorDetail(bye, {.side = Side::kNone, .server_text = std::string(response.text)});
        co_return bye;
      }
      co_return response;
    }
    co_return co_await ReceiveText(line.substr(2), response, deadline);
  }
  if (absl::StartsWith(line, "+")) {
    response.kind = Response::Kind::kContinue;
    response.text = line.substr(line.size() > 1 && line[1] == ' ' ? 2 : 1);
    co_return response;
  }
  const size_t space = line.find(' ');
  if (space == absl::string_view::npos || line[0] != 'm') {
    co_return absl::DataLossError(absl::StrCat("this is not IMAP: the server sent \"",
                                               absl::CHexEscape(line.substr(0, 80)), "\""));
  }
  response.kind = Response::Kind::kTagged;
  response.tag = line.substr(0, space);
  response.text = line.substr(space + 1);
  co_return response;
}

Task<absl::StatusOr<Response>> Connection::ReceiveText(absl::string_view line, Response response,
                                                       Deadline deadline) {
  std::optional<uint64_t> literal = TrailingLiteral(line);
  if (!literal || EndsAtBody(line)) {
    response.text = line;
    response.body_size = literal;
    body_open_ = literal.has_value();
    body_left_ = literal.value_or(0);
    co_return response;
  }
  gathered_.assign(line.data(), line.size());
  while (literal && !EndsAtBody(gathered_)) {
    if (*literal > kLongestResponse || gathered_.size() + *literal > kLongestResponse) {
      co_return absl::DataLossError("the server sent a response of over 1 MiB");
    }
    gathered_ += "\r\n";
    for (uint64_t left = *literal; left > 0;) {
      CO_ASSIGN_OR_RETURN(const absl::string_view octets, co_await input_.Some(left, deadline));
      gathered_.append(octets.data(), octets.size());
      left -= octets.size();
    }
    CO_ASSIGN_OR_RETURN(const absl::string_view next, co_await input_.Line(deadline));
    if (gathered_.size() + next.size() > kLongestResponse) {
      co_return absl::DataLossError("the server sent a response of over 1 MiB");
    }
    gathered_.append(next.data(), next.size());
    literal = TrailingLiteral(next);
  }
  response.text = gathered_;
  response.body_size = literal;
  body_open_ = literal.has_value();
  body_left_ = literal.value_or(0);
  co_return response;
}

Task<absl::StatusOr<absl::string_view>> Connection::Body(Deadline deadline) {
  if (body_left_ == 0) co_return absl::string_view();
  CO_ASSIGN_OR_RETURN(const absl::string_view octets, co_await input_.Some(body_left_, deadline));
  body_left_ -= octets.size();
  co_return octets;
}

Task<absl::StatusOr<Response>> Connection::Resume(Deadline deadline) {
  if (!body_open_ || body_left_ > 0)
    co_return absl::InternalError("the body was not taken to its end");
  body_open_ = false;
  CO_ASSIGN_OR_RETURN(const absl::string_view line, co_await input_.Line(deadline));
  co_return co_await ReceiveText(line, Response{}, deadline);
}

Task<absl::Status> Connection::SwitchStream(Upgrade upgrade) {
  // Whoever sits in the line could have put them there, to be taken for secured ones (RFC 9051
  // 6.2.1).
  if (HasBuffered()) co_return absl::DataLossError("the server sent octets before TLS began");
  CO_ASSIGN_OR_RETURN(stream_, co_await upgrade(std::move(stream_)));
  output_.SwitchTo(*stream_);
  input_.SwitchTo(*stream_);
  co_return absl::OkStatus();
}

}  // namespace mailhaul::imap
