// Money: whole minor units of one currency (R6). No floating point comes near it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "medflow/export.hpp"

namespace medflow::inline v1 {

/// An ISO 4217 currency: three upper-case letters and the exponent of its minor unit (0, 2, 3 or 4).
struct Currency {
  std::array<char, 3> letters{};
  std::uint8_t exponent = 2;

  std::string_view code() const { return {letters.data(), letters.size()}; }
  /// The currency of this code; none where ISO 4217 does not list it.
  MEDFLOW_API static std::optional<Currency> parse(std::string_view code);

  friend auto operator<=>(const Currency&, const Currency&) = default;
};

/// How half a minor unit is rounded (R7): away from zero, or to the even neighbour.
enum class Rounding : std::uint8_t { half_up, half_even };

/// Whether prices hold their tax already.
enum class TaxMode : std::uint8_t { exclusive, inclusive };

/// An amount in minor units (cents for EUR and USD, yen for JPY).
struct Money {
  std::int64_t minor = 0;
  Currency currency{};

  friend bool operator==(const Money&, const Money&) = default;
};

}  // namespace medflow::inline v1
