#include "worker/copy/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "worker/copy/addresses.h"
#include "worker/copy/encoded_words.h"

namespace mailhaul::copy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::string_view kHeader =
    "Message-ID: <1234@local.example>\r\n"
    "Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n"
    "From: John Doe <jdoe@machine.example>\r\n"
    "To: Mary Smith <mary@example.net>, jane@example.org\r\n"
    "Cc: boss@example.com\r\n"
    "Subject: Saying Hello\r\n"
    "\r\n";

std::string With(absl::string_view from, absl::string_view to) {
  const std::string changed = absl::StrReplaceAll(kHeader, {{from, to}});
  EXPECT_NE(changed, kHeader) << from;
  return changed;
}

// The same header without its Message-ID.
std::string WithoutId(absl::string_view header) {
  return absl::StrReplaceAll(header, {{"Message-ID: <1234@local.example>\r\n", ""}});
}

struct Rewriting {
  const char* name;
  absl::string_view from;
  absl::string_view to;
};

// What servers do to headers: it must not show, with and without a Message-ID.
class RewritingTest : public testing::TestWithParam<Rewriting> {};

TEST_P(RewritingTest, DoesNotChangeTheIdentity) {
  const std::string rewritten = With(GetParam().from, GetParam().to);
  EXPECT_EQ(IdentityOf(rewritten).id, IdentityOf(kHeader).id);
  const std::string without_id =
      absl::StrReplaceAll(WithoutId(kHeader), {{GetParam().from, GetParam().to}});
  EXPECT_EQ(IdentityOf(without_id).id, IdentityOf(WithoutId(kHeader)).id);
}

INSTANTIATE_TEST_SUITE_P(
    Servers, RewritingTest,
    testing::Values(
        Rewriting{"LineEnds", "\r\n", "\n"}, Rewriting{"DoubledCr", "\r\n", "\r\r\n"},
        Rewriting{"NoEmptyLine", "Hello\r\n\r\n", "Hello\r\n"},
        Rewriting{"FieldNames", "Subject:", "SUBJECT :"},
        Rewriting{"MessageIdsName", "Message-ID:", "Message-Id:"},
        Rewriting{"NoSpaceAfterTheColon", ": ", ":"},
        Rewriting{"AnotherField", "Subject:", "X-Mailer: Subject: x\r\n y\r\nSubject:"},
        Rewriting{"ALineThatIsNoField", "Subject:", ">From me\r\n folded\r\nSubject:"},
        Rewriting{"FoldedSubject", "Saying Hello", "Saying\r\n Hello"},
        Rewriting{"FoldedMessageId", "Message-ID: <1234@", "Message-ID:\r\n\t<1234\r\n @"},
        Rewriting{"ACommentBehindTheMessageId", "example>\r\n", "example> (added by x@y)\r\n"},
        Rewriting{"DateInUtc", "Fri, 21 Nov 1997 09:55:06 -0600",
                  "Fri, 21 Nov 1997 15:55:06 +0000"},
        Rewriting{"DateWithAComment", "-0600", "-0600 (CST)"},
        Rewriting{"DateWithoutTheDay", "Fri, 21", "21"},
        Rewriting{"QuotedName", "John Doe <", "\"John Doe\" <"},
        Rewriting{"EncodedName", "John Doe <", "=?utf-8?Q?John_Doe?= <"},
        Rewriting{"NameDropped", "John Doe <jdoe@machine.example>", "jdoe@machine.example"},
        Rewriting{"NameAsComment", "John Doe <jdoe@machine.example>",
                  "jdoe@machine.example (John Doe)"},
        Rewriting{"UpperCaseDomain", "machine.example>", "MACHINE.Example>"},
        Rewriting{"NameWithAComma", "Mary Smith <", "\"Smith, Mary\" <"},
        Rewriting{"OrderOfRecipients", "Mary Smith <mary@example.net>, jane@example.org",
                  "jane@example.org,\r\n mary@example.net"},
        Rewriting{"Group", "Mary Smith <mary@example.net>, jane@example.org",
                  "Friends: Mary Smith <mary@example.net>, jane@example.org;"},
        Rewriting{"EncodedSubject", "Saying Hello", "=?UTF-8?B?U2F5aW5nIEhlbGxv?="},
        Rewriting{"SubjectInTwoWords", "Saying Hello",
                  "=?us-ascii?q?Saying_?=\r\n =?iso-8859-1*en?Q?Hel=6Co?="},
        Rewriting{"RepeatedField", "Subject:", "Subject: Saying Hello\r\nSubject: two\r\nX-Old:"}),
    [](const auto& i) { return std::string(i.param.name); });

