#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mailhaul::provider {

enum class Security { kTls, kStartTls, kPlaintext };

// What bears a provider's connection limits.
enum class Tenancy {
  kDomain,  // hosted: the tenant, which is the domain of the user
  kServer,  // one's own server: host and port
};

// Facts about a mail service. Data, not code: provider.cc is a table of these.
struct Provider {
  absl::string_view key;   // "o365": as in gate ids and JobSpec; upper case in request types
  absl::string_view name;  // for people
  absl::string_view host;  // default; empty: the CSV must say it
  int port;                // default
  Security security;       // default
  Tenancy tenancy;
  uint32_t source_cap;       // default: jobs at a time that read from one tenant or server
  uint32_t destination_cap;  // default: jobs at a time that write to one
};

// Every provider, in the order in which they are listed to users.
absl::Span<const Provider> Providers();

// By key, in any case; nullptr when there is none.
const Provider* FindProvider(absl::string_view key);

// The default port for the way a connection is secured, where it differs from the provider's own.
int DefaultPort(const Provider& provider, Security security);

// "tls", "starttls", "plaintext", in any case.
std::optional<Security> ParseSecurity(absl::string_view word);

// "O365-MITHI-IMAP".
struct RequestType {
  const Provider* source = nullptr;
  const Provider* destination = nullptr;
  std::string name;  // canonical spelling: upper case
};

// In any case; empty text means IMAP-IMAP-IMAP. nullopt when a part is not known.
std::optional<RequestType> ParseRequestType(absl::string_view text);

// "<SOURCE>-<DESTINATION>-IMAP, each of IMAP, O365, ...": for messages.
std::string AllowedRequestTypes();

}  // namespace mailhaul::provider
