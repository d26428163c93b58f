#include "worker/copy/reconcile.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "worker/copy/match.h"
#include "worker/copy/recognise.h"

namespace mailhaul::copy {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;

// So many messages at the destination are read before the source is asked about them.
constexpr uint64_t kMessagesTogether = 100'000;

// One folder in doubt, and what was read of it.
struct Case {
  FolderCopy* folder = nullptr;
  Doubt doubt;
  std::vector<Recognised> sources;
  std::vector<Recognised> destinations;
};

class Reconciliation {
 public:
  Reconciliation(imap::Session& source, imap::Session& destination)
      : source_(source), destination_(destination) {}

  Task<absl::Status> Settle(std::vector<Case> cases);

 private:
  Task<absl::Status> ReadDestinations(std::vector<Case>& cases);
  Task<absl::Status> ReadSources(std::vector<Case>& cases);
  uint32_t FlagList(absl::string_view words);
  Task<absl::Status> SettleOne(Case& one);
  Task<absl::Status> DecideByOctets(Case& one, std::span<const Ambiguity> ambiguous,
                                    std::vector<Pair>& pairs);

  imap::Session& source_;
  imap::Session& destination_;
  // The sources' flags; there are few different ones.
  std::vector<std::string> flag_lists_;
  std::map<std::string, uint32_t> flag_list_index_;
};

uint32_t Reconciliation::FlagList(absl::string_view words) {
  const auto [it, is_new] =
      flag_list_index_.try_emplace(NormalFlags(words), static_cast<uint32_t>(flag_lists_.size()));
  if (is_new) flag_lists_.push_back(it->first);
  return it->second;
}

Task<absl::Status> Reconciliation::ReadDestinations(std::vector<Case>& cases) {
  std::vector<Wanted> wanted;
  for (const Case& one : cases)
    wanted.push_back({one.folder->plan().destination_wire, one.doubt.at_destination});
  absl::Status read =
      co_await Recognise(destination_, wanted,
                         [&](size_t at, const imap::FetchedMessage& message, const Identity& id) {
                           if (cases[at].doubt.at_destination.Contains(message.uid))
                             cases[at].destinations.push_back({id, message.uid});
                         });
  co_return OnSide(Side::kDestination, read);
}

// Of the source only those are kept of which something has arrived.
Task<absl::Status> Reconciliation::ReadSources(std::vector<Case>& cases) {
  std::vector<Wanted> wanted;
  for (Case& one : cases) {
    std::sort(one.destinations.begin(), one.destinations.end(),
              [](const Recognised& a, const Recognised& b) { return a.id < b.id; });
    wanted.push_back({one.folder->plan().source_wire, one.doubt.at_source});
  }
  absl::Status read = co_await Recognise(
      source_, wanted, [&](size_t at, const imap::FetchedMessage& message, const Identity& id) {
        Case& one = cases[at];
        const auto it =
            std::lower_bound(one.destinations.begin(), one.destinations.end(), id,
                             [](const Recognised& r, const Identity& i) { return r.id < i; });
        if (it == one.destinations.end() || it->id != id) return;
        if (!one.doubt.at_source.Contains(message.uid)) return;
        one.sources.push_back({id, message.uid, FlagList(message.flags.value_or(""))});
      });
  co_return OnSide(Side::kSource, read);
}

Task<absl::Status> Reconciliation::DecideByOctets(Case& one, std::span<const Ambiguity> ambiguous,
                                                  std::vector<Pair>& pairs) {
  std::vector<imap::Uid> source_uids;
  std::vector<imap::Uid> destination_uids;
  for (const auto& [some_sources, some_destinations] : ambiguous) {
    source_uids.insert(source_uids.end(), some_sources.begin(), some_sources.end());
    destination_uids.insert(destination_uids.end(), some_destinations.begin(),
                            some_destinations.end());
  }
  const PlannedFolder& plan = one.folder->plan();
  Wanted at_source{plan.source_wire, imap::MakeUidSet(std::move(source_uids))};
  Wanted at_destination{plan.destination_wire, imap::MakeUidSet(std::move(destination_uids))};
  auto [sources, destinations] = co_await (DigestBodies(source_, std::move(at_source)) &&
                                           DigestBodies(destination_, std::move(at_destination)));
  if (!sources.ok()) co_return OnSide(Side::kSource, sources.status());
  if (!destinations.ok()) co_return OnSide(Side::kDestination, destinations.status());
  for (const Ambiguity& ambiguity : ambiguous) {
    const std::vector<Pair> decided = Decide(
        ambiguity, [&](imap::Uid uid) { return (*sources)[uid]; },
        [&](imap::Uid uid) { return (*destinations)[uid]; });
    pairs.insert(pairs.end(), decided.begin(), decided.end());
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Reconciliation::SettleOne(Case& one) {
  Matching matching = Match(one.sources, one.destinations, one.folder->ledger().copied());
  if (!matching.ambiguous.empty()) {
    CO_RETURN_IF_ERROR(co_await DecideByOctets(one, matching.ambiguous, matching.pairs));
  }
  // Ascending, as the ledger likes it best.
  std::sort(matching.pairs.begin(), matching.pairs.end(),
            [](const Pair& a, const Pair& b) { return a.source < b.source; });
  std::sort(one.sources.begin(), one.sources.end(),
            [](const Recognised& a, const Recognised& b) { return a.uid < b.uid; });
  auto source = one.sources.begin();
  for (const Pair& pair : matching.pairs) {
    while (source->uid < pair.source) ++source;
    one.folder->Adopt(pair.source, pair.destination, flag_lists_[source->flags]);
  }
  one.folder->DoubtSettled();
  co_return absl::OkStatus();
}

Task<absl::Status> Reconciliation::Settle(std::vector<Case> cases) {
  CO_RETURN_IF_ERROR(co_await ReadDestinations(cases));
  for (const Case& one : cases) {
    if (one.destinations.empty()) one.folder->DoubtSettled();
  }
  std::erase_if(cases, [](const Case& one) { return one.destinations.empty(); });
  CO_RETURN_IF_ERROR(co_await ReadSources(cases));
  for (Case& one : cases) {
    CO_RETURN_IF_ERROR(co_await SettleOne(one));
  }
  co_return absl::OkStatus();
}

}  // namespace

Task<absl::Status> Reconcile(imap::Session& source, imap::Session& destination,
                             std::span<FolderCopy> folders) {
  std::vector<Case> cases;
  uint64_t messages = 0;
  for (FolderCopy& folder : folders) {
    std::optional<Doubt> doubt = folder.TakeDoubt();
    if (!doubt) continue;
    if (messages + folder.destination().exists > kMessagesTogether && !cases.empty()) {
      CO_RETURN_IF_ERROR(
          co_await Reconciliation(source, destination).Settle(std::exchange(cases, {})));
      messages = 0;
    }
    messages += folder.destination().exists;
    cases.push_back({&folder, *std::move(doubt), {}, {}});
  }
  if (cases.empty()) co_return absl::OkStatus();
  co_return co_await Reconciliation(source, destination).Settle(std::move(cases));
}

}  // namespace mailhaul::copy
