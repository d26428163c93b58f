#include "worker/copy/identity.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "worker/copy/addresses.h"
#include "worker/copy/digest.h"
#include "worker/copy/encoded_words.h"
#include "worker/copy/mail_date.h"

namespace mailhaul::copy {
namespace {

// Exchange keeps 255 characters of a subject; of these some are no ASCII letters or digits.
constexpr size_t kSubjectOctets = 64;

// Values of the fields, unfolded, by their place in kIdentityHeaders.
enum Field { kMessageId, kDate, kFrom, kTo, kCc, kSubject };
using Values = std::array<std::optional<std::string>, 6>;

// The value to fill for a field's name; nullptr when it is of no interest or was there before.
std::optional<std::string>* ValueFor(absl::string_view name, Values& values) {
  auto value = values.begin();
  for (const absl::string_view field : absl::StrSplit(kIdentityHeaders, ' ')) {
    if (absl::EqualsIgnoreCase(field, name)) return value->has_value() ? nullptr : &*value;
    ++value;
  }
  return nullptr;
}

// CRs are nothing but white space here, so that lines may end with LF, CRLF, or worse.
Values ReadFields(absl::string_view header) {
  Values values;
  std::optional<std::string>* open = nullptr;  // what a folded line continues
  for (absl::string_view line : absl::StrSplit(header, '\n')) {
    while (absl::ConsumeSuffix(&line, "\r")) {
    }
    if (line.empty()) break;
    if (line[0] == ' ' || line[0] == '\t') {
      if (open != nullptr) absl::StrAppend(&**open, line);
      continue;
    }
    const size_t colon = line.find(':');
    open = colon == absl::string_view::npos
               ? nullptr
               : ValueFor(absl::StripAsciiWhitespace(line.substr(0, colon)), values);
    if (open != nullptr) *open = std::string(line.substr(colon + 1));
  }
  return values;
}

// What stands in angle brackets; servers drop or add what is around it, and fold it anywhere.
std::string NormalMessageId(absl::string_view value) {
  const size_t begin = value.find('<');
  if (begin != absl::string_view::npos) {
    value.remove_prefix(begin + 1);
    value = value.substr(0, value.find('>'));
  }
  std::string id(value);
  std::erase_if(id, [](unsigned char c) { return absl::ascii_isspace(c); });
  return id;
}

std::string NormalDate(absl::string_view value) {
  const std::optional<int64_t> seconds = ParseMailDate(value);
  return seconds ? absl::StrCat(*seconds) : AsciiOfWords(value);
}

std::string NormalSubject(absl::string_view value) {
  return AsciiOfWords(value).substr(0, kSubjectOctets);
}

std::string NormalAddresses(absl::string_view value) {
  std::vector<std::string> addresses = AddressesIn(value);
  std::sort(addresses.begin(), addresses.end());
  return absl::StrJoin(addresses, ",");
}

Identity Digest(absl::Span<const absl::string_view> parts) {
  const Sha256 digest = DigestOf(parts);
  return {.high = Word(digest, 0), .low = Word(digest, 1)};
}

}  // namespace

HeaderIdentity IdentityOf(absl::string_view header) {
  const Values values = ReadFields(header);
  const auto value = [&values](Field field) -> absl::string_view {
    return values[field] ? absl::string_view(*values[field]) : absl::string_view();
  };
  const std::string message_id = NormalMessageId(value(kMessageId));
  const std::string date = NormalDate(value(kDate));
  const std::string subject = NormalSubject(value(kSubject));
  if (!message_id.empty()) return {.id = Digest({message_id, date, subject}), .weak = false};
  const std::string from = NormalAddresses(value(kFrom));
  const std::string to = NormalAddresses(value(kTo));
  const std::string cc = NormalAddresses(value(kCc));
  return {.id = Digest({date, from, to, cc, subject}), .weak = date.empty() && from.empty()};
}

}  // namespace mailhaul::copy
