#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mailhaul::copy {

// Every addr-spec (RFC 5322 3.4.1) in the value of an address field, lower-cased, in the order they
// stand there: without names, comments, groups' names, routes and white space. A mailbox without an
// "@" contributes nothing.
std::vector<std::string> AddressesIn(absl::string_view value);

}  // namespace mailhaul::copy
