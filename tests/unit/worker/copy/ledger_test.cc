#include "worker/copy/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"

#include "worker/copy/ledger_records.h"

namespace mailhaul::copy {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// What a worker keeps in Redis: names and values.
class Store {
 public:
  // Returns how many octets were written.
  size_t Save(Ledger& ledger) {
    size_t octets = 0;
    for (LedgerRecord& record : ledger.TakeChanges()) {
      octets += record.name.size() + record.value.size();
      if (record.value.empty()) {
        values_.erase(record.name);
      } else {
        values_[record.name] = std::move(record.value);
      }
    }
    return octets;
  }

  std::vector<Ledger> Load() {
    std::vector<LedgerRecord> records;
    for (const auto& [name, value] : values_) records.push_back({name, value});
    damaged_.clear();
    return Ledger::Parse(records, &damaged_);
  }

  std::map<std::string, std::string>& values() { return values_; }
  const std::vector<std::string>& damaged() const { return damaged_; }
  size_t octets() const {
    size_t sum = 0;
    for (const auto& [name, value] : values_) sum += name.size() + value.size();
    return sum;
  }

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> damaged_;
};

struct Copied {
  imap::Uid destination = 0;
  std::string flags;
  friend bool operator==(const Copied&, const Copied&) = default;
};

std::map<imap::Uid, Copied> Contents(const Ledger& ledger) {
  std::map<imap::Uid, Copied> contents;
  for (const imap::UidSet::Range& range : ledger.copied().ranges()) {
    for (uint64_t uid = range.first; uid <= range.last; ++uid) {
      const auto entry = ledger.Find(static_cast<imap::Uid>(uid));
      if (!entry) continue;
      contents[entry->source] = {entry->destination, std::string(ledger.flags(*entry))};
    }
  }
  return contents;
}

Ledger Filled(int entries) {
  Ledger ledger("INBOX", "INBOX");
  for (int i = 1; i <= entries; ++i) ledger.Add(i, 100 + i, "\\Seen");
  return ledger;
}

TEST(NormalFlagsTest, SortsAndLeavesOutRecentAndRepetitions) {
  EXPECT_EQ(NormalFlags("\\Seen  $Work \\recent \\Answered \\Seen"), "$Work \\Answered \\Seen");
  EXPECT_EQ(NormalFlags("\\Recent"), "");
}

TEST(LedgerTest, AnEmptyOneKnowsNothingAndNeedsNoRecord) {
  Ledger ledger("a", "b");
  EXPECT_EQ(ledger.size(), 0u);
  EXPECT_TRUE(ledger.copied().empty());
  EXPECT_FALSE(ledger.Find(1));
  EXPECT_THAT(ledger.TakeChanges(), IsEmpty());
}

TEST(LedgerTest, EverythingComesBackFromTheRecords) {
  Ledger ledger(std::string("Sent\0\xff", 6), "Gesendet.\xe4");
  ledger.set_source_uid_validity(0xffffffff);
  ledger.set_destination_uid_validity(17);
  ledger.set_generation("c0ffee");
  ledger.set_source_modseq(1ull << 62);
  Intent intent{.source_uids = {}, .uid_next = 900};
  intent.source_uids.AddRange({5, 9});
  intent.source_uids.Add(12);
  ledger.set_intent(intent);
  ledger.Add(1, 0xffffffff, "\\Seen $Work");
  ledger.Add(0xffffffff, 0, "");
  ledger.Add(3, 700, "$Work \\Seen");
  Store store;
  store.Save(ledger);

  const std::vector<Ledger> loaded = store.Load();
  ASSERT_THAT(loaded, SizeIs(1));
  EXPECT_THAT(store.damaged(), IsEmpty());
  const Ledger& back = loaded[0];
  EXPECT_EQ(back.source_mailbox(), std::string("Sent\0\xff", 6));
  EXPECT_EQ(back.destination_mailbox(), "Gesendet.\xe4");
  EXPECT_EQ(back.source_uid_validity(), 0xffffffff);
  EXPECT_EQ(back.destination_uid_validity(), 17u);
  EXPECT_EQ(back.generation(), "c0ffee");
  EXPECT_EQ(back.source_modseq(), 1ull << 62);
  EXPECT_EQ(back.intent().source_uids.ToString(), "5:9,12");
  EXPECT_EQ(back.intent().uid_next, 900u);
  EXPECT_EQ(back.copied().ToString(), "1,3,4294967295");
  const std::map<imap::Uid, Copied> expected = {
      {1, {0xffffffff, "$Work \\Seen"}}, {3, {700, "$Work \\Seen"}}, {0xffffffff, {0, ""}}};
  EXPECT_EQ(Contents(back), expected);
}

TEST(LedgerTest, AddingASourceAgainReplacesItsEntry) {
  Ledger ledger("a", "b");
  ledger.Add(1, 0, "");
  ledger.Add(2, 50, "");
  ledger.Add(1, 60, "\\Seen");
  EXPECT_EQ(ledger.size(), 2u);
  const std::map<imap::Uid, Copied> expected = {{1, {60, "\\Seen"}}, {2, {50, ""}}};
  EXPECT_EQ(Contents(ledger), expected);
}

TEST(LedgerTest, FlagsAreSetOnlyWhereThereIsAnEntry) {
  Ledger ledger("a", "b");
  ledger.Add(1, 5, "");
  Store store;
  store.Save(ledger);
  ledger.SetFlags(2, "\\Seen");
  EXPECT_FALSE(ledger.Find(2));
  ledger.SetFlags(1, "\\Flagged");
  store.Save(ledger);
  EXPECT_EQ(Contents(store.Load().at(0)), (std::map<imap::Uid, Copied>{{1, {5, "\\Flagged"}}}));
}

TEST(LedgerTest, TellsWhichDestinationsAreKnown) {
  Ledger ledger("a", "b");
  ledger.Add(1, 30, "");
  ledger.Add(2, 0, "");
  ledger.Add(3, 10, "");
  ledger.Add(9, 0, "");
  ledger.Add(4, 20, "");
  EXPECT_EQ(ledger.DestinationsFrom(1).ToString(), "10,20,30");
  EXPECT_EQ(ledger.DestinationsFrom(20).ToString(), "20,30");
  EXPECT_EQ(ledger.DestinationsFrom(31).ToString(), "");
  EXPECT_EQ(ledger.SourcesWithoutDestination().ToString(), "2,9");
}

// Against a plain map, with every kind of change and a restart now and then.
TEST(LedgerTest, RandomChangesSurviveRestarts) {
  const std::vector<std::string> flags = {"", "\\Seen", "\\Seen \\Flagged", "$Work"};
  for (const uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937 random(seed);
    const auto below = [&random](uint32_t n) { return static_cast<uint32_t>(random() % n); };
    std::map<imap::Uid, Copied> model;
    Ledger ledger("a", "b");
    Store store;
    imap::Uid next = 1;
    for (int step = 0; step < 20'000; ++step) {
      const uint32_t what = below(100);
      const imap::Uid source = what < 90 ? next += 1 + below(3) / 2 : 1 + below(next);
      const Copied copied{below(10) == 0 ? 0 : 1 + below(1 << 31),
                          NormalFlags(flags[below(flags.size())])};
      if (what < 95) {
        ledger.Add(source, copied.destination, copied.flags);
        model[source] = copied;
      } else {
        ledger.SetFlags(source, copied.flags);
        if (const auto it = model.find(source); it != model.end()) it->second.flags = copied.flags;
      }
      if (below(2000) == 0) {
        store.Save(ledger);
        std::vector<Ledger> loaded = store.Load();
        ASSERT_THAT(loaded, SizeIs(1));
        ledger = std::move(loaded[0]);
      }
    }
    EXPECT_EQ(Contents(ledger), model);
    EXPECT_EQ(ledger.size(), model.size());
    store.Save(ledger);
    EXPECT_EQ(Contents(store.Load().at(0)), model);
  }
}

TEST(LedgerTest, OnlyWhatChangedIsWrittenAgain) {
  Ledger ledger = Filled(20'000);
  EXPECT_THAT(ledger.TakeChanges(), SizeIs(6)) << "five chunks and the header";
  EXPECT_THAT(ledger.TakeChanges(), IsEmpty());
  ledger.Add(20'001, 30'000, "\\Seen");
  EXPECT_THAT(ledger.TakeChanges(), SizeIs(2));
  ledger.SetFlags(5000, "\\Seen");
  EXPECT_THAT(ledger.TakeChanges(), IsEmpty()) << "it has these flags already";
  ledger.SetFlags(5000, "");
  EXPECT_THAT(ledger.TakeChanges(), SizeIs(2));
  ledger.set_source_modseq(5);
  EXPECT_THAT(ledger.TakeChanges(), SizeIs(1));
  ledger.set_source_modseq(5);
  ledger.set_intent({});
  EXPECT_THAT(ledger.TakeChanges(), IsEmpty());
}

TEST(LedgerTest, WhatWasLoadedIsNotWrittenAgain) {
  Ledger ledger = Filled(5000);
  Store store;
  store.Save(ledger);
  Ledger loaded = store.Load().at(0);
  EXPECT_THAT(loaded.TakeChanges(), IsEmpty());
  loaded.Add(5001, 1, "");
  store.Save(loaded);
  EXPECT_EQ(store.Load().at(0).size(), 5001u);
}

TEST(LedgerTest, ChangesThatCouldNotBeStoredComeAgain) {
  Ledger ledger = Filled(5000);
  Store store;
  ledger.TakeChanges();  // lost
  ledger.MarkAllChanged();
  store.Save(ledger);
  EXPECT_EQ(store.Load().at(0).size(), 5000u);
}

TEST(LedgerTest, AfterClearNothingIsKnownAndTheRecordsGo) {
  Ledger ledger = Filled(10'000);
  ledger.set_source_uid_validity(7);
  ledger.set_intent({.source_uids = {}, .uid_next = 5});
  Store store;
  store.Save(ledger);
  ledger.Clear();
  EXPECT_EQ(ledger.source_mailbox(), "INBOX");
  EXPECT_EQ(ledger.source_uid_validity(), 0u);
  EXPECT_EQ(ledger.intent().uid_next, 0u);
  EXPECT_TRUE(ledger.copied().empty());
  EXPECT_FALSE(ledger.Find(1));
  ledger.Add(3, 4, "");
  store.Save(ledger);
  EXPECT_THAT(store.values(), SizeIs(2)) << "the header and one chunk";
  EXPECT_EQ(Contents(store.Load().at(0)), (std::map<imap::Uid, Copied>{{3, {4, ""}}}));
}

TEST(LedgerTest, AClearThatCouldNotBeStoredRemovesTheRecordsLater) {
  Ledger ledger = Filled(10'000);
  Store store;
  store.Save(ledger);
  ledger.Clear();
  ledger.TakeChanges();  // lost
  ledger.Add(3, 4, "");
  ledger.MarkAllChanged();
  store.Save(ledger);
  EXPECT_EQ(Contents(store.Load().at(0)), (std::map<imap::Uid, Copied>{{3, {4, ""}}}));
}

TEST(LedgerTest, FoldersAreToldApartByBothNames) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {"a", "b"}, {"b", "a"}, {"ab", ""}, {"", "ab"}, {"a", "c"}, {"a.0", "b"}};
  Store store;
  for (const auto& [source, destination] : names) {
    Ledger ledger(source, destination);
    ledger.Add(1, 2, "");
    store.Save(ledger);
  }
  EXPECT_THAT(store.values(), SizeIs(2 * names.size()));
  std::vector<std::pair<std::string, std::string>> found;
  for (const Ledger& ledger : store.Load()) {
    found.emplace_back(ledger.source_mailbox(), ledger.destination_mailbox());
  }
  EXPECT_THAT(found, testing::UnorderedElementsAreArray(names));
}

// ---- records that do not fit together ----

// Two folders, the first of two chunks; `harm` may do what it likes to the first.
class LedgerDamageTest : public testing::Test {
 protected:
  LedgerDamageTest() {
    ledger_ = Filled(6000);
    ledger_.set_intent({.source_uids = {}, .uid_next = 77});
    store_.Save(ledger_);
    Ledger other("Other", "Other");
    other.Add(1, 1, "");
    store_.Save(other);
  }

  std::string Name() const { return LedgerFolderName("INBOX", "INBOX"); }
  std::string ChunkName(size_t i) const { return LedgerChunkName(Name(), i); }

  // The damaged folder is left out and all that is stored of it is named; the other one is there.
  void ExpectVoid() {
    const std::vector<Ledger> loaded = store_.Load();
    ASSERT_THAT(loaded, SizeIs(1));
    EXPECT_EQ(loaded[0].source_mailbox(), "Other");
    EXPECT_EQ(store_.damaged().size() + 2, store_.values().size());
  }

  Ledger ledger_{"", ""};
  Store store_;
};

TEST_F(LedgerDamageTest, ALostRecordVoidsTheFolder) {
  for (const std::string& name : {Name(), ChunkName(0), ChunkName(1)}) {
    SCOPED_TRACE(name);
    const std::string value = store_.values().at(name);
    store_.values().erase(name);
    ExpectVoid();
    store_.values()[name] = value;
  }
  EXPECT_THAT(store_.Load(), SizeIs(2));
}

TEST_F(LedgerDamageTest, ACutRecordVoidsTheFolder) {
  for (const std::string& name : {Name(), ChunkName(0), ChunkName(1)}) {
    const std::string value = store_.values().at(name);
    for (size_t length = 0; length < value.size(); ++length) {
      SCOPED_TRACE(absl::StrCat(name, " cut to ", length));
      store_.values()[name] = value.substr(0, length);
      ExpectVoid();
    }
    store_.values()[name] = value;
  }
}

TEST_F(LedgerDamageTest, AChangedBitVoidsTheFolder) {
  for (const std::string& name : {Name(), ChunkName(0), ChunkName(1)}) {
    const std::string value = store_.values().at(name);
    for (size_t bit = 0; bit < 8 * value.size(); ++bit) {
      SCOPED_TRACE(absl::StrCat(name, " bit ", bit));
      store_.values()[name][bit / 8] = static_cast<char>(value[bit / 8] ^ (1 << bit % 8));
      ExpectVoid();
      store_.values()[name] = value;
    }
  }
}

TEST_F(LedgerDamageTest, AnOlderRecordAmongNewerOnesVoidsTheFolder) {
  const auto older = store_.values();
  ledger_.SetFlags(1, "");
  ledger_.Add(6001, 1, "");
  store_.Save(ledger_);
  const auto newer = store_.values();
  for (const std::string& name : {Name(), ChunkName(0), ChunkName(1)}) {
    SCOPED_TRACE(name);
    store_.values() = newer;
    store_.values()[name] = older.at(name);
    ExpectVoid();
  }
}

// The chunk that it does not know of holds messages that were copied: the older header must not
// make them look new.
TEST_F(LedgerDamageTest, AChunkTooManyVoidsTheFolder) {
  const std::string older_header = store_.values().at(Name());
  for (imap::Uid uid = 6001; uid <= 8192; ++uid) ledger_.Add(uid, uid, "");
  store_.Save(ledger_);
  store_.values()[Name()] = older_header;
  ExpectVoid();
  for (imap::Uid uid = 8193; uid <= 8200; ++uid) ledger_.Add(uid, uid, "");
  ledger_.MarkAllChanged();
  store_.Save(ledger_);
  EXPECT_THAT(store_.Load(), SizeIs(2));
  store_.values()[ChunkName(4)] = store_.values()[ChunkName(2)];
  ExpectVoid();
}

TEST_F(LedgerDamageTest, AnotherFoldersRecordsAreNotTakenForIts) {
  const std::string other = LedgerFolderName("Other", "Other");
  for (const auto& [name, value] :
       store_.Load().empty() ? std::map<std::string, std::string>() : std::map(store_.values())) {
    if (LedgerFolderOf(name) != other) continue;
    store_.values()["AAAAAAAAAAAAAAAA" + name.substr(other.size())] = value;
  }
  EXPECT_THAT(store_.Load(), SizeIs(2));
  EXPECT_THAT(store_.damaged(), UnorderedElementsAre("AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAA.0"));
}

TEST_F(LedgerDamageTest, NamesOfNoLedgerAreDamage) {
  store_.values()["progress"] = "something";
  store_.values()[""] = "x";
  store_.values()["."] = "x";
  EXPECT_THAT(store_.Load(), SizeIs(2));
  EXPECT_THAT(store_.damaged(), UnorderedElementsAre("", ".", "progress"));
}

// ---- sizes ----

struct Size {
  const char* name;
  bool failures;         // 1 % of the source's messages are not copied
  bool foreign_mail;     // 1 % of the destination's messages are from elsewhere
  bool uid_plus;         // the destination's UIDs are known
  uint32_t seen_one_in;  // so many messages have \Seen, at random; 0: every third has not
  size_t most_octets;    // of all records, names included
  size_t most_checkpoint_octets;
};

class LedgerSizeTest : public testing::TestWithParam<Size> {};

// What a folder of a million messages costs, in octets of record names and values, and what a
// checkpoint writes when the chunk that it changes is full. Measured:
//
//                                                       all records   checkpoint
//   mail without gaps                                          10,686           98
//   1 % of the source's messages failed                        37,700          208
//   1 % foreign mail at the destination                        37,701          208
//   both                                                       57,677          299
//   without UIDPLUS                                             9,725           94
//   \Seen on half of the messages, at random                 205,212          900
//   \Seen on all but every third message                 15,757          121
//   all of it                                                 259,387        1,134
TEST_P(LedgerSizeTest, AMillionMessages) {
  std::mt19937 random(42);
  const auto one_in = [&random](uint32_t n) { return random() % n == 0; };
  Ledger ledger("INBOX", "INBOX");
  imap::Uid source = 0;
  imap::Uid destination = 0;
  const auto copy = [&](int messages) {
    for (int i = 0; i < messages; ++i) {
      do {
        ++source;
      } while (GetParam().failures && one_in(100));
      do {
        ++destination;
      } while (GetParam().foreign_mail && one_in(100));
      const bool seen =
          GetParam().seen_one_in == 0 ? source % 3 != 0 : one_in(GetParam().seen_one_in);
      ledger.Add(source, GetParam().uid_plus ? destination : 0, seen ? "\\Seen" : "");
    }
  };
  copy(1'000'000);
  Store store;
  store.Save(ledger);
  const size_t octets = store.octets();
  copy(245 * 4096 - 20 - 1'000'000);
  store.Save(ledger);
  copy(20);
  const size_t checkpoint = store.Save(ledger);
  std::printf("%-40s %9zu %9zu\n", GetParam().name, octets, checkpoint);
  EXPECT_LE(octets, GetParam().most_octets);
  EXPECT_LE(checkpoint, GetParam().most_checkpoint_octets);
  EXPECT_EQ(store.Load().at(0).size(), 245u * 4096);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, LedgerSizeTest,
    testing::Values(Size{"Plain", false, false, true, 1, 12'000, 150},
                    Size{"Failures", true, false, true, 1, 45'000, 300},
                    Size{"ForeignMail", false, true, true, 1, 45'000, 300},
                    Size{"FailuresAndForeignMail", true, true, true, 1, 70'000, 400},
                    Size{"NoUidPlus", false, false, false, 1, 12'000, 150},
                    Size{"RandomSeen", false, false, true, 2, 250'000, 1'200},
                    Size{"EveryThirdUnseen", false, false, true, 0, 40'000, 300},
                    Size{"Everything", true, true, true, 2, 300'000, 1'500}),
    [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace mailhaul::copy
