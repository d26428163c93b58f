#include "cli/job_report.h"

#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/str_cat.h"

#include "cli/text.h"
#include "common/report/tally.h"

namespace mailhaul::cli {
namespace {

using google::protobuf::util::MessageDifferencer;

bool EndedWell(const v1::Job& job) {
  return job.state() == v1::JOB_STATE_SUCCEEDED ||
         job.state() == v1::JOB_STATE_SUCCEEDED_WITH_SKIPS;
}

void Append(absl::string_view where, const absl::Status& sum, std::vector<std::string>& faults) {
  if (!sum.ok()) faults.push_back(absl::StrCat(where, ": ", sum.message()));
}

std::string SideName(v1::Side side) {
  switch (side) {
    case v1::SIDE_SOURCE:
      return "source: ";
    case v1::SIDE_DESTINATION:
      return "destination: ";
    default:
      return "";
  }
}

}  // namespace

std::vector<std::string> SumFaults(const JobReport& report) {
  std::vector<std::string> faults;
  const bool ended_well = EndedWell(report.job);
  v1::Tally sum;
  for (const v1::FolderProgress& folder : report.folders) {
    Append(absl::StrCat("folder ", folder.source_mailbox()),
           report::CheckSum(folder.tally(), folder.done()), faults);
    report::Add(sum, folder.tally());
  }
  if (!ended_well) return faults;
  Append("job", report::CheckSum(report.job.tally(), true), faults);
  if (!MessageDifferencer::Equals(sum, report.job.tally())) {
    faults.push_back(absl::StrCat("job: its folders found ", sum.found(), " and copied ",
                                  sum.copied(), ", the job itself says ",
                                  report.job.tally().found(), " and ",
                                  report.job.tally().copied()));
  }
  return faults;
}

bool NeedsAttention(const JobReport& report) {
  switch (report.job.state()) {
    case v1::JOB_STATE_SUCCEEDED_WITH_SKIPS:
    case v1::JOB_STATE_FAILED:
    case v1::JOB_STATE_CANCELLED:
      return true;
    default:
      return !SumFaults(report).empty();
  }
}

std::string Title(const v1::Job& job) {
  const std::string number = job.name().substr(job.name().rfind('/') + 1);
  if (!job.has_source()) return absl::StrCat("#", number);
  return Printable(
      absl::StrCat("#", number, " ", job.source().user(), " -> ", job.destination().user()));
}

std::string Sentence(const v1::Error& error) {
  std::string text = absl::StrCat(SideName(error.side()), error.message());
  if (!error.server_text().empty()) {
    absl::StrAppend(&text, "; the server said: ", error.server_text());
  }
  return Printable(text);
}

std::string Sentence(const v1::Problem& problem) {
  std::string text =
      absl::StrCat(problem.skipped() ? "skipped" : "failed", ": uid ", problem.uid());
  if (!problem.internal_date().empty()) absl::StrAppend(&text, ", ", problem.internal_date());
  if (problem.size_bytes() > 0) absl::StrAppend(&text, ", ", Bytes(problem.size_bytes()));
  if (!problem.message_id().empty()) absl::StrAppend(&text, ", ", problem.message_id());
  return absl::StrCat(Printable(text), ": ", Sentence(problem.error()));
}

}  // namespace mailhaul::cli
