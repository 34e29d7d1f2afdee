// What is stored of tax codes, price items and fee rules.
#pragma once

#include "kernel/rows.hpp"
#include "prices/prices.fields.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::tax_codes {

inline constexpr Code code_taken{"tax_code.taken", Errc::conflict, "Another tax code has this code."};
inline constexpr Code history{"tax_code.history", Errc::conflict, "A rate that holds or held cannot be changed."};

}  // namespace medflow::inline v1::tax_codes

namespace medflow::inline v1::prices {

inline constexpr Code code_taken{"price.code_taken", Errc::conflict, "Another item has this code."};
inline constexpr Code history{"price.history", Errc::conflict, "A price cannot begin before the last one did."};

}  // namespace medflow::inline v1::prices

namespace medflow::inline v1::storage {

template <>
struct Stored<tax_codes::TaxCode> {
  static const Entity entity;
};
template <>
struct Stored<prices::Item> {
  static const Entity entity;
};
template <>
struct Stored<fee_rules::FeeRule> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
