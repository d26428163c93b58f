#include "common/base/error_detail.h"

#include <gtest/gtest.h>

namespace mailhaul {
namespace {

absl::Status Refused(absl::string_view server_text) {
  absl::Status status = absl::UnauthenticatedError("the login was refused");
  SetErrorDetail(status, {.side = Side::kNone, .server_text = std::string(server_text)});
  return status;
}

TEST(ErrorDetailTest, ComesBackAsItWasSet) {
  const ErrorDetail detail{.side = Side::kDestination,
                           .server_text = std::string("[X] \0 octets \xFF", 15)};
  absl::Status status = absl::UnavailableError("gone");
  SetErrorDetail(status, detail);
  EXPECT_EQ(GetErrorDetail(status), detail);
}

TEST(ErrorDetailTest, IsAbsentUntilItIsSet) {
  EXPECT_EQ(GetErrorDetail(absl::UnavailableError("gone")), std::nullopt);
  EXPECT_EQ(GetErrorDetail(absl::OkStatus()), std::nullopt);
}

TEST(ErrorDetailTest, SettingItOnSuccessLeavesSuccess) {
  absl::Status status;
  SetErrorDetail(status, {.side = Side::kSource, .server_text = "words"});
  EXPECT_EQ(status, absl::OkStatus());
}

TEST(ErrorDetailTest, OfLongServerTextTheBeginningIsKept) {
  EXPECT_EQ(GetErrorDetail(Refused(std::string(100'000, 'x')))->server_text, std::string(500, 'x'));
}

TEST(OnSideTest, NamesTheSideAndKeepsTheServersWords) {
  const absl::Status status = OnSide(Side::kSource, Refused("wrong password"));
  EXPECT_EQ(GetErrorDetail(status),
            (ErrorDetail{.side = Side::kSource, .server_text = "wrong password"}));
}

TEST(OnSideTest, TheFirstSideStays) {
  const absl::Status status = OnSide(Side::kDestination, OnSide(Side::kSource, Refused("no")));
  EXPECT_EQ(GetErrorDetail(status)->side, Side::kSource);
}

TEST(OnSideTest, SuccessHasNoSide) {
  EXPECT_EQ(OnSide(Side::kSource, absl::OkStatus()), absl::OkStatus());
}

TEST(AnnotateTest, PutsTheContextInFrontAndKeepsCodeAndDetail) {
  const absl::Status status = Annotate(OnSide(Side::kSource, Refused("no")), "row 7");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(status.message(), "row 7: the login was refused");
  EXPECT_EQ(GetErrorDetail(status), (ErrorDetail{.side = Side::kSource, .server_text = "no"}));
}

TEST(AnnotateTest, LeavesSuccessAlone) {
  EXPECT_EQ(Annotate(absl::OkStatus(), "row 7"), absl::OkStatus());
}

TEST(ExplainTest, IsOneLineOfSideOurWordsAndTheServersWords) {
  EXPECT_EQ(Explain(OnSide(Side::kSource, Refused("wrong password"))),
            "source: the login was refused; the server said: wrong password");
}

TEST(ExplainTest, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(Explain(absl::UnavailableError("gone")), "gone");
  EXPECT_EQ(Explain(OnSide(Side::kDestination, absl::UnavailableError("gone"))),
            "destination: gone");
}

}  // namespace
}  // namespace mailhaul
