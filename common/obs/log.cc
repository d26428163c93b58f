#include "common/obs/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <memory>
#include <string>

#include "common/obs/log_format.h"

namespace mailhaul::log {
namespace {

constexpr char kTextPattern[] = "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v";
constexpr char kJsonPattern[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      break;
  }
  return spdlog::level::err;
}

struct State {
  spdlog::logger logger{"mailhaul", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  std::atomic<Format> format = Format::kText;

  State() { Configure(Level::kInfo, Format::kText); }

  void Configure(Level least, Format new_format) {
    format = new_format;
    const char* const pattern = new_format == Format::kJson ? kJsonPattern : kTextPattern;
    logger.set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc, "\n"));
    logger.set_level(ToSpdlog(least));
  }
};

// Never destroyed: threads may log until the process ends.
State& Global() {
  static auto* const state = new State;
  return *state;
}

void Write(Level level, absl::string_view message, Fields fields) {
  State& state = Global();
  const spdlog::level::level_enum spdlog_level = ToSpdlog(level);
  if (!state.logger.should_log(spdlog_level)) return;
  const std::string line =
      state.format == Format::kJson ? FormatJson(message, fields) : FormatText(message, fields);
  state.logger.log(spdlog_level, spdlog::string_view_t(line));
}

}  // namespace

void Init(Level least, Format format) { Global().Configure(least, format); }

void Debug(absl::string_view message, Fields fields) { Write(Level::kDebug, message, fields); }
void Info(absl::string_view message, Fields fields) { Write(Level::kInfo, message, fields); }
void Warning(absl::string_view message, Fields fields) { Write(Level::kWarning, message, fields); }
void Error(absl::string_view message, Fields fields) { Write(Level::kError, message, fields); }

}  // namespace mailhaul::log
