#include "common/obs/log_format.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "common/base/utf8.h"

namespace mailhaul::log {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool IsBare(absl::string_view text) {
  const auto plain = [](char c) { return absl::ascii_isgraph(c) && c != '"' && c != '='; };
  return !text.empty() && std::all_of(text.begin(), text.end(), plain);
}

void AppendJsonChar(std::string& out, char c) {
  const auto octet = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out.push_back('\\');
    out.push_back(c);
  } else if (octet < 0x20 || octet == 0x7F) {
    absl::StrAppend(&out, "\\u", absl::Hex(octet, absl::kZeroPad4));
  } else {
    out.push_back(c);
  }
}

std::string JsonString(absl::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t octets = Utf8Length(text);
    if (octets == 0) {
      absl::StrAppend(&out, kReplacement);
    } else if (octets == 1) {
      AppendJsonChar(out, text.front());
    } else {
      absl::StrAppend(&out, text.substr(0, octets));
    }
    text.remove_prefix(std::max<size_t>(octets, 1));
  }
  out.push_back('"');
  return out;
}

struct TextValue {
  std::string operator()(absl::string_view text) const {
    return IsBare(text) ? std::string(text) : absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
  }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  template <typename Number>
  std::string operator()(Number value) const {
    return absl::StrCat(value);
  }
};

struct JsonValue {
  std::string operator()(absl::string_view text) const { return JsonString(text); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(double value) const {
    return std::isfinite(value) ? absl::StrCat(value) : "null";  // JSON has no infinity
  }
  template <typename Number>
  std::string operator()(Number value) const {
    return absl::StrCat(value);
  }
};

}  // namespace

std::string FormatText(absl::string_view message, Fields fields) {
  std::string out = absl::Utf8SafeCEscape(message);
  for (const Field& field : fields) {
    absl::StrAppend(&out, " ", field.key(), "=", std::visit(TextValue{}, field.value()));
  }
  return out;
}

std::string FormatJson(absl::string_view message, Fields fields) {
  std::string out = absl::StrCat("\"message\":", JsonString(message));
  for (const Field& field : fields) {
    absl::StrAppend(&out, ",", JsonString(field.key()), ":",
                    std::visit(JsonValue{}, field.value()));
  }
  return out;
}

}  // namespace mailhaul::log
