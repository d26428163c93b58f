#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "cli/json.h"
#include "cli/report_writer.h"

namespace mailhaul::cli {
namespace {

// `object` with one more member at its end; `value` is JSON.
std::string With(std::string object, absl::string_view member, absl::string_view value) {
  object.pop_back();
  return absl::StrCat(object, object.size() > 1 ? "," : "", "\"", member, "\":", value, "}");
}

std::string List(const std::vector<std::string>& items) {
  return absl::StrCat("[", absl::StrJoin(items, ","), "]");
}

class ReportJson final : public ReportWriter {
 public:
  explicit ReportJson(std::ostream& out) : out_(out) {}

  void Begin(const v1::Batch& batch) override {
    out_ << "{\"batch\":" << ToJson(batch) << ",\n\"jobs\":[";
  }

  void Add(const JobReport& report) override {
    std::vector<std::string> folders;
    for (const v1::FolderProgress& folder : report.folders) folders.push_back(ToJson(folder));
    std::vector<std::string> faults;
    for (const std::string& fault : SumFaults(report)) faults.push_back(JsonString(fault));
    std::string job = With(ToJson(report.job), "folder_reports", List(folders));
    out_ << (first_ ? "\n" : ",\n") << With(std::move(job), "sum_errors", List(faults));
    first_ = false;
  }

  void End(const v1::Tally& total) override { out_ << "],\n\"tally\":" << ToJson(total) << "}\n"; }

 private:
  std::ostream& out_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<ReportWriter> MakeReportJson(std::ostream& out) {
  return std::make_unique<ReportJson>(out);
}

}  // namespace mailhaul::cli
