// What a server may send is without limits. A short walk with a fixed seed; tests/fuzz has the long
// one.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "tests/fuzz/imap_exercise.h"

namespace mailhaul::imap {
namespace {

constexpr absl::string_view kConversation =
    "* OK [CAPABILITY IMAP4rev1 APPENDLIMIT=35651584] ready {3}\r\n+ go\r\n"
    "* LIST (\\HasNoChildren) \"/\" \"Sent &- more\"\r\n* LIST () NIL {7}\r\nfoo\r\nba\r\n"
    "* LSUB () \".\" INBOX.&U,BTFw-\r\n* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n* 172 EXISTS\r\n"
    "* OK [UIDVALIDITY 3857529045] ok\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] Limited\r\n"
    "* 1 FETCH (UID 5 FLAGS (\\Seen) RFC822.SIZE 9 BODY[] {9}\r\nhello\r\n\r\n MODSEQ (7))\r\n"
    "* 2 FETCH (BODY[] NIL)\r\n* 3 FETCH (ENVELOPE ({4}\r\na)b( ((NIL)) NIL) BODY[] \"q\\\"\")\r\n"
    "m1 OK [APPENDUID 38505 304,319:320] done\r\n";

constexpr absl::string_view kPieces[] = {
    "{",          "}",        "{3}\r\n", "{0}\r\n", "{18446744073709551615}\r\n",
    "\r\n",       "\n",       "\r",      "\"",      "\\",
    "(",          ")",        "[",       "]",       " ",
    "*",          "BODY[] ",  "NIL",     "&",       "-",
    "4294967296", "\xFF\x00", "+",       "m1 "};

std::string Mutate(absl::string_view text, std::mt19937& random) {
  std::string mutant(text);
  for (int changes = 1 + random() % 6; changes > 0 && !mutant.empty(); --changes) {
    const size_t at = random() % mutant.size();
    const absl::string_view piece = kPieces[random() % std::size(kPieces)];
    switch (random() % 5) {
      case 0:
        mutant.insert(at, piece.data(), piece.size());
        break;
      case 1:
        mutant.replace(at, std::min(piece.size(), mutant.size() - at), piece.data(), piece.size());
        break;
      case 2:
        mutant.erase(at, 1 + random() % 20);
        break;
      case 3:
        mutant[at] = static_cast<char>(random());
        break;
      default:
        mutant.insert(at, mutant, random() % mutant.size(), random() % 80);
    }
  }
  return mutant;
}

TEST(ParserRobustnessTest, TheConversationItselfIsUnderstood) {
  const std::vector<std::string> seen = fuzz::ReadAsClient(kConversation, SIZE_MAX);
  EXPECT_EQ(seen.back(), "UNAVAILABLE: the peer closed the connection");
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "hello\r\n\r\n"), 1);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "304,319:320"), 1);
}

TEST(ParserRobustnessTest, BrokenConversationsReadAlikeInWholeAndOctetByOctet) {
  std::mt19937 random(20240601);
  for (int round = 0; round < 800; ++round) {
    const std::string mutant = Mutate(kConversation, random);
    ASSERT_EQ(fuzz::ReadAsClient(mutant, SIZE_MAX), fuzz::ReadAsClient(mutant, 1)) << mutant;
  }
}

TEST(ParserRobustnessTest, NoiseReadsAlikeInWholeAndOctetByOctet) {
  std::mt19937 random(7);
  for (int round = 0; round < 800; ++round) {
    std::string noise(random() % 300, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    ASSERT_EQ(fuzz::ReadAsClient(noise, SIZE_MAX), fuzz::ReadAsClient(noise, 1));
    ASSERT_TRUE(fuzz::MailboxNameComesBack(noise));
  }
}

}  // namespace
}  // namespace mailhaul::imap
