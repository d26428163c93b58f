#include "common/config/secret_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace mailhaul::config {

absl::StatusOr<Secret> ReadSecretFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  std::string line;
  std::getline(in, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": the first line is empty"));
  }
  return Secret(std::move(line));
}

}  // namespace mailhaul::config
