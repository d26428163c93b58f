#include "worker/copy/flags.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace mailhaul::copy {
namespace {

// The only system flags that every server takes (RFC 9051 2.3.2). Others, such as \Forwarded or
// $NotJunk with a backslash, make whole APPENDs fail.
constexpr std::array<absl::string_view, 5> kSystemFlags = {"\\Answered", "\\Flagged", "\\Deleted",
                                                           "\\Seen", "\\Draft"};

template <typename List>
bool Contains(const List& list, absl::string_view flag) {
  return std::any_of(std::begin(list), std::end(list), [flag](absl::string_view entry) {
    return absl::EqualsIgnoreCase(entry, flag);
  });
}

bool Keeps(const imap::SelectedMailbox& destination, absl::string_view flag) {
  const bool system = flag[0] == '\\';
  if (system && !Contains(kSystemFlags, flag)) return false;
  if (!destination.has_permanent_flags) return true;
  return Contains(destination.permanent_flags, flag) ||
         (!system && Contains(destination.permanent_flags, "\\*"));
}

}  // namespace

std::string FlagsFor(const imap::SelectedMailbox& destination, absl::string_view source_flags) {
  std::string kept;
  for (const absl::string_view flag : absl::StrSplit(source_flags, ' ', absl::SkipEmpty())) {
    if (!Keeps(destination, flag)) continue;
    if (!kept.empty()) kept += ' ';
    kept.append(flag.data(), flag.size());
  }
  return kept;
}

}  // namespace mailhaul::copy
