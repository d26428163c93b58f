#include "common/base/secret.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace mailhaul {
namespace {

// Short enough to live inside std::string, and long enough to live on the heap.
const std::string kShort = "hunter2";
const std::string kLong(200, 'p');

TEST(SecretTest, RevealsWhatItWasGiven) {
  EXPECT_EQ(Secret(kShort).Reveal(), kShort);
  EXPECT_EQ(Secret(kLong).Reveal(), kLong);
  EXPECT_TRUE(Secret().empty());
}

TEST(SecretTest, MovingLeavesTheSourceEmpty) {
  for (const std::string& value : {kShort, kLong}) {
    Secret from(value);
    const Secret to(std::move(from));
    EXPECT_EQ(to.Reveal(), value);
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the promise
  }
}

TEST(SecretTest, MoveAssignmentLeavesTheSourceEmpty) {
  for (const std::string& value : {kShort, kLong}) {
    Secret from(value);
    Secret to("an older one");
    to = std::move(from);
    EXPECT_EQ(to.Reveal(), value);
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the promise
  }
}

// The octets that a moved-from or overwritten secret kept inside its own object.
TEST(SecretTest, MovingWipesTheOctetsInsideTheSource) {
  Secret from(kShort);
  const Secret to(std::move(from));
  const std::string memory(reinterpret_cast<const char*>(&from), sizeof(from));
  EXPECT_EQ(memory.find(kShort.substr(1)), std::string::npos);
}

TEST(SecretTest, AShorterSecretLeavesNothingOfTheLongerOne) {
  Secret secret("abcdefghijklmn");
  secret = Secret("xy");
  const std::string memory(reinterpret_cast<const char*>(&secret), sizeof(secret));
  EXPECT_EQ(memory.find("defghijklmn"), std::string::npos);
}

TEST(SecretTest, AssigningToItselfChangesNothing) {
  Secret secret(kLong);
  Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.Reveal(), kLong);
  secret = std::move(same);
  EXPECT_EQ(secret.Reveal(), kLong);
}

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(SecretTest, CannotReachALogByAccident) {
  static_assert(!Printable<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<Secret, absl::string_view>);
  static_assert(!std::is_convertible_v<std::string, Secret>);
}

}  // namespace
}  // namespace mailhaul
