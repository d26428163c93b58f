#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/base/task.h"
#include "worker/copy/folder_plan.h"
#include "worker/copy/ledger.h"
#include "worker/imap/session.h"
#include "worker/imap/uid_set.h"

namespace mailhaul::copy {

// Lists a server's folders, subscriptions and personal namespace, in one round trip.
Task<absl::StatusOr<FolderListing>> ListFolders(imap::Session& session);

// A message that was copied, with the flags that it has at the source now.
struct Reflagged {
  imap::Uid uid = 0;
  std::string flags;
};

// What a source folder holds now.
struct SourceFolder {
  absl::Status status;  // why it cannot be read
  imap::SelectedMailbox mailbox;
  // Not listed: the ledger has every message, and nothing has changed since.
  bool listed = false;
  imap::UidSet uids;
  uint64_t octets = 0;  // sum of RFC822.SIZE: an estimate
  std::vector<Reflagged> reflagged;
};
// Opens each folder read-only; round trips do not add up. An error means that the session is lost;
// a folder that cannot be opened only has a status.
Task<absl::StatusOr<std::vector<SourceFolder>>> OpenSources(imap::Session& session,
                                                            std::span<const PlannedFolder> plan);

// What is to be listed: `ledger` tells which messages were copied, and with which flags.
struct Listing {
  const PlannedFolder* plan = nullptr;
  const Ledger* ledger = nullptr;
  SourceFolder* folder = nullptr;
};
// Lists the messages of each; likewise.
Task<absl::Status> ListSources(imap::Session& session, std::span<const Listing> listings);

// A destination folder, ready to take messages.
struct DestinationFolder {
  absl::Status status;  // why it cannot be used
  imap::SelectedMailbox mailbox;
};
// Creates and subscribes what is missing, and opens each folder to learn what it keeps.
Task<absl::StatusOr<std::vector<DestinationFolder>>> PrepareDestination(
    imap::Session& session, std::span<const PlannedFolder> plan);

}  // namespace mailhaul::copy
