// How telephone numbers are made in each country, as data: constants, so that nothing is read or built at the start.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace medflow::text {

/// The plan of one country, or of a calling code that is no country's.
struct PhonePlan {
  std::string_view country{};  ///< ISO 3166-1 alpha-2; empty for a code that is no country's
  std::uint16_t calling_code = 0;
  bool main = false;          ///< of the countries that share a calling code, the one by whose plan it is read
  std::uint32_t lengths = 0;  ///< bit n: a national number may have n digits
  std::string_view international_prefix{};  ///< what is dialled there before a calling code; a digit pattern
  std::string_view national_prefix{};       ///< what is dialled there before a national number; a digit pattern
  std::string_view transform{};             ///< what becomes of a number that `national_prefix` has captured parts of
  std::string_view number{};                ///< all national numbers; a digit pattern
};

std::span<const PhonePlan> phone_plans();

}  // namespace medflow::text
