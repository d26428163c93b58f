#pragma once

#include <span>

#include "absl/status/status.h"

#include "common/base/task.h"
#include "worker/copy/folder_copy.h"
#include "worker/imap/session.h"

namespace mailhaul::copy {

// Settles what is in doubt about the folders before anything is sent: reads what has arrived at the
// destination unknown to the ledger and matches it with the source by identity. What matches is
// adopted. Only headers are read, except where as many equal ones have not arrived; see
// docs/exactly-once.md.
//
// Holds 24 octets for each message in doubt, of folders with up to some 100,000 messages together,
// or of a single larger one. An error means that nothing may be sent; it has its side.
Task<absl::Status> Reconcile(imap::Session& source, imap::Session& destination,
                             std::span<FolderCopy> folders);

}  // namespace mailhaul::copy