TEST(IdentityTest, TheSameTextInAnotherCharsetIsTheSame) {
  const auto of = [](absl::string_view subject) {
    return IdentityOf(absl::StrCat("Message-ID: <a@b>\r\nSubject: ", subject, "\r\n")).id;
  };
  EXPECT_EQ(of("=?iso-8859-1?Q?Gr=FC=DFe_42?="), of("=?UTF-8?B?R3LDvMOfZSA0Mg==?="));
  EXPECT_EQ(of("=?iso-8859-1?Q?Gr=FC=DFe_42?="), of("Gr\xc3\xbc\xc3\x9f"
                                                    "e 42"));
  EXPECT_NE(of("=?iso-8859-1?Q?Gr=FC=DFe_42?="), of("=?iso-8859-1?Q?Gr=FC=DFe_43?="));
}

TEST(IdentityTest, ALongSubjectMayBeCut) {
  const std::string head = "Message-ID: <a@b>\r\nSubject: ";
  EXPECT_EQ(IdentityOf(head + std::string(1000, 'x')).id,
            IdentityOf(head + std::string(255, 'x')).id);
}

TEST(IdentityTest, WithAMessageIdTheAddressesTakeNoPart) {
  EXPECT_EQ(IdentityOf(With("jdoe@machine.example", "IMCEAEX-x@other")).id, IdentityOf(kHeader).id);
  EXPECT_EQ(IdentityOf(With("boss@example.com", "")).id, IdentityOf(kHeader).id);
}

TEST(IdentityTest, EachOtherFieldTellsMessagesApart) {
  for (const char* part : {"1234", "09:55:06", "Hello"}) {
    EXPECT_NE(IdentityOf(With(part, "7")).id, IdentityOf(kHeader).id) << part;
  }
  const Identity without_id = IdentityOf(WithoutId(kHeader)).id;
  for (const char* part : {"09:55:06", "jdoe", "mary", "boss", "Hello"}) {
    EXPECT_NE(IdentityOf(WithoutId(With(part, "7"))).id, without_id) << part;
  }
  EXPECT_NE(without_id, IdentityOf(kHeader).id);
  EXPECT_NE(IdentityOf(WithoutId(With("To:", "X:"))).id,
            IdentityOf(WithoutId(With("Cc:", "X:"))).id);
}

TEST(IdentityTest, FieldsDoNotRunIntoEachOther) {
  EXPECT_NE(IdentityOf("Date: 12\nSubject: 3\n").id, IdentityOf("Date: 1\nSubject: 23\n").id);
  EXPECT_NE(IdentityOf("To: a@b\n").id, IdentityOf("Cc: a@b\n").id);
  EXPECT_NE(IdentityOf("From: a@b\n").id, IdentityOf("To: a@b\n").id);
}

TEST(IdentityTest, UnparsableDatesAreComparedByTheirLettersAndDigits) {
  EXPECT_EQ(IdentityOf("Date: Once, upon 7\n").id, IdentityOf("Date:once upon  7 \r\n").id);
  EXPECT_NE(IdentityOf("Date: Once, upon 7\n").id, IdentityOf("Date: Once upon 8\n").id);
}

TEST(IdentityTest, WeakIsAHeaderThatHardlySaysAnything) {
  EXPECT_TRUE(IdentityOf("").weak);
  EXPECT_TRUE(IdentityOf("\r\n").weak);
  EXPECT_TRUE(IdentityOf("To: a@b\nCc: c@d\nSubject: x\n").weak);
  EXPECT_TRUE(IdentityOf("Message-ID: <>\nDate:\nFrom: nobody\n").weak);
  EXPECT_FALSE(IdentityOf("Message-ID: <1>\n").weak);
  EXPECT_FALSE(IdentityOf("Date: x\n").weak);
  EXPECT_FALSE(IdentityOf("From: a@b\n").weak);
}

TEST(IdentityTest, TheBodyTakesNoPart) {
  EXPECT_EQ(IdentityOf(absl::StrCat(kHeader, "Cc: x@y\r\n")).id, IdentityOf(kHeader).id);
  EXPECT_TRUE(IdentityOf("\r\nMessage-ID: <1>\r\n").weak);
}

TEST(IdentityTest, HostileHeadersTakeNoTimeWorthMentioning) {
  constexpr size_t kOctets = 1 << 18;
  for (const absl::string_view unit :
       {"=?a?q?x", "=?", "(", "\"", "<", "\r\n ", "a@b,", "\\", "=?utf-8?b?", "\x01"}) {
    std::string header = "Subject: ";
    while (header.size() < kOctets) absl::StrAppend(&header, unit);
    absl::StrAppend(&header, "\r\nFrom: ", header.substr(9), "\r\nDate: ", header.substr(9));
    IdentityOf(header);
  }
}

