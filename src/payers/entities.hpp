// What is stored of payers and coverages.
#pragma once

#include "kernel/rows.hpp"
#include "payers/payers.fields.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::payers {

inline constexpr Code code_taken{"payer.code_taken", Errc::conflict, "Another payer has this code."};

}  // namespace medflow::inline v1::payers

namespace medflow::inline v1::coverages {

/// What an issued invoice used of a coverage: so a void or a credit note gives back just that, and each year is counted by itself.
struct Use {
  Uuid id{};
  std::uint64_t revision = 0;
  CoverageId coverage_id{};
  InvoiceId invoice_id{};
  std::uint32_t year = 0;
  std::int64_t deductible = 0;
  std::int64_t paid = 0;
};

}  // namespace medflow::inline v1::coverages

namespace medflow {

template <>
struct Described<coverages::Use> {
  using T = coverages::Use;
  static constexpr std::string_view name = "CoverageUse";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "its id"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::coverage_id>(3, "coverage_id", immutable, {.meaning = "the coverage"}),
      field<&T::invoice_id>(4, "invoice_id", immutable, {.meaning = "the invoice that used it"}),
      field<&T::year>(5, "year", immutable, {.meaning = "the calendar year of its issue"}),
      field<&T::deductible>(6, "deductible", none, {.meaning = "of the deductible, less what was given back"}),
      field<&T::paid>(7, "paid", none, {.meaning = "the payer's share, less what was given back"})};
};

}  // namespace medflow

namespace medflow::inline v1::storage {

template <>
struct Stored<payers::Payer> {
  static const Entity entity;
};
template <>
struct Stored<coverages::Coverage> {
  static const Entity entity;
};
template <>
struct Stored<coverages::Use> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
