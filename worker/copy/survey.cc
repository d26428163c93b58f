#include "worker/copy/survey.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "worker/imap/fetch.h"
#include "worker/imap/mailbox_name.h"

namespace mailhaul::copy {
namespace {

using imap::Quote;
using imap::StatusResponse;

// A command together with the folder it is about.
enum class Step { kCreate, kSubscribe, kSelect, kUnselect };
struct FolderCommand {
  Step step;
  size_t folder;
};

// OK when the server's answer is.
absl::Status Refusal(Side side, const StatusResponse& answer, absl::string_view verb,
                     const std::string& name) {
  return OnSide(side, imap::ToStatus(answer, absl::StrCat(verb, " \"", name, "\"")));
}

absl::Status NoteNamespace(absl::string_view text, FolderListing& listing) {
  ASSIGN_OR_RETURN(auto personal, imap::ParseNamespace(text));
  if (personal) listing.personal = *std::move(personal);
  return absl::OkStatus();
}

absl::Status NoteMessage(absl::string_view text, imap::FetchParser& parser,
                         const Listing& listing) {
  if (!imap::FetchParser::Matches(text)) return absl::OkStatus();
  RETURN_IF_ERROR(parser.Start(text, /*body_follows=*/false));
  const imap::FetchedMessage& message = parser.message();
  if (message.uid == 0 || !message.size) return absl::OkStatus();  // flags changed: unasked
  listing.folder->uids.Add(message.uid);
  listing.folder->octets += *message.size;
  const auto entry = listing.ledger->Find(message.uid);
  if (!entry || !message.flags) return absl::OkStatus();
  std::string flags = NormalFlags(*message.flags);
  if (flags != listing.ledger->flags(*entry))
    listing.folder->reflagged.push_back({message.uid, std::move(flags)});
  return absl::OkStatus();
}

std::string Examine(const imap::Session& session, const PlannedFolder& folder) {
  // RFC 7162 3.1.8: asked for, so that HIGHESTMODSEQ is told.
  return absl::StrCat("EXAMINE ", Quote(folder.source_wire),
                      session.capabilities().Has("CONDSTORE") ? " (CONDSTORE)" : "");
}

}  // namespace

Task<absl::StatusOr<FolderListing>> ListFolders(imap::Session& session) {
  // `LIST "" ""` tells the delimiter where NAMESPACE (RFC 2342) is not offered.
  const std::vector<std::string> commands = {
      session.capabilities().Has("NAMESPACE") ? "NAMESPACE" : "NOOP", R"(LIST "" "")",
      R"(LIST "" "*")", R"(LSUB "" "*")"};
  FolderListing listing;
  char root_delimiter = 0;
  CO_RETURN_IF_ERROR(co_await session.RunAll(
      commands,
      [&](size_t, absl::string_view text) -> absl::Status {
        RETURN_IF_ERROR(NoteNamespace(text, listing));
        ASSIGN_OR_RETURN(auto mailbox, imap::ParseList(text));
        if (!mailbox) return absl::OkStatus();
        if (mailbox->subscription) {
          listing.subscribed.insert(std::move(mailbox->name));
        } else if (mailbox->name.empty()) {
          root_delimiter = mailbox->delimiter;
        } else {
          listing.mailboxes.push_back(*std::move(mailbox));
        }
        return absl::OkStatus();
      },
      [](size_t command, const StatusResponse& answer) {
        // Only the list itself is indispensable: some servers refuse NAMESPACE or know no LSUB.
        return command == 2 ? imap::ToStatus(answer, "listing the folders") : absl::OkStatus();
      }));
  if (listing.personal.delimiter == 0) listing.personal.delimiter = root_delimiter;
  co_return listing;
}

Task<absl::StatusOr<std::vector<SourceFolder>>> OpenSources(imap::Session& session,
                                                            std::span<const PlannedFolder> plan) {
  std::vector<std::string> commands;
  for (const PlannedFolder& folder : plan) commands.push_back(Examine(session, folder));
  std::vector<SourceFolder> folders(plan.size());
  CO_RETURN_IF_ERROR(co_await session.RunAll(
      commands,
      [&](size_t i, absl::string_view text) {
        return imap::NoteSelectResponse(text, folders[i].mailbox);
      },
      [&](size_t i, const StatusResponse& answer) {
        folders[i].status = Refusal(Side::kSource, answer, "opening", plan[i].source_name);
        return absl::OkStatus();
      }));
  co_return folders;
}

Task<absl::Status> ListSources(imap::Session& session, std::span<const Listing> listings) {
  std::vector<std::string> commands;
  for (const Listing& listing : listings) {
    commands.push_back(Examine(session, *listing.plan));
    commands.push_back("UID FETCH 1:* (UID FLAGS RFC822.SIZE)");
  }
  imap::FetchParser parser;
  std::vector<imap::SelectedMailbox> opened(listings.size());
  co_return co_await session.RunAll(
      commands,
      [&](size_t command, absl::string_view text) {
        const Listing& listing = listings[command / 2];
        // EXAMINE is a barrier.
        if (command % 2 == 0) return imap::NoteSelectResponse(text, opened[command / 2]);
        // After a refused EXAMINE whatever comes is from another folder.
        return listing.folder->status.ok() ? NoteMessage(text, parser, listing) : absl::OkStatus();
      },
      [&](size_t command, const StatusResponse& answer) {
        const imap::SelectedMailbox& now = opened[command / 2];
        SourceFolder& folder = *listings[command / 2].folder;
        // An empty folder makes some servers refuse 1:*.
        const bool may_fail = command % 2 == 1 && now.exists == 0;
        if (!may_fail) {
          folder.status.Update(
              Refusal(Side::kSource, answer, "reading", listings[command / 2].plan->source_name));
        }
        if (command % 2 == 0 && folder.status.ok() &&
            now.uid_validity != folder.mailbox.uid_validity) {
          return absl::UnavailableError("UIDVALIDITY changed while the folders were listed");
        }
        // HIGHESTMODSEQ of before the list: what changes meanwhile shows next time.
        if (command % 2 == 0) folder.mailbox = now;
        folder.listed = true;
        return absl::OkStatus();
      });
}

Task<absl::StatusOr<std::vector<DestinationFolder>>> PrepareDestination(
    imap::Session& session, std::span<const PlannedFolder> plan) {
  std::vector<std::string> commands;
  std::vector<FolderCommand> meanings;
  const auto add = [&](Step step, size_t folder, absl::string_view verb) {
    commands.push_back(absl::StrCat(verb, " ", Quote(plan[folder].destination_wire)));
    meanings.push_back({step, folder});
  };
  for (size_t i = 0; i < plan.size(); ++i) {
    if (plan[i].create) add(Step::kCreate, i, "CREATE");
    if (plan[i].subscribe) add(Step::kSubscribe, i, "SUBSCRIBE");
    add(Step::kSelect, i, "SELECT");
  }
  if (session.capabilities().Has("UNSELECT") && !plan.empty()) {
    // RFC 3691: a selected folder would make the server report every message we add to it.
    commands.push_back("UNSELECT");
    meanings.push_back({Step::kUnselect, 0});
  }
  std::vector<DestinationFolder> folders(plan.size());
  std::vector<absl::Status> created(plan.size());
  CO_RETURN_IF_ERROR(co_await session.RunAll(
      commands,
      [&](size_t command, absl::string_view text) {
        const FolderCommand& meaning = meanings[command];
        if (meaning.step != Step::kSelect) return absl::OkStatus();
        return imap::NoteSelectResponse(text, folders[meaning.folder].mailbox);
      },
      [&](size_t command, const StatusResponse& answer) {
        const auto [step, i] = meanings[command];
        if (step == Step::kCreate) {
          created[i] = Refusal(Side::kDestination, answer, "creating", plan[i].destination_name);
        } else if (step == Step::kSelect && answer.kind != StatusResponse::Kind::kOk) {
          // A refused CREATE says more than the SELECT after it; if SELECT works, the folder was
          // there.
          folders[i].status = created[i];
          folders[i].status.Update(
              Refusal(Side::kDestination, answer, "opening", plan[i].destination_name));
        }
        return absl::OkStatus();
      }));
  co_return folders;
}

}  // namespace mailhaul::copy
