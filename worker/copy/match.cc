#include "worker/copy/match.h"

#include <algorithm>
#include <tuple>

namespace mailhaul::copy {
namespace {

bool ByIdentity(const Recognised& a, const Recognised& b) {
  return std::tie(a.id, a.uid) < std::tie(b.id, b.uid);
}

using Iterator = std::vector<Recognised>::iterator;

// The messages from `begin` on that share its identity.
Iterator EndOfGroup(Iterator begin, Iterator end) {
  return std::find_if(begin, end, [&](const Recognised& other) { return other.id != begin->id; });
}

void MatchGroup(Iterator source, Iterator sources_end, Iterator destination,
                Iterator destinations_end, Matching& matching) {
  if (destinations_end - destination >= sources_end - source) {
    for (; source != sources_end; ++source, ++destination)
      matching.pairs.push_back({source->uid, destination->uid});
    return;
  }
  Ambiguity& ambiguity = matching.ambiguous.emplace_back();
  for (; source != sources_end; ++source) ambiguity.sources.push_back(source->uid);
  for (; destination != destinations_end; ++destination)
    ambiguity.destinations.push_back(destination->uid);
}

}  // namespace

Matching Match(std::vector<Recognised>& sources, std::vector<Recognised>& destinations,
               const imap::UidSet& certain) {
  std::sort(destinations.begin(), destinations.end(), ByIdentity);
  std::sort(sources.begin(), sources.end(), ByIdentity);
  Matching matching;
  auto destination = destinations.begin();
  for (auto source = sources.begin(); source != sources.end();) {
    const auto sources_end = EndOfGroup(source, sources.end());
    while (destination != destinations.end() && destination->id < source->id) ++destination;
    if (destination != destinations.end() && destination->id == source->id) {
      std::sort(source, sources_end, [&](const Recognised& a, const Recognised& b) {
        return std::tuple(!certain.Contains(a.uid), a.uid) <
               std::tuple(!certain.Contains(b.uid), b.uid);
      });
      const auto destinations_end = EndOfGroup(destination, destinations.end());
      MatchGroup(source, sources_end, destination, destinations_end, matching);
      destination = destinations_end;
    }
    source = sources_end;
  }
  return matching;
}

std::vector<Pair> Decide(const Ambiguity& ambiguity,
                         const std::function<std::string(imap::Uid)>& source_digest,
                         const std::function<std::string(imap::Uid)>& destination_digest) {
  std::vector<Pair> pairs;
  std::vector<imap::Uid> sources = ambiguity.sources;
  std::vector<imap::Uid> rewritten;
  for (const imap::Uid destination : ambiguity.destinations) {
    const std::string digest = destination_digest(destination);
    const auto same = std::find_if(sources.begin(), sources.end(), [&](imap::Uid source) {
      return source_digest(source) == digest;
    });
    if (same == sources.end()) {
      rewritten.push_back(destination);
    } else {
      pairs.push_back({*same, destination});
      sources.erase(same);
    }
  }
  for (size_t i = 0; i < rewritten.size(); ++i) pairs.push_back({sources[i], rewritten[i]});
  return pairs;
}

}  // namespace mailhaul::copy
