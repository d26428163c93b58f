#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "worker/imap/uid_set.h"

namespace mailhaul::imap {

// A status response (RFC 9051 7.1): OK, NO, BAD, BYE, PREAUTH.
struct StatusResponse {
  enum class Kind { kOk, kNo, kBad, kBye, kPreauth };
  Kind kind = Kind::kOk;
  std::string
      code;  // what stands in the brackets, for instance "APPENDUID 38505 3955"; may be empty
  std::string text;  // the words for people
};
// DATA_LOSS when `text` is none.
absl::StatusOr<StatusResponse> ParseStatusResponse(absl::string_view text);

// OK for OK; else the code that the response stands for, with the server's words as ErrorDetail:
//   UNAUTHENTICATED     [AUTHENTICATIONFAILED] [AUTHORIZATIONFAILED] [EXPIRED] [PRIVACYREQUIRED]
//   (RFC 5530) RESOURCE_EXHAUSTED  [OVERQUOTA] [LIMIT] UNAVAILABLE         [UNAVAILABLE] [INUSE]
//   [SERVERBUG] NOT_FOUND           [NONEXISTENT] [TRYCREATE] PERMISSION_DENIED   [NOPERM]
//   ALREADY_EXISTS      [ALREADYEXISTS]
//   FAILED_PRECONDITION any other NO, and BAD
// `what` names the command in our own words.
absl::Status ToStatus(const StatusResponse& response, absl::string_view what);

// What a server offers (RFC 9051 7.2.2), as advertised at the moment that counts: after login.
class Capabilities {
 public:
  Capabilities() = default;
  // The names after "CAPABILITY", separated by spaces.
  explicit Capabilities(absl::string_view names);
  bool Has(absl::string_view name) const;
  // n of "NAME=n", for instance APPENDLIMIT (RFC 7889).
  std::optional<uint64_t> Number(absl::string_view name) const;
  bool empty() const { return names_.empty(); }

 private:
  std::vector<std::string> names_;  // upper case, sorted
};
// The list in an untagged CAPABILITY response or in a [CAPABILITY ...] code; nullopt when `text` is
// neither.
std::optional<Capabilities> ParseCapabilities(absl::string_view text);

// One LIST or LSUB response (RFC 9051 7.3.1).
struct ListedMailbox {
  std::vector<std::string> attributes;  // with backslash, lower case
  char delimiter = 0;                   // 0 for NIL
  std::string name;                     // as on the wire: modified UTF-7
  bool subscription = false;            // LSUB

  bool Has(absl::string_view attribute) const;
};
// nullopt when `text` is neither LIST nor LSUB.
absl::StatusOr<std::optional<ListedMailbox>> ParseList(absl::string_view text);

// First personal namespace (RFC 9051 7.3.4).
struct Namespace {
  std::string prefix;  // as on the wire
  char delimiter = 0;
};
// nullopt when `text` is no NAMESPACE response, or there is no personal namespace.
absl::StatusOr<std::optional<Namespace>> ParseNamespace(absl::string_view text);

// What SELECT and EXAMINE tell (RFC 9051 6.3.2).
struct SelectedMailbox {
  uint32_t uid_validity = 0;
  uint32_t uid_next = 0;
  uint64_t exists = 0;
  uint64_t highest_modseq = 0;               // RFC 7162 3.1.2.1; 0: none
  std::vector<std::string> permanent_flags;  // as sent; "\*" among them allows new keywords
  bool has_permanent_flags = false;
};
// Notes what `text` says; any other response is passed over.
absl::Status NoteSelectResponse(absl::string_view text, SelectedMailbox& mailbox);

// What STATUS tells (RFC 9051 7.3.4); 0: not told.
struct MailboxStatus {
  uint32_t uid_validity = 0;
  uint32_t uid_next = 0;
};
// nullopt when `text` is no STATUS response.
absl::StatusOr<std::optional<MailboxStatus>> ParseMailboxStatus(absl::string_view text);

// [APPENDUID uidvalidity uid-set] (RFC 4315 3).
struct AppendUid {
  uint32_t uid_validity = 0;
  UidSet uids;
};
// nullopt when `code` is another one.
absl::StatusOr<std::optional<AppendUid>> ParseAppendUid(absl::string_view code);

}  // namespace mailhaul::imap
