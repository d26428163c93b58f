#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "worker/copy/identity.h"
#include "worker/imap/uid_set.h"

namespace mailhaul::copy {

struct Recognised {
  Identity id;
  imap::Uid uid = 0;
  uint32_t flags = 0;  // the caller's
};

struct Pair {
  imap::Uid source = 0;
  imap::Uid destination = 0;
};

// Messages with one identity of which fewer have arrived than there are at the source: only their
// octets tell which.
struct Ambiguity {
  std::vector<imap::Uid> sources;
  std::vector<imap::Uid> destinations;  // fewer
};

struct Matching {
  std::vector<Pair> pairs;
  std::vector<Ambiguity> ambiguous;
};

// Pairs messages of both sides by identity, as multisets: each takes part in at most one pair.
// Among equals those of `certain` (sources that did arrive) come first, then the lowest UIDs:
// messages are sent in that order. O(n log n); reorders its arguments.
Matching Match(std::vector<Recognised>& sources, std::vector<Recognised>& destinations,
               const imap::UidSet& certain);

// Decides an ambiguity by digests of the octets. What a server has rewritten matches none: then the
// order decides.
std::vector<Pair> Decide(const Ambiguity& ambiguity,
                         const std::function<std::string(imap::Uid)>& source_digest,
                         const std::function<std::string(imap::Uid)>& destination_digest);

}  // namespace mailhaul::copy