// ---- the parts ----

std::string Words(absl::string_view text) { return AsciiOfWords(text); }

TEST(AsciiOfWordsTest, KeepsLettersAndDigitsOnly) {
  EXPECT_EQ(Words("Re: [List] 2 + 2 = \xc3\xa9?"), "relist22");
}

TEST(AsciiOfWordsTest, DecodesBothEncodings) {
  EXPECT_EQ(Words("=?utf-8?q?a=41_=C3=A9b=?="), "aab");
  EXPECT_EQ(Words("=?utf-8?B?QUJD?="), "abc");
  EXPECT_EQ(Words("=?utf-8?B?QUI?="), "ab") << "padding is missing";
  EXPECT_EQ(Words("=?utf-8?B?QQ==QUJD?="), "aabc") << "padding in the middle";
  EXPECT_EQ(Words("=?utf-8?Q?who? are you\?\?="), "whoareyou");
}

TEST(AsciiOfWordsTest, WhatIsNoEncodedWordIsText) {
  EXPECT_EQ(Words("=?utf-8?x?abc?="), "utf8xabc");
  EXPECT_EQ(Words("=?utf-8?q?abc"), "utf8qabc");
  EXPECT_EQ(Words("=?utf-8?q"), "utf8q");
  EXPECT_EQ(Words("=?"), "");
  EXPECT_EQ(Words(absl::StrCat("=?utf-8?q?", std::string(2000, '='), "?=")), "utf8q") << "too long";
}

// "Re" and a Chinese, Japanese or Korean word, and "7".
TEST(AsciiOfWordsTest, FindsAsciiAmongDoubleOctets) {
  EXPECT_EQ(Words("=?gb2312?Q?Re=C4=E3=BA=C37?="), "re7");
  EXPECT_EQ(Words("=?GBK?Q?Re=81A=81z7?="), "re7") << "a second octet may look like a letter";
  EXPECT_EQ(Words("=?gb18030?Q?Re=810=8107?="), "re7");
  EXPECT_EQ(Words("=?Big5?Q?Re=A7A=A6n7?="), "re7");
  EXPECT_EQ(Words("=?Shift_JIS?Q?Re=83A=B17?="), "re7") << "half-width letters stand alone";
  EXPECT_EQ(Words("=?euc-kr?Q?Re=BE=C87?="), "re7");
  EXPECT_EQ(Words("=?iso-2022-jp?Q?Re=1B$B$3$s=1B(B7?="), "re7");
  EXPECT_EQ(Words("=?iso-2022-kr?Q?=1B$)CRe=0E>H3g=0F7?="), "re7");
}

TEST(AsciiOfWordsTest, AnUnknownCharsetContributesNothing) {
  EXPECT_EQ(Words("a =?utf-16?Q?b?= =?utf-7?Q?c?= =?x?Q?d?= =??Q?e?= f"), "af");
}

TEST(AddressesInTest, FindsAddrSpecs) {
  EXPECT_THAT(AddressesIn("A <A@b>, c@d (x@y), \"e,f\" <g@h>"), ElementsAre("a@b", "c@d", "g@h"));
  EXPECT_THAT(AddressesIn("Group: a@b, C <c@d>;, e@f"), ElementsAre("a@b", "c@d", "e@f"));
  EXPECT_THAT(AddressesIn("<@relay,@other:a@b>"), ElementsAre("a@b"));
  EXPECT_THAT(AddressesIn("\"john \\\" doe\"@x.org"), ElementsAre("john\"doe@x.org"));
  EXPECT_THAT(AddressesIn("a @ b . c\t"), ElementsAre("a@b.c"));
  EXPECT_THAT(AddressesIn("(a (b@c) \\) d@e) f@g"), ElementsAre("f@g"));
  EXPECT_THAT(AddressesIn("<a@b> trailing@words"), ElementsAre("a@b"));
}

TEST(AddressesInTest, BrokenFieldsGiveWhatLooksLikeAnAddress) {
  EXPECT_THAT(AddressesIn(""), IsEmpty());
  EXPECT_THAT(AddressesIn("undisclosed-recipients:;"), IsEmpty());
  EXPECT_THAT(AddressesIn("Nobody <>, MAILER-DAEMON"), IsEmpty());
  EXPECT_THAT(AddressesIn("a@b <c@d"), ElementsAre("c@d"));
  EXPECT_THAT(AddressesIn("a@b> , c@d)"), ElementsAre("a@b>", "c@d)"));
}

}  // namespace
}  // namespace mailhaul::copy
