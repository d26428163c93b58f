#include "common/provider/provider.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace mailhaul::provider {
namespace {

// Caps are jobs at a time per tenant or server; every job holds its own mailbox. Where a service
// publishes no such number, the value is a careful one of ours, to be overridden by those who know
// better:
//   imap     the tightest default among the usual servers is Courier's MAXPERIP, 20
//   dovecot  limits connections per user and address only (mail_max_userip_connections, 10)
//   o365     "for failing mailboxes the max concurrent connections is 10 (source)"; the same when
//   writing gmail    15 per account, nothing per domain yahoo    all its mailboxes are one tenant;
//   refuses beyond a handful from one address mithi    publishes none
constexpr Provider kProviders[] = {
    {"imap", "any IMAP server", "", 993, Security::kTls, Tenancy::kServer, 20, 20},
    {"dovecot", "Dovecot", "", 993, Security::kTls, Tenancy::kServer, 50, 50},
    {"o365", "Microsoft 365 (Exchange Online)", "outlook.office365.com", 993, Security::kTls,
     Tenancy::kDomain, 10, 10},
    {"gmail", "Gmail, Google Workspace", "imap.gmail.com", 993, Security::kTls, Tenancy::kDomain,
     40, 40},
    {"yahoo", "Yahoo Mail", "imap.mail.yahoo.com", 993, Security::kTls, Tenancy::kDomain, 5, 5},
    {"mithi", "Mithi SkyConnect, Vaultastic", "", 993, Security::kTls, Tenancy::kDomain, 10, 10},
};

constexpr absl::string_view kMethod = "IMAP";
constexpr int kPlainPort = 143;  // RFC 9051 2.1; TLS from the first octet is 993 (RFC 8314 7.1)
constexpr int kTlsPort = 993;

}  // namespace

absl::Span<const Provider> Providers() { return kProviders; }

const Provider* FindProvider(absl::string_view key) {
  for (const Provider& provider : kProviders) {
    if (absl::EqualsIgnoreCase(provider.key, key)) return &provider;
  }
  return nullptr;
}

int DefaultPort(const Provider& provider, Security security) {
  if (security == provider.security) return provider.port;
  return security == Security::kTls ? kTlsPort : kPlainPort;
}

std::optional<Security> ParseSecurity(absl::string_view word) {
  if (absl::EqualsIgnoreCase(word, "tls")) return Security::kTls;
  if (absl::EqualsIgnoreCase(word, "starttls")) return Security::kStartTls;
  if (absl::EqualsIgnoreCase(word, "plaintext")) return Security::kPlaintext;
  return std::nullopt;
}

std::optional<RequestType> ParseRequestType(absl::string_view text) {
  if (text.empty()) text = "IMAP-IMAP-IMAP";
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  if (parts.size() != 3 || !absl::EqualsIgnoreCase(parts[2], kMethod)) return std::nullopt;
  const Provider* const source = FindProvider(parts[0]);
  const Provider* const destination = FindProvider(parts[1]);
  if (source == nullptr || destination == nullptr) return std::nullopt;
  return RequestType{source, destination, absl::AsciiStrToUpper(text)};
}

std::string AllowedRequestTypes() {
  const auto key = [](std::string* out, const Provider& provider) {
    absl::StrAppend(out, absl::AsciiStrToUpper(provider.key));
  };
  return absl::StrCat("<SOURCE>-<DESTINATION>-IMAP, each one of ",
                      absl::StrJoin(Providers(), ", ", key));
}

}  // namespace mailhaul::provider
