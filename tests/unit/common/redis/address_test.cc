#include "common/redis/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailhaul::redis {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(AddressTest, AUnixSocketIsNamedByItsPath) {
  const Address address = ParseAddress("unix:/run/redis.sock").value();
  EXPECT_EQ(address.unix_path, "/run/redis.sock");
  EXPECT_EQ(Describe(address), "unix:/run/redis.sock");
}

struct Case {
  const char* text;
  const char* host;
  int port;
  int database;
  bool tls;
};
class HostAddressTest : public testing::TestWithParam<Case> {};

TEST_P(HostAddressTest, IsTakenApart) {
  const Address address = ParseAddress(GetParam().text).value();
  EXPECT_EQ(address.host, GetParam().host);
  EXPECT_EQ(address.port, GetParam().port);
  EXPECT_EQ(address.database, GetParam().database);
  ASSERT_EQ(address.tls.has_value(), GetParam().tls);
  if (address.tls) EXPECT_EQ(address.tls->server_name, GetParam().host);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, HostAddressTest,
    testing::Values(Case{"redis", "redis", 6379, 0, false},
                    Case{"redis:6380", "redis", 6380, 0, false},
                    Case{"redis://10.0.0.1:6380/2", "10.0.0.1", 6380, 2, false},
                    Case{"redis://redis/", "redis", 6379, 0, false},
                    Case{"[::1]:7000", "::1", 7000, 0, false},
                    Case{"redis://[::1]", "::1", 6379, 0, false},
                    Case{"rediss://cache.example:1", "cache.example", 1, 0, true}));

TEST(AddressTest, WhatCannotBeAnAddressIsRefused) {
  for (const char* text : {"", "unix:", "redis://", ":6379", "host:0", "host:65536", "host:port",
                           "redis://host/one", "redis://host/-1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseAddress(text).status())) << text;
  }
}

TEST(AddressTest, CredentialsInItAreRefusedWithoutRepeatingThem) {
  const absl::Status refused = ParseAddress("redis://user:hunter2@host").status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("hunter2")));
}

TEST(AddressTest, ADescriptionHoldsNoPassword) {
  Address address = ParseAddress("rediss://host:1").value();
  address.password = Secret("hunter2");
  EXPECT_EQ(Describe(address), "rediss://host:1");
}

}  // namespace
}  // namespace mailhaul::redis
