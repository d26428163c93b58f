#pragma once

#include <string>

#include "absl/strings/string_view.h"

#include "worker/imap/responses.h"

namespace mailhaul::copy {

// The flag list for APPEND: of the source's flags (words separated by spaces) those that the
// destination keeps, by its PERMANENTFLAGS (RFC 9051 7.1). \Recent is never set by clients. Without
// PERMANENTFLAGS all may be kept (RFC 9051 6.3.2).
std::string FlagsFor(const imap::SelectedMailbox& destination, absl::string_view source_flags);

}  // namespace mailhaul::copy
