#include <google/protobuf/util/time_util.h>

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "cli/report_writer.h"
#include "common/report/names.h"

namespace mailhaul::cli {
namespace {

using google::protobuf::util::TimeUtil;

// RFC 4180; and a field that a spreadsheet would take for a formula is told to be text, since
// folder names and servers' words come from strangers.
std::string Field(std::string text) {
  if (!text.empty() && absl::StrContains("=+-@\t\r", text.substr(0, 1))) text = "'" + text;
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string WithServersWords(const v1::Error& error) {
  return error.server_text().empty() ? error.message()
                                     : absl::StrCat(error.message(), ": ", error.server_text());
}

std::string Seconds(const google::protobuf::Duration& duration) {
  return absl::StrFormat("%.3f",
                         static_cast<double>(TimeUtil::DurationToMilliseconds(duration)) / 1000);
}

// Empty when it took no time that can be measured.
std::string PerSecond(int64_t octets, const google::protobuf::Duration& duration) {
  const int64_t ms = TimeUtil::DurationToMilliseconds(duration);
  return ms == 0 ? "" : absl::StrCat(octets * 1000 / ms);
}

std::vector<std::string> Reasons(const v1::FolderProgress& folder) {
  std::vector<std::string> reasons;
  if (folder.has_error()) reasons.push_back(Sentence(folder.error()));
  for (const v1::Problem& problem : folder.problems()) reasons.push_back(Sentence(problem));
  if (folder.problems_omitted() > 0) {
    reasons.push_back(absl::StrCat("and ", folder.problems_omitted(), " more"));
  }
  return reasons;
}

class ReportCsv final : public ReportWriter {
 public:
  explicit ReportCsv(std::ostream& out) : out_(out) {}

  void Begin(const v1::Batch&) override {
    out_ << "job,source_user,destination_user,state,folder,destination_folder,found,copied,"
            "already_there,skipped,failed,left,copied_bytes,folder_seconds,folder_bytes_per_second,"
            "job_seconds,job_error,problems,"
            "sum_errors\r\n";
  }

  void Add(const JobReport& report) override {
    if (report.folders.empty()) WriteRow(report, {}, report.job.tally());
    for (const v1::FolderProgress& folder : report.folders) {
      WriteRow(report, folder, folder.tally());
    }
  }

  void End(const v1::Tally&) override {}

 private:
  void WriteRow(const JobReport& report, const v1::FolderProgress& folder, const v1::Tally& tally) {
    const v1::Job& job = report.job;
    const std::vector<std::string> fields = {job.name(),
                                             job.source().user(),
                                             job.destination().user(),
                                             report::Word(job.state()),
                                             folder.source_mailbox(),
                                             folder.destination_mailbox(),
                                             absl::StrCat(tally.found()),
                                             absl::StrCat(tally.copied()),
                                             absl::StrCat(tally.already_there()),
                                             absl::StrCat(tally.skipped()),
                                             absl::StrCat(tally.failed()),
                                             absl::StrCat(tally.remaining()),
                                             absl::StrCat(tally.copied_bytes()),
                                             Seconds(folder.duration()),
                                             PerSecond(tally.copied_bytes(), folder.duration()),
                                             Seconds(job.duration()),
                                             WithServersWords(job.error()),
                                             absl::StrJoin(Reasons(folder), "\n"),
                                             absl::StrJoin(SumFaults(report), "\n")};
    out_ << absl::StrJoin(fields, ",", [](std::string* row, const std::string& field) {
      absl::StrAppend(row, Field(field));
    }) << "\r\n";
  }

  std::ostream& out_;
};

}  // namespace

std::unique_ptr<ReportWriter> MakeReportCsv(std::ostream& out) {
  return std::make_unique<ReportCsv>(out);
}

}  // namespace mailhaul::cli
