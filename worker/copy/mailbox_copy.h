#pragma once

#include <functional>
#include <memory>
#include <string>
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

// Copies one mailbox, folder by folder, from where an earlier run left it. One executor thread.
class MailboxCopy {
 public:
  struct Options {
    imap::Account source;
    imap::Account destination;
    std::string destination_folder;  // UTF-8, "/" between levels; empty: folders keep their places
    imap::Timeouts timeouts;
    std::vector<v1::FolderProgress> earlier;
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
  Task<absl::Status> Pass(SourceReader::Mode mode);
  absl::Status WithAccount(const absl::Status& status) const;
  const v1::FolderProgress* Earlier(const PlannedFolder& folder) const;

  boost::asio::any_io_executor executor_;
  Options options_;
  Sessions sessions_;
  std::vector<FolderCopy> folders_;
  CopyPass* pass_ = nullptr;
  bool stopped_ = false;
};

}  // namespace mailhaul::copy
