#include "worker/copy/ledger_records.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "worker/copy/digest.h"

namespace mailhaul::copy {
namespace {

constexpr uint32_t kVersion = 1;
constexpr int kLengthBits = 4;
constexpr uint64_t kLongRun = (1 << kLengthBits) - 1;  // the rest of the length follows
using Column = google::protobuf::RepeatedField<uint64_t>;

uint64_t ZigZag(int64_t n) {
  return (static_cast<uint64_t>(n) << 1) ^ static_cast<uint64_t>(n >> 63);
}
int64_t UnZigZag(uint64_t n) { return static_cast<int64_t>(n >> 1) ^ -static_cast<int64_t>(n & 1); }

// Collects equal values into runs.
class ColumnWriter {
 public:
  explicit ColumnWriter(Column& column) : column_(column) {}
  ~ColumnWriter() { EndRun(); }

  void Add(uint64_t value) {
    if (length_ > 0 && value != value_) EndRun();
    value_ = value;
    ++length_;
  }

 private:
  void EndRun() {
    if (length_ == 0) return;
    column_.Add(value_ << kLengthBits | std::min(length_ - 1, kLongRun));
    if (length_ > kLongRun) column_.Add(length_ - 1 - kLongRun);
    length_ = 0;
  }

  Column& column_;
  uint64_t value_ = 0;
  uint64_t length_ = 0;
};

// The same with UIDs, each as its distance to the one before.
class UidColumnWriter {
 public:
  explicit UidColumnWriter(Column& column) : steps_(column) {}
  void Add(imap::Uid uid) {
    steps_.Add(ZigZag(int64_t{uid} - before_ - 1));
    before_ = uid;
  }

