// The fields of the journal and of reports (entities.md, "JournalEntry").
#pragma once

#include "medflow/ledger.hpp"
#include "payments/payments.fields.hpp"

namespace medflow {

template <>
struct Words<ledger::Account> {
  static constexpr std::string_view name = "Account";
  static constexpr std::string_view words[] = {
      "receivable_patient", "receivable_payer", "cash",         "card", "bank",    "mobile",
      "payer_remittance",   "deposits",         "refunds",      "tax",  "revenue", "discounts",
      "write_offs",         "rounding",         "cash_variance"};
};

template <>
struct Words<ledger::EntryKind> {
  static constexpr std::string_view name = "EntryKind";
  static constexpr std::string_view words[] = {"invoice",          "invoice_void", "credit_note",
                                               "payment",          "allocation",   "refund_approved",
                                               "refund_completed", "write_off",    "cash_variance"};
};

template <>
struct Described<ledger::Posting> {
  using T = ledger::Posting;
  static constexpr std::string_view name = "Posting";
  static constexpr Field fields[] = {
      field<&T::account>(1, "account", none, {.meaning = "The account."}),
      field<&T::debit>(2, "debit", none, {.meaning = "The debit, in minor units."}),
      field<&T::credit>(3, "credit", none, {.meaning = "The credit, in minor units."}),
      field<&T::patient_id>(4, "patient_id", none, {.meaning = "The patient."}),
      field<&T::payer_id>(5, "payer_id", none, {.meaning = "The payer."}),
      field<&T::invoice_id>(6, "invoice_id", none, {.meaning = "The invoice."}),
      field<&T::practitioner_id>(7, "practitioner_id", none, {.meaning = "Whose service it was."}),
      field<&T::item_id>(8, "item_id", none, {.meaning = "The item of the price list."})};
};

template <>
struct Described<ledger::Entry> {
  using T = ledger::Entry;
  static constexpr std::string_view name = "JournalEntry";
  static constexpr std::string_view page_name = "JournalEntryPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::at>(3, "at", immutable, {.meaning = "When it was posted."}),
      field<&T::day>(4, "day", immutable, {.meaning = "Its business day."}),
      field<&T::kind>(5, "kind", none, {.meaning = "Of what kind it is."}),
      field<&T::currency>(6, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::facility_id>(7, "facility_id", none, {.meaning = "The facility."}),
      field<&T::ref_id>(8, "ref_id", none, {.meaning = "What it is about."}),
      field<&T::reverses>(9, "reverses", immutable, {.meaning = "The entry that it takes back."}),
      field<&T::postings>(10, "postings", immutable, {.meaning = "Its sides."}),
      field<&T::created_by>(11, "created_by", immutable, {.meaning = "Who made it."})};
};

template <>
struct Described<ledger::ListEntries> {
  using T = ledger::ListEntries;
  static constexpr std::string_view name = "LedgerListEntries";
  static constexpr Field fields[] = {
      field<&T::ref_id>(1, "ref_id", none, {.meaning = "What it is about."}),
      field<&T::kind>(2, "kind", none, {.meaning = "Of what kind it is."}),
      field<&T::limit>(3, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(4, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<ledger::AccountBalance> {
  using T = ledger::AccountBalance;
  static constexpr std::string_view name = "AccountBalance";
  static constexpr Field fields[] = {
      field<&T::account>(1, "account", none, {.meaning = "The account."}),
      field<&T::currency>(2, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::debit>(3, "debit", none, {.meaning = "The debit, in minor units."}),
      field<&T::credit>(4, "credit", none, {.meaning = "The credit, in minor units."}),
      field<&T::balance>(5, "balance", none, {.meaning = "What is owed, in minor units."})};
};

template <>
struct Described<ledger::Balances> {
  using T = ledger::Balances;
  static constexpr std::string_view name = "LedgerBalances";
  static constexpr Field fields[] = {
      field<&T::accounts>(1, "accounts", none, {.meaning = "By account and currency."}),
      field<&T::balanced>(2, "balanced", none, {.meaning = "Whether debits and credits are equal."})};
};

template <>
struct Described<ledger::TrialBalance> {
  using T = ledger::TrialBalance;
  static constexpr std::string_view name = "LedgerTrialBalance";
  static constexpr Field fields[] = {field<&T::from>(1, "from", none, {.meaning = "The first day."}),
                                     field<&T::to>(2, "to", none, {.meaning = "The last day."})};
};

template <>
struct Described<ledger::Finding> {
  using T = ledger::Finding;
  static constexpr std::string_view name = "LedgerFinding";
  static constexpr Field fields[] = {field<&T::problem>(1, "problem", none, {.meaning = "What is wrong."}),
                                     field<&T::where>(2, "where", none, {.meaning = "Where it is."})};
};

template <>
struct Described<ledger::VerifyReport> {
  using T = ledger::VerifyReport;
  static constexpr std::string_view name = "LedgerReport";
  static constexpr Field fields[] = {
      field<&T::entries>(1, "entries", none, {.meaning = "How many entries were looked at."}),
      field<&T::postings>(2, "postings", none, {.meaning = "How many postings were looked at."}),
      field<&T::balances>(3, "balances", none, {.meaning = "How many balances were looked at."}),
      field<&T::sound>(4, "sound", none, {.meaning = "Whether nothing was found."}),
      field<&T::findings>(5, "findings", none, {.meaning = "What was found, at most 1,000."})};
};

template <>
struct Described<ledger::Verify> {
  static constexpr std::string_view name = "LedgerVerify";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Words<reports::RevenueBy> {
  static constexpr std::string_view name = "RevenueBy";
  static constexpr std::string_view words[] = {"day", "month", "practitioner", "item", "facility"};
};

template <>
struct Described<reports::RevenueRow> {
  using T = reports::RevenueRow;
  static constexpr std::string_view name = "RevenueRow";
  static constexpr Field fields[] = {
      field<&T::key>(1, "key", none, {.meaning = "By what it is added up."}),
      field<&T::name>(2, "name", none, {.max = 200, .meaning = "Its name."}),
      field<&T::currency>(3, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::gross>(4, "gross", none, {.meaning = "Quantity × price, rounded, in minor units."}),
      field<&T::discounts>(5, "discounts", none, {.meaning = "Discounts, in minor units."}),
      field<&T::net>(6, "net", none, {.meaning = "Without tax, in minor units."})};
};

template <>
struct Described<reports::RevenueReport> {
  using T = reports::RevenueReport;
  static constexpr std::string_view name = "RevenueReport";
  static constexpr Field fields[] = {field<&T::rows>(1, "rows", none, {.meaning = "The rows."})};
};

template <>
struct Described<reports::Revenue> {
  using T = reports::Revenue;
  static constexpr std::string_view name = "ReportsRevenue";
  static constexpr Field fields[] = {field<&T::by>(1, "by", none, {.meaning = "By what it is added up."}),
                                     field<&T::from>(2, "from", required, {.meaning = "The first day."}),
                                     field<&T::to>(3, "to", required, {.meaning = "The last day."})};
};

template <>
struct Described<reports::AgingRow> {
  using T = reports::AgingRow;
  static constexpr std::string_view name = "AgingRow";
  static constexpr Field fields[] = {
      field<&T::patient_id>(1, "patient_id", none, {.meaning = "The patient."}),
      field<&T::payer_id>(2, "payer_id", none, {.meaning = "The payer."}),
      field<&T::currency>(3, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::not_due>(4, "not_due", none, {.meaning = "Not yet due, in minor units."}),
      field<&T::days_1_30>(5, "days_1_30", none, {.meaning = "Overdue up to 30 days."}),
      field<&T::days_31_60>(6, "days_31_60", none, {.meaning = "Overdue 31 to 60 days."}),
      field<&T::days_61_90>(7, "days_61_90", none, {.meaning = "Overdue 61 to 90 days."}),
      field<&T::days_over_90>(8, "days_over_90", none, {.meaning = "Overdue more than 90 days."}),
      field<&T::total>(9, "total", none, {.meaning = "Net + tax + rounding, in minor units."})};
};

template <>
struct Described<reports::AgingReport> {
  using T = reports::AgingReport;
  static constexpr std::string_view name = "AgingReport";
  static constexpr Field fields[] = {
      field<&T::as_of>(1, "as_of", none, {.meaning = "The day."}),
      field<&T::rows>(2, "rows", none, {.meaning = "The rows."}),
      field<&T::left_out>(3, "left_out", none, {.meaning = "How many parties are not shown."})};
};

template <>
struct Described<reports::Aging> {
  using T = reports::Aging;
  static constexpr std::string_view name = "ReportsAging";
  static constexpr Field fields[] = {field<&T::as_of>(1, "as_of", none, {.meaning = "The day."})};
};

template <>
struct Described<reports::StatementRow> {
  using T = reports::StatementRow;
  static constexpr std::string_view name = "StatementRow";
  static constexpr Field fields[] = {
      field<&T::day>(1, "day", immutable, {.meaning = "Its business day."}),
      field<&T::kind>(2, "kind", none, {.meaning = "Of what kind it is."}),
      field<&T::number>(3, "number", none, {.max = 60, .meaning = "Its number."}),
      field<&T::invoice_id>(4, "invoice_id", none, {.meaning = "The invoice."}),
      field<&T::currency>(5, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::debit>(6, "debit", none, {.meaning = "The debit, in minor units."}),
      field<&T::credit>(7, "credit", none, {.meaning = "The credit, in minor units."}),
      field<&T::balance>(8, "balance", none, {.meaning = "What is owed, in minor units."})};
};

template <>
struct Described<reports::PatientStatement> {
  using T = reports::PatientStatement;
  static constexpr std::string_view name = "PatientStatement";
  static constexpr Field fields[] = {
      field<&T::patient_id>(1, "patient_id", none, {.meaning = "The patient."}),
      field<&T::rows>(2, "rows", none, {.meaning = "The rows, by day."}),
      field<&T::balances>(3, "balances", none, {.meaning = "At the end."}),
      field<&T::deposits>(4, "deposits", none, {.meaning = "What was paid and is not used."})};
};

template <>
struct Described<reports::Statement> {
  using T = reports::Statement;
  static constexpr std::string_view name = "ReportsStatement";
  static constexpr Field fields[] = {field<&T::patient_id>(1, "patient_id", required, {.meaning = "The patient."}),
                                     field<&T::from>(2, "from", none, {.meaning = "The first day."}),
                                     field<&T::to>(3, "to", none, {.meaning = "The last day."})};
};

template <>
struct Words<reports::ReportKind> {
  static constexpr std::string_view name = "ReportKind";
  static constexpr std::string_view words[] = {"trial_balance", "aging", "revenue"};
};

template <>
struct Described<reports::Export> {
  using T = reports::Export;
  static constexpr std::string_view name = "ReportsExport";
  static constexpr Field fields[] = {field<&T::report>(1, "report", none, {.meaning = "Which report."}),
                                     field<&T::from>(2, "from", none, {.meaning = "The first day."}),
                                     field<&T::to>(3, "to", none, {.meaning = "The last day."}),
                                     field<&T::by>(4, "by", none, {.meaning = "By what it is added up."})};
};

template <>
struct Described<reports::PrintStatement> {
  using T = reports::PrintStatement;
  static constexpr std::string_view name = "ReportsPrintStatement";
  static constexpr Field fields[] = {field<&T::patient_id>(1, "patient_id", required, {.meaning = "The patient."}),
                                     field<&T::from>(2, "from", none, {.meaning = "The first day."}),
                                     field<&T::to>(3, "to", none, {.meaning = "The last day."}),
                                     field<&T::csv>(4, "csv", none, {.meaning = "Whether it is wanted as CSV."}),
                                     field<&T::format>(5, "format", none, {.meaning = "As what it is printed."})};
};

}  // namespace medflow
