#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"

#include "worker/imap/uid_set.h"

namespace mailhaul::v1 {
class LedgerFolder;
}

namespace mailhaul::copy {

// Something to be stored under a name of its own; an empty value removes it.
struct LedgerRecord {
  std::string name;
  std::string value;
};

// One source message of which a copy is known to have arrived.
struct LedgerEntry {
  imap::Uid source = 0;
  imap::Uid destination = 0;  // 0: not known
  uint32_t flags = 0;         // for Ledger::flags()

  friend bool operator==(const LedgerEntry&, const LedgerEntry&) = default;
};

// What may have been sent and was not confirmed. Stored before the first octet of it is sent.
struct Intent {
  imap::UidSet source_uids;
  // UIDNEXT of the destination before any of them was sent: what arrived of them has this UID or a
  // higher one. 0: not known.
  imap::Uid uid_next = 0;
};

// The flags in `words` (separated by spaces, any order) as the ledger keeps them: sorted, each
// once, without \Recent, which belongs to a session and not to the message (RFC 3501 2.3.2).
std::string NormalFlags(absl::string_view words);

// What is known to have been copied of one folder. No I/O: it turns into records and comes back
// from them. About 17 octets of memory an entry.
//
// The records of a folder are a header and chunks of 4,096 entries in the order they were added.
// Only what changed is written again, so that a checkpoint costs the same whatever has been copied.
class Ledger {
 public:
  // Empty, to be stored with its first change. Names as in FolderProgress.
  Ledger(std::string source_mailbox, std::string destination_mailbox);

  // The folders in a pair's records. A folder whose records do not fit together (one is missing,
  // damaged, older than the others, or of another version) is left out: nothing is known of it.
  // `damaged` gets the name of every record that is no part of a folder returned, to be removed.
  static std::vector<Ledger> Parse(std::span<const LedgerRecord> records,
                                   std::vector<std::string>* damaged);

  const std::string& source_mailbox() const { return source_mailbox_; }
  const std::string& destination_mailbox() const { return destination_mailbox_; }

  // What the entries are valid for: UIDVALIDITY of both sides; 0: not known yet.
  uint32_t source_uid_validity() const { return source_uid_validity_; }
  uint32_t destination_uid_validity() const { return destination_uid_validity_; }
  void set_source_uid_validity(uint32_t value) { Set(source_uid_validity_, value); }
  void set_destination_uid_validity(uint32_t value) { Set(destination_uid_validity_, value); }
  // The run of Redis that the header was last written to; another one may have forgotten something.
  const std::string& generation() const { return generation_; }
  void set_generation(std::string value) { Set(generation_, std::move(value)); }
  // HIGHESTMODSEQ (RFC 7162) of the source before the last pass that settled every message; 0:
  // none.
  uint64_t source_modseq() const { return source_modseq_; }
  void set_source_modseq(uint64_t value) { Set(source_modseq_, value); }
  // The sum of the source's RFC822.SIZE then, for whoever does not list it again.
  uint64_t source_octets() const { return source_octets_; }
  void set_source_octets(uint64_t value) { Set(source_octets_, value); }
  const Intent& intent() const { return intent_; }
  void set_intent(Intent intent);

  // `flags` are the source's, as words in any order. Adding a source again replaces its entry.
  // Cheap for ascending sources; others cost a look at every gap in
  // copied(). `source` is not 0.
  void Add(imap::Uid source, imap::Uid destination, absl::string_view flags);
  // Nothing happens for a source that is not there.
  void SetFlags(imap::Uid source, absl::string_view flags);
  // Nothing is known any more, neither entries nor intent, UIDVALIDITYs and MODSEQ.
  void Clear();

  size_t size() const { return entries_.size(); }
  const imap::UidSet& copied() const { return copied_; }    // source UIDs
  std::optional<LedgerEntry> Find(imap::Uid source) const;  // O(log n)
  // Valid until the ledger changes.
  absl::string_view flags(const LedgerEntry& entry) const { return flag_sets_[entry.flags]; }
  // The known destination UIDs >= `lowest`. O(n log n).
  imap::UidSet DestinationsFrom(imap::Uid lowest) const;
  // The sources whose destination is not known. O(n log n).
  imap::UidSet SourcesWithoutDestination() const;

  // The records that changed since the last call, to be stored together; whoever cannot store them
  // calls MarkAllChanged. Empty when nothing changed.
  std::vector<LedgerRecord> TakeChanges();
  void MarkAllChanged();

 private:
  struct Chunk {
    bool changed = true;
    uint64_t digest = 0;  // of the record; valid unless changed
  };

  template <typename T>
  void Set(T& field, T value) {
    if (field == value) return;
    field = std::move(value);
    header_changed_ = true;
  }
  using Records = absl::btree_map<absl::string_view, absl::string_view>;  // of one folder
  static std::optional<Ledger> Decode(absl::string_view name, const Records& records);
  bool DecodeHeader(const v1::LedgerFolder& folder);
  bool DecodeChunks(std::span<const absl::string_view> values, std::span<const uint64_t> digests);
  std::string EncodeHeader() const;

  std::optional<size_t> PositionOf(imap::Uid source) const;
  void Append(const LedgerEntry& entry);
  void Replace(size_t position, const LedgerEntry& entry);
  uint32_t FlagSet(absl::string_view words);

  std::string source_mailbox_;
  std::string destination_mailbox_;
  uint32_t source_uid_validity_ = 0;
  uint32_t destination_uid_validity_ = 0;
  std::string generation_;
  uint64_t source_modseq_ = 0;
  uint64_t source_octets_ = 0;
  Intent intent_;

  // Deques, since a vector that grows holds up to three times what is in it.
  std::deque<LedgerEntry> entries_;  // in the order they were added
  std::deque<uint32_t> ascending_;   // positions of the entries whose source was the highest so far
  absl::btree_map<imap::Uid, uint32_t> late_;  // positions of the others
  imap::UidSet copied_;
  std::vector<std::string> flag_sets_;  // by LedgerEntry::flags
  absl::btree_map<std::string, uint32_t> flag_set_index_;

  std::vector<Chunk> chunks_;
  size_t chunks_ever_ = 0;  // the most there ever were
  bool header_changed_ = false;
  bool surplus_changed_ = false;  // chunks beyond chunks_ may be stored
};

}  // namespace mailhaul::copy
