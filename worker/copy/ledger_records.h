#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "mailhaul/v1/ledger.pb.h"
#include "worker/copy/ledger.h"

namespace mailhaul::copy {

// How a ledger is stored: the names and values of its records (proto/mailhaul/v1/ledger.proto).

inline constexpr size_t kLedgerChunkEntries = 4096;
constexpr size_t LedgerChunks(uint64_t entries) {
  return (entries + kLedgerChunkEntries - 1) / kLedgerChunkEntries;
}

// The name of a folder's header: 16 octets of [A-Za-z0-9_-], drawn from the names of both
// mailboxes.
std::string LedgerFolderName(absl::string_view source_mailbox,
                             absl::string_view destination_mailbox);
// Its chunks' names, counted from 0: the header's name, a full stop and the number.
std::string LedgerChunkName(absl::string_view folder_name, size_t chunk);
// The header's name in the name of any of its records.
absl::string_view LedgerFolderOf(absl::string_view record_name);

// Entries from..to of `entries` (at most kLedgerChunkEntries) as a chunk's value.
std::string EncodeLedgerChunk(const std::deque<LedgerEntry>& entries, size_t from, size_t to);
// nullopt when `value` is no chunk: it holds anything but 1..kLedgerChunkEntries entries.
std::optional<std::vector<LedgerEntry>> DecodeLedgerChunk(absl::string_view value);

// Stands for a chunk in the digest of the header.
uint64_t LedgerChunkDigest(absl::string_view value);
std::string EncodeLedgerHeader(const v1::LedgerFolder& folder,
                               std::span<const uint64_t> chunk_digests);
// nullopt when `value` is no header of this version, or does not belong to these chunks.
std::optional<v1::LedgerFolder> DecodeLedgerHeader(absl::string_view value,
                                                   std::span<const uint64_t> chunk_digests);

}  // namespace mailhaul::copy
