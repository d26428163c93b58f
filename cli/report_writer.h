#pragma once

#include <iosfwd>
#include <memory>

#include "cli/command_line.h"
#include "cli/job_report.h"
#include "mailhaul/v1/batch.pb.h"

namespace mailhaul::cli {

// Writes a report while it arrives; holds one job at a time.
class ReportWriter {
 public:
  virtual ~ReportWriter() = default;
  virtual void Begin(const v1::Batch& batch) = 0;
  virtual void Add(const JobReport& report) = 0;
  // `total` is the sum over all jobs added.
  virtual void End(const v1::Tally& total) = 0;
};

// For people: every job with its folders and everything that did not arrive.
std::unique_ptr<ReportWriter> MakeReportTable(std::ostream& out);
// RFC 4180, one row for each folder (or job without folders).
std::unique_ptr<ReportWriter> MakeReportCsv(std::ostream& out);
// One object: batch, jobs (each with its folders), tally.
std::unique_ptr<ReportWriter> MakeReportJson(std::ostream& out);

std::unique_ptr<ReportWriter> MakeReportWriter(Output output, std::ostream& out);

}  // namespace mailhaul::cli
