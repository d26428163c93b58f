#include <google/protobuf/util/time_util.h>

#include <chrono>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"

#include "cli/report_writer.h"
#include "cli/text.h"
#include "common/report/names.h"

namespace mailhaul::cli {
namespace {

using google::protobuf::util::TimeUtil;
using Align = Table::Align;

// How long it took and how fast it was; two empty cells when nothing is known.
std::vector<std::string> Pace(const google::protobuf::Duration* lasted, int64_t octets) {
  if (lasted == nullptr) return {"", ""};
  const int64_t ms = TimeUtil::DurationToMilliseconds(*lasted);
  const double seconds = static_cast<double>(ms) / 1000;
  return {Lasted(std::chrono::milliseconds(ms)),
          ms > 0 ? Rate(static_cast<double>(octets) / seconds) : ""};
}

Table FigureTable() {
  using enum Align;
  Table table({kLeft, kRight, kRight, kRight, kRight, kRight, kRight, kRight, kRight, kRight});
  table.Add({"", "found", "copied", "already there", "skipped", "failed", "left", "size", "time",
             "rate"});
  return table;
}

void AddFigures(Table& table, std::string name, const v1::Tally& tally,
                const google::protobuf::Duration* lasted) {
  std::vector<std::string> cells = {std::move(name),
                                    absl::StrCat(tally.found()),
                                    absl::StrCat(tally.copied()),
                                    absl::StrCat(tally.already_there()),
                                    absl::StrCat(tally.skipped()),
                                    absl::StrCat(tally.failed()),
                                    absl::StrCat(tally.remaining()),
                                    Bytes(tally.copied_bytes())};
  for (std::string& cell : Pace(lasted, tally.copied_bytes())) cells.push_back(std::move(cell));
  table.Add(std::move(cells));
}

// ", 3.4 MB in 12.10 s, 290 kB/s"
std::string PaceOf(const v1::Job& job) {
  if (!job.has_duration()) return "";
  const int64_t octets = job.tally().copied_bytes();
  const std::vector<std::string> pace = Pace(&job.duration(), octets);
  return absl::StrCat(", ", Bytes(octets), " in ", pace[0], pace[1].empty() ? "" : ", ", pace[1]);
}

std::string FolderName(const v1::FolderProgress& folder) {
  if (folder.destination_mailbox().empty() ||
      folder.destination_mailbox() == folder.source_mailbox()) {
    return folder.source_mailbox();
  }
  return absl::StrCat(folder.source_mailbox(), " -> ", folder.destination_mailbox());
}

class ReportTable final : public ReportWriter {
 public:
  explicit ReportTable(std::ostream& out) : out_(out) {}

  void Begin(const v1::Batch& batch) override {
    out_ << batch.name();
    if (!batch.display_name().empty()) out_ << " \"" << Printable(batch.display_name()) << '"';
    out_ << ", " << report::Word(batch.state()) << ":";
    for (const v1::StateCount& count : batch.counts()) {
      out_ << ' ' << count.jobs() << ' ' << report::Word(count.state());
    }
    out_ << '\n';
  }

  void Add(const JobReport& report) override {
    const v1::Job& job = report.job;
    out_ << '\n' << Title(job) << "  " << report::Word(job.state()) << PaceOf(job) << '\n';
    if (job.has_error()) out_ << "  " << Sentence(job.error()) << '\n';
    for (const std::string& warning : job.warnings()) {
      out_ << "  note: " << Printable(warning) << '\n';
    }
    if (!report.folders.empty()) WriteFolders(report);
    for (const std::string& fault : SumFaults(report)) {
      out_ << "  ERROR: " << Printable(fault) << '\n';
    }
  }

  void End(const v1::Tally& total) override {
    Table table = FigureTable();
    AddFigures(table, "all mailboxes", total, nullptr);
    out_ << '\n';
    for (const std::string& line : table.Lines()) out_ << line << '\n';
  }

 private:
  void WriteFolders(const JobReport& report) {
    Table table = FigureTable();
    for (const v1::FolderProgress& folder : report.folders) {
      AddFigures(table, FolderName(folder), folder.tally(),
                 folder.has_duration() ? &folder.duration() : nullptr);
    }
    if (report.folders.size() > 1) {
      AddFigures(table, "all folders", report.job.tally(),
                 report.job.has_duration() ? &report.job.duration() : nullptr);
    }
    for (const std::string& line : table.Lines(2)) out_ << line << '\n';
    for (const v1::FolderProgress& folder : report.folders) WriteRemarks(folder);
  }

  // Whatever did not go as one would think.
  void WriteRemarks(const v1::FolderProgress& folder) {
    const std::string name = Printable(folder.source_mailbox());
    if (!folder.rename_reason().empty()) {
      out_ << "  " << name << ": renamed: " << Printable(folder.rename_reason()) << '\n';
    }
    if (folder.has_error()) out_ << "  " << name << ": " << Sentence(folder.error()) << '\n';
    for (const v1::Problem& problem : folder.problems()) {
      out_ << "  " << name << ": " << Sentence(problem) << '\n';
    }
    if (folder.problems_omitted() > 0) {
      out_ << "  " << name << ": and " << folder.problems_omitted() << " more\n";
    }
  }

  std::ostream& out_;
};

}  // namespace

std::unique_ptr<ReportWriter> MakeReportTable(std::ostream& out) {
  return std::make_unique<ReportTable>(out);
}

std::unique_ptr<ReportWriter> MakeReportWriter(Output output, std::ostream& out) {
  switch (output) {
    case Output::kCsv:
      return MakeReportCsv(out);
    case Output::kJson:
      return MakeReportJson(out);
    case Output::kTable:
      break;
  }
  return MakeReportTable(out);
}

}  // namespace mailhaul::cli
