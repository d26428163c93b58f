#pragma once

#include <string>

#include "absl/strings/string_view.h"

#include "common/provider/provider.h"

namespace mailhaul::provider {

// The same text for the same mailbox, however a CSV spells it: the host does not count where the
// domain of the user says it all.
std::string AccountId(const Provider& provider, absl::string_view user, absl::string_view host,
                      int port);

// Names a pair (source account, destination account, destination folder) in the queue, the same in
// every batch and release: 32 hexadecimal digits of a SHA-256.
std::string PairId(absl::string_view source_account, absl::string_view destination_account,
                   absl::string_view destination_folder);

}  // namespace mailhaul::provider
