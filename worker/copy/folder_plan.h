#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "worker/imap/responses.h"

namespace mailhaul::copy {

// What a server says of its folders.
struct FolderListing {
  imap::Namespace personal;
  std::vector<imap::ListedMailbox> mailboxes;
  std::set<std::string> subscribed;  // names as on the wire
};

// Where one source folder goes. "Wire" names are modified UTF-7 with the server's delimiter, the
// others UTF-8.
struct PlannedFolder {
  std::string source_wire;
  std::string source_name;
  std::string destination_wire;
  std::string destination_name;
  bool create = false;
  bool subscribe = false;
  std::string rename_reason;  // for the report; empty when the name only changed delimiters
};

// Maps every selectable folder of the source's personal namespace to a name at the destination;
// INBOX first, then as listed. `root` (UTF-8, "/" between levels) goes before every name when it is
// not empty.
//
// A character of a name that is the destination's delimiter becomes its fullwidth twin ("." U+FF0E,
// "/" U+FF0F), which looks alike and can be turned back; control characters become U+FFFD; when two
// folders would meet in one name the later gets " (2)".
std::vector<PlannedFolder> PlanFolders(const FolderListing& source,
                                       const FolderListing& destination, absl::string_view root);

}  // namespace mailhaul::copy
