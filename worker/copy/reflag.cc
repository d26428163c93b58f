#include "worker/copy/reflag.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "worker/copy/flags.h"
#include "worker/imap/mailbox_name.h"

namespace mailhaul::copy {
namespace {

constexpr size_t kSetOctets = 4000;

// The words of `flags` that are not in `others`; never \Deleted, which would be half a deletion.
std::string Without(absl::string_view flags, absl::string_view others) {
  const std::vector<absl::string_view> known = absl::StrSplit(others, ' ', absl::SkipEmpty());
  std::string left;
  for (const absl::string_view flag : absl::StrSplit(flags, ' ', absl::SkipEmpty())) {
    const bool in_both = std::any_of(known.begin(), known.end(), [flag](absl::string_view other) {
      return absl::EqualsIgnoreCase(flag, other);
    });
    if (in_both || absl::EqualsIgnoreCase(flag, "\\Deleted")) continue;
    absl::StrAppend(&left, left.empty() ? "" : " ", flag);
  }
  return left;
}

// STORE commands of one folder: what to do -> with which messages of the destination.
using Stores = std::map<std::string, std::vector<imap::Uid>>;

Stores StoresFor(FolderCopy& folder) {
  Stores stores;
  for (const Reflagged& message : folder.reflagged()) {
    const auto entry = folder.ledger().Find(message.uid);
    if (!entry || entry->destination == 0) continue;  // gone from the destination
    const absl::string_view before = folder.ledger().flags(*entry);
    const imap::SelectedMailbox& at = folder.destination();
    const std::string added = FlagsFor(at, Without(message.flags, before));
    const std::string removed = FlagsFor(at, Without(before, message.flags));
    if (!added.empty())
      stores[absl::StrCat("+FLAGS.SILENT (", added, ")")].push_back(entry->destination);
    if (!removed.empty())
      stores[absl::StrCat("-FLAGS.SILENT (", removed, ")")].push_back(entry->destination);
  }
  return stores;
}

}  // namespace

Task<absl::Status> BringFlags(imap::Session& destination, std::span<FolderCopy> folders) {
  std::vector<std::string> commands;
  std::vector<size_t> belongs_to;
  std::vector<bool> refused(folders.size(), false);
  for (size_t i = 0; i < folders.size(); ++i) {
    if (folders[i].failed()) continue;
    Stores stores = StoresFor(folders[i]);
    if (!stores.empty()) {
      commands.push_back(absl::StrCat("SELECT ", imap::Quote(folders[i].plan().destination_wire)));
    }
    for (auto& [what, uids] : stores) {
      for (const std::string& set : imap::ToStrings(imap::MakeUidSet(std::move(uids)), kSetOctets))
        commands.push_back(absl::StrCat("UID STORE ", set, " ", what));
    }
    belongs_to.resize(commands.size(), i);
  }
  if (!commands.empty() && destination.capabilities().Has("UNSELECT")) {
    commands.push_back("UNSELECT");
    belongs_to.push_back(folders.size());
  }
  CO_RETURN_IF_ERROR(OnSide(
      Side::kDestination, co_await destination.RunAll(
                              commands, [](size_t, absl::string_view) { return absl::OkStatus(); },
                              [&](size_t command, const imap::StatusResponse& answer) {
                                const size_t folder = belongs_to[command];
                                const bool ok = answer.kind == imap::StatusResponse::Kind::kOk;
                                if (folder < folders.size() && !ok) refused[folder] = true;
                                return absl::OkStatus();
                              })));
  for (size_t i = 0; i < folders.size(); ++i) {
    if (!refused[i]) folders[i].FlagsBrought();
  }
  co_return absl::OkStatus();
}

}  // namespace mailhaul::copy
