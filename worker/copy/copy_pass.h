#pragma once

#include <optional>
#include <span>

#include "absl/status/status.h"

#include "common/base/task.h"
#include "worker/copy/append_stream.h"
#include "worker/copy/folder_copy.h"
#include "worker/copy/source_reader.h"
#include "worker/imap/session.h"

namespace mailhaul::copy {

// One pass over a mailbox: the source's stream of messages runs into the destination's stream of
// APPENDs, and the answers into the folders' books. Nothing is held but the buffers of the two
// sessions.
//
// What a server refuses is left to a second pass in Mode::kSingly; what it refuses then has failed.
class CopyPass final : private MessageSink, private AppendListener {
 public:
  // `store` stores what the folders' books say; see SourceReader.
  CopyPass(imap::Session& source, imap::Session& destination, boost::asio::any_io_executor executor,
           std::span<FolderCopy> folders, SourceReader::Mode mode, StoreBooks store);

  // OK when everything asked for was settled or Stop was called. Else why a session was lost, or
  // why the destination can take no more (RESOURCE_EXHAUSTED), with its side. Both sessions have
  // ended.
  Task<absl::Status> Run();
  // After Run: the destination may still carry out what it has been sent.
  bool under_way() const { return appends_.HasUnanswered(); }
  // Ends soon: what was begun is completed, nothing more is begun.
  void Stop();

 private:
  Task<absl::StatusOr<bool>> Begin(size_t folder, const imap::FetchedMessage& message,
                                   uint64_t octets) override;
  Task<absl::Status> Write(absl::string_view octets) override;
  Task<absl::Status> End() override;
  Task<absl::Status> Flush() override;

  Task<absl::Status> Send();
  Task<void> EndSource();
  Task<absl::Status> ReadAnswers();
  absl::Status OnOutcome(const AppendOutcome& outcome) override;
  absl::Status OnMailboxStatus(size_t folder, const imap::MailboxStatus& status) override;
  absl::Status CheckUidValidity(size_t folder, uint32_t uid_validity) const;
  // The first failure ends both directions.
  void Fail(const absl::Status& status);

  imap::Session& source_;
  imap::Session& destination_;
  std::span<FolderCopy> folders_;
  const SourceReader::Mode mode_;
  const std::optional<uint64_t> append_limit_;  // APPENDLIMIT (RFC 7889)
  AppendStream appends_;
  SourceReader reader_;
  absl::Status first_failure_;
  bool stopped_ = false;
};

}  // namespace mailhaul::copy
