#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mailhaul::imap {

// Unique identifier of a message in a mailbox (RFC 9051 2.3.1.1); never 0.
using Uid = uint32_t;

// A set of UIDs as ascending, disjoint ranges: a million messages without gaps cost eight octets.
class UidSet {
 public:
  struct Range {
    Uid first = 0;
    Uid last = 0;  // inclusive
    friend bool operator==(const Range&, const Range&) = default;
  };

  // Cheap when `uid` is above all others, which is the order servers list in.
  void Add(Uid uid);
  void AddRange(Range range);
  void AddAll(const UidSet& other);
  void Remove(Uid uid);
  void RemoveAll(const UidSet& other);  // linear in both
  bool Contains(Uid uid) const;
  // The UIDs above `uid` are kept.
  void RemoveUpTo(Uid uid);
  // Takes the lowest `count` UIDs out, or all when there are fewer.
  UidSet TakeLowest(uint64_t count);

  uint64_t size() const { return size_; }
  bool empty() const { return ranges_.empty(); }
  const std::vector<Range>& ranges() const { return ranges_; }
  // 0 when empty.
  Uid lowest() const { return empty() ? 0 : ranges_.front().first; }
  Uid highest() const { return empty() ? 0 : ranges_.back().last; }

  // sequence-set without "*" (RFC 9051 9), for instance "1:5,9".
  std::string ToString() const;

 private:
  std::vector<Range> ranges_;
  uint64_t size_ = 0;
};

// Of UIDs in any order.
UidSet MakeUidSet(std::vector<Uid> uids);
// Those of `a` that are in `b` too. Linear in both.
UidSet Common(UidSet a, const UidSet& b);
// The UIDs from `lowest` to the highest possible that are not in `set`; lowest > 0.
UidSet AllOthersFrom(Uid lowest, const UidSet& set);

// `set` as several sequence-sets of about `octets` each, since servers limit the length of a
// command, and of at most `uids` each.
std::vector<std::string> ToStrings(const UidSet& set, size_t octets, uint64_t uids = UINT32_MAX);

// uid-set (RFC 4315 4), in any order: ranges may run downwards.
absl::StatusOr<UidSet> ParseUidSet(absl::string_view text);

}  // namespace mailhaul::imap
