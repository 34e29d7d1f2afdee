#include "money/amounts.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace medflow::inline v1::money {
namespace {

constexpr std::int64_t powers_of_ten[] = {1, 10, 100, 1'000, 10'000};
constexpr std::int64_t micro = 1'000'000;

std::int64_t narrow(Wide value) {
  if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min())
    throw Failure(overflow);
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::int64_t quotient(Wide numerator, Wide denominator, Rounding mode) {
  Wide whole = numerator / denominator;
  const Wide remainder = numerator % denominator;  // of the sign of the numerator
  const Wide left = remainder < 0 ? -remainder : remainder;
  const Wide missing = denominator - left;
  if (left > missing || (left == missing && (mode == Rounding::half_up || whole % 2 != 0)))
    whole += numerator < 0 ? -1 : 1;
  return narrow(whole);
}

std::int64_t sum(std::int64_t a, std::int64_t b) { return narrow(Wide{a} + b); }

Wide line_product(std::int64_t quantity, std::int64_t price_micro, const Currency& currency) {
  Wide product = 0;
  if (__builtin_mul_overflow(Wide{quantity} * price_micro, Wide{powers_of_ten[currency.exponent]}, &product))
    throw Failure(overflow);
  return product;
}

std::int64_t part_of(std::int64_t amount, std::int64_t rate_micro, Rounding mode) {
  return quotient(Wide{amount} * rate_micro, micro, mode);
}

std::vector<std::int64_t> distribute(std::int64_t amount, std::span<const std::int64_t> weights) {
  std::vector<std::int64_t> parts(weights.size());
  const Wide all = std::accumulate(weights.begin(), weights.end(), Wide{0});
  if (all == 0) return parts;
  std::vector<Wide> remainders(weights.size());
  std::int64_t left = amount;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Wide product = Wide{amount} * weights[i];
    parts[i] = static_cast<std::int64_t>(product / all);
    remainders[i] = product % all;
    left -= parts[i];
  }
  if (left == 0) return parts;
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  // The remainders are below `all` each and sum to `left` times it, so fewer are left than have one.
  for (std::size_t i = 0; i < static_cast<std::size_t>(left); ++i) ++parts[order[i]];
  return parts;
}

std::int64_t to_multiple(std::int64_t amount, std::int64_t step, Rounding mode) {
  return narrow(Wide{quotient(amount, step, mode)} * step);
}

std::string decimal(std::int64_t minor, const Currency& currency) {
  std::string digits = std::to_string(minor);
  const std::string sign = minor < 0 ? "-" : "";
  digits.erase(0, sign.size());
  const std::size_t places = currency.exponent;
  if (places == 0) return sign + digits;
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, 1, '.');
  return sign + digits;
}

}  // namespace medflow::inline v1::money
