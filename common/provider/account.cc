#include "common/provider/account.h"

#include <openssl/sha.h>

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace mailhaul::provider {
namespace {

constexpr size_t kPairOctets = 16;

// What is after the "@" never depends on case; what is before it does on some Unix servers.
std::string LowerDomain(absl::string_view user) {
  const size_t at = user.rfind('@');
  if (at == absl::string_view::npos) return std::string(user);
  return absl::StrCat(user.substr(0, at), absl::AsciiStrToLower(user.substr(at)));
}

}  // namespace

std::string AccountId(const Provider& provider, absl::string_view user, absl::string_view host,
                      int port) {
  if (provider.tenancy == Tenancy::kDomain) {
    return absl::StrCat(provider.key, ":", absl::AsciiStrToLower(user));
  }
  return absl::StrCat(absl::AsciiStrToLower(host), ":", port, ":", LowerDomain(user));
}

std::string PairId(absl::string_view source_account, absl::string_view destination_account,
                   absl::string_view destination_folder) {
  std::string text;
  for (const absl::string_view part : {source_account, destination_account, destination_folder}) {
    absl::StrAppend(&text, part.size(), ":",
                    part);  // the length keeps ("a", "bc") and ("ab", "c") apart
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), kPairOctets));
}

}  // namespace mailhaul::provider
