#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/base/task.h"
#include "worker/copy/identity.h"
#include "worker/imap/fetch.h"
#include "worker/imap/session.h"
#include "worker/imap/uid_set.h"

namespace mailhaul::copy {

// Messages of one folder that are to be recognised.
struct Wanted {
  std::string mailbox;  // on the wire
  imap::UidSet uids;
};

// Reads the identities of messages out of their headers, in few round trips for any number of
// folders, which are opened read-only. Messages that are gone are left out. An error means that
// not all was read.
using OnRecognised =
    std::function<void(size_t wanted, const imap::FetchedMessage& message, const Identity& id)>;
Task<absl::Status> Recognise(imap::Session& session, std::span<const Wanted> wanted,
                             OnRecognised on_recognised);

// SHA-256 of the octets of whole messages, by UID. For a few of them.
Task<absl::StatusOr<std::map<imap::Uid, std::string>>> DigestBodies(imap::Session& session,
                                                                    Wanted wanted);

}  // namespace mailhaul::copy
