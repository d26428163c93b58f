#include "common/config/document.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/config/options.h"

namespace mailhaul::config {
namespace {

constexpr std::pair<unsigned, const char*> kAudiences[] = {
    {kRun, "run"}, {kCoordinator, "coordinator"}, {kWorker, "worker"}, {kClient, "client"}};

std::string AudienceNames(unsigned audience) {
  std::vector<absl::string_view> names;
  for (const auto& [bit, name] : kAudiences) {
    if (audience & bit) names.emplace_back(name);
  }
  return absl::StrJoin(names, ", ");
}

std::string Code(absl::string_view text) {
  return text.empty() ? "" : absl::StrCat("`", text, "`");
}

}  // namespace

std::string OptionsAsMarkdown() {
  std::string out =
      "| in the file | flag | environment | default | meaning | allowed | read by |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const Option& option : Options()) {
    const std::string flag =
        option.IsSwitch() ? option.Flag() : absl::StrCat(option.Flag(), " ", option.value);
    absl::StrAppend(&out, "| ",
                    absl::StrJoin({Code(option.key), Code(flag), Code(option.Environment()),
                                   Code(option.Default()), std::string(option.meaning),
                                   std::string(option.allowed), AudienceNames(option.audience)},
                                  " | "),
                    " |\n");
  }
  return out;
}

}  // namespace mailhaul::config
