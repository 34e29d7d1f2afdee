// Arithmetic on money: whole numbers only, products in 128 bits (R6).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "medflow/money.hpp"
#include "money/codes.hpp"

namespace medflow::inline v1::money {

__extension__ using Wide = __int128;

/// `numerator` / `denominator`, which is above 0, rounded once. Throws Failure `money.overflow` where it is beyond 64 bits.
std::int64_t quotient(Wide numerator, Wide denominator, Rounding mode);

/// Throws Failure `money.overflow`.
std::int64_t sum(std::int64_t a, std::int64_t b);

/// quantity (10⁻⁴) × price (10⁻⁶ of the unit), in minor units, before it is rounded: over `line_denominator`.
Wide line_product(std::int64_t quantity, std::int64_t price_micro, const Currency& currency);
inline constexpr std::int64_t line_denominator = 10'000'000'000;

/// `rate_micro` parts of a million of an amount, rounded once.
std::int64_t part_of(std::int64_t amount, std::int64_t rate_micro, Rounding mode);

/// `amount`, which is not below 0, in the proportion of weights that are not below 0: by largest remainder, ties to the lower position. The parts
/// sum to it; where all weights are 0 they are all 0.
std::vector<std::int64_t> distribute(std::int64_t amount, std::span<const std::int64_t> weights);

/// The multiple of `step` (above 0) that is next to the amount, by the same rounding.
std::int64_t to_multiple(std::int64_t amount, std::int64_t step, Rounding mode);

/// As a decimal number of the currency's unit: "12.50", "-0.05", "1200" (JPY).
std::string decimal(std::int64_t minor, const Currency& currency);

}  // namespace medflow::inline v1::money
