#include "worker/copy/recognise.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "common/base/status.h"
#include "worker/copy/internal_date.h"
#include "worker/imap/mailbox_name.h"

namespace mailhaul::copy {
namespace {

using imap::Response;
using imap::StatusResponse;

// Servers limit a command's length; 8 KiB with all that is around it is safe everywhere.
constexpr size_t kSetOctets = 4000;

// Dovecot keeps what it looked up for a FETCH until it has answered it, and dies at its limit of
// memory with a million messages. UIDs may be sparse: no more than some hundred pieces.
constexpr uint64_t kUidsInFetch = 10'000;
constexpr uint64_t kMostPieces = 200;

uint64_t UidsInFetch(const imap::UidSet& uids) {
  return std::max(kUidsInFetch, uids.size() / kMostPieces);
}

// A header of any size is cut here, on both sides alike.
constexpr size_t kHeaderOctets = 65536;

std::string Examine(const std::string& mailbox) {
  return absl::StrCat("EXAMINE ", imap::Quote(mailbox));
}

// Headers that say nothing tell no messages apart; the date of arrival is copied with them.
Identity IdentityWithDate(const imap::FetchedMessage& message) {
  HeaderIdentity header = IdentityOf(*message.header);
  absl::Time date;
  if (header.weak && absl::ParseTime("%d-%b-%Y %H:%M:%S %z",
                                     NormalizeInternalDate(message.internal_date), &date, nullptr))
    header.id.low += static_cast<uint64_t>(absl::ToUnixSeconds(date));
  return header.id;
}

absl::Status NoteIdentity(absl::string_view text, size_t wanted, imap::FetchParser& parser,
                          const OnRecognised& on_recognised) {
  if (!imap::FetchParser::Matches(text)) return absl::OkStatus();
  RETURN_IF_ERROR(parser.Start(text, /*body_follows=*/false));
  if (parser.message().uid == 0 || !parser.message().header) return absl::OkStatus();
  on_recognised(wanted, parser.message(), IdentityWithDate(parser.message()));
  return absl::OkStatus();
}

class StreamDigest {
 public:
  StreamDigest() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void Add(absl::string_view octets) {
    EVP_DigestUpdate(context_.get(), octets.data(), octets.size());
  }
  std::string Finish() {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), &size);
    digest.resize(size);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free};
};

// The digest of the open body, or of the one in quotes.
Task<absl::StatusOr<std::string>> DigestBody(imap::Session& session,
                                             const std::optional<std::string>& quoted) {
  StreamDigest digest;
  digest.Add(quoted.value_or(""));
  while (!quoted) {
    CO_ASSIGN_OR_RETURN(const absl::string_view octets,
                        co_await session.connection().Body(session.Patience()));
    if (octets.empty()) break;
    digest.Add(octets);
  }
  co_return digest.Finish();
}

}  // namespace

Task<absl::Status> Recognise(imap::Session& session, std::span<const Wanted> wanted,
                             OnRecognised on_recognised) {
  std::vector<std::string> commands;
  std::vector<size_t> belongs_to;
  for (size_t i = 0; i < wanted.size(); ++i) {
    commands.push_back(Examine(wanted[i].mailbox));
    for (const std::string& set :
         imap::ToStrings(wanted[i].uids, kSetOctets, UidsInFetch(wanted[i].uids))) {
      commands.push_back(absl::StrCat("UID FETCH ", set,
                                      " (UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (",
                                      kIdentityHeaders, ")]<0.", kHeaderOctets, ">)"));
    }
    belongs_to.resize(commands.size(), i);
  }
  imap::FetchParser parser;
  co_return co_await session.RunAll(
      commands,
      [&](size_t command, absl::string_view text) {
        return NoteIdentity(text, belongs_to[command], parser, on_recognised);
      },
      [&](size_t command, const StatusResponse& answer) {
        return imap::ToStatus(answer, absl::StrCat("reading headers in \"",
                                                   wanted[belongs_to[command]].mailbox, "\""));
      });
}

Task<absl::StatusOr<std::map<imap::Uid, std::string>>> DigestBodies(imap::Session& session,
                                                                    Wanted wanted) {
  imap::Connection& connection = session.connection();
  CO_RETURN_IF_ERROR(co_await session.Run(Examine(wanted.mailbox), "opening the folder",
                                          [](absl::string_view) { return absl::OkStatus(); }));
  std::map<imap::Uid, std::string> digests;
  imap::FetchParser parser;
  for (const std::string& set : imap::ToStrings(wanted.uids, kSetOctets)) {
    const std::string tag = connection.NextTag();
    const std::string line = absl::StrCat(tag, " UID FETCH ", set, " (UID BODY.PEEK[])\r\n");
    CO_RETURN_IF_ERROR(co_await connection.Send(line, session.Patience()));
    CO_RETURN_IF_ERROR(co_await connection.Flush(session.Patience()));
    for (;;) {
      CO_ASSIGN_OR_RETURN(const Response response, co_await connection.Receive(session.Patience()));
      if (response.kind == Response::Kind::kTagged) {
        CO_ASSIGN_OR_RETURN(const StatusResponse answer, imap::ParseStatusResponse(response.text));
        CO_RETURN_IF_ERROR(imap::ToStatus(answer, "reading messages to compare"));
        break;
      }
      if (!imap::FetchParser::Matches(response.text)) continue;
      const bool streamed = response.body_size.has_value();
      CO_RETURN_IF_ERROR(parser.Start(response.text, streamed));
      if (!streamed && !parser.message().quoted_body) continue;
      CO_ASSIGN_OR_RETURN(std::string digest,
                          co_await DigestBody(session, parser.message().quoted_body));
      if (streamed) {
        CO_ASSIGN_OR_RETURN(const Response rest, co_await connection.Resume(session.Patience()));
        CO_RETURN_IF_ERROR(parser.Continue(rest.text, rest.body_size.has_value()));
      }
      digests[parser.message().uid] = std::move(digest);
    }
  }
  co_return digests;
}

}  // namespace mailhaul::copy
