#include "worker/copy/mail_date.h"

#include <gtest/gtest.h>

#include <string>

namespace mailhaul::copy {
namespace {

struct Case {
  const char* name;
  absl::string_view text;
  std::optional<int64_t> seconds;
};

class ParseMailDateTest : public testing::TestWithParam<Case> {};

TEST_P(ParseMailDateTest, KnownAnswer) {
  EXPECT_EQ(ParseMailDate(GetParam().text), GetParam().seconds);
}

constexpr int64_t kExample = 880'127'706;  // 1997-11-21 15:55:06 UTC

INSTANTIATE_TEST_SUITE_P(
    Rfc5322, ParseMailDateTest,
    testing::Values(
        Case{"Example", "Fri, 21 Nov 1997 09:55:06 -0600", kExample},
        Case{"OtherZone", "Fri, 21 Nov 1997 16:55:06 +0100", kExample},
        Case{"NoWeekday", "21 Nov 1997 09:55:06 -0600", kExample},
        Case{"NamedZone", "21 Nov 97 10:55:06 EST", kExample},
        Case{"Greenwich", "Fri, 21 Nov 1997 15:55:06 GMT", kExample},
        Case{"MilitaryZone", "Fri, 21 Nov 1997 15:55:06 Z", kExample},
        Case{"NoZone", "Fri, 21 Nov 1997 15:55:06", kExample},
        Case{"WrittenOut", "Friday, 21 November 1997 15:55:06 UT", kExample},
        Case{"Comments", "Fri, 21 Nov 1997 09(comment):   55 (nested (one) \\) )", std::nullopt},
        Case{"CommentBehind", "Fri, 21 Nov 1997 09:55:06 -0600 (CST (not CDT))", kExample},
        Case{"HalfHourZone", "Fri, 21 Nov 1997 21:25:06 +0530", kExample},
        Case{"NoSeconds", "Fri, 21 Nov 1997 09:55 -0600", kExample - 6},
        Case{"LeapSecond", "Sat, 31 Dec 2016 23:59:60 +0000", 1'483'228'800},
        Case{"ThreeDigitYear", "1 Jan 100 00:00 +0000", 946'684'800},
        Case{"YoungYear", "1 Jan 00 00:00 +0000", 946'684'800},
        Case{"Before1970", "31 Dec 1969 23:59:59 +0000", -1},
        Case{"LeapDay", "29 Feb 2000 00:00 +0000", 951'782'400},
        Case{"NoSuchDay", "29 Feb 1999 00:00 +0000", std::nullopt},
        Case{"NoSuchMonth", "1 Foo 1999 00:00 +0000", std::nullopt},
        Case{"BetweenMonths", "1 anf 1999 00:00 +0000", std::nullopt},
        Case{"NoSuchHour", "1 Jan 1999 24:00 +0000", std::nullopt},
        Case{"BadZone", "1 Jan 1999 00:00 +00", std::nullopt},
        Case{"TooManyWords", "1 Jan 1999 00:00 +0000 x", std::nullopt},
        Case{"Nothing", " \t", std::nullopt},
        Case{"HugeNumbers", "99999999999999999999 Jan 1 1:1 1", std::nullopt}),
    [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace mailhaul::copy
