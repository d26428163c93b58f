#include "cli/worker_options.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"

namespace mailhaul::cli {
namespace {

// Containers on one node may share a host name and all be process 1: the start time tells them
// apart, and two lives of one of them.
std::string OwnId() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return absl::StrCat(
      host.data(), "-", getpid(), "-",
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % 1'000'000);
}

}  // namespace

worker::WorkerOptions ToWorkerOptions(const config::Settings& settings) {
  worker::WorkerOptions options;
  options.worker_id = settings.worker_id.empty() ? OwnId() : settings.worker_id;
  options.jobs = settings.worker_jobs;
  options.coordinator = settings.coordinator;
  options.http_listen = settings.http_listen;
  options.ca_file = settings.ca_file;
  options.connect_timeout = settings.connect_timeout;
  options.command_timeout = settings.command_timeout;
  return options;
}

}  // namespace mailhaul::cli
