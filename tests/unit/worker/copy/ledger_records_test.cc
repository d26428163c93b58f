// Records that only an attacker writes, with a digest that is right.
#include "worker/copy/ledger_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mailhaul::copy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr absl::string_view kPlain("\0", 1);
constexpr absl::string_view kDeflated("\1", 1);

std::optional<std::vector<LedgerEntry>> Decode(std::vector<uint64_t> sources,
                                               std::vector<uint64_t> destinations,
                                               std::vector<uint64_t> flags) {
  v1::LedgerChunk chunk;
  chunk.mutable_sources()->Add(sources.begin(), sources.end());
  chunk.mutable_destinations()->Add(destinations.begin(), destinations.end());
  chunk.mutable_flags()->Add(flags.begin(), flags.end());
  return DecodeLedgerChunk(absl::StrCat(kPlain, chunk.SerializeAsString()));
}

constexpr uint64_t RunOf(uint64_t value, uint64_t length) { return value << 4 | (length - 1); }

TEST(LedgerChunkTest, RunsAreUnfolded) {
  const auto entries =
      Decode({RunOf(0, 3)}, {RunOf(18, 1), RunOf(0, 2)}, {RunOf(0, 1), RunOf(5, 2)});
  ASSERT_TRUE(entries);
  EXPECT_THAT(*entries,
              ElementsAre(LedgerEntry{1, 10, 0}, LedgerEntry{2, 11, 5}, LedgerEntry{3, 12, 5}));
  const auto long_run = Decode({15, 4080}, {15, 4080}, {15, 4080});
  ASSERT_TRUE(long_run);
  EXPECT_THAT(*long_run, SizeIs(4096));
}

TEST(LedgerChunkTest, OctetsThatUnpackToMoreThanAChunkAreRefused) {
  const std::string zeros(10'000'000, '\0');
  uLongf size = compressBound(zeros.size());
  std::string bomb(size, '\0');
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(bomb.data()), &size,
                     reinterpret_cast<const Bytef*>(zeros.data()), zeros.size()),
            Z_OK);
  bomb.resize(size);
  EXPECT_FALSE(DecodeLedgerChunk(absl::StrCat(kDeflated, bomb)));
  EXPECT_FALSE(DecodeLedgerChunk(absl::StrCat(kDeflated, "no deflate")));
  EXPECT_FALSE(DecodeLedgerChunk(""));
}

TEST(LedgerChunkTest, ColumnsOfDifferentLengthAreRefused) {
  EXPECT_FALSE(Decode({RunOf(0, 3)}, {RunOf(0, 3)}, {RunOf(0, 2)}));
  EXPECT_FALSE(Decode({RunOf(0, 3)}, {RunOf(0, 4)}, {RunOf(0, 3)}));
  EXPECT_FALSE(Decode({}, {}, {}));
}

TEST(LedgerChunkTest, MoreThanAChunkHoldsIsRefused) {
  EXPECT_FALSE(Decode({15, 4081}, {15, 4081}, {15, 4081}));
  EXPECT_FALSE(Decode({15, UINT64_MAX}, {15, UINT64_MAX}, {15, UINT64_MAX}));
  EXPECT_FALSE(Decode({15}, {15}, {15})) << "the length is missing";
}

TEST(LedgerChunkTest, NumbersThatAreNoUidsAreRefused) {
  const uint64_t highest = (uint64_t{0xffffffff} - 1) * 2;
  EXPECT_TRUE(Decode({RunOf(highest, 1)}, {RunOf(1, 1)}, {RunOf(0, 1)}));
  EXPECT_FALSE(Decode({RunOf(highest + 2, 1)}, {RunOf(1, 1)}, {RunOf(0, 1)}));
  EXPECT_FALSE(Decode({RunOf(3, 1)}, {RunOf(1, 1)}, {RunOf(0, 1)})) << "a UID of -1";
  EXPECT_FALSE(Decode({UINT64_MAX - 15}, {RunOf(1, 1)}, {RunOf(0, 1)}));
  EXPECT_FALSE(Decode({RunOf(0, 1)}, {RunOf(0, 1)}, {RunOf(uint64_t{1} << 32, 1)}));
}

// A folder of one chunk with a digest that is right.
std::vector<Ledger> ParseForged(v1::LedgerFolder folder, const std::string& chunk) {
  folder.set_source_mailbox("a");
  folder.set_destination_mailbox("b");
  const std::string name = LedgerFolderName("a", "b");
  const std::vector<uint64_t> digests = {LedgerChunkDigest(chunk)};
  const std::vector<LedgerRecord> records = {{name, EncodeLedgerHeader(folder, digests)},
                                             {LedgerChunkName(name, 0), chunk}};
  std::vector<std::string> damaged;
  return Ledger::Parse(records, &damaged);
}

std::string ChunkOf(std::deque<LedgerEntry> entries) {
  return EncodeLedgerChunk(entries, 0, entries.size());
}

TEST(LedgerForgedTest, WhatTheDigestDoesNotTellIsCheckedToo) {
  v1::LedgerFolder folder;
  folder.set_entries(2);
  folder.add_flag_sets("");
  EXPECT_THAT(ParseForged(folder, ChunkOf({{1, 1, 0}, {2, 2, 0}})), SizeIs(1));
  EXPECT_THAT(ParseForged(folder, ChunkOf({{1, 1, 0}, {1, 2, 0}})), IsEmpty()) << "twice";
  EXPECT_THAT(ParseForged(folder, ChunkOf({{1, 1, 0}, {0, 2, 0}})), IsEmpty()) << "no UID";
  EXPECT_THAT(ParseForged(folder, ChunkOf({{1, 1, 0}, {2, 2, 1}})), IsEmpty()) << "no such flags";
  EXPECT_THAT(ParseForged(folder, ChunkOf({{1, 1, 0}})), IsEmpty()) << "one is missing";
  folder.set_entries(UINT64_MAX);
  EXPECT_THAT(ParseForged(folder, ChunkOf({{1, 1, 0}, {2, 2, 0}})), IsEmpty());
  folder.set_entries(2);
  folder.set_intent_uids("5:*");
  EXPECT_THAT(ParseForged(folder, ChunkOf({{1, 1, 0}, {2, 2, 0}})), IsEmpty());
}

}  // namespace
}  // namespace mailhaul::copy
