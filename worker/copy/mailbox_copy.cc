#include "worker/copy/mailbox_copy.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "common/report/tally.h"
#include "worker/copy/reconcile.h"
#include "worker/copy/reflag.h"
#include "worker/copy/survey.h"

namespace mailhaul::copy {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;

template <typename T>
Task<absl::Status> Into(Side side, Task<absl::StatusOr<T>> task, T& result) {
  absl::StatusOr<T> outcome = co_await std::move(task);
  if (!outcome.ok()) co_return OnSide(side, outcome.status());
  result = *std::move(outcome);
  co_return absl::OkStatus();
}

// Both ran to their end; the first error counts.
absl::Status First(const std::tuple<absl::Status, absl::Status>& both) {
  absl::Status status = std::get<0>(both);
  status.Update(std::get<1>(both));
  return status;
}

absl::Status Stopped() { return absl::CancelledError("stopped"); }

}  // namespace

Task<absl::Status> MailboxCopy::OpenSessions() {
  sessions_ = {};
  co_return First(co_await (
      Into(Side::kSource, imap::Session::Open(options_.source, options_.timeouts),
           sessions_.source) &&
      Into(Side::kDestination, imap::Session::Open(options_.destination, options_.timeouts),
           sessions_.destination)));
}

const v1::FolderProgress* MailboxCopy::Earlier(const PlannedFolder& folder) const {
  const auto it = std::find_if(options_.earlier.begin(), options_.earlier.end(),
                               [&](const v1::FolderProgress& p) {
                                 return p.source_mailbox() == folder.source_name &&
                                        p.destination_mailbox() == folder.destination_name;
                               });
  return it == options_.earlier.end() ? nullptr : &*it;
}

Task<absl::Status> MailboxCopy::FindFolders() {
  FolderListing at_source;
  FolderListing at_destination;
  CO_RETURN_IF_ERROR(First(
      co_await (Into(Side::kSource, ListFolders(*sessions_.source), at_source) &&
                Into(Side::kDestination, ListFolders(*sessions_.destination), at_destination))));
  std::vector<PlannedFolder> plan =
      PlanFolders(at_source, at_destination, options_.destination_folder);

  std::vector<SourceFolder> sources;
  std::vector<DestinationFolder> destinations;
  CO_RETURN_IF_ERROR(First(co_await (
      Into(Side::kSource, OpenSources(*sessions_.source, plan), sources) &&
      Into(Side::kDestination, PrepareDestination(*sessions_.destination, plan), destinations))));
  std::vector<Ledger> ledgers = LedgersFor(plan);
  CO_RETURN_IF_ERROR(co_await ListChanged(plan, ledgers, destinations, sources));
  for (size_t i = 0; i < plan.size(); ++i) {
    EarlierRuns earlier{Earlier(plan[i]), std::move(ledgers[i]), options_.generation};
    folders_.emplace_back(std::move(plan[i]), std::move(sources[i]), destinations[i],
                          std::move(earlier));
  }
  co_return absl::OkStatus();
}

// One for each folder, empty where there is none.
std::vector<Ledger> MailboxCopy::LedgersFor(std::span<const PlannedFolder> plan) {
  std::vector<std::string> damaged;
  std::vector<Ledger> stored = Ledger::Parse(std::exchange(options_.ledger, {}), &damaged);
  for (std::string& name : damaged) stale_.push_back({std::move(name), ""});
  std::vector<Ledger> ledgers;
  for (const PlannedFolder& folder : plan) {
    const auto it = std::find_if(stored.begin(), stored.end(), [&](const Ledger& ledger) {
      return ledger.source_mailbox() == folder.source_name &&
             ledger.destination_mailbox() == folder.destination_name;
    });
    ledgers.push_back(it != stored.end() ? std::move(*it)
                                         : Ledger(folder.source_name, folder.destination_name));
  }
  return ledgers;
}

// An unchanged folder (RFC 7162: the same HIGHESTMODSEQ as when all of it had been copied) is not
// listed.
Task<absl::Status> MailboxCopy::ListChanged(std::span<const PlannedFolder> plan,
                                            std::span<const Ledger> ledgers,
                                            std::span<const DestinationFolder> destinations,
                                            std::span<SourceFolder> sources) {
  const Ledger nothing("", "");
  std::vector<Listing> listings;
  for (size_t i = 0; i < plan.size(); ++i) {
    const bool known = CountsFor(ledgers[i], sources[i].mailbox, destinations[i].mailbox);
    const bool unchanged = known && ledgers[i].source_modseq() != 0 &&
                           ledgers[i].source_modseq() == sources[i].mailbox.highest_modseq;
    if (sources[i].status.ok() && !unchanged)
      listings.push_back({&plan[i], known ? &ledgers[i] : &nothing, &sources[i]});
  }
  co_return OnSide(Side::kSource, co_await ListSources(*sessions_.source, listings));
}

Task<absl::Status> MailboxCopy::Pass(SourceReader::Mode mode) {
  if (stopped_) co_return Stopped();
  CopyPass pass(*sessions_.source, *sessions_.destination, executor_, folders_, mode,
                options_.store);
  pass_ = &pass;
  absl::Status status = co_await pass.Run();
  pass_ = nullptr;
  under_way_ = pass.under_way();
  co_return stopped_ ? Stopped() : status;
}

Task<absl::Status> MailboxCopy::Run() {
  const absl::Status status = co_await Copy();
  sessions_ = {};
  co_return WithAccount(status);
}

// "anna at imap.example:993: ...", for an error of one side.
absl::Status MailboxCopy::WithAccount(const absl::Status& status) const {
  const Side side = GetErrorDetail(status).value_or(ErrorDetail{}).side;
  if (side == Side::kNone) return status;
  const imap::Account& at = side == Side::kSource ? options_.source : options_.destination;
  return Annotate(status, absl::StrCat(at.user, " at ", at.host, ":", at.port));
}

Task<absl::Status> MailboxCopy::Copy() {
  CO_RETURN_IF_ERROR(co_await OpenSessions());
  if (stopped_) co_return Stopped();
  CO_RETURN_IF_ERROR(co_await FindFolders());
  if (stopped_) co_return Stopped();
  CO_RETURN_IF_ERROR(co_await Reconcile(*sessions_.source, *sessions_.destination, folders_));
  CO_RETURN_IF_ERROR(co_await BringFlags(*sessions_.destination, folders_));
  CO_RETURN_IF_ERROR(co_await Pass(SourceReader::Mode::kMany));
  const bool again = std::any_of(folders_.begin(), folders_.end(), [](const FolderCopy& folder) {
    return !folder.second_tries().empty();
  });
  if (again) {
    // A fresh session: some servers refuse, after one bad message, all that follow.
    CO_RETURN_IF_ERROR(co_await OpenSessions());
    CO_RETURN_IF_ERROR(co_await Pass(SourceReader::Mode::kSingly));
  }
  co_return absl::OkStatus();
}

void MailboxCopy::Stop() {
  stopped_ = true;
  if (pass_ != nullptr) {
    pass_->Stop();
  } else {
    Abort();
  }
}

void MailboxCopy::Abort() {
  stopped_ = true;
  for (const auto* session : {&sessions_.source, &sessions_.destination}) {
    if (*session != nullptr) (*session)->connection().Abort();
  }
}

v1::Tally MailboxCopy::Total() {
  v1::Tally total;
  for (FolderCopy& folder : folders_) report::Add(total, folder.Progress().tally());
  return total;
}

}  // namespace mailhaul::copy
