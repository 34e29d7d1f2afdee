// Drafting and issuing invoices, whoever asks: an operation, a completed visit, an import.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/field_errors.hpp"
#include "kernel/work.hpp"
#include "medflow/invoices.hpp"
#include "money/totals.hpp"

namespace medflow::inline v1::invoices {

/// Makes lines of what is asked for (prices, tax rates, names of items by each line's service date) and fills in all that a draft comes to. What
/// is wrong is added to `errors`; false where one of the lines is, so that nobody knows what they come to.
bool fill(kernel::Work& work, Invoice& draft, const std::vector<NewLine>& lines, kernel::FieldErrors& errors);

/// By which rules its lines are added up.
money::Terms terms_of(const Invoice& draft);

/// Whether the caller takes off no more than 10 % (BIL-3): who drafts only for their own work or place.
bool is_capped(const kernel::Work& work);

/// Stores a new draft for its patient. Its content is filled in.
void store_draft(kernel::Work& work, Invoice& draft);

/// How an invoice is issued.
struct Issuing {
  Date issue_date{};
  Date due_date{};
  std::string_view prefix{};  ///< of its number; by the settings where empty
  bool in_date_order = true;  ///< whether a date before the last one of the series is refused
};

/// Gives a draft that is whole in memory its shares, number and hash, posts it and stores it: `is_new` where it has no row yet. Throws Failure
/// `invoice.date_order`.
void issue(kernel::Work& work, Invoice& draft, const Issuing& how, bool is_new);

/// Whose service and what it was: by these revenue and discounts are posted.
using Earning = std::pair<std::optional<PractitionerId>, std::optional<PriceItemId>>;

/// What comes of it, without tax.
struct Earned {
  std::int64_t net = 0;
  std::int64_t discounts = 0;
};

/// The series of a day by the settings ("INV-2026"), of invoices or of credit notes of this facility.
std::string series_of(kernel::Work& work, const FacilityId& facility, Date day, bool credit_note);

/// The fiscal year that a day lies in, named by the calendar year in which it begins.
int fiscal_year(kernel::Work& work, Date day);

/// Throws Failure `invoice.date_order` where the day is before the last one of the series.
void require_in_order(kernel::Work& work, const std::string& series, Date day);

/// The next number of a series; its row is written. Throws Failure `invoice.date_order`.
struct Number {
  std::string number{};
  std::uint64_t sequence = 0;
};
Number next_number(kernel::Work& work, const std::string& series, Date day, bool in_date_order);

/// Drafts the charge of a visit that was completed, once: of a service that has a price item (BIL-12, BIL-17).
void charge_visit(kernel::Work& work, const appointments::Appointment& visit);

/// A completed visit never was: the draft that its completion made is discarded, if nobody has changed it. Of why only the code is kept.
void discard_charge(kernel::Work& work, const appointments::Appointment& visit, std::string_view reason_code);

}  // namespace medflow::inline v1::invoices
