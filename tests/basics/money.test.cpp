#include "medflow/money.hpp"

#include <doctest/doctest.h>

#include <string>

using medflow::Currency;

TEST_CASE("R6: a currency knows the exponent of its minor unit") {
  CHECK(Currency::parse("EUR")->exponent == 2);
  CHECK(Currency::parse("USD")->exponent == 2);
  CHECK(Currency::parse("AED")->exponent == 2);
  CHECK(Currency::parse("ZWG")->exponent == 2);
  CHECK(Currency::parse("JPY")->exponent == 0);
  CHECK(Currency::parse("BIF")->exponent == 0);
  CHECK(Currency::parse("XPF")->exponent == 0);
  CHECK(Currency::parse("KWD")->exponent == 3);
  CHECK(Currency::parse("TND")->exponent == 3);
  CHECK(Currency::parse("CLF")->exponent == 4);
  CHECK(Currency::parse("UYW")->exponent == 4);
  CHECK(Currency::parse("CHF")->code() == "CHF");
}

TEST_CASE("R6: what is no currency with a minor unit is refused") {
  for (const char* code : {"", "EU", "EURO", "eur", "Eur", "XXX", "XAU", "XTS", "DEM", "QQQ", "A D", "R A", " EU"})
    CHECK_MESSAGE(!Currency::parse(code), code);
}

TEST_CASE("R6: of all codes of three letters, those of ISO 4217 are currencies") {
  int found = 0;
  std::string code = "AAA";
  for (code[0] = 'A'; code[0] <= 'Z'; ++code[0])
    for (code[1] = 'A'; code[1] <= 'Z'; ++code[1])
      for (code[2] = 'A'; code[2] <= 'Z'; ++code[2])
        if (const auto currency = Currency::parse(code)) {
          ++found;
          CHECK(currency->code() == code);
        }
  CHECK(found > 160);
  CHECK(found < 180);
}
