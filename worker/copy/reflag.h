#pragma once

#include <span>

#include "absl/status/status.h"

#include "common/base/task.h"
#include "worker/copy/folder_copy.h"
#include "worker/imap/session.h"

namespace mailhaul::copy {

// Brings flags that changed at the source since they were copied to the destination: what was
// added there is added here, what was removed there is removed here, and nothing else, so that
// whatever users changed at the destination stays. \Deleted is never added. Few round trips for any
// number of folders and messages.
//
// A folder that refuses keeps its old flags and is tried again by the next pass. An error means
// that the session is lost.
Task<absl::Status> BringFlags(imap::Session& destination, std::span<FolderCopy> folders);

}  // namespace mailhaul::copy
