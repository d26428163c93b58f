// A pair's records against anything: build/fuzz/tests/fuzz/ledger_fuzzer
#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "worker/copy/ledger.h"
#include "worker/copy/ledger_records.h"

namespace mailhaul::copy {
namespace {

// The records of one folder with a digest and a number of entries that are right, which fuzzing
// would not find.
std::vector<LedgerRecord> Forge(FuzzedDataProvider& data) {
  v1::LedgerFolder folder;
  folder.ParseFromString(data.ConsumeRandomLengthString());
  const std::string name = LedgerFolderName(folder.source_mailbox(), folder.destination_mailbox());
  std::vector<LedgerRecord> records;
  std::vector<uint64_t> digests;
  uint64_t entries = 0;
  while (data.remaining_bytes() > 0 && records.size() < 4) {
    const std::string chunk = data.ConsumeRandomLengthString();
    if (const auto decoded = DecodeLedgerChunk(chunk)) entries += decoded->size();
    digests.push_back(LedgerChunkDigest(chunk));
    records.push_back({LedgerChunkName(name, records.size()), chunk});
  }
  folder.set_entries(entries);
  if (folder.flag_sets().empty()) folder.add_flag_sets("\\Seen");
  records.push_back({name, EncodeLedgerHeader(folder, digests)});
  return records;
}

// What is taken for a ledger must come back from its own records.
void CheckStoring(Ledger& ledger) {
  ledger.MarkAllChanged();
  std::vector<std::string> damaged;
  const std::vector<Ledger> again = Ledger::Parse(ledger.TakeChanges(), &damaged);
  if (again.size() != 1 || !damaged.empty()) std::abort();
  if (again[0].copied().ranges() != ledger.copied().ranges()) std::abort();
  if (again[0].DestinationsFrom(0).ranges() != ledger.DestinationsFrom(0).ranges()) std::abort();
  const auto first = again[0].Find(ledger.copied().lowest());
  if (first != ledger.Find(ledger.copied().lowest())) std::abort();
  if (first && again[0].flags(*first) != ledger.flags(*first)) std::abort();
}

}  // namespace
}  // namespace mailhaul::copy

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace mailhaul::copy;
  FuzzedDataProvider data(octets, size);
  const std::vector<LedgerRecord> records = Forge(data);
  std::vector<std::string> damaged;
  std::vector<Ledger> ledgers = Ledger::Parse(records, &damaged);
  for (Ledger& ledger : ledgers) CheckStoring(ledger);
  return 0;
}
