#include "common/csv/reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "common/base/status.h"
#include "common/base/utf8.h"

namespace mailhaul::csv {
namespace {

// A header that is still not complete after so many octets is judged by what there is of it; one of
// the limits will then say what is wrong.
constexpr size_t kHeaderOctets = 64 * 1024;

constexpr absl::string_view kSaveAsUtf8 =
    "Save it as CSV in UTF-8 (in Excel: \"CSV UTF-8\") and try again.";

bool IsBlank(const Row& row) {
  return std::all_of(row.fields.begin(), row.fields.end(), [](const std::string& field) {
    return absl::StripAsciiWhitespace(field).empty();
  });
}

}  // namespace

void Reader::Feed(absl::string_view octets) {
  pending_.erase(0, at_);
  at_ = 0;
  pending_.append(octets.data(), octets.size());
}

absl::StatusOr<const Row*> Reader::Next() {
  RETURN_IF_ERROR(failure_);
  absl::StatusOr<bool> complete = Advance();
  if (!complete.ok()) {
    failure_ = std::move(complete).status();
    return failure_;
  }
  return *complete ? &complete_ : nullptr;
}

absl::StatusOr<bool> Reader::Advance() {
  if (state_ == State::kFileStart) {
    ASSIGN_OR_RETURN(const bool recognised, RecogniseFile());
    if (!recognised) return false;
  }
  if (state_ == State::kHeader && !RecogniseDelimiter()) return false;
  return ParseRow();
}

absl::StatusOr<bool> Reader::RecogniseFile() {
  if (pending_.size() < kSniffOctets && !ended_) return false;
  if (const auto format = ForeignFormat(pending_)) {
    return Fault(absl::StrCat("this is ", *format, ", not a CSV file. ", kSaveAsUtf8));
  }
  pending_.erase(0, BomOctets(pending_));
  state_ = State::kHeader;
  return true;
}

bool Reader::RecogniseDelimiter() {
  const bool found = finder_.Scan(absl::string_view(pending_).substr(scanned_));
  scanned_ = pending_.size();
  if (!found && !ended_ && scanned_ <= kHeaderOctets) return false;
  delimiter_ = finder_.Best();
  state_ = State::kFieldStart;
  return true;
}

absl::StatusOr<bool> Reader::ParseRow() {
  while (at_ < pending_.size()) {
    ASSIGN_OR_RETURN(const bool complete, Step());
    if (complete) return true;
  }
  return ended_ ? EndFile() : false;
}

absl::StatusOr<bool> Reader::Step() {
  if (state_ == State::kFieldStart) {
    if (row_.fields.empty()) row_.line = line_;
    const bool quoted = pending_[at_] == '"';
    if (quoted) ++at_;
    field_line_ = line_;
    state_ = quoted ? State::kQuoted : State::kPlain;
    return false;
  }
  if (state_ == State::kPlain) return ReadPlain();
  if (state_ == State::kClosingQuote) return AfterClosingQuote();
  if (state_ == State::kQuoted) {
    RETURN_IF_ERROR(ReadQuoted());
    return false;
  }
  if (pending_[at_++] == '\n') return EndRow();
  return Fault(
      "a line ends with a lone CR. Save the file with LF or CRLF line ends and try again.");
}

absl::StatusOr<bool> Reader::ReadPlain() {
  const char stops[] = {delimiter_, '\r', '\n'};
  RETURN_IF_ERROR(TakeUntil(absl::string_view(stops, sizeof stops)));
  if (at_ == pending_.size()) return false;
  return EndField(pending_[at_++]);
}

absl::Status Reader::ReadQuoted() {
  RETURN_IF_ERROR(TakeUntil("\""));
  if (at_ == pending_.size()) return absl::OkStatus();
  ++at_;
  state_ = State::kClosingQuote;
  return absl::OkStatus();
}

absl::StatusOr<bool> Reader::AfterClosingQuote() {
  const char c = pending_[at_++];
  if (c == '"') {
    field_.push_back('"');
    state_ = State::kQuoted;
    return false;
  }
  if (c == delimiter_ || c == '\r' || c == '\n') return EndField(c);
  return Fault(absl::StrCat(
      "column ", row_.fields.size() + 1,
      ": something follows the closing quote of the value that began on line ", field_line_,
      ". Put the whole value in quotes and double each quote that belongs to it."));
}

absl::StatusOr<bool> Reader::EndField(char terminator) {
  RETURN_IF_ERROR(KeepField());
  if (terminator == '\n') return EndRow();
  state_ = terminator == '\r' ? State::kCarriageReturn : State::kFieldStart;
  return false;
}

absl::StatusOr<bool> Reader::EndRow() {
  ++line_;
  state_ = State::kFieldStart;
  complete_ = std::exchange(row_, Row{});
  if (IsBlank(complete_)) return false;
  if (rows_++ > limits_.rows) {
    return absl::InvalidArgumentError(absl::StrCat("line ", complete_.line, ": more than ",
                                                   limits_.rows,
                                                   " rows. Split the file into several."));
  }
  return true;
}

absl::StatusOr<bool> Reader::EndFile() {
  if (state_ == State::kQuoted) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", field_line_, ": column ", row_.fields.size() + 1,
                     ": the value begins with a quote that is never closed (the file ends on line ",
                     line_, "). Close it, or double it if it belongs to the value."));
  }
  if (state_ == State::kCarriageReturn) {
    return Fault(
        "a line ends with a lone CR. Save the file with LF or CRLF line ends and try again.");
  }
  const bool in_row = state_ != State::kFieldStart || !row_.fields.empty();
  if (in_row) {
    RETURN_IF_ERROR(KeepField());
    ASSIGN_OR_RETURN(const bool complete, EndRow());
    if (complete) return true;
  }
  if (rows_ == 0) return Fault("the file is empty. Its first row must name the columns.");
  return false;
}

absl::Status Reader::TakeUntil(absl::string_view stops) {
  const absl::string_view rest = absl::string_view(pending_).substr(at_);
  absl::string_view run = rest.substr(0, rest.find_first_of(stops));
  run = run.substr(0, run.find('\0'));
  if (field_.size() + run.size() > limits_.field_octets) return LongField();
  field_.append(run.data(), run.size());
  line_ += std::count(run.begin(), run.end(), '\n');
  at_ += run.size();
  if (at_ == pending_.size() || pending_[at_] != '\0') return absl::OkStatus();
  return Fault(absl::StrCat("holds a NUL octet: this is not a text file. ", kSaveAsUtf8));
}

absl::Status Reader::LongField() const {
  return absl::InvalidArgumentError(absl::StrCat(
      "line ", field_line_, ": column ", row_.fields.size() + 1, ": the value is longer than ",
      limits_.field_octets, " octets. Is a quote left open, or is this not a CSV file?"));
}

absl::Status Reader::KeepField() {
  if (!IsUtf8(field_)) {
    return Fault(
        absl::StrCat("column ", row_.fields.size() + 1, " is not valid UTF-8. ", kSaveAsUtf8));
  }
  if (row_.fields.size() == limits_.columns) {
    return Fault(
        absl::StrCat("more than ", limits_.columns,
                     " columns. Is this the right file? Values that hold the delimiter must stand "
                     "in quotes."));
  }
  row_.fields.push_back(std::exchange(field_, std::string()));
  return absl::OkStatus();
}

absl::Status Reader::Fault(absl::string_view words) const {
  return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": ", words));
}

}  // namespace mailhaul::csv
