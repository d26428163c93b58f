// A ledger's way into records and back.
#include <algorithm>
#include <utility>

#include "worker/copy/ledger.h"
#include "worker/copy/ledger_records.h"

namespace mailhaul::copy {

std::vector<LedgerRecord> Ledger::TakeChanges() {
  const std::string name = LedgerFolderName(source_mailbox_, destination_mailbox_);
  std::vector<LedgerRecord> changes;
  for (size_t i = 0; i < chunks_.size(); ++i) {
    if (!chunks_[i].changed) continue;
    const size_t from = i * kLedgerChunkEntries;
    const size_t to = std::min(from + kLedgerChunkEntries, entries_.size());
    std::string value = EncodeLedgerChunk(entries_, from, to);
    chunks_[i] = {.changed = false, .digest = LedgerChunkDigest(value)};
    changes.push_back({.name = LedgerChunkName(name, i), .value = std::move(value)});
  }
  if (surplus_changed_) {
    for (size_t i = chunks_.size(); i < chunks_ever_; ++i) {
      changes.push_back({.name = LedgerChunkName(name, i), .value = ""});
    }
  }
  if (changes.empty() && !header_changed_) return {};
  changes.push_back({.name = name, .value = EncodeHeader()});
  header_changed_ = surplus_changed_ = false;
  return changes;
}

void Ledger::MarkAllChanged() {
  header_changed_ = surplus_changed_ = true;
  for (Chunk& chunk : chunks_) chunk.changed = true;
}

std::string Ledger::EncodeHeader() const {
  v1::LedgerFolder folder;
  folder.set_source_mailbox(source_mailbox_);
  folder.set_destination_mailbox(destination_mailbox_);
  folder.set_source_uid_validity(source_uid_validity_);
  folder.set_destination_uid_validity(destination_uid_validity_);
  folder.set_generation(generation_);
  folder.set_source_modseq(source_modseq_);
  folder.set_source_octets(source_octets_);
  folder.set_intent_uids(intent_.source_uids.ToString());
  folder.set_intent_uid_next(intent_.uid_next);
  folder.set_entries(entries_.size());
  for (const std::string& flags : flag_sets_) folder.add_flag_sets(flags);
  std::vector<uint64_t> digests;
  for (const Chunk& chunk : chunks_) digests.push_back(chunk.digest);
  return EncodeLedgerHeader(folder, digests);
}

std::vector<Ledger> Ledger::Parse(std::span<const LedgerRecord> records,
                                  std::vector<std::string>* damaged) {
  absl::btree_map<absl::string_view, Records> folders;
  for (const LedgerRecord& record : records) {
    folders[LedgerFolderOf(record.name)].emplace(record.name, record.value);
  }
  std::vector<Ledger> ledgers;
  for (const auto& [name, folder] : folders) {
    if (std::optional<Ledger> ledger = Decode(name, folder)) {
      ledgers.push_back(*std::move(ledger));
    } else {
      for (const auto& [record_name, value] : folder) damaged->emplace_back(record_name);
    }
  }
  return ledgers;
}

std::optional<Ledger> Ledger::Decode(absl::string_view name, const Records& records) {
  const auto header = records.find(name);
  if (header == records.end()) return std::nullopt;
  // All the others must be chunks. One too many means that the header is older than they are.
  std::vector<absl::string_view> values;
  std::vector<uint64_t> digests;
  for (size_t i = 0; i + 1 < records.size(); ++i) {
    const auto chunk = records.find(LedgerChunkName(name, i));
    if (chunk == records.end()) return std::nullopt;
    values.push_back(chunk->second);
    digests.push_back(LedgerChunkDigest(chunk->second));
  }
  const std::optional<v1::LedgerFolder> folder = DecodeLedgerHeader(header->second, digests);
  if (!folder ||
      LedgerFolderName(folder->source_mailbox(), folder->destination_mailbox()) != name) {
    return std::nullopt;
  }
  Ledger ledger(folder->source_mailbox(), folder->destination_mailbox());
  if (!ledger.DecodeHeader(*folder) || !ledger.DecodeChunks(values, digests) ||
      ledger.size() != folder->entries()) {
    return std::nullopt;
  }
  return ledger;
}

bool Ledger::DecodeHeader(const v1::LedgerFolder& folder) {
  source_uid_validity_ = folder.source_uid_validity();
  destination_uid_validity_ = folder.destination_uid_validity();
  generation_ = folder.generation();
  source_modseq_ = folder.source_modseq();
  source_octets_ = folder.source_octets();
  intent_.uid_next = folder.intent_uid_next();
  if (!folder.intent_uids().empty()) {
    absl::StatusOr<imap::UidSet> uids = imap::ParseUidSet(folder.intent_uids());
    if (!uids.ok()) return false;
    intent_.source_uids = *std::move(uids);
  }
  for (const std::string& flags : folder.flag_sets()) {
    flag_set_index_.emplace(flags, static_cast<uint32_t>(flag_sets_.size()));
    flag_sets_.push_back(flags);
  }
  return true;
}

bool Ledger::DecodeChunks(std::span<const absl::string_view> values,
                          std::span<const uint64_t> digests) {
  std::vector<imap::Uid> sources;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto entries = DecodeLedgerChunk(values[i]);
    const bool is_last = i + 1 == values.size();
    if (!entries || (!is_last && entries->size() != kLedgerChunkEntries)) return false;
    for (const LedgerEntry& entry : *entries) {
      if (entry.source == 0 || entry.flags >= flag_sets_.size() || PositionOf(entry.source)) {
        return false;
      }
      Append(entry);
      sources.push_back(entry.source);
    }
    chunks_[i] = {.changed = false, .digest = digests[i]};
  }
  std::sort(sources.begin(), sources.end());  // the order in which a set is cheap to fill
  for (const imap::Uid source : sources) copied_.Add(source);
  return true;
}

}  // namespace mailhaul::copy
