#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "common/provider/gate.h"

// The words in which settings are written, and back.
namespace mailhaul::config {

// "host:port" or "[v6 address]:port", the port from `least_port` to 65535.
bool IsHostPort(absl::string_view text, int least_port);

// "unix:/absolute/path".
bool IsUnixAddress(absl::string_view text);

// What redis::ParseAddress takes: host, host:port, redis://..., rediss://..., unix:/path; without
// credentials.
bool IsRedisAddress(absl::string_view text);

// 1 to 64 of A-Z a-z 0-9 . _ -
bool IsName(absl::string_view text);

// "true" or "false", also yes, no, on, off, 1, 0.
std::optional<bool> ParseSwitch(absl::string_view text);

// "30s", "5m", "500ms", "1h30m": above zero, at most a day.
std::optional<std::chrono::milliseconds> ParseTime(absl::string_view text);
std::string FormatTime(std::chrono::milliseconds time);

// "src:o365:*=5,dst:*=20": gate id patterns and their caps, 1 to 1000000. Empty text: none.
std::optional<std::vector<provider::CapOverride>> ParseCaps(absl::string_view text);
std::string FormatCaps(const std::vector<provider::CapOverride>& caps);

}  // namespace mailhaul::config
