#include "worker/copy/addresses.h"

#include <utility>

#include "absl/strings/ascii.h"

namespace mailhaul::copy {
namespace {

// Reads octet by octet; broken fields give something, and always the same.
class AddressReader {
 public:
  void Take(char c) {
    if (escaped_) {
      escaped_ = false;
      if (comment_depth_ == 0) Keep(c);
    } else if (c == '\\' && (quoted_ || comment_depth_ > 0)) {
      escaped_ = true;
    } else if (comment_depth_ > 0) {
      comment_depth_ += c == '(' ? 1 : c == ')' ? -1 : 0;
    } else if (c == '"') {
      quoted_ = !quoted_;
    } else if (quoted_) {
      Keep(c);
    } else {
      TakeSyntax(c);
    }
  }

  std::vector<std::string> Finish() {
    EndMailbox();
    return std::move(addresses_);
  }

 private:
  enum class Angle { kNone, kOpen, kClosed };

  void TakeSyntax(char c) {
    const bool open = angle_ == Angle::kOpen;
    if (c == '(') {
      ++comment_depth_;
    } else if (c == '<') {
      angle_ = Angle::kOpen;
      spec_.clear();  // what stood before was the name
    } else if (c == '>' && open) {
      angle_ = Angle::kClosed;
    } else if (c == ':') {
      spec_.clear();  // it was a group's name or a route
    } else if (!open && (c == ',' || c == ';')) {
      EndMailbox();
    } else {
      Keep(c);
    }
  }

  void Keep(char c) {
    const auto octet = static_cast<unsigned char>(c);
    if (angle_ != Angle::kClosed && !absl::ascii_isspace(octet)) {
      spec_ += absl::ascii_tolower(octet);
    }
  }

  void EndMailbox() {
    if (spec_.find('@') != std::string::npos) addresses_.push_back(std::move(spec_));
    spec_.clear();
    angle_ = Angle::kNone;
  }

  std::vector<std::string> addresses_;
  std::string spec_;  // of the mailbox at hand, so far
  Angle angle_ = Angle::kNone;
  int comment_depth_ = 0;
  bool quoted_ = false;
  bool escaped_ = false;
};

}  // namespace

std::vector<std::string> AddressesIn(absl::string_view value) {
  AddressReader reader;
  for (const char c : value) reader.Take(c);
  return reader.Finish();
}

}  // namespace mailhaul::copy
