#include "worker/copy/digest.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include <boost/endian/conversion.hpp>

namespace mailhaul::copy {
namespace {

// Looked up once: OpenSSL 3 takes longer for that than for hashing a header.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

}  // namespace

Sha256 DigestOf(absl::Span<const absl::string_view> parts) {
  std::string text;
  for (const absl::string_view part : parts) {
    std::array<unsigned char, 8> length{};
    boost::endian::store_big_u64(length.data(), part.size());
    absl::StrAppend(&text,
                    absl::string_view(reinterpret_cast<const char*>(length.data()), length.size()),
                    part);
  }
  Sha256 digest;
  // It fails for lack of memory only.
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, Algorithm(), nullptr) != 1) {
    std::abort();
  }
  return digest;
}

uint64_t Word(const Sha256& digest, size_t word) {
  return boost::endian::load_big_u64(digest.data() + 8 * word);
}

}  // namespace mailhaul::copy
