#include "worker/copy/encoded_words.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace mailhaul::copy {
namespace {

// RFC 2047 2 allows 75 octets, mailers write many more. The limit keeps a hostile header from
// costing the square of its length.
constexpr size_t kLongestWord = 1024;

struct EncodedWord {
  std::string charset;  // lower-case
  char encoding;        // 'b' or 'q'
  absl::string_view text;
};

// encoded-word at the beginning of `in`, which then begins behind it (RFC 2047 2).
std::optional<EncodedWord> TakeEncodedWord(absl::string_view& in) {
  if (!absl::StartsWith(in, "=?")) return std::nullopt;
  const absl::string_view word = in.substr(2, kLongestWord);
  const size_t charset = word.find('?');
  if (charset == absl::string_view::npos || charset + 2 >= word.size()) return std::nullopt;
  const char encoding = absl::ascii_tolower(static_cast<unsigned char>(word[charset + 1]));
  if ((encoding != 'b' && encoding != 'q') || word[charset + 2] != '?') return std::nullopt;
  const size_t text = charset + 3;
  const size_t end = word.find("?=", text);
  if (end == absl::string_view::npos) return std::nullopt;
  in.remove_prefix(2 + end + 2);
  // A language may follow the charset (RFC 2231 5).
  const absl::string_view name = word.substr(0, std::min(charset, word.find('*')));
  return EncodedWord{absl::AsciiStrToLower(name), encoding, word.substr(text, end - text)};
}

int HexDigit(char c) {
  if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return -1;
  return absl::ascii_isdigit(static_cast<unsigned char>(c)) ? c - '0' : (c & 0x0f) + 9;
}

std::string DecodeQ(absl::string_view text) {
  std::string octets;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (text[i] == '=' && high >= 0 && low >= 0) {
      octets += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      octets += text[i];
    }
  }
  return octets;
}

// More lenient than absl::Base64Unescape: padding may be missing or stand in the middle.
std::string DecodeB(absl::string_view text) {
  constexpr absl::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string octets;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') count = 0;
    const size_t value = kAlphabet.find(c);
    if (value == absl::string_view::npos) continue;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets += static_cast<char>(bits >> count);
  }
  return octets;
}

// How a charset holds ASCII.
enum class Charset {
  kAscii,       // an octet below 128 is ASCII
  kDoubleByte,  // unless it follows one from 0x81 on
  kShiftJis,    // the same, but 0xa0 to 0xdf stand alone
  kIso2022,     // unless an escape sequence or a shift says otherwise
  kUnknown,
};

Charset CharsetOf(absl::string_view name) {
  struct Family {
    absl::string_view prefix;
    Charset charset;
  };
  static constexpr std::array<Family, 21> kFamilies = {
      {{"us-ascii", Charset::kAscii},       {"ascii", Charset::kAscii},
       {"utf-8", Charset::kAscii},          {"utf8", Charset::kAscii},
       {"iso-8859-", Charset::kAscii},      {"iso8859-", Charset::kAscii},
       {"windows-125", Charset::kAscii},    {"cp125", Charset::kAscii},
       {"koi8-", Charset::kAscii},          {"gb2312", Charset::kDoubleByte},
       {"gbk", Charset::kDoubleByte},       {"gb18030", Charset::kDoubleByte},
       {"big5", Charset::kDoubleByte},      {"euc-", Charset::kDoubleByte},
       {"ks_c_5601", Charset::kDoubleByte}, {"shift_jis", Charset::kShiftJis},
       {"shift-jis", Charset::kShiftJis},   {"sjis", Charset::kShiftJis},
       {"windows-31j", Charset::kShiftJis}, {"cp932", Charset::kShiftJis},
       {"iso-2022-", Charset::kIso2022}}};
  for (const Family& family : kFamilies) {
    if (absl::StartsWith(name, family.prefix)) return family.charset;
  }
  return Charset::kUnknown;
}

void AppendAscii(absl::string_view octets, std::string& words) {
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(octet)) words += absl::ascii_tolower(octet);
  }
}

std::string WithoutDoubleBytes(absl::string_view octets, bool shift_jis) {
  std::string single;
  for (size_t i = 0; i < octets.size(); ++i) {
    const auto octet = static_cast<unsigned char>(octets[i]);
    if (octet < 0x81) {
      single += octets[i];
    } else if (!shift_jis || octet < 0xa0 || octet > 0xdf) {
      ++i;
    }
  }
  return single;
}

// RFC 1468, RFC 1557: ESC ( B and ESC ( J lead back to ASCII, other sequences away from it; SO and
// SI shift to and from a second set, which ESC $ ) names.
std::string WithoutEscapedSets(absl::string_view octets) {
  constexpr char kEscape = '\x1b';
  constexpr char kShiftOut = '\x0e';
  constexpr char kShiftIn = '\x0f';
  std::string ascii;
  bool in_ascii = true;
  while (!octets.empty()) {
    if (absl::ConsumePrefix(&octets, "\x1b$)")) {
      octets.remove_prefix(std::min<size_t>(1, octets.size()));
      continue;
    }
    const char c = octets[0];
    if (c == kEscape) {
      in_ascii = absl::StartsWith(octets, "\x1b(B") || absl::StartsWith(octets, "\x1b(J");
      octets.remove_prefix(std::min<size_t>(3, octets.size()));
      continue;
    }
    if (c == kShiftOut || c == kShiftIn) in_ascii = c == kShiftIn;
    if (in_ascii) ascii += c;
    octets.remove_prefix(1);
  }
  return ascii;
}

std::string AsciiOf(absl::string_view charset, std::string octets) {
  switch (CharsetOf(charset)) {
    case Charset::kAscii:
      return octets;
    case Charset::kDoubleByte:
      return WithoutDoubleBytes(octets, false);
    case Charset::kShiftJis:
      return WithoutDoubleBytes(octets, true);
    case Charset::kIso2022:
      return WithoutEscapedSets(octets);
    case Charset::kUnknown:
      return "";
  }
  return "";
}

}  // namespace

std::string AsciiOfWords(absl::string_view text) {
  std::string words;
  while (!text.empty()) {
    if (const auto word = TakeEncodedWord(text)) {
      AppendAscii(
          AsciiOf(word->charset, word->encoding == 'b' ? DecodeB(word->text) : DecodeQ(word->text)),
          words);
      continue;
    }
    AppendAscii(text.substr(0, 1), words);
    text.remove_prefix(1);
  }
  return words;
}

}  // namespace mailhaul::copy
