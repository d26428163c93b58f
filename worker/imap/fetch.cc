#include "worker/imap/fetch.h"

#include "absl/strings/ascii.h"

#include "common/base/status.h"
#include "worker/imap/cursor.h"

namespace mailhaul::imap {
namespace {

// One "name value" of the list. `at_body` is set when the value is the literal that ends the text.
absl::Status ReadItem(Cursor& in, FetchedMessage& message, bool body_follows, bool& at_body) {
  if (in.TakeWord("UID ")) {
    ASSIGN_OR_RETURN(message.uid, in.ReadNumber());
  } else if (in.TakeWord("FLAGS (")) {
    message.flags = std::string(in.TakeUntil(")"));
    return in.Expect(')');
  } else if (in.TakeWord("INTERNALDATE ")) {
    ASSIGN_OR_RETURN(message.internal_date, in.ReadString());
  } else if (in.TakeWord("RFC822.SIZE ")) {
    ASSIGN_OR_RETURN(message.size, in.ReadNumber64());
  } else if (in.TakeWord("BODY[HEADER.FIELDS ")) {
    // SP header-list "]" ["<" number ">"] SP nstring
    RETURN_IF_ERROR(in.SkipValue());
    RETURN_IF_ERROR(in.Expect(']'));
    in.TakeUntil(" ");
    RETURN_IF_ERROR(in.Expect(' '));
    ASSIGN_OR_RETURN(const auto header, in.ReadNstring());
    message.header = header.value_or("");
  } else if (in.TakeWord("BODY[] ")) {
    at_body = body_follows && in.rest().substr(0, 1) == "{";
    if (at_body) return absl::OkStatus();
    ASSIGN_OR_RETURN(message.quoted_body, in.ReadNstring());
    message.body_is_nil = !message.quoted_body;
  } else {
    // An item that was not asked for, MODSEQ for instance.
    if (in.TakeAtom().empty()) return in.Error("a FETCH item");
    RETURN_IF_ERROR(in.Expect(' '));
    return in.SkipValue();
  }
  return absl::OkStatus();
}

}  // namespace

bool FetchParser::Matches(absl::string_view text) {
  if (text.empty() || !absl::ascii_isdigit(text[0])) return false;
  Cursor in(text);
  in.TakeUntil(" ");
  return in.TakeWord(" FETCH (");
}

absl::Status FetchParser::Start(absl::string_view text, bool body_follows) {
  message_ = FetchedMessage{};
  return Items(text.substr(text.find('(') + 1), body_follows);
}

absl::Status FetchParser::Continue(absl::string_view text, bool body_follows) {
  return Items(text, body_follows);
}

absl::Status FetchParser::Items(absl::string_view text, bool body_follows) {
  Cursor in(text);
  while (!in.Take(')')) {
    if (in.Take(' ')) continue;
    bool at_body = false;
    RETURN_IF_ERROR(ReadItem(in, message_, body_follows, at_body));
    if (at_body) return absl::OkStatus();
  }
  if (body_follows) return in.Error("no octets after the list");
  return absl::OkStatus();
}

}  // namespace mailhaul::imap
