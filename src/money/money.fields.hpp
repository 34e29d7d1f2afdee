// What all fields that hold money have in common.
#pragma once

#include "medflow/fields.hpp"

namespace medflow::inline v1 {

/// The most that one amount of a request may be, in minor units: sums of a day's worth of these still fit 64 bits.
inline constexpr std::int64_t money_max = 1'000'000'000'000'000;

}  // namespace medflow::inline v1

namespace medflow {

template <>
struct Words<Rounding> {
  static constexpr std::string_view name = "Rounding";
  static constexpr std::string_view words[] = {"half_up", "half_even"};
};

template <>
struct Words<TaxMode> {
  static constexpr std::string_view name = "TaxMode";
  static constexpr std::string_view words[] = {"exclusive", "inclusive"};
};

}  // namespace medflow
