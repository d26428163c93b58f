#include <unistd.h>

#include <chrono>
#include <ostream>
#include <thread>

#include "cli/batch_picture.h"
#include "cli/commands.h"
#include "cli/json.h"

namespace mailhaul::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A coordinator that is being replaced is back within this time.
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kBetweenTries{1};

// Every message as a line of JSON, for programs that follow.
class JsonLines final : public WatchDisplay {
 public:
  explicit JsonLines(std::ostream& out) : out_(out) {}
  void Take(const v1::WatchBatchResponse& response) override {
    out_ << ToJson(response) << std::endl;
  }
  void End() override {}

 private:
  std::ostream& out_;
};

bool AllSucceeded(const v1::Batch& batch) {
  for (const v1::StateCount& count : batch.counts()) {
    if (count.state() != v1::JOB_STATE_SUCCEEDED && count.jobs() > 0) return false;
  }
  return true;
}

}  // namespace

absl::Status Watch(Client& client, const std::string& name, WatchDisplay& display,
                   std::ostream& err, v1::Batch& batch) {
  SteadyClock::time_point last_heard = SteadyClock::now();
  bool away = false;
  for (;;) {
    const absl::Status status =
        client.WatchBatch(name, [&](const v1::WatchBatchResponse& response) {
          last_heard = SteadyClock::now();
          away = false;
          batch = response.batch();
          display.Take(response);
        });
    const bool give_up = SteadyClock::now() - last_heard >= kPatience || batch.name().empty();
    if (!absl::IsUnavailable(status) || give_up) {
      display.End();
      return status;
    }
    if (!std::exchange(away, true)) err << "mailhaul: " << status.message() << "; trying again\n";
    std::this_thread::sleep_for(kBetweenTries);
  }
}

ExitCode RunWatch(const Invocation& invocation, Streams streams) {
  Client client(invocation.settings.coordinator);
  const std::unique_ptr<WatchDisplay> display = invocation.output == Output::kJson
                                                    ? std::make_unique<JsonLines>(streams.out)
                                                    : MakeWatchDisplay(streams.out, STDOUT_FILENO);
  v1::Batch batch;
  const absl::Status status = Watch(client, invocation.name, *display, streams.err, batch);
  if (!status.ok()) return Fail(status, streams.err);
  return AllSucceeded(batch) ? kAllWell : kNotAllMoved;
}

}  // namespace mailhaul::cli