 private:
  ColumnWriter steps_;
  int64_t before_ = 0;
};

// nullopt when there are none or more than a chunk holds: a few octets could claim any number.
std::optional<std::vector<uint64_t>> ReadColumn(const Column& column) {
  std::vector<uint64_t> values;
  for (int i = 0; i < column.size(); ++i) {
    const uint64_t run = column.Get(i);
    uint64_t length = (run & kLongRun) + 1;
    if ((run & kLongRun) == kLongRun) {
      if (++i == column.size() || column.Get(i) > kLedgerChunkEntries) return std::nullopt;
      length += column.Get(i);
    }
    if (values.size() + length > kLedgerChunkEntries) return std::nullopt;
    values.insert(values.end(), length, run >> kLengthBits);
  }
  if (values.empty()) return std::nullopt;
  return values;
}

// Turns the steps in `values` into UIDs; false when one is none.
bool SumUp(std::vector<uint64_t>& values) {
  int64_t uid = 0;
  for (uint64_t& value : values) {
    // A step has 60 bits, so the sum cannot wrap.
    uid += UnZigZag(value) + 1;
    if (uid < 0 || uid > std::numeric_limits<imap::Uid>::max()) return false;
    value = static_cast<uint64_t>(uid);
  }
  return true;
}

// Deflated where that is shorter: mixed flags are short runs that repeat or are few kinds. The
// first octet tells.
constexpr char kPlain = 0;
constexpr char kDeflated = 1;
// Three columns of at most as many numbers as entries, of at most 10 octets.
constexpr size_t kLongestChunk = 3 * kLedgerChunkEntries * 10 + 64;

std::string Deflate(const std::string& plain) {
  std::string packed(compressBound(plain.size()) + 1, kDeflated);
  uLongf size = packed.size() - 1;
  const int result =
      compress2(reinterpret_cast<Bytef*>(packed.data() + 1), &size,
                reinterpret_cast<const Bytef*>(plain.data()), plain.size(), Z_DEFAULT_COMPRESSION);
  if (result != Z_OK || size >= plain.size()) return std::string(1, kPlain) + plain;
  packed.resize(size + 1);
  return packed;
}

std::optional<std::string> Inflate(absl::string_view value) {
  if (value.empty() || value.size() > kLongestChunk) return std::nullopt;
  if (value[0] == kPlain) return std::string(value.substr(1));
  std::string plain(kLongestChunk, '\0');
  uLongf size = plain.size();
  const int result = uncompress(reinterpret_cast<Bytef*>(plain.data()), &size,
                                reinterpret_cast<const Bytef*>(value.data() + 1), value.size() - 1);
  if (value[0] != kDeflated || result != Z_OK) return std::nullopt;
  plain.resize(size);
  return plain;
}

uint64_t HeaderDigest(absl::string_view folder, std::span<const uint64_t> chunk_digests) {
  return Word(DigestOf({folder, absl::StrJoin(chunk_digests, ",")}), 0);
}

}  // namespace

std::string LedgerFolderName(absl::string_view source_mailbox,
                             absl::string_view destination_mailbox) {
  const Sha256 digest = DigestOf({source_mailbox, destination_mailbox});
  return absl::WebSafeBase64Escape({reinterpret_cast<const char*>(digest.data()), 12});
}

std::string LedgerChunkName(absl::string_view folder_name, size_t chunk) {
  return absl::StrCat(folder_name, ".", chunk);
}

absl::string_view LedgerFolderOf(absl::string_view record_name) {
  return record_name.substr(0, record_name.find('.'));
}

std::string EncodeLedgerChunk(const std::deque<LedgerEntry>& entries, size_t from, size_t to) {
  v1::LedgerChunk chunk;
  {
    UidColumnWriter sources(*chunk.mutable_sources());
    UidColumnWriter destinations(*chunk.mutable_destinations());
    ColumnWriter flags(*chunk.mutable_flags());
    for (size_t i = from; i < to; ++i) {
      sources.Add(entries[i].source);
      destinations.Add(entries[i].destination);
      flags.Add(entries[i].flags);
    }
  }
  return Deflate(chunk.SerializeAsString());
}

std::optional<std::vector<LedgerEntry>> DecodeLedgerChunk(absl::string_view value) {
  v1::LedgerChunk chunk;
  const std::optional<std::string> plain = Inflate(value);
  if (!plain || !chunk.ParseFromString(*plain)) return std::nullopt;
  auto sources = ReadColumn(chunk.sources());
  auto destinations = ReadColumn(chunk.destinations());
  const auto flags = ReadColumn(chunk.flags());
  if (!sources || !destinations || !flags || !SumUp(*sources) || !SumUp(*destinations) ||
      sources->size() != flags->size() || destinations->size() != flags->size()) {
    return std::nullopt;
  }
  std::vector<LedgerEntry> entries;
  entries.reserve(flags->size());
  for (size_t i = 0; i < flags->size(); ++i) {
    if ((*flags)[i] > std::numeric_limits<uint32_t>::max()) return std::nullopt;
    entries.push_back({.source = static_cast<imap::Uid>((*sources)[i]),
                       .destination = static_cast<imap::Uid>((*destinations)[i]),
                       .flags = static_cast<uint32_t>((*flags)[i])});
  }
  return entries;
}

uint64_t LedgerChunkDigest(absl::string_view value) { return Word(DigestOf({value}), 0); }

std::string EncodeLedgerHeader(const v1::LedgerFolder& folder,
                               std::span<const uint64_t> chunk_digests) {
  v1::LedgerHeader header;
  header.set_version(kVersion);
  header.set_folder(folder.SerializeAsString());
  header.set_digest(HeaderDigest(header.folder(), chunk_digests));
  return header.SerializeAsString();
}

std::optional<v1::LedgerFolder> DecodeLedgerHeader(absl::string_view value,
                                                   std::span<const uint64_t> chunk_digests) {
  v1::LedgerHeader header;
  v1::LedgerFolder folder;
  if (!header.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
      header.version() != kVersion ||
      header.digest() != HeaderDigest(header.folder(), chunk_digests) ||
      !folder.ParseFromString(header.folder())) {
    return std::nullopt;
  }
  return folder;
}

}  // namespace mailhaul::copy
