#include "worker/imap/mailbox_name.h"

#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace mailhaul::imap {
namespace {

// Base64 with "," for "/" (RFC 3501 5.1.3).
constexpr absl::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
constexpr uint32_t kReplacement = 0xFFFD;

bool IsPrintable(unsigned char c) { return c >= 0x20 && c <= 0x7E; }

// Takes one code point off `in`; kReplacement for octets that are no UTF-8.
uint32_t TakeCodePoint(absl::string_view& in) {
  const auto lead = static_cast<unsigned char>(in[0]);
  in.remove_prefix(1);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || in.size() < static_cast<size_t>(more)) return kReplacement;
  uint32_t value = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    const auto c = static_cast<unsigned char>(in[i]);
    if ((c & 0xC0) != 0x80) return kReplacement;
    value = (value << 6) | (c & 0x3F);
  }
  constexpr std::array<uint32_t, 4> kSmallest = {0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[more] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
    return kReplacement;
  in.remove_prefix(more);
  return value;
}

void AppendUtf8(uint32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// One shifted run: UTF-16 units between "&" and "-".
class Base64Writer {
 public:
  explicit Base64Writer(std::string& out) : out_(out) { out_ += '&'; }
  void Put(uint16_t unit) {
    bits_ = (bits_ << 16) | unit;
    for (count_ += 16; count_ >= 6; count_ -= 6) out_ += kAlphabet[(bits_ >> (count_ - 6)) & 0x3F];
  }
  void Finish() {
    if (count_ > 0) out_ += kAlphabet[(bits_ << (6 - count_)) & 0x3F];
    out_ += '-';
  }

 private:
  std::string& out_;
  uint64_t bits_ = 0;
  int count_ = 0;
};

void PutCodePoint(uint32_t c, Base64Writer& run) {
  if (c < 0x10000) return run.Put(static_cast<uint16_t>(c));
  run.Put(static_cast<uint16_t>(0xD800 + ((c - 0x10000) >> 10)));
  run.Put(static_cast<uint16_t>(0xDC00 + ((c - 0x10000) & 0x3FF)));
}

// Decodes one shifted run (what stands between "&" and "-") onto `out`; false when no encoder makes
// it.
bool DecodeRun(absl::string_view run, std::string& out) {
  uint32_t bits = 0;
  int count = 0;
  std::optional<uint32_t> high;
  for (const char c : run) {
    const size_t value = kAlphabet.find(c);
    if (value == absl::string_view::npos) return false;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    count += 6;
    if (count < 16) continue;
    count -= 16;
    const uint32_t unit = (bits >> count) & 0xFFFF;
    if (high) {
      if (unit < 0xDC00 || unit > 0xDFFF) return false;
      AppendUtf8(0x10000 + ((*high - 0xD800) << 10) + (unit - 0xDC00), out);
      high.reset();
    } else if (unit >= 0xD800 && unit <= 0xDBFF) {
      high = unit;
    } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
      return false;
    } else {
      AppendUtf8(unit, out);
    }
  }
  return !high && count < 6 && (bits & ((1u << count) - 1)) == 0;
}

absl::Status NotUtf7(absl::string_view wire) {
  return absl::DataLossError(
      absl::StrCat("not modified UTF-7: \"", absl::CHexEscape(wire.substr(0, 120)), "\""));
}

}  // namespace

std::string EncodeMailboxName(absl::string_view utf8) {
  std::string wire;
  while (!utf8.empty()) {
    if (utf8[0] == '&') {
      wire += "&-";
      utf8.remove_prefix(1);
    } else if (IsPrintable(static_cast<unsigned char>(utf8[0]))) {
      wire += utf8[0];
      utf8.remove_prefix(1);
    } else {
      Base64Writer run(wire);
      while (!utf8.empty() && !IsPrintable(static_cast<unsigned char>(utf8[0]))) {
        PutCodePoint(TakeCodePoint(utf8), run);
      }
      run.Finish();
    }
  }
  return wire;
}

absl::StatusOr<std::string> DecodeMailboxName(absl::string_view wire) {
  std::string utf8;
  for (absl::string_view in = wire; !in.empty();) {
    if (in[0] != '&') {
      if (!IsPrintable(static_cast<unsigned char>(in[0]))) return NotUtf7(wire);
      utf8 += in[0];
      in.remove_prefix(1);
      continue;
    }
    const size_t end = in.find('-');
    if (end == absl::string_view::npos || (end > 1 && !DecodeRun(in.substr(1, end - 1), utf8))) {
      return NotUtf7(wire);
    }
    if (end == 1) utf8 += '&';
    in.remove_prefix(end + 1);
  }
  return utf8;
}

std::string Quote(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

}  // namespace mailhaul::imap
