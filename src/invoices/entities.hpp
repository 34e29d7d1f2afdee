// What is stored of invoices, credit notes and write-offs.
#pragma once

#include "invoices/invoices.fields.hpp"
#include "invoices/reach.hpp"
#include "kernel/rows.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::invoices {

inline constexpr Code number_taken{"invoice.number_taken", Errc::conflict, "This number is used."};
inline constexpr Code immutable{"invoice.immutable", Errc::conflict, "An issued invoice does not change."};
inline constexpr Code charged{"invoice.charged", Errc::conflict, "Another invoice charges this visit."};
inline constexpr Code date_order{"invoice.date_order", Errc::conflict,
                                 "The date is before the last one of the series."};
inline constexpr Code settled{"invoice.settled", Errc::conflict,
                              "Something of the invoice is settled, or is not owed any more."};
inline constexpr Code period_closed{"invoice.period_closed", Errc::conflict,
                                    "The invoice is of a fiscal year that is over."};

/// A series of numbers, of invoices or of credit notes. Each issue changes it, in its own transaction, so nothing is left out.
struct Series {
  Uuid id{};
  std::uint64_t revision = 0;
  std::string name{};  ///< the prefix and the fiscal year: "INV-2026"
  std::uint64_t last = 0;
  Date last_date{};
  bool in_date_order = true;  ///< whether its numbers follow the dates; those of an import need not
};

}  // namespace medflow::inline v1::invoices

namespace medflow {

template <>
struct Described<invoices::Series> {
  using T = invoices::Series;
  static constexpr std::string_view name = "InvoiceSeries";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "follows from its name"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::name>(3, "name", immutable, {.meaning = "the prefix and the fiscal year"}),
      field<&T::last>(4, "last", none, {.meaning = "the last number"}),
      field<&T::last_date>(5, "last_date", none, {.meaning = "the date of the last number"}),
      field<&T::in_date_order>(6, "in_date_order", none, {.meaning = "whether its numbers follow the dates"})};
};

}  // namespace medflow

namespace medflow::kernel {

template <>
struct Reach<invoices::Invoice> {
  static bool reaches(const Work& work, const invoices::Invoice& invoice) {
    return invoices::reaches(work, invoices::matter_of(invoice), work.permission());
  }
  static bool hidden(const invoices::Invoice&) { return false; }
  static std::uint32_t classes(const Work& work, const invoices::Invoice&) { return work.classes(); }
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<invoices::Invoice> {
  static const Entity entity;
};
template <>
struct Stored<credit_notes::CreditNote> {
  static const Entity entity;
};
template <>
struct Stored<write_offs::WriteOff> {
  static const Entity entity;
};
template <>
struct Stored<invoices::Series> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
