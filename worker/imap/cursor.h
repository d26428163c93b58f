#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mailhaul::imap {

// Reads one server response left to right, by the grammar of RFC 9051 9. The response is complete:
// a literal in it stands as "{n}" CRLF and its n octets.
//
// Take...() tries: on a mismatch it says no and nothing moves. Read...() requires: a mismatch is
// DATA_LOSS with the place.
class Cursor {
 public:
  explicit Cursor(absl::string_view text) : all_(text), rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }
  absl::string_view rest() const { return rest_; }

  bool Take(char c);
  // Without regard to case.
  bool TakeWord(absl::string_view word);
  void Skip(size_t n) { rest_.remove_prefix(n < rest_.size() ? n : rest_.size()); }
  // Octets up to, not including, the first of `stops`, or to the end.
  absl::string_view TakeUntil(absl::string_view stops);
  // atom, widened to what servers send: anything but SP ( ) { " CTL. "[" and "]" and "\" are
  // allowed.
  absl::string_view TakeAtom();

  absl::StatusOr<uint32_t> ReadNumber();    // number, 32 bits
  absl::StatusOr<uint64_t> ReadNumber64();  // number64
  // string = quoted / literal
  absl::StatusOr<std::string> ReadString();
  // astring = atom / string
  absl::StatusOr<std::string> ReadAstring();
  // nstring = string / NIL; nullopt for NIL
  absl::StatusOr<std::optional<std::string>> ReadNstring();
  absl::Status Expect(char c);
  // Passes over one value of any shape: atom, string, or a list of them, at most 32 deep.
  absl::Status SkipValue(int depth = 0);

  absl::Status Error(absl::string_view expected) const;

 private:
  absl::StatusOr<std::string> ReadQuoted();
  absl::StatusOr<std::string> ReadLiteral();

  absl::string_view all_;
  absl::string_view rest_;
};

}  // namespace mailhaul::imap
