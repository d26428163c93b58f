#include "common/provider/provider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/provider/account.h"
#include "common/provider/gate.h"

namespace mailhaul::provider {
namespace {

TEST(ProviderTest, EveryRowOfTheTableIsUsable) {
  std::set<absl::string_view> keys;
  for (const Provider& provider : Providers()) {
    EXPECT_TRUE(keys.insert(provider.key).second) << provider.key;
    EXPECT_EQ(FindProvider(provider.key), &provider);
    EXPECT_GT(provider.source_cap, 0u) << provider.key;
    EXPECT_GT(provider.destination_cap, 0u) << provider.key;
    EXPECT_NE(provider.security, Security::kPlaintext) << provider.key;
  }
}

TEST(ProviderTest, AnExchangeOnlineTenantIsReadByTenAtATime) {
  EXPECT_EQ(FindProvider("O365")->source_cap, 10u);
  EXPECT_EQ(FindProvider("o365")->host, "outlook.office365.com");
}

TEST(ProviderTest, StartTlsAndPlaintextHaveTheirOwnPort) {
  const Provider& imap = *FindProvider("imap");
  EXPECT_EQ(DefaultPort(imap, Security::kTls), 993);
  EXPECT_EQ(DefaultPort(imap, Security::kStartTls), 143);
  EXPECT_EQ(DefaultPort(imap, Security::kPlaintext), 143);
}

TEST(RequestTypeTest, NamesBothSidesAndTheMethodInAnyCase) {
  const auto type = ParseRequestType("o365-Mithi-IMAP");
  ASSERT_TRUE(type);
  EXPECT_EQ(type->source->key, "o365");
  EXPECT_EQ(type->destination->key, "mithi");
  EXPECT_EQ(type->name, "O365-MITHI-IMAP");
}

TEST(RequestTypeTest, IsPlainImapWhenNotGiven) {
  EXPECT_EQ(ParseRequestType("")->name, "IMAP-IMAP-IMAP");
}

TEST(RequestTypeTest, RefusesWhatTheTableCannotForm) {
  for (const char* text : {"O365", "O365-MITHI", "O365-S3-ZIP", "HOTMALE-MITHI-IMAP",
                           "O365-MITHI-IMAP-X", "O365--IMAP", "-", "O365 MITHI IMAP"}) {
    EXPECT_FALSE(ParseRequestType(text)) << text;
  }
  EXPECT_THAT(AllowedRequestTypes(),
              testing::HasSubstr("IMAP, DOVECOT, O365, GMAIL, YAHOO, MITHI"));
}

TEST(GateTest, AHostedTenantIsTheDomainOfTheUser) {
  const Provider& o365 = *FindProvider("o365");
  EXPECT_EQ(GateId(Direction::kSource, o365, "john@Baya.COM", "outlook.office365.com", 993),
            "src:o365:baya.com");
  EXPECT_EQ(GateId(Direction::kDestination, o365, "a@b@baya.com", "other.host", 993),
            "dst:o365:baya.com");
}

TEST(GateTest, AServerIsItsHostAndPort) {
  const Provider& imap = *FindProvider("imap");
  EXPECT_EQ(GateId(Direction::kSource, imap, "john@baya.com", "Mail.Example.org", 993),
            "src:imap:mail.example.org:993");
}

TEST(GateTest, TheFirstMatchingOverrideCounts) {
  const Provider& o365 = *FindProvider("o365");
  const std::vector<CapOverride> caps = {{"src:o365:baya.com", 3}, {"src:O365:*", 7}, {"*", 99}};
  EXPECT_EQ(CapOf("src:o365:baya.com", Direction::kSource, o365, caps), 3u);
  EXPECT_EQ(CapOf("src:o365:other.org", Direction::kSource, o365, caps), 7u);
  EXPECT_EQ(CapOf("dst:o365:other.org", Direction::kDestination, o365, caps), 99u);
  EXPECT_EQ(CapOf("src:o365:baya.com", Direction::kSource, o365, {}), 10u);
}

TEST(GateTest, AStarStandsForAnyOctets) {
  const Provider& imap = *FindProvider("imap");
  const auto matches = [&imap](absl::string_view pattern, absl::string_view id) {
    return CapOf(id, Direction::kSource, imap, {{std::string(pattern), 12345}}) == 12345;
  };
  EXPECT_TRUE(matches("src:*:993", "src:imap:a.example.org:993"));
  EXPECT_TRUE(matches("*example*", "src:imap:a.example.org:993"));
  EXPECT_TRUE(matches("s*c:i*p:*", "src:imap:"));
  EXPECT_TRUE(matches("***", ""));
  EXPECT_FALSE(matches("src:*:993", "src:imap:a:9934"));
  EXPECT_FALSE(matches("src", "src:imap"));
  EXPECT_FALSE(matches("src:imap:", "src:imap"));
}

TEST(AccountTest, AHostedMailboxIsTheSameHoweverItIsSpelled) {
  const Provider& gmail = *FindProvider("gmail");
  EXPECT_EQ(AccountId(gmail, "John@Baya.com", "imap.gmail.com", 993),
            AccountId(gmail, "john@baya.com", "imap.googlemail.com", 993));
}

TEST(AccountTest, AServersUsersDifferByCaseAndPort) {
  const Provider& imap = *FindProvider("imap");
  const std::string john = AccountId(imap, "john@EXAMPLE.org", "MX.example.org", 993);
  EXPECT_EQ(john, AccountId(imap, "john@example.org", "mx.example.org", 993));
  EXPECT_EQ(john, AccountId(*FindProvider("dovecot"), "john@example.org", "mx.example.org", 993));
  EXPECT_NE(john, AccountId(imap, "John@example.org", "mx.example.org", 993));
  EXPECT_NE(john, AccountId(imap, "john@example.org", "mx.example.org", 994));
}

TEST(PairTest, HasOneNameForAllTime) {
  // printf '1:a1:b0:' | sha256sum
  EXPECT_EQ(PairId("a", "b", ""), "95cbd4a54c53ddeee4f886399400f8cd");
}

TEST(PairTest, KeepsItsPartsApart) {
  EXPECT_NE(PairId("a", "bc", ""), PairId("ab", "c", ""));
  EXPECT_NE(PairId("a", "b", "c"), PairId("a", "b", ""));
}

}  // namespace
}  // namespace mailhaul::provider
