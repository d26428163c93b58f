#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mailhaul::coordinator {

// An upload while it is being judged: octets in a temporary file that has no name, so that nothing
// (least of all a password) is left behind whatever happens. Written once, then read as often as
// needed. Blocking, but only into the page cache.
class Spool {
 public:
  // In `folder`, for at most `limit_octets`. UNAVAILABLE when no file can be made there.
  static absl::StatusOr<Spool> Create(const std::string& folder, int64_t limit_octets);
  Spool(Spool&& other) noexcept;
  Spool& operator=(Spool&&) = delete;
  ~Spool();

  // RESOURCE_EXHAUSTED past the limit, UNAVAILABLE when the disk is full.
  absl::Status Append(absl::string_view octets);
  int64_t size() const { return size_; }
  // Of everything appended: 32 octets.
  std::string Sha256() const;

  // Back to the first octet, for reading.
  absl::Status Rewind();
  // The next piece, valid until the next call; empty at the end.
  absl::StatusOr<absl::string_view> Read();

 private:
  struct FreeDigest {
    void operator()(EVP_MD_CTX* digest) const;
  };
  Spool(int fd, int64_t limit_octets);

  int fd_;
  const int64_t limit_;
  int64_t size_ = 0;
  std::unique_ptr<EVP_MD_CTX, FreeDigest> digest_;
  std::vector<char> buffer_;
};

}  // namespace mailhaul::coordinator
