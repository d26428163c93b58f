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
    if (absl::ConsumePrefix(&line, "S: ")) {
      script.Send(absl::StrCat(line, "\r\n"));
    } else if (absl::ConsumePrefix(&line, "C: ")) {
      script.Expect(absl::StrCat(line, "\r\n"));
    } else {
      throw std::invalid_argument(absl::StrCat("neither \"S: \" nor \"C: \": ", line));
    }
  }
  return script;
}

}  // namespace mailhaul::support
