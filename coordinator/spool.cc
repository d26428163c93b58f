#include "coordinator/spool.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mailhaul::coordinator {
namespace {

constexpr size_t kReadOctets = 64 * 1024;

absl::Status FileError(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

// Where the file system knows no nameless files, one that loses its name at once.
int OpenAndUnlink(const std::string& folder) {
  std::string path = absl::StrCat(folder, "/mailhaul-upload-XXXXXX");
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd >= 0) unlink(path.c_str());
  return fd;
}

}  // namespace

void Spool::FreeDigest::operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }

absl::StatusOr<Spool> Spool::Create(const std::string& folder, int64_t limit_octets) {
  int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, S_IRUSR | S_IWUSR);
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) fd = OpenAndUnlink(folder);
  if (fd < 0) return FileError(absl::StrCat("cannot make a temporary file in ", folder));
  return Spool(fd, limit_octets);
}

Spool::Spool(int fd, int64_t limit_octets)
    : fd_(fd), limit_(limit_octets), digest_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(digest_.get(), EVP_sha256(), nullptr);
}

Spool::Spool(Spool&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      limit_(other.limit_),
      size_(other.size_),
      digest_(std::move(other.digest_)),
      buffer_(std::move(other.buffer_)) {}

Spool::~Spool() {
  if (fd_ >= 0) close(fd_);
}

absl::Status Spool::Append(absl::string_view octets) {
  if (size_ + static_cast<int64_t>(octets.size()) > limit_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the file is larger than ", limit_ >> 20, " MiB"));
  }
  EVP_DigestUpdate(digest_.get(), octets.data(), octets.size());
  size_ += static_cast<int64_t>(octets.size());
  while (!octets.empty()) {
    const ssize_t n = write(fd_, octets.data(), octets.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError("cannot keep the upload");
    octets.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

std::string Spool::Sha256() const {
  // Finishing a digest ends it; a copy leaves the original open.
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> copy(EVP_MD_CTX_new());
  EVP_MD_CTX_copy_ex(copy.get(), digest_.get());
  std::string sum(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_DigestFinal_ex(copy.get(), reinterpret_cast<unsigned char*>(sum.data()), &size);
  sum.resize(size);
  return sum;
}

absl::Status Spool::Rewind() {
  buffer_.resize(kReadOctets);
  return lseek(fd_, 0, SEEK_SET) == 0 ? absl::OkStatus() : FileError("cannot rewind the upload");
}

absl::StatusOr<absl::string_view> Spool::Read() {
  ssize_t n = -1;
  do {
    n = read(fd_, buffer_.data(), buffer_.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) return FileError("cannot read the upload again");
  return absl::string_view(buffer_.data(), static_cast<size_t>(n));
}

}  // namespace mailhaul::coordinator
