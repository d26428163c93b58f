#include "common/config/load.h"

#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/nearest.h"
#include "common/base/status.h"
#include "common/config/options.h"
#include "common/config/yaml_file.h"

namespace mailhaul::config {
namespace {

constexpr char kFileVariable[] = "MAILHAUL_CONFIG";

absl::StatusOr<std::vector<Given>> FromFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  for (char chunk[4096]; in.read(chunk, sizeof chunk) || in.gcount() > 0;) {
    text.append(chunk, in.gcount());
  }
  if (!in.is_open() || in.bad()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  }
  return ParseYaml(text, path);
}

std::vector<Given> FromEnvironment(Environment environment) {
  std::vector<Given> given;
  for (const Option& option : Options()) {
    const std::optional<std::string> value = environment(option.Environment());
    if (!value || value->empty()) continue;
    given.push_back({std::string(option.key), *value, option.Environment()});
  }
  return given;
}

std::string NearestKey(absl::string_view key) {
  std::vector<std::string> keys;
  for (const Option& option : Options()) keys.emplace_back(option.key);
  return keys[NearestWord(key, keys)];
}

// Values are not repeated: what was meant as a password may stand in any place.
void Apply(const std::vector<Given>& layer, Settings& settings, std::vector<std::string>& faults) {
  for (const Given& given : layer) {
    const Option* const option = FindOption(given.key);
    if (option == nullptr) {
      faults.push_back(absl::StrCat(given.where, ": no such setting; the nearest is \"",
                                    NearestKey(given.key), "\""));
    } else if (!option->set(settings, given.value)) {
      faults.push_back(
          absl::StrCat(given.where, ": not a valid value; allowed: ", option->allowed));
    }
  }
}

}  // namespace

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

absl::StatusOr<Settings> Load(absl::string_view file, Environment environment,
                              const std::vector<Given>& flags, Settings defaults) {
  Settings settings = std::move(defaults);
  std::vector<std::string> faults;
  const std::string path =
      file.empty() ? environment(kFileVariable).value_or("") : std::string(file);
  if (!path.empty()) {
    const absl::StatusOr<std::vector<Given>> given = FromFile(path);
    if (given.ok()) {
      Apply(*given, settings, faults);
    } else {
      faults.emplace_back(given.status().message());
    }
  }
  Apply(FromEnvironment(environment), settings, faults);
  Apply(flags, settings, faults);
  if (!faults.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  return settings;
}

}  // namespace mailhaul::config
