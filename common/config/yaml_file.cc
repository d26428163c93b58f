#include "common/config/yaml_file.h"

#include <yaml-cpp/yaml.h>

#include <exception>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/config/options.h"

namespace mailhaul::config {
namespace {

// Nested deeper than any setting: what lies below is reported as one unknown key.
constexpr int kMostLevels = 4;

std::string Scalar(const YAML::Node& node) { return node.IsScalar() ? node.Scalar() : "?"; }

// "a=1,b=2" for a map, "a,b" for a list; "?" for what is nested deeper (an alias may even hold
// itself).
std::string Join(const YAML::Node& node) {
  if (node.IsNull()) return "";
  if (node.IsScalar()) return node.Scalar();
  std::vector<std::string> parts;
  for (const auto& item : node) {
    parts.push_back(node.IsMap() ? absl::StrCat(Scalar(item.first), "=", Scalar(item.second))
                                 : Scalar(item));
  }
  return absl::StrJoin(parts, ",");
}

class Flattener {
 public:
  Flattener(absl::string_view name, std::vector<Given>& out) : name_(name), out_(out) {}

  void Walk(const YAML::Node& map, absl::string_view prefix, int level) {
    for (const auto& item : map) {
      const std::string key = absl::StrCat(prefix, prefix.empty() ? "" : ".", Scalar(item.first));
      if (item.second.IsMap() && FindOption(key) == nullptr && level < kMostLevels) {
        Walk(item.second, key, level + 1);
      } else {
        out_.push_back({key, Join(item.second),
                        absl::StrCat(name_, " line ", item.first.Mark().line + 1, ", ", key)});
      }
    }
  }

 private:
  const absl::string_view name_;
  std::vector<Given>& out_;
};

}  // namespace

absl::StatusOr<std::vector<Given>> ParseYaml(const std::string& text, absl::string_view name) {
  try {
    const YAML::Node root = YAML::Load(text);
    std::vector<Given> out;
    if (root.IsNull()) return out;
    if (!root.IsMap()) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": not a map of settings"));
    }
    Flattener(name, out).Walk(root, "", 1);
    return out;
  } catch (const YAML::Exception& e) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " line ", e.mark.line + 1, ": not YAML: ", e.msg));
  }
}

}  // namespace mailhaul::config
