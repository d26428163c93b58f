#include "worker/copy/folder_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "worker/imap/mailbox_name.h"

namespace mailhaul::copy {
namespace {

using Path = std::vector<std::string>;  // UTF-8, from the root of the personal namespace
constexpr absl::string_view kInbox = "INBOX";
constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool IsInbox(absl::string_view name) { return absl::EqualsIgnoreCase(name, kInbox); }

// Names that no encoder makes are kept as they are: better an odd name than a lost folder.
std::string Decode(absl::string_view wire) {
  auto decoded = imap::DecodeMailboxName(wire);
  return decoded.ok() ? *std::move(decoded) : std::string(wire);
}

bool Selectable(const imap::ListedMailbox& mailbox) {
  return !mailbox.Has("\\noselect") && !mailbox.Has("\\nonexistent");
}

// nullopt for a folder outside the personal namespace.
std::optional<Path> ToPath(const imap::ListedMailbox& mailbox, const imap::Namespace& personal) {
  absl::string_view name = mailbox.name;
  if (IsInbox(name)) return Path{std::string(kInbox)};
  if (!personal.prefix.empty()) {
    if (!absl::StartsWithIgnoreCase(name, personal.prefix)) return std::nullopt;
    name.remove_prefix(personal.prefix.size());
  }
  Path path;
  if (mailbox.delimiter == 0) {
    path.push_back(Decode(name));
  } else {
    for (const absl::string_view part : absl::StrSplit(name, mailbox.delimiter))
      path.push_back(Decode(part));
  }
  if (path.size() > 1 && IsInbox(path.front())) path.front() = std::string(kInbox);
  return path;
}

// The fullwidth form of a printable ASCII character (U+FF01..U+FF5E), in UTF-8.
std::string Fullwidth(char c) {
  const unsigned code = 0xFEE0u + static_cast<unsigned char>(c);
  return {static_cast<char>(0xE0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3F)),
          static_cast<char>(0x80 | (code & 0x3F))};
}

// One level of a name in the form the destination takes.
std::string Legal(absl::string_view part, char delimiter, std::string& reason) {
  std::string legal;
  for (const char c : part) {
    if (c == delimiter && delimiter != 0) {
      legal += Fullwidth(c);
      reason = absl::StrCat("'", std::string(1, c), "' separates folders at the destination");
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      legal.append(kReplacement.data(), kReplacement.size());
      reason = "control characters are not allowed in names";
    } else {
      legal += c;
    }
  }
  if (legal.empty()) {
    legal = "_";
    reason = "a level of the name was empty";
  }
  return legal;
}

// UTF-8 name at the destination.
std::string ToDestination(const Path& path, const imap::Namespace& personal, std::string& reason) {
  Path legal;
  for (const std::string& part : path) legal.push_back(Legal(part, personal.delimiter, reason));
  // A server without a hierarchy gets one flat name, its levels still readable.
  const std::string separator =
      personal.delimiter == 0 ? Fullwidth('/') : std::string(1, personal.delimiter);
  const std::string name = absl::StrJoin(legal, separator);
  // INBOX and what is beneath it never take the prefix.
  return path.front() == kInbox ? name : absl::StrCat(Decode(personal.prefix), name);
}

std::string Unused(const std::string& name, const std::set<std::string>& taken,
                   std::string& reason) {
  if (!taken.contains(name)) return name;
  reason = "another folder has this name already";
  for (int n = 2;; ++n) {
    std::string candidate = absl::StrCat(name, " (", n, ")");
    if (!taken.contains(candidate)) return candidate;
  }
}

}  // namespace

std::vector<PlannedFolder> PlanFolders(const FolderListing& source,
                                       const FolderListing& destination, absl::string_view root) {
  const Path roots = absl::StrSplit(root, '/', absl::SkipEmpty());
  std::set<std::string> existing = {std::string(kInbox)};
  for (const auto& mailbox : destination.mailboxes) {
    if (Selectable(mailbox))
      existing.insert(IsInbox(mailbox.name) ? std::string(kInbox) : mailbox.name);
  }
  std::set<std::string> taken;
  std::vector<PlannedFolder> plan;
  for (const auto& mailbox : source.mailboxes) {
    std::optional<Path> path =
        Selectable(mailbox) ? ToPath(mailbox, source.personal) : std::nullopt;
    if (!path) continue;
    path->insert(path->begin(), roots.begin(), roots.end());
    PlannedFolder folder;
    folder.source_wire = mailbox.name;
    folder.source_name = Decode(mailbox.name);
    const std::string wanted = ToDestination(*path, destination.personal, folder.rename_reason);
    folder.destination_name = Unused(wanted, taken, folder.rename_reason);
    taken.insert(folder.destination_name);
    folder.destination_wire = imap::EncodeMailboxName(folder.destination_name);
    folder.create = !existing.contains(folder.destination_wire);
    folder.subscribe = source.subscribed.contains(mailbox.name);
    plan.push_back(std::move(folder));
  }
  const auto inbox = std::find_if(plan.begin(), plan.end(),
                                  [](const PlannedFolder& f) { return IsInbox(f.source_wire); });
  if (inbox != plan.end()) std::rotate(plan.begin(), inbox, inbox + 1);
  return plan;
}

}  // namespace mailhaul::copy
