#include "worker/imap/responses.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "worker/imap/cursor.h"

namespace mailhaul::imap {
namespace {

struct CodeMeaning {
  absl::string_view code;
  absl::StatusCode status;
};
constexpr std::array kCodeMeanings = {
    CodeMeaning{"AUTHENTICATIONFAILED", absl::StatusCode::kUnauthenticated},
    CodeMeaning{"AUTHORIZATIONFAILED", absl::StatusCode::kUnauthenticated},
    CodeMeaning{"EXPIRED", absl::StatusCode::kUnauthenticated},
    CodeMeaning{"PRIVACYREQUIRED", absl::StatusCode::kUnauthenticated},
    CodeMeaning{"OVERQUOTA", absl::StatusCode::kResourceExhausted},
    CodeMeaning{"LIMIT", absl::StatusCode::kResourceExhausted},
    CodeMeaning{"UNAVAILABLE", absl::StatusCode::kUnavailable},
    CodeMeaning{"INUSE", absl::StatusCode::kUnavailable},
    CodeMeaning{"SERVERBUG", absl::StatusCode::kUnavailable},
    CodeMeaning{"NONEXISTENT", absl::StatusCode::kNotFound},
    CodeMeaning{"TRYCREATE", absl::StatusCode::kNotFound},
    CodeMeaning{"NOPERM", absl::StatusCode::kPermissionDenied},
    CodeMeaning{"ALREADYEXISTS", absl::StatusCode::kAlreadyExists},
};

absl::StatusCode Meaning(const StatusResponse& response) {
  if (response.kind == StatusResponse::Kind::kBye) return absl::StatusCode::kUnavailable;
  const absl::string_view word =
      absl::string_view(response.code).substr(0, response.code.find(' '));
  for (const CodeMeaning& meaning : kCodeMeanings) {
    if (absl::EqualsIgnoreCase(word, meaning.code)) return meaning.status;
  }
  return absl::StatusCode::kFailedPrecondition;
}

std::vector<std::string> Words(absl::string_view text) {
  return absl::StrSplit(text, ' ', absl::SkipEmpty());
}

// "(" words ")"
absl::StatusOr<std::vector<std::string>> ReadFlagList(Cursor& in) {
  RETURN_IF_ERROR(in.Expect('('));
  std::vector<std::string> flags = Words(in.TakeUntil(")"));
  RETURN_IF_ERROR(in.Expect(')'));
  return flags;
}

// DQUOTE QUOTED-CHAR DQUOTE / nil; 0 for NIL
absl::StatusOr<char> ReadDelimiter(Cursor& in) {
  ASSIGN_OR_RETURN(const auto text, in.ReadNstring());
  if (!text || text->empty()) return char{0};
  return text->front();
}

}  // namespace

absl::StatusOr<StatusResponse> ParseStatusResponse(absl::string_view text) {
  using Kind = StatusResponse::Kind;
  Cursor in(text);
  StatusResponse response;
  const absl::string_view word = in.TakeUntil(" ");
  if (absl::EqualsIgnoreCase(word, "OK")) {
    response.kind = Kind::kOk;
  } else if (absl::EqualsIgnoreCase(word, "NO")) {
    response.kind = Kind::kNo;
  } else if (absl::EqualsIgnoreCase(word, "BAD")) {
    response.kind = Kind::kBad;
  } else if (absl::EqualsIgnoreCase(word, "BYE")) {
    response.kind = Kind::kBye;
  } else if (absl::EqualsIgnoreCase(word, "PREAUTH")) {
    response.kind = Kind::kPreauth;
  } else {
    return Cursor(text).Error("OK, NO or BAD");
  }
  in.Take(' ');
  const size_t end = in.rest().find(']');
  if (end != absl::string_view::npos && in.Take('[')) {
    response.code = std::string(in.rest().substr(0, end - 1));
    in.Skip(end);
    in.Take(' ');
  }
  response.text = std::string(in.rest());
  return response;
}

absl::Status ToStatus(const StatusResponse& response, absl::string_view what) {
  using Kind = StatusResponse::Kind;
  if (response.kind == Kind::kOk || response.kind == Kind::kPreauth) return absl::OkStatus();
  const absl::string_view verdict =
      response.kind == Kind::kBad ? " was not understood" : " was refused";
  absl::Status status(Meaning(response), absl::StrCat(what, verdict));
  std::string words =
      response.code.empty() ? response.text : absl::StrCat("[", response.code, "] ", response.text);
  SetErrorDetail(status, {.side = Side::kNone, .server_text = std::move(words)});
  return status;
}

Capabilities::Capabilities(absl::string_view names) : names_(Words(absl::AsciiStrToUpper(names))) {
  std::sort(names_.begin(), names_.end());
}

bool Capabilities::Has(absl::string_view name) const {
  return std::binary_search(names_.begin(), names_.end(), absl::AsciiStrToUpper(name));
}

std::optional<uint64_t> Capabilities::Number(absl::string_view name) const {
  const std::string prefix = absl::StrCat(absl::AsciiStrToUpper(name), "=");
  for (const std::string& entry : names_) {
    uint64_t value = 0;
    if (absl::StartsWith(entry, prefix) && absl::SimpleAtoi(entry.substr(prefix.size()), &value))
      return value;
  }
  return std::nullopt;
}

std::optional<Capabilities> ParseCapabilities(absl::string_view text) {
  Cursor in(text);
  if (!in.TakeWord("CAPABILITY ")) return std::nullopt;
  return Capabilities(in.rest());
}

bool ListedMailbox::Has(absl::string_view attribute) const {
  return std::find(attributes.begin(), attributes.end(), attribute) != attributes.end();
}

absl::StatusOr<std::optional<ListedMailbox>> ParseList(absl::string_view text) {
  Cursor in(text);
  ListedMailbox mailbox;
  mailbox.subscription = in.TakeWord("LSUB ");
  if (!mailbox.subscription && !in.TakeWord("LIST ")) return std::nullopt;
  ASSIGN_OR_RETURN(mailbox.attributes, ReadFlagList(in));
  for (std::string& attribute : mailbox.attributes) absl::AsciiStrToLower(&attribute);
  RETURN_IF_ERROR(in.Expect(' '));
  ASSIGN_OR_RETURN(mailbox.delimiter, ReadDelimiter(in));
  RETURN_IF_ERROR(in.Expect(' '));
  ASSIGN_OR_RETURN(mailbox.name, in.ReadAstring());
  // Extended items may follow in parentheses. Anything else is the rest of a name that the server
  // forgot to quote: its first word may be another mailbox.
  in.Take(' ');
  if (!in.AtEnd() && in.rest()[0] != '(') return in.Error("the end of the mailbox name");
  return mailbox;
}

absl::StatusOr<std::optional<Namespace>> ParseNamespace(absl::string_view text) {
  Cursor in(text);
  if (!in.TakeWord("NAMESPACE ")) return std::nullopt;
  if (in.TakeWord("NIL")) return std::nullopt;
  Namespace personal;
  RETURN_IF_ERROR(in.Expect('('));
  RETURN_IF_ERROR(in.Expect('('));
  ASSIGN_OR_RETURN(personal.prefix, in.ReadString());
  RETURN_IF_ERROR(in.Expect(' '));
  ASSIGN_OR_RETURN(personal.delimiter, ReadDelimiter(in));
  return personal;
}

absl::Status NoteSelectResponse(absl::string_view text, SelectedMailbox& mailbox) {
  Cursor in(text);
  if (in.TakeWord("OK [UIDVALIDITY ")) {
    ASSIGN_OR_RETURN(mailbox.uid_validity, in.ReadNumber());
  } else if (in.TakeWord("OK [UIDNEXT ")) {
    ASSIGN_OR_RETURN(mailbox.uid_next, in.ReadNumber());
  } else if (in.TakeWord("OK [HIGHESTMODSEQ ")) {
    ASSIGN_OR_RETURN(mailbox.highest_modseq, in.ReadNumber64());
  } else if (in.TakeWord("OK [PERMANENTFLAGS ")) {
    ASSIGN_OR_RETURN(mailbox.permanent_flags, ReadFlagList(in));
    mailbox.has_permanent_flags = true;
  } else if (!text.empty() && absl::ascii_isdigit(text[0])) {
    ASSIGN_OR_RETURN(const uint64_t count, in.ReadNumber64());
    if (in.TakeWord(" EXISTS")) mailbox.exists = count;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<MailboxStatus>> ParseMailboxStatus(absl::string_view text) {
  Cursor in(text);
  if (!in.TakeWord("STATUS ")) return std::nullopt;
  RETURN_IF_ERROR(in.ReadAstring().status());
  RETURN_IF_ERROR(in.Expect(' '));
  RETURN_IF_ERROR(in.Expect('('));
  MailboxStatus status;
  while (!in.Take(')')) {
    if (in.Take(' ')) continue;
    const absl::string_view item = in.TakeAtom();
    RETURN_IF_ERROR(in.Expect(' '));
    ASSIGN_OR_RETURN(const uint64_t value, in.ReadNumber64());
    if (absl::EqualsIgnoreCase(item, "UIDNEXT")) status.uid_next = static_cast<uint32_t>(value);
    if (absl::EqualsIgnoreCase(item, "UIDVALIDITY"))
      status.uid_validity = static_cast<uint32_t>(value);
  }
  return status;
}

absl::StatusOr<std::optional<AppendUid>> ParseAppendUid(absl::string_view code) {
  Cursor in(code);
  if (!in.TakeWord("APPENDUID ")) return std::nullopt;
  AppendUid result;
  ASSIGN_OR_RETURN(result.uid_validity, in.ReadNumber());
  RETURN_IF_ERROR(in.Expect(' '));
  ASSIGN_OR_RETURN(result.uids, ParseUidSet(in.rest()));
  return result;
}

}  // namespace mailhaul::imap
