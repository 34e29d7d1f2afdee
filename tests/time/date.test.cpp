#include <doctest/doctest.h>

#include "medflow/time.hpp"

using namespace medflow;

TEST_CASE("R2: a civil date reads back from its text and its number of days") {
  const std::int32_t first = Date{.year = 1, .month = 1, .day = 1}.days();
  const std::int32_t last = Date{.year = 9999, .month = 12, .day = 31}.days();
  CHECK(first == -719'162);
  CHECK(last - first == 3'652'058);
  Date before = Date::from_days(first);
  for (std::int32_t days = first + 1; days <= last; days += 13) {
    const Date day = Date::from_days(days);
    REQUIRE(day.days() == days);
    REQUIRE(before < day);
    REQUIRE(Date::parse(day.text()) == day);
    before = day;
  }
  CHECK(Date{.year = 1970, .month = 1, .day = 1}.days() == 0);
  CHECK(Date{.year = 33, .month = 4, .day = 3}.text() == "0033-04-03");
}

TEST_CASE("R2: days that the calendar does not have are refused") {
  CHECK(Date::parse("2024-02-29"));
  CHECK(Date::parse("2000-02-29"));
  for (const char* text :
       {"2023-02-29", "1900-02-29", "2026-04-31", "2026-00-10", "2026-13-10", "2026-01-00", "2026-01-32", "0000-01-01",
        "2026-1-01", "2026/01/01", "20260101", "2026-01-01T", "+026-01-01", "2026-01-0a", ""})
    CHECK_MESSAGE(!Date::parse(text), text);
  CHECK(!Date::exists(10'000, 1, 1));
  CHECK(!Date::exists(2026, 1, -1));
}

TEST_CASE("PAT-1: a birth date may be known to the month or the year only") {
  for (const char* text : {"1980", "1980-05", "1980-05-12", "0001", "9999-12"})
    CHECK(PartialDate::parse(text)->text() == text);
  CHECK(PartialDate::parse("1980")->first() == Date{.year = 1980, .month = 1, .day = 1});
  CHECK(PartialDate::parse("1980-05")->first() == Date{.year = 1980, .month = 5, .day = 1});
  CHECK(PartialDate::parse("1980-05-12")->first() == Date{.year = 1980, .month = 5, .day = 12});
  for (const char* text :
       {"", "198", "0000", "1980-", "1980-0", "1980-00", "1980-13", "1980/05", "1980-02-30", "1980-05-", "80"})
    CHECK_MESSAGE(!PartialDate::parse(text), text);
}

TEST_CASE("PAT-18: age counts completed years, and a leap day's birthday is 1 March in common years") {
  const auto age = [](const char* birth, const char* on) {
    return years_between(*Date::parse(birth), *Date::parse(on));
  };
  CHECK(age("1980-05-12", "1980-05-12") == 0);
  CHECK(age("1980-05-12", "2026-05-11") == 45);
  CHECK(age("1980-05-12", "2026-05-12") == 46);
  CHECK(age("1980-12-31", "1981-01-01") == 0);
  CHECK(age("2000-02-29", "2001-02-28") == 0);
  CHECK(age("2000-02-29", "2001-03-01") == 1);
  CHECK(age("2000-02-29", "2004-02-28") == 3);
  CHECK(age("2000-02-29", "2004-02-29") == 4);
  CHECK(age("2000-05-12", "2000-05-11") == -1);
  CHECK(age("2000-05-12", "1998-05-12") == -2);
}
