#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "common/csv/file_type.h"

namespace mailhaul::csv {

struct Row {
  int64_t line = 0;  // physical line on which the row begins, counted from 1
  std::vector<std::string> fields;
};

struct Limits {
  size_t columns = 200;
  size_t field_octets = 16 * 1024;
  int64_t rows = int64_t{1} << 24;  // data rows: a job's number has 24 bits for its row
};

// A CSV file (RFC 4180), read while it arrives, row by row; memory stays within one row and one
// chunk.
//
//   reader.Feed(chunk);
//   for (;;) {
//     ASSIGN_OR_RETURN(const Row* row, reader.Next());
//     if (row == nullptr) break;  // needs the next chunk
//     ...
//   }
//   reader.End();                 // after the last chunk; then Next() until nullptr once more
//
// The first row is the header. UTF-8, a BOM is dropped. The delimiter (comma, semicolon or tab) is
// the one the header holds most often. Lines end with LF or CRLF; a lone CR is refused. Fields in
// quotes may hold delimiters, line ends and doubled quotes; a quote inside an unquoted field stands
// for itself. Rows without any content are skipped. Rows may differ in length: that is for the
// caller to judge.
//
// Errors: INVALID_ARGUMENT, one sentence with the line number and the remedy, fit to be shown as it
// is. It never repeats a field's content. The reader is dead then: every later Next() fails the
// same way.
class Reader {
 public:
  explicit Reader(Limits limits = {}) : limits_(limits) {}

  // Only after Next() returned nullptr (or before its first call). Copies `octets`.
  void Feed(absl::string_view octets);
  void End() { ended_ = true; }

  // The next complete row, valid until the next call; nullptr when more octets are needed or, after
  // End(), when there are none.
  absl::StatusOr<const Row*> Next();

  char delimiter() const { return delimiter_; }

 private:
  enum class State {
    kFileStart,     // what kind of file is this?
    kHeader,        // the header's end must be seen before its delimiter is known
    kFieldStart,    // a quote here opens a quoted field
    kPlain,         // in a field without quotes
    kQuoted,        // in a field with quotes
    kClosingQuote,  // after a quote in a quoted field: its end, unless another quote follows
    kCarriageReturn,
  };

  absl::StatusOr<bool> Advance();
  absl::StatusOr<bool> RecogniseFile();
  bool RecogniseDelimiter();
  absl::StatusOr<bool> ParseRow();
  absl::StatusOr<bool> Step();
  absl::Status ReadQuoted();
  absl::StatusOr<bool> ReadPlain();
  absl::StatusOr<bool> AfterClosingQuote();
  absl::StatusOr<bool> EndField(char terminator);
  absl::StatusOr<bool> EndRow();
  absl::StatusOr<bool> EndFile();
  absl::Status TakeUntil(absl::string_view stops);
  absl::Status KeepField();
  absl::Status LongField() const;
  absl::Status Fault(absl::string_view words) const;

  const Limits limits_;
  State state_ = State::kFileStart;
  std::string pending_;  // fed and not yet parsed from at_ on
  size_t at_ = 0;
  bool ended_ = false;
  DelimiterFinder finder_;
  size_t scanned_ = 0;  // what of pending_ the finder has seen
  char delimiter_ = ',';
  int64_t line_ = 1;        // of pending_[at_]
  int64_t field_line_ = 1;  // where the field being read began
  int64_t rows_ = 0;        // with the header
  std::string field_;       // the field being read
  Row row_;                 // the row being read
  Row complete_;            // the row Next() returned
  absl::Status failure_;
};

}  // namespace mailhaul::csv
