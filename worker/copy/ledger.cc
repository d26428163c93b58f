#include "worker/copy/ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "worker/copy/ledger_records.h"

namespace mailhaul::copy {

std::string NormalFlags(absl::string_view words) {
  std::vector<absl::string_view> flags = absl::StrSplit(words, ' ', absl::SkipEmpty());
  std::sort(flags.begin(), flags.end());
  flags.erase(std::unique(flags.begin(), flags.end()), flags.end());
  std::erase_if(flags, [](absl::string_view f) { return absl::EqualsIgnoreCase(f, "\\Recent"); });
  return absl::StrJoin(flags, " ");
}

Ledger::Ledger(std::string source_mailbox, std::string destination_mailbox)
    : source_mailbox_(std::move(source_mailbox)),
      destination_mailbox_(std::move(destination_mailbox)) {}

void Ledger::set_intent(Intent intent) {
  if (intent.uid_next == intent_.uid_next &&
      intent.source_uids.ranges() == intent_.source_uids.ranges()) {
    return;
  }
  intent_ = std::move(intent);
  header_changed_ = true;
}

void Ledger::Add(imap::Uid source, imap::Uid destination, absl::string_view flags) {
  const LedgerEntry entry{.source = source, .destination = destination, .flags = FlagSet(flags)};
  const std::optional<size_t> there = PositionOf(source);
  if (there) {
    Replace(*there, entry);
  } else {
    Append(entry);
    copied_.Add(source);
  }
}

void Ledger::SetFlags(imap::Uid source, absl::string_view flags) {
  const std::optional<size_t> position = PositionOf(source);
  if (!position) return;
  LedgerEntry entry = entries_[*position];
  entry.flags = FlagSet(flags);
  Replace(*position, entry);
}

void Ledger::Clear() {
  const size_t chunks_ever = chunks_ever_;
  *this = Ledger(std::move(source_mailbox_), std::move(destination_mailbox_));
  chunks_ever_ = chunks_ever;
  MarkAllChanged();
}

std::optional<LedgerEntry> Ledger::Find(imap::Uid source) const {
  const std::optional<size_t> position = PositionOf(source);
  if (!position) return std::nullopt;
  return entries_[*position];
}

imap::UidSet Ledger::DestinationsFrom(imap::Uid lowest) const {
  std::vector<imap::Uid> uids;
  for (const LedgerEntry& entry : entries_) {
    if (entry.destination != 0 && entry.destination >= lowest) uids.push_back(entry.destination);
  }
  return imap::MakeUidSet(std::move(uids));
}

imap::UidSet Ledger::SourcesWithoutDestination() const {
  std::vector<imap::Uid> uids;
  for (const LedgerEntry& entry : entries_) {
    if (entry.destination == 0) uids.push_back(entry.source);
  }
  return imap::MakeUidSet(std::move(uids));
}

std::optional<size_t> Ledger::PositionOf(imap::Uid source) const {
  const auto it = std::lower_bound(
      ascending_.begin(), ascending_.end(), source,
      [this](uint32_t position, imap::Uid uid) { return entries_[position].source < uid; });
  if (it != ascending_.end() && entries_[*it].source == source) return *it;
  const auto late = late_.find(source);
  if (late != late_.end()) return late->second;
  return std::nullopt;
}

void Ledger::Append(const LedgerEntry& entry) {
  const auto position = static_cast<uint32_t>(entries_.size());
  if (ascending_.empty() || entries_[ascending_.back()].source < entry.source) {
    ascending_.push_back(position);
  } else {
    late_.emplace(entry.source, position);
  }
  entries_.push_back(entry);
  chunks_.resize(LedgerChunks(entries_.size()));
  chunks_ever_ = std::max(chunks_ever_, chunks_.size());
  chunks_.back().changed = true;
}

void Ledger::Replace(size_t position, const LedgerEntry& entry) {
  if (entries_[position] == entry) return;
  entries_[position] = entry;
  chunks_[position / kLedgerChunkEntries].changed = true;
}

uint32_t Ledger::FlagSet(absl::string_view words) {
  const auto next = static_cast<uint32_t>(flag_sets_.size());
  const auto [it, is_new] = flag_set_index_.try_emplace(NormalFlags(words), next);
  if (is_new) flag_sets_.push_back(it->first);
  return it->second;
}

}  // namespace mailhaul::copy
