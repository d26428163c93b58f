#include "common/config/options.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "common/config/values.h"

namespace mailhaul::config {
namespace {

bool IsAnything(absl::string_view) { return true; }
bool IsListenAddress(absl::string_view text) { return IsHostPort(text, 0); }
bool IsListenAddressOrNone(absl::string_view text) { return text.empty() || IsListenAddress(text); }
bool IsGrpcListenAddress(absl::string_view text) {
  return IsListenAddress(text) || IsUnixAddress(text);
}
bool IsGrpcAddress(absl::string_view text) { return IsHostPort(text, 1) || IsUnixAddress(text); }
bool IsNameOrNone(absl::string_view text) { return text.empty() || IsName(text); }

template <std::string Settings::* field, bool (*is_allowed)(absl::string_view)>
bool SetText(Settings& settings, absl::string_view value) {
  if (!is_allowed(value)) return false;
  settings.*field = std::string(value);
  return true;
}

template <std::string Settings::* field>
std::string GetText(const Settings& settings) {
  return settings.*field;
}

template <bool Settings::* field>
bool SetSwitch(Settings& settings, absl::string_view value) {
  const std::optional<bool> parsed = ParseSwitch(value);
  if (parsed) settings.*field = *parsed;
  return parsed.has_value();
}

template <bool Settings::* field>
std::string GetSwitch(const Settings& settings) {
  return settings.*field ? "true" : "false";
}

template <int Settings::* field, int least, int most>
bool SetNumber(Settings& settings, absl::string_view value) {
  int number = 0;
  if (!absl::SimpleAtoi(value, &number) || number < least || number > most) return false;
  settings.*field = number;
  return true;
}

template <int Settings::* field>
std::string GetNumber(const Settings& settings) {
  return absl::StrCat(settings.*field);
}

template <std::chrono::milliseconds Settings::* field, int least_s = 0, int most_s = 24 * 60 * 60>
bool SetTime(Settings& settings, absl::string_view value) {
  const auto time = ParseTime(value);
  using std::chrono::seconds;
  if (!time || *time < seconds(least_s) || *time > seconds(most_s)) return false;
  settings.*field = *time;
  return true;
}

template <std::chrono::milliseconds Settings::* field>
std::string GetTime(const Settings& settings) {
  return FormatTime(settings.*field);
}

bool SetCaps(Settings& settings, absl::string_view value) {
  auto caps = ParseCaps(value);
  if (caps) settings.caps = *std::move(caps);
  return caps.has_value();
}

std::string GetCaps(const Settings& settings) { return FormatCaps(settings.caps); }

constexpr std::pair<absl::string_view, log::Level> kLevels[] = {{"debug", log::Level::kDebug},
                                                                {"info", log::Level::kInfo},
                                                                {"warning", log::Level::kWarning},
                                                                {"error", log::Level::kError}};
constexpr std::pair<absl::string_view, log::Format> kFormats[] = {{"text", log::Format::kText},
                                                                  {"json", log::Format::kJson}};

template <auto field, const auto& words>
bool SetWord(Settings& settings, absl::string_view value) {
  for (const auto& [word, meaning] : words) {
    if (!absl::EqualsIgnoreCase(word, value)) continue;
    settings.*field = meaning;
    return true;
  }
  return false;
}

template <auto field, const auto& words>
std::string GetWord(const Settings& settings) {
  for (const auto& [word, meaning] : words) {
    if (settings.*field == meaning) return std::string(word);
  }
  return "";
}

constexpr unsigned kServers = kCoordinator | kWorker;
constexpr unsigned kAll = kRun | kServers | kClient;
constexpr absl::string_view kTimes = "a time such as 500ms, 30s or 5m, at most 24h";

// A key must never end in ".port" or ".host": for a service named mailhaul-<x>, Kubernetes sets
// MAILHAUL_<X>_PORT in every container, with a value of its own kind.
constexpr Option kOptions[] = {
    {"redis.address", "ADDRESS", "where Redis listens",
     "host:port, unix:/path, redis://host:port/database or rediss://host:port/database (TLS); "
     "user and password have settings of their own",
     kServers, SetText<&Settings::redis_address, IsRedisAddress>,
     GetText<&Settings::redis_address>},
    {"redis.tls", "", "connect to Redis with TLS", "true or false", kServers,
     SetSwitch<&Settings::redis_tls>, GetSwitch<&Settings::redis_tls>},
    {"redis.user", "NAME", "ACL user at Redis", "any text", kServers,
     SetText<&Settings::redis_user, IsAnything>, GetText<&Settings::redis_user>},
    {"redis.password_file", "FILE", "file whose first line is the password for Redis", "a path",
     kServers, SetText<&Settings::redis_password_file, IsAnything>,
     GetText<&Settings::redis_password_file>},
    {"queue", "NAME", "queues of different names share a Redis without meeting",
     "1 to 64 of A-Z a-z 0-9 . _ -", kServers, SetText<&Settings::queue, IsName>,
     GetText<&Settings::queue>},
    {"lease", "TIME",
     "a worker's right to a mailbox ends so long after it was last heard of; the same in every "
     "process",
     "a time from 2s to 10m", kRun | kServers, SetTime<&Settings::lease, 2, 600>,
     GetTime<&Settings::lease>},
    {"grpc.listen", "ADDRESS", "where the API listens",
     "host:port (port 0: any free one) or unix:/path", kCoordinator,
     SetText<&Settings::grpc_listen, IsGrpcListenAddress>, GetText<&Settings::grpc_listen>},
    {"http.listen", "ADDRESS", "where /metrics, /healthz and /readyz are; empty: nowhere",
     "address:port (port 0: any free one, named in the log) or nothing", kRun | kServers,
     SetText<&Settings::http_listen, IsListenAddressOrNone>, GetText<&Settings::http_listen>},
    {"coordinator", "ADDRESS", "the coordinator's API", "host:port or unix:/path",
     kWorker | kClient, SetText<&Settings::coordinator, IsGrpcAddress>,
     GetText<&Settings::coordinator>},
    {"worker.id", "NAME", "name of this worker (default: host name and process id)",
     "1 to 64 of A-Z a-z 0-9 . _ -, different for each worker", kWorker,
     SetText<&Settings::worker_id, IsNameOrNone>, GetText<&Settings::worker_id>},
    {"worker.jobs", "N", "mailboxes copied at a time by one process", "1 to 1000", kRun | kWorker,
     SetNumber<&Settings::worker_jobs, 1, 1000>, GetNumber<&Settings::worker_jobs>},
    {"worker.grace", "TIME", "after SIGTERM, time to store progress and hand jobs back", kTimes,
     kRun | kWorker, SetTime<&Settings::worker_grace>, GetTime<&Settings::worker_grace>},
    {"ca_file", "FILE", "more certificate authorities to trust (PEM), beside the system's",
     "a path", kRun | kServers, SetText<&Settings::ca_file, IsAnything>,
     GetText<&Settings::ca_file>},
    {"caps", "GATE=N,...", "mailboxes at a time per tenant or server; * stands for anything",
     "patterns of gates and numbers, such as src:o365:*=5,dst:imap:mail.example.org:993=20",
     kRun | kCoordinator, SetCaps, GetCaps},
    {"timeouts.connect", "TIME", "longest wait for a connection to a mail server, log-in included",
     kTimes, kRun | kWorker, SetTime<&Settings::connect_timeout>,
     GetTime<&Settings::connect_timeout>},
    {"timeouts.command", "TIME", "longest silence of a mail server in the middle of a command",
     kTimes, kRun | kWorker, SetTime<&Settings::command_timeout>,
     GetTime<&Settings::command_timeout>},
    {"log.level", "LEVEL", "least level that is logged", "debug, info, warning or error", kAll,
     SetWord<&Settings::log_level, kLevels>, GetWord<&Settings::log_level, kLevels>},
    {"log.format", "FORMAT", "how log lines are written", "text or json", kAll,
     SetWord<&Settings::log_format, kFormats>, GetWord<&Settings::log_format, kFormats>},
};

}  // namespace

std::string Option::Flag() const {
  return absl::StrCat("--", absl::StrReplaceAll(key, {{".", "-"}, {"_", "-"}}));
}

std::string Option::Environment() const {
  return absl::StrCat("MAILHAUL_", absl::AsciiStrToUpper(absl::StrReplaceAll(key, {{".", "_"}})));
}

std::string Option::Default() const { return get(Settings{}); }

absl::Span<const Option> Options() { return kOptions; }

const Option* FindOption(absl::string_view key) {
  for (const Option& option : kOptions) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

}  // namespace mailhaul::config
