#include "cli/watch_display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "cli/batch_picture.h"
#include "cli/job_report.h"
#include "cli/text.h"
#include "common/report/names.h"

namespace mailhaul::cli {
namespace {

using SteadyClock = RateMeter::Clock;

constexpr std::chrono::seconds kBetweenSummaries{10};

// ECMA-48: to the start of the line `n` above, and clear from here on.
std::string BackUp(size_t lines) {
  return lines == 0 ? "\r\x1b[J" : absl::StrCat("\x1b[", lines, "F\x1b[J");
}

class LiveTable final : public WatchDisplay {
 public:
  LiveTable(std::ostream& out, int fd) : out_(out), fd_(fd) {}

  void Take(const v1::WatchBatchResponse& response) override {
    picture_.Take(response, SteadyClock::now());
    if (response.snapshot_complete()) Draw();
  }

  void End() override { out_ << '\n' << std::flush; }

 private:
  void Draw() {
    winsize size{};
    const bool known = ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    const auto view = picture_.Render(known ? size.ws_col : 80, known ? size.ws_row : 24);
    std::string text = BackUp(drawn_);
    for (const std::string& line : view) absl::StrAppend(&text, line, "\n");
    out_ << text << std::flush;
    drawn_ = view.size();
  }

  std::ostream& out_;
  const int fd_;
  BatchPicture picture_;
  size_t drawn_ = 0;
};

class PlainLines final : public WatchDisplay {
 public:
  explicit PlainLines(std::ostream& out) : out_(out) {}

  void Take(const v1::WatchBatchResponse& response) override {
    const auto now = SteadyClock::now();
    picture_.Take(response, now);
    for (const v1::Job& job : response.jobs()) Tell(job);
    if (response.snapshot_complete() && now - last_summary_ >= kBetweenSummaries) {
      last_summary_ = now;
      out_ << picture_.Summary() << std::endl;
    }
  }

  void End() override { out_ << picture_.Summary() << std::endl; }

 private:
  void Tell(const v1::Job& job) {
    v1::JobState& told = told_[job.name()];
    if (told == job.state()) return;
    told = job.state();
    out_ << Title(job) << "  " << report::Word(job.state());
    if (report::IsFinal(job.state())) {
      out_ << "  " << MessagesDone(job.tally()) << " messages, "
           << Bytes(job.tally().copied_bytes());
      told_.erase(job.name());
    }
    if (job.has_error()) out_ << "  " << Sentence(job.error());
    out_ << std::endl;
  }

  std::ostream& out_;
  BatchPicture picture_;
  std::map<std::string, v1::JobState> told_;  // of open jobs
  SteadyClock::time_point last_summary_;
};

}  // namespace

std::unique_ptr<WatchDisplay> MakeLiveTable(std::ostream& out, int fd) {
  return std::make_unique<LiveTable>(out, fd);
}

std::unique_ptr<WatchDisplay> MakePlainLines(std::ostream& out) {
  return std::make_unique<PlainLines>(out);
}

std::unique_ptr<WatchDisplay> MakeWatchDisplay(std::ostream& out, int fd) {
  return isatty(fd) == 1 ? MakeLiveTable(out, fd) : MakePlainLines(out);
}

}  // namespace mailhaul::cli
