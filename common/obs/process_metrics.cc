#include "common/obs/process_metrics.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace mailhaul::obs {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

// Positions in /proc/self/stat after the command's closing parenthesis (proc(5) counts from 1, and
// "state" is its 3rd).
constexpr size_t kUserTicks = 14 - 3;
constexpr size_t kSystemTicks = 15 - 3;
constexpr size_t kStartTicks = 22 - 3;
constexpr size_t kResidentPages = 24 - 3;

std::string ReadFile(const char* path) {
  std::ifstream in(path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// The fields of /proc/self/stat from "state" on; empty when it cannot be read. A command may hold
// blanks and parentheses, what follows the last one does not.
std::vector<std::string> StatFields() {
  const std::string stat = ReadFile("/proc/self/stat");
  const size_t close = stat.rfind(") ");
  if (close == std::string::npos) return {};
  return absl::StrSplit(stat.substr(close + 2), ' ');
}

double NumberAt(const std::vector<std::string>& fields, size_t at) {
  double value = 0;
  return at < fields.size() && absl::SimpleAtod(fields[at], &value) ? value : 0;
}

// Unix seconds of the machine's start.
std::optional<double> BootTime() {
  const std::string stat = ReadFile("/proc/stat");
  for (const absl::string_view line : absl::StrSplit(stat, '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words[0] == "btime") return NumberAt(words, 1);
  }
  return std::nullopt;
}

std::optional<double> OpenFiles() {
  std::error_code failed;
  std::filesystem::directory_iterator files("/proc/self/fd", failed);
  double count = 0;
  for (; !failed && files != std::filesystem::directory_iterator(); files.increment(failed)) {
    ++count;
  }
  return failed ? std::nullopt : std::optional(count);
}

MetricFamily Family(std::string name, std::string help, MetricType type, double value) {
  prometheus::ClientMetric metric;
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return {std::move(name), std::move(help), type, {std::move(metric)}};
}

}  // namespace

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  std::vector<MetricFamily> families;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (const std::vector<std::string> stat = StatFields(); stat.size() > kResidentPages) {
    families.push_back(Family("process_cpu_seconds_total", "User and system CPU time, in seconds.",
                              MetricType::Counter,
                              (NumberAt(stat, kUserTicks) + NumberAt(stat, kSystemTicks)) / ticks));
    families.push_back(
        Family("process_resident_memory_bytes", "Resident memory, in bytes.", MetricType::Gauge,
               NumberAt(stat, kResidentPages) * static_cast<double>(sysconf(_SC_PAGESIZE))));
    if (const std::optional<double> boot = BootTime()) {
      families.push_back(Family("process_start_time_seconds", "Start of the process, Unix time.",
                                MetricType::Gauge, *boot + NumberAt(stat, kStartTicks) / ticks));
    }
  }
  if (const std::optional<double> open = OpenFiles()) {
    families.push_back(
        Family("process_open_fds", "Open file descriptors.", MetricType::Gauge, *open));
  }
  return families;
}

}  // namespace mailhaul::obs
