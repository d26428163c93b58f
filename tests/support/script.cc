#include "tests/support/script.h"

#include <stdexcept>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace mailhaul::support {

Script& Script::Add(Step::Kind kind, absl::string_view octets) {
  if (!steps_.empty() && steps_.back().kind == kind) {
    absl::StrAppend(&steps_.back().octets, octets);
  } else {
    steps_.push_back({.kind = kind, .octets = std::string(octets)});
  }
  return *this;
}

Script Conversation(absl::string_view text) {
  Script script;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripLeadingAsciiWhitespace(line);
    if (line.empty()) continue;
    const bool from_server = absl::ConsumePrefix(&line, "S:");
    if (!from_server && !absl::ConsumePrefix(&line, "C:")) {
      throw std::invalid_argument(absl::StrCat("neither \"S:\" nor \"C:\": ", line));
    }
    absl::ConsumePrefix(&line, " ");  // editors cut it off an empty line
    const std::string octets = absl::StrCat(line, "\r\n");
    from_server ? script.Send(octets) : script.Expect(octets);
  }
  return script;
}

}  // namespace mailhaul::support
