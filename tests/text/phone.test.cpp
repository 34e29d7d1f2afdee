#include "text/phone.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "text/digit_pattern.hpp"

using namespace medflow::text;

TEST_CASE("PAT-10: a number is stored as it is dialled from anywhere, however it is written") {
  for (const char* typed : {"030 123456", "(030) 12 34 56", "+49 30 123456", "0049 30/123456", "+49 (0)30 123456"})
    CHECK_MESSAGE(e164_of(typed, "DE") == "+4930123456", typed);
  CHECK(e164_of("030 123456", "CH") != "+4930123456");
  CHECK(e164_of("020 7123 4567", "GB") == "+442071234567");
  CHECK(e164_of("06 698 12345", "IT") == "+390669812345");  // the zero belongs to the number
  CHECK(e164_of("(415) 555-2671", "US") == "+14155552671");
  CHECK(e164_of("011 15 2345 6789", "AR") == "+5491123456789");  // 15 marks a mobile at home, 9 abroad
}

TEST_CASE("PAT-10: without a country only the international form is read") {
  CHECK(e164_of("+49 30 123456", "") == "+4930123456");
  CHECK_FALSE(e164_of("030 123456", ""));
  CHECK_FALSE(e164_of("0049 30 123456", ""));
  CHECK_FALSE(e164_of("030 123456", "ZZ"));
}

TEST_CASE("PAT-10: what nobody can dial is no number") {
  for (const char* typed : {"", "+", "12", "+49", "+999 123456", "call me", "+49 30 123456 ext 7", "+44+2071234567",
                            "+442071234567890", "+1 555 0100", "+4930123456789012345678901234567890123456"})
    CHECK_MESSAGE(!e164_of(typed, "DE"), typed);
  CHECK(has_phone_plan("DE"));
  CHECK_FALSE(has_phone_plan("de"));
  CHECK_FALSE(has_phone_plan(""));
}

TEST_CASE("PAT-10: numbers of every country come out as libphonenumber has them") {
  std::ifstream file(MEDFLOW_SOURCE_DIR "/tests/text/phone_numbers.csv");
  std::string line;
  REQUIRE(std::getline(file, line));
  std::size_t numbers = 0;
  while (std::getline(file, line)) {
    const std::size_t first = line.find(',');
    const std::size_t second = line.find(',', first + 1);
    const std::string expected = line.substr(second + 1);
    CHECK_MESSAGE(e164_of(line.substr(first + 1, second - first - 1), line.substr(0, first)).value_or("") == expected,
                  line);
    ++numbers;
  }
  CHECK(numbers > 4000);
}

TEST_CASE("PAT-10: a digit pattern means what a regular expression does") {
  CHECK(fits("[2-46-9]\\d{2}|1", "1"));
  CHECK(fits("[2-46-9]\\d{2}|1", "634"));
  CHECK_FALSE(fits("[2-46-9]\\d{2}|1", "534"));
  CHECK(fits("1(?:2|23)?4", "1234"));  // the first alternative is tried, and given up again
  CHECK(fits("\\d{2,4}7", "1237"));
  CHECK_FALSE(fits("\\d{2,4}7", "123457"));
  const auto prefix = fit_prefix("0|(3[45])(\\d{2})$", "3412");
  REQUIRE(prefix);
  CHECK(prefix->groups == 2);
  CHECK(prefix->captured[0] == "34");
  CHECK(prefix->captured[1] == "12");
  CHECK_FALSE(fit_prefix("0|(3[45])(\\d{2})$", "34123"));
}
