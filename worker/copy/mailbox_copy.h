#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/base/error_detail.h"
#include "common/base/task.h"
#include "mailhaul/v1/job.pb.h"
#include "worker/copy/copy_pass.h"
#include "worker/copy/folder_copy.h"
#include "worker/imap/session.h"

namespace mailhaul::copy {

// Copies one mailbox, folder by folder, from where earlier runs left it: what they have copied is
// known from the ledger, what they may have copied is found out first (docs/exactly-once.md). One
// executor thread.
class MailboxCopy {
 public:
  struct Options {
    imap::Account source;
    imap::Account destination;
    std::string destination_folder;  // UTF-8, "/" between levels; empty: folders keep their places
    imap::Timeouts timeouts;
    std::vector<v1::FolderProgress> earlier;  // of the same job
    std::vector<LedgerRecord> ledger;         // of the pair
    std::string generation;                   // of Redis, now
    StoreBooks store;
  };
  MailboxCopy(boost::asio::any_io_executor executor, Options options)
      : executor_(std::move(executor)), options_(std::move(options)) {}

  // OK when every message found was settled; the folders' progress has the counts and what failed.
  // CANCELLED after Stop. Any other error, with its side, means that another run has to go on.
  Task<absl::Status> Run();
  // Run ends as soon as what was begun is complete, or at once when nothing was.
  void Stop();
  // Run ends now; nothing more is sent.
  void Abort();

  // Empty until the folders are known.
  std::span<FolderCopy> folders() { return folders_; }
  // After Run: the destination may still carry out what it has been sent.
  bool under_way() const { return under_way_; }
  // Records of the ledger that are of no use any more, once.
  std::vector<LedgerRecord> TakeStaleRecords() { return std::exchange(stale_, {}); }
  // Seconds-old truths are enough for watchers: the sum over all folders.
  v1::Tally Total();

 private:
  struct Sessions {
    std::unique_ptr<imap::Session> source;
    std::unique_ptr<imap::Session> destination;
  };
  Task<absl::Status> Copy();
  Task<absl::Status> OpenSessions();
  Task<absl::Status> FindFolders();
  Task<absl::Status> ListChanged(std::span<const PlannedFolder> plan,
                                 std::span<const Ledger> ledgers,
                                 std::span<const DestinationFolder> destinations,
                                 std::span<SourceFolder> sources);
  std::vector<Ledger> LedgersFor(std::span<const PlannedFolder> plan);
  Task<absl::Status> Pass(SourceReader::Mode mode);
  absl::Status WithAccount(const absl::Status& status) const;
  const v1::FolderProgress* Earlier(const PlannedFolder& folder) const;

  boost::asio::any_io_executor executor_;
  Options options_;
  Sessions sessions_;
  std::vector<FolderCopy> folders_;
  std::vector<LedgerRecord> stale_;
  CopyPass* pass_ = nullptr;
  bool stopped_ = false;
  bool under_way_ = false;
};

}  // namespace mailhaul::copy
