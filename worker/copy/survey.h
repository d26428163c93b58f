#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/base/task.h"
#include "worker/copy/folder_plan.h"
#include "worker/imap/session.h"
#include "worker/imap/uid_set.h"

namespace mailhaul::copy {

// Lists a server's folders, subscriptions and personal namespace, in one round trip.
Task<absl::StatusOr<FolderListing>> ListFolders(imap::Session& session);

// What a source folder holds now.
struct SourceFolder {
  absl::Status status;  // why it could not be opened
  uint32_t uid_validity = 0;
  imap::UidSet uids;
  uint64_t octets = 0;  // sum of RFC822.SIZE: an estimate
};
// Opens each folder read-only and lists its messages; round trips do not add up. An error means
// that the session is lost; a folder that cannot be opened only has a status.
Task<absl::StatusOr<std::vector<SourceFolder>>> SurveySource(imap::Session& session,
                                                             std::span<const PlannedFolder> plan);

// A destination folder, ready to take messages.
struct DestinationFolder {
  absl::Status status;  // why it cannot be used
  imap::SelectedMailbox mailbox;
};
// Creates and subscribes what is missing, and opens each folder to learn what it keeps.
Task<absl::StatusOr<std::vector<DestinationFolder>>> PrepareDestination(
    imap::Session& session, std::span<const PlannedFolder> plan);

}  // namespace mailhaul::copy
