#include "worker/imap/cursor.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/status.h"

namespace mailhaul::imap {
namespace {

constexpr int kDeepestList = 32;

bool IsAtomChar(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u > 0x20 && u != 0x7F && c != '(' && c != ')' && c != '{' && c != '"';
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool Cursor::Take(char c) {
  if (rest_.empty() || rest_[0] != c) return false;
  rest_.remove_prefix(1);
  return true;
}

bool Cursor::TakeWord(absl::string_view word) {
  if (!absl::StartsWithIgnoreCase(rest_, word)) return false;
  rest_.remove_prefix(word.size());
  return true;
}

absl::string_view Cursor::TakeUntil(absl::string_view stops) {
  const absl::string_view taken = rest_.substr(0, rest_.find_first_of(stops));
  rest_.remove_prefix(taken.size());
  return taken;
}

absl::string_view Cursor::TakeAtom() {
  size_t n = 0;
  while (n < rest_.size() && IsAtomChar(rest_[n])) ++n;
  const absl::string_view atom = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return atom;
}

absl::StatusOr<uint64_t> Cursor::ReadNumber64() {
  size_t n = 0;
  while (n < rest_.size() && IsDigit(rest_[n])) ++n;
  uint64_t value = 0;
  if (!absl::SimpleAtoi(rest_.substr(0, n), &value)) return Error("a number");
  rest_.remove_prefix(n);
  return value;
}

absl::StatusOr<uint32_t> Cursor::ReadNumber() {
  const absl::string_view before = rest_;
  ASSIGN_OR_RETURN(const uint64_t value, ReadNumber64());
  if (value > UINT32_MAX) {
    rest_ = before;
    return Error("a 32-bit number");
  }
  return static_cast<uint32_t>(value);
}

absl::StatusOr<std::string> Cursor::ReadQuoted() {
  std::string value;
  for (rest_.remove_prefix(1); !rest_.empty(); rest_.remove_prefix(1)) {
    if (Take('"')) return value;
    if (rest_[0] == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
    value += rest_[0];
  }
  return Error("the closing quote");
}

absl::StatusOr<std::string> Cursor::ReadLiteral() {
  rest_.remove_prefix(1);
  ASSIGN_OR_RETURN(const uint64_t size, ReadNumber64());
  Take('+');  // "{n+}" is the client's form, but some servers send it
  if (!TakeWord("}\r\n") || rest_.size() < size) return Error("a literal");
  std::string value(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return value;
}

absl::StatusOr<std::string> Cursor::ReadString() {
  if (!rest_.empty() && rest_[0] == '"') return ReadQuoted();
  if (!rest_.empty() && rest_[0] == '{') return ReadLiteral();
  return Error("a string");
}

absl::StatusOr<std::string> Cursor::ReadAstring() {
  if (!rest_.empty() && (rest_[0] == '"' || rest_[0] == '{')) return ReadString();
  const absl::string_view atom = TakeAtom();
  if (atom.empty()) return Error("an atom or a string");
  return std::string(atom);
}

absl::StatusOr<std::optional<std::string>> Cursor::ReadNstring() {
  if (TakeWord("NIL")) return std::nullopt;
  ASSIGN_OR_RETURN(std::string value, ReadString());
  return value;
}

absl::Status Cursor::Expect(char c) {
  if (Take(c)) return absl::OkStatus();
  return Error(absl::StrCat("'", std::string(1, c), "'"));
}

absl::Status Cursor::SkipValue(int depth) {
  if (depth > kDeepestList) return Error("a list that is less deep");
  if (!Take('(')) return ReadAstring().status();
  while (!Take(')')) {
    if (AtEnd()) return Error("')'");
    if (Take(' ')) continue;
    RETURN_IF_ERROR(SkipValue(depth + 1));
  }
  return absl::OkStatus();
}

absl::Status Cursor::Error(absl::string_view expected) const {
  return absl::DataLossError(absl::StrCat("the server broke IMAP's grammar: expected ", expected,
                                          " at octet ", all_.size() - rest_.size(), " of \"",
                                          absl::CHexEscape(all_.substr(0, 120)), "\""));
}

}  // namespace mailhaul::imap
