#include "worker/imap/uid_set.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "worker/imap/cursor.h"

namespace mailhaul::imap {
namespace {

void AppendTo(std::string& text, const UidSet::Range& range) {
  absl::StrAppend(&text, text.empty() ? "" : ",", range.first);
  if (range.last != range.first) absl::StrAppend(&text, ":", range.last);
}

uint64_t Length(const UidSet::Range& range) { return uint64_t{range.last} - range.first + 1; }

}  // namespace

void UidSet::Add(Uid uid) { AddRange({uid, uid}); }

void UidSet::AddRange(Range range) {
  if (ranges_.empty() || range.first > ranges_.back().last) {
    if (!ranges_.empty() && range.first - 1 == ranges_.back().last) {
      ranges_.back().last = range.last;
    } else {
      ranges_.push_back(range);
    }
    size_ += Length(range);
    return;
  }
  // Out of order: join with every range it touches. 64 bits, so that last + 1 cannot wrap.
  auto begin = std::find_if(ranges_.begin(), ranges_.end(),
                            [&](const Range& r) { return uint64_t{r.last} + 1 >= range.first; });
  auto end = std::find_if(begin, ranges_.end(),
                          [&](const Range& r) { return r.first > uint64_t{range.last} + 1; });
  for (auto it = begin; it != end; ++it) {
    range.first = std::min(range.first, it->first);
    range.last = std::max(range.last, it->last);
    size_ -= Length(*it);
  }
  size_ += Length(range);
  ranges_.insert(ranges_.erase(begin, end), range);
}

void UidSet::AddAll(const UidSet& other) {
  for (const Range& range : other.ranges_) AddRange(range);
}

void UidSet::RemoveAll(const UidSet& other) {
  UidSet kept;
  auto hole = other.ranges_.begin();
  for (const Range& range : ranges_) {
    uint64_t first = range.first;  // 64 bits, so that last + 1 cannot wrap
    while (hole != other.ranges_.end() && hole->last < range.first) ++hole;
    for (auto it = hole; it != other.ranges_.end() && it->first <= range.last; ++it) {
      if (it->first > first) kept.AddRange({static_cast<Uid>(first), it->first - 1});
      first = uint64_t{it->last} + 1;
    }
    if (first <= range.last) kept.AddRange({static_cast<Uid>(first), range.last});
  }
  *this = std::move(kept);
}

bool UidSet::Contains(Uid uid) const {
  const auto it = std::lower_bound(ranges_.begin(), ranges_.end(), uid,
                                   [](const Range& r, Uid u) { return r.last < u; });
  return it != ranges_.end() && it->first <= uid;
}

void UidSet::Remove(Uid uid) {
  const auto it = std::lower_bound(ranges_.begin(), ranges_.end(), uid,
                                   [](const Range& r, Uid u) { return r.last < u; });
  if (it == ranges_.end() || it->first > uid) return;
  --size_;
  if (it->first == it->last) {
    ranges_.erase(it);
  } else if (it->first == uid) {
    ++it->first;
  } else if (it->last == uid) {
    --it->last;
  } else {
    const Range upper{uid + 1, it->last};
    it->last = uid - 1;
    ranges_.insert(it + 1, upper);
  }
}

void UidSet::RemoveUpTo(Uid uid) {
  UidSet kept;
  for (const Range& r : ranges_) {
    if (r.last > uid) kept.AddRange({std::max(r.first, uid + 1), r.last});
  }
  *this = std::move(kept);
}

UidSet UidSet::TakeLowest(uint64_t count) {
  UidSet taken;
  auto it = ranges_.begin();
  for (; it != ranges_.end() && Length(*it) <= count; ++it) {
    taken.AddRange(*it);
    count -= Length(*it);
  }
  ranges_.erase(ranges_.begin(), it);
  if (count > 0 && !ranges_.empty()) {
    Range& partly = ranges_.front();
    const Uid last = partly.first + static_cast<Uid>(count - 1);
    taken.AddRange({partly.first, last});
    partly.first = last + 1;
  }
  size_ -= taken.size();
  return taken;
}

std::string UidSet::ToString() const {
  std::string text;
  for (const Range& range : ranges_) AppendTo(text, range);
  return text;
}

UidSet MakeUidSet(std::vector<Uid> uids) {
  std::sort(uids.begin(), uids.end());  // the order in which a set is cheap to fill
  UidSet set;
  for (const Uid uid : uids) set.Add(uid);
  return set;
}

UidSet Common(UidSet a, const UidSet& b) {
  UidSet others = a;
  others.RemoveAll(b);
  a.RemoveAll(others);
  return a;
}

UidSet AllOthersFrom(Uid lowest, const UidSet& set) {
  UidSet all;
  all.AddRange({lowest, UINT32_MAX});
  all.RemoveAll(set);
  return all;
}

std::vector<std::string> ToStrings(const UidSet& set, size_t octets, uint64_t uids) {
  std::vector<std::string> texts;
  uint64_t room = 0;
  for (const UidSet::Range& range : set.ranges()) {
    for (uint64_t first = range.first; first <= range.last;) {
      if (room == 0 || texts.back().size() >= octets) {
        texts.emplace_back();
        room = uids;
      }
      const uint64_t last = std::min<uint64_t>(range.last, first + room - 1);
      AppendTo(texts.back(), {static_cast<Uid>(first), static_cast<Uid>(last)});
      room -= last - first + 1;
      first = last + 1;
    }
  }
  return texts;
}

absl::StatusOr<UidSet> ParseUidSet(absl::string_view text) {
  Cursor in(text);
  UidSet set;
  do {
    ASSIGN_OR_RETURN(const Uid first, in.ReadNumber());
    Uid last = first;
    if (in.Take(':')) {
      ASSIGN_OR_RETURN(last, in.ReadNumber());
    }
    if (first == 0 || last == 0) return in.Error("a UID other than 0");
    set.AddRange({std::min(first, last), std::max(first, last)});
  } while (in.Take(','));
  if (!in.AtEnd()) return in.Error("the end of the uid-set");
  return set;
}

}  // namespace mailhaul::imap
