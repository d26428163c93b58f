#include "worker/job_messages.h"

#include <google/protobuf/util/time_util.h>

#include <utility>

namespace mailhaul::worker {
namespace {

using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;

imap::Security ToImap(v1::Security security) {
  switch (security) {
    case v1::SECURITY_STARTTLS:
      return imap::Security::kStartTls;
    case v1::SECURITY_PLAINTEXT:
      return imap::Security::kPlaintext;
    default:
      return imap::Security::kTls;
  }
}

imap::Account ToAccount(const v1::Endpoint& endpoint, const std::string& ca_file) {
  imap::Account account;
  account.host = endpoint.host();
  account.port = static_cast<uint16_t>(endpoint.port());
  account.security = ToImap(endpoint.security());
  account.ca_file = ca_file;
  account.user = endpoint.user();
  account.password = Secret(endpoint.password());
  return account;
}

void Describe(const v1::Endpoint& endpoint, v1::Account& account) {
  account.set_provider(endpoint.provider());
  account.set_host(endpoint.host());
  account.set_port(endpoint.port());
  account.set_user(endpoint.user());
}

google::protobuf::Timestamp ToTimestamp(std::chrono::system_clock::time_point time) {
  const auto since_epoch = std::chrono::duration_cast<milliseconds>(time.time_since_epoch());
  return TimeUtil::MillisecondsToTimestamp(since_epoch.count());
}

}  // namespace

copy::MailboxCopy::Options ToCopyOptions(const v1::JobSpec& spec, queue::Past past,
                                         const WorkerOptions& options) {
  copy::MailboxCopy::Options copy;
  copy.source = ToAccount(spec.source(), options.ca_file);
  copy.destination = ToAccount(spec.destination(), options.ca_file);
  copy.destination_folder = spec.destination_folder();
  copy.timeouts = {options.connect_timeout, options.command_timeout};
  copy.generation = std::move(past.generation);
  for (queue::LedgerRecord& record : past.ledger)
    copy.ledger.push_back({std::move(record.name), std::move(record.value)});
  for (const std::string& record : past.folders) {
    v1::FolderProgress folder;
    if (folder.ParseFromString(record)) copy.earlier.push_back(std::move(folder));
  }
  return copy;
}

v1::JobResult MakeResult(const v1::JobSpec& spec, queue::State state, int attempts, RunStart start,
                         const absl::Status& error) {
  v1::JobResult result;
  result.set_state(ToProto(state));
  result.set_request_type(spec.request_type());
  Describe(spec.source(), *result.mutable_source());
  Describe(spec.destination(), *result.mutable_destination());
  *result.mutable_start_time() = ToTimestamp(start.wall);
  *result.mutable_end_time() = ToTimestamp(std::chrono::system_clock::now());
  const auto lasted = Deadline::Clock::now() - start.steady;
  *result.mutable_duration() =
      TimeUtil::MillisecondsToDuration(std::chrono::duration_cast<milliseconds>(lasted).count());
  result.set_attempts(attempts);
  if (!error.ok()) *result.mutable_error() = copy::ToProto(error);
  return result;
}

v1::JobState ToProto(queue::State state) {
  switch (state) {
    case queue::State::kSucceeded:
      return v1::JOB_STATE_SUCCEEDED;
    case queue::State::kSucceededWithSkips:
      return v1::JOB_STATE_SUCCEEDED_WITH_SKIPS;
    case queue::State::kCancelled:
      return v1::JOB_STATE_CANCELLED;
    default:
      return v1::JOB_STATE_FAILED;
  }
}

}  // namespace mailhaul::worker
