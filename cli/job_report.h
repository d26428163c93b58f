#pragma once

#include <string>
#include <vector>

#include "mailhaul/v1/batch.pb.h"
#include "mailhaul/v1/job.pb.h"

namespace mailhaul::cli {

// One job's part of a report.
struct JobReport {
  v1::Job job;
  std::vector<v1::FolderProgress> folders;
};

// Every place where the figures do not add up, one sentence each: found = copied + already there +
// skipped + failed + not dealt with, in each folder and in the job, and nothing left in a job that
// ended well; and the folders of such a job sum up to it.
std::vector<std::string> SumFaults(const JobReport& report);

// Whether an operator has reason to look: the job failed, was cancelled or left something out, or
// its figures do not add up.
bool NeedsAttention(const JobReport& report);

// "#3 anna@old.example -> anna@new.example"; only the number when nothing more is known.
std::string Title(const v1::Job& job);

// "source: login refused; the server said: NO wrong password", safe for a terminal.
std::string Sentence(const v1::Error& error);

// What became of one message: "skipped: uid 7, 2020-01-02, 3.0 kB, <id@host>: ...".
std::string Sentence(const v1::Problem& problem);

}  // namespace mailhaul::cli
