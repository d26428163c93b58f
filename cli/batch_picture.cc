#include "cli/batch_picture.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "cli/job_report.h"
#include "cli/text.h"
#include "common/report/names.h"

namespace mailhaul::cli {
namespace {

constexpr size_t kEndedKept = 100;

int64_t NumberOf(const v1::Job& job) {
  int64_t number = 0;
  (void)absl::SimpleAtoi(job.name().substr(job.name().rfind('/') + 1), &number);
  return number;
}

Table JobTable() {
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kRight, kRight, kRight, kLeft});
  table.Add({"mailbox", "state", "messages", "size", "rate", "left", "folder"});
  return table;
}

std::string EtaText(const RateMeter& meter) {
  const auto eta = meter.Eta();
  return eta ? Clock(*eta) : "";
}

std::string RateText(const RateMeter& meter) {
  const double rate = meter.BytesPerSecond();
  return rate > 0 ? Rate(rate) : "";
}

void AddRow(Table& table, const v1::Job& job, const RateMeter& meter, size_t title_columns) {
  table.Add({Fit(Title(job), title_columns), report::Word(job.state()), MessagesDone(job.tally()),
             BytesDone(job.tally()), RateText(meter), EtaText(meter),
             job.has_error() ? Sentence(job.error()) : job.current_mailbox()});
}

}  // namespace

std::string MessagesDone(const v1::Tally& tally) {
  return absl::StrCat(tally.found() - tally.remaining(), "/", tally.found());
}

std::string BytesDone(const v1::Tally& tally) {
  return absl::StrCat(Bytes(tally.copied_bytes()), " of ", Bytes(tally.found_bytes()));
}

void BatchPicture::Take(const v1::WatchBatchResponse& response, RateMeter::Clock::time_point now) {
  batch_ = response.batch();
  tally_ = response.tally();
  if (response.snapshot_complete()) meter_.Add(now, tally_);
  for (const v1::Job& job : response.jobs()) {
    const int64_t number = NumberOf(job);
    if (report::IsFinal(job.state())) {
      open_.erase(number);
      ended_.push_front(job);
      if (ended_.size() > kEndedKept) ended_.pop_back();
      continue;
    }
    OpenJob& open = open_[number];
    open.job = job;
    open.meter.Add(now, job.tally());
  }
}

int64_t BatchPicture::Count(v1::JobState state) const {
  for (const v1::StateCount& count : batch_.counts()) {
    if (count.state() == state) return count.jobs();
  }
  return 0;
}

int64_t BatchPicture::CountEnded() const {
  int64_t ended = 0;
  for (const v1::StateCount& count : batch_.counts()) {
    if (report::IsFinal(count.state())) ended += count.jobs();
  }
  return ended;
}

std::string BatchPicture::Summary() const {
  std::string text = absl::StrCat(CountEnded(), " of ", batch_.rows(), " mailboxes ended, ",
                                  Count(v1::JOB_STATE_RUNNING), " running");
  if (const int64_t failed = Count(v1::JOB_STATE_FAILED); failed > 0) {
    absl::StrAppend(&text, ", ", failed, " failed");
  }
  absl::StrAppend(&text, "; ", MessagesDone(tally_), " messages, ", BytesDone(tally_));
  if (const std::string rate = RateText(meter_); !rate.empty()) absl::StrAppend(&text, ", ", rate);
  // Nobody knows yet how much there is in the mailboxes that have not begun.
  const bool all_known = Count(v1::JOB_STATE_QUEUED) == 0 && CountEnded() < batch_.rows();
  if (const std::string eta = EtaText(meter_); all_known && !eta.empty()) {
    absl::StrAppend(&text, ", ", eta, " left");
  }
  return text;
}

std::vector<std::string> BatchPicture::Render(size_t columns, size_t lines) const {
  const size_t title_columns = std::max<size_t>(20, columns * 2 / 5);
  Table table = JobTable();
  size_t room = lines > 4 ? lines - 4 : 1;
  for (const auto& [number, open] : open_) {
    if (room == 0) break;
    AddRow(table, open.job, open.meter, title_columns);
    --room;
  }
  for (const v1::Job& job : ended_) {
    if (room == 0) break;
    AddRow(table, job, RateMeter(), title_columns);
    --room;
  }
  std::vector<std::string> view = {absl::StrCat(batch_.name(), "  ", Summary()), ""};
  for (std::string& line : table.Lines()) view.push_back(std::move(line));
  for (std::string& line : view) line = Fit(line, columns);
  return view;
}

}  // namespace mailhaul::cli
