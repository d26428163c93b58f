#include "coordinator/read_row.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "coordinator/row_fields.h"

namespace mailhaul::coordinator {
namespace {

using csv::Column;
using provider::Provider;
using provider::Security;

constexpr int kImapPort = 143;  // where TLS begins with STARTTLS, if at all

// The columns of one side.
struct SideColumns {
  Column user;
  Column password;
  Column host;
  Column port;
  Column security;
  Column domain;
};

constexpr SideColumns kSource = {Column::kSourceUser,     Column::kSourcePassword,
                                 Column::kSourceHost,     Column::kSourcePort,
                                 Column::kSourceSecurity, Column::kSourceDomain};
constexpr SideColumns kDestination = {Column::kDestinationUser,     Column::kDestinationPassword,
                                      Column::kDestinationHost,     Column::kDestinationPort,
                                      Column::kDestinationSecurity, Column::kDestinationDomain};

v1::Security ToProto(Security security) {
  switch (security) {
    case Security::kTls:
      return v1::SECURITY_TLS;
    case Security::kStartTls:
      return v1::SECURITY_STARTTLS;
    case Security::kPlaintext:
      return v1::SECURITY_PLAINTEXT;
  }
  return v1::SECURITY_UNSPECIFIED;
}

class RowReader {
 public:
  RowReader(const csv::Columns& columns, const csv::Row& row,
            std::vector<csv::Violation>& violations)
      : columns_(columns), row_(row), violations_(violations) {}

  std::optional<provider::RequestType> ReadRequestType() {
    auto type = provider::ParseRequestType(Value(Column::kRequestType));
    if (!type) {
      Refuse(Column::kRequestType, "is not a request type", provider::AllowedRequestTypes());
    }
    return type;
  }

  void ReadEndpoint(const SideColumns& side, const Provider& provider, v1::Endpoint& endpoint) {
    endpoint.set_provider(std::string(provider.key));
    endpoint.set_user(ReadUser(side, provider));
    endpoint.set_password(ReadPassword(side));
    endpoint.set_host(ReadHost(side, provider));
    const std::optional<int> port = ReadPort(side);
    const Security security = ReadSecurity(side, provider, port);
    endpoint.set_security(ToProto(security));
    endpoint.set_port(port.value_or(provider::DefaultPort(provider, security)));
  }

  std::string ReadFolder() {
    const absl::string_view folder = Value(Column::kDestinationFolder);
    if (!folder.empty() && !IsFolderPath(folder)) {
      Refuse(Column::kDestinationFolder, "is not a folder path",
             "levels with \"/\" between them, none empty, without *, % and control characters");
    }
    return std::string(folder);
  }

  void Refuse(Column column, absl::string_view problem, absl::string_view allowed) {
    violations_.push_back({row_.line, std::string(columns_.NameOf(column)), std::string(problem),
                           std::string(allowed)});
  }

 private:
  absl::string_view Value(Column column) const { return columns_.Value(row_, column); }

  std::string ReadUser(const SideColumns& side, const Provider& provider) {
    std::string user(Value(side.user));
    if (user.empty()) {
      Refuse(side.user, "is empty", "the login name");
      return user;
    }
    const absl::string_view domain = Value(side.domain);
    if (!domain.empty() && !ParseHost(domain)) {
      Refuse(side.domain, "is not a domain", "a domain such as example.org, or nothing");
    }
    if (!domain.empty() && !absl::StrContains(user, '@')) absl::StrAppend(&user, "@", domain);
    if (!IsUser(user)) {
      Refuse(side.user, "is not a login name", "at most 512 octets, no control characters");
    } else if (provider.tenancy == provider::Tenancy::kDomain && !absl::StrContains(user, '@')) {
      Refuse(side.user, "has no domain",
             absl::StrCat("user@domain, or the domain in ", columns_.NameOf(side.domain)));
    }
    return user;
  }

  std::string ReadPassword(const SideColumns& side) {
    const absl::string_view password = Value(side.password);
    if (password.empty()) Refuse(side.password, "is empty", "the password");
    return std::string(password);
  }

  std::string ReadHost(const SideColumns& side, const Provider& provider) {
    const absl::string_view text = Value(side.host);
    if (text.empty() && !provider.host.empty()) return std::string(provider.host);
    if (text.empty()) {
      Refuse(side.host, "is empty", "the server's name: its provider has no default");
      return "";
    }
    std::optional<std::string> host = ParseHost(text);
    if (!host) {
      Refuse(side.host, "is not a host",
             "a name such as mail.example.org or an IP address, without a port or \"://\"");
    }
    return std::move(host).value_or("");
  }

  std::optional<int> ReadPort(const SideColumns& side) {
    const absl::string_view text = Value(side.port);
    const std::optional<int> port = ParsePort(text);
    if (!text.empty() && !port) Refuse(side.port, "is not a port", "a number from 1 to 65535");
    return port;
  }

  Security ReadSecurity(const SideColumns& side, const Provider& provider,
                        std::optional<int> port) {
    const absl::string_view word = Value(side.security);
    if (word.empty()) return port == kImapPort ? Security::kStartTls : provider.security;
    const std::optional<Security> security = provider::ParseSecurity(word);
    if (!security) Refuse(side.security, "is not a known word", "tls, starttls or plaintext");
    return security.value_or(provider.security);
  }

  const csv::Columns& columns_;
  const csv::Row& row_;
  std::vector<csv::Violation>& violations_;
};

bool HasRightWidth(const csv::Columns& columns, const csv::Row& row,
                   std::vector<csv::Violation>& violations) {
  if (row.fields.size() == columns.width()) return true;
  violations.push_back(
      {row.line, "",
       absl::StrCat("has ", row.fields.size(), " fields, the header has ", columns.width()),
       "as many as the header; a value that holds the delimiter or a line end stands in quotes"});
  return false;
}

}  // namespace

std::optional<RowContent> ReadRow(const csv::Columns& columns, const csv::Row& row,
                                  std::vector<csv::Violation>& violations) {
  if (!HasRightWidth(columns, row, violations)) return std::nullopt;
  const size_t before = violations.size();
  RowReader reader(columns, row, violations);
  std::optional<provider::RequestType> type = reader.ReadRequestType();
  if (!type) return std::nullopt;  // without the providers nothing else can be judged
  RowContent content;
  content.type = *std::move(type);
  content.spec.set_request_type(content.type.name);
  reader.ReadEndpoint(kSource, *content.type.source, *content.spec.mutable_source());
  reader.ReadEndpoint(kDestination, *content.type.destination, *content.spec.mutable_destination());
  content.spec.set_destination_folder(reader.ReadFolder());
  if (violations.size() > before) return std::nullopt;
  return content;
}

}  // namespace mailhaul::coordinator
