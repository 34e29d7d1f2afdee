// The journal: every movement of money as a double entry, and what is reported from it.
//
// Every amount is a whole number of minor units of its currency (R6).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/payments.hpp"

namespace medflow::inline v1::ledger {

/// The accounts there are.
enum class Account : std::uint8_t {
  receivable_patient,  ///< what patients owe (asset)
  receivable_payer,    ///< what payers owe (asset)
  cash,                ///< (asset), as the four that follow
  card,
  bank,
  mobile,
  payer_remittance,
  deposits,       ///< what was paid and not used (liability)
  refunds,        ///< what is approved to go back and has not yet (liability)
  tax,            ///< owed to the state (liability)
  revenue,        ///< before discounts, without tax (income)
  discounts,      ///< without the tax of what was taken off (contra income)
  write_offs,     ///< (expense)
  rounding,       ///< cash rounding (income or expense)
  cash_variance,  ///< of counted drawers (income or expense)
};

/// What an entry tells.
enum class EntryKind : std::uint8_t {
  invoice,
  invoice_void,
  credit_note,
  payment,
  allocation,
  refund_approved,
  refund_completed,
  write_off,
  cash_variance,
};

/// One side of an entry: exactly one of debit and credit is above 0.
struct Posting {
  Account account{};
  std::int64_t debit = 0;
  std::int64_t credit = 0;
  std::optional<PatientId> patient_id{};            ///< whose receivable or deposit it is
  std::optional<PayerId> payer_id{};                ///< the same
  std::optional<InvoiceId> invoice_id{};            ///< which receivable
  std::optional<PractitionerId> practitioner_id{};  ///< of revenue and discounts: whose service
  std::optional<PriceItemId> item_id{};             ///< of revenue and discounts: which
};

/// A journal entry. Never changed; Σ debit = Σ credit.
struct Entry {
  JournalEntryId id{};
  std::uint64_t revision = 0;
  Instant at{};
  Date day{};  ///< its business day, in the tenant's zone; of an invoice its issue date
  EntryKind kind{};
  Currency currency{};
  FacilityId facility_id{};
  Uuid ref_id{};  ///< the invoice, credit note, payment, refund, write-off or shift
  std::optional<JournalEntryId> reverses{};
  std::vector<Posting> postings{};
  UserId created_by{};
};

/// Entries, newest first.
/// Fails: forbidden.
struct ListEntries {
  using Output = Page<Entry>;
  std::optional<Uuid> ref_id{};
  std::optional<EntryKind> kind{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "ledger.list_entries",
                                       .method = Method::get,
                                       .path = "/ledger/entries",
                                       .permission = Permission::ledger_read,
                                       .summary = "List journal entries",
                                       .object = "journal_entry"};
};

/// An account's turnover.
struct AccountBalance {
  Account account{};
  Currency currency{};
  std::int64_t debit = 0;
  std::int64_t credit = 0;
  std::int64_t balance = 0;  ///< debit − credit
};

struct Balances {
  std::vector<AccountBalance> accounts{};  ///< by account and currency
  bool balanced = true;                    ///< Σ debit = Σ credit in each currency
};

/// The trial balance: what moved on each account from a day to a day, both included, from balances that are kept by account and day.
/// Fails, first match wins: forbidden; invalid (`to` before `from`).
struct TrialBalance {
  using Output = Balances;
  std::optional<Date> from{};
  std::optional<Date> to{};

  static constexpr Operation operation{.name = "ledger.trial_balance",
                                       .method = Method::get,
                                       .path = "/ledger/trial_balance",
                                       .permission = Permission::ledger_read,
                                       .summary = "Read the trial balance",
                                       .object = "journal_entry"};
};

struct Finding {
  std::string problem{};  ///< "unbalanced", "posting_missing", "posting_differs", "posting_extra", "balance_differs"
  std::string where{};    ///< the entry's id, or account, currency and day
};

struct VerifyReport {
  std::uint64_t entries = 0;
  std::uint64_t postings = 0;
  std::uint64_t balances = 0;
  bool sound = true;
  std::vector<Finding> findings{};  ///< at most 1,000
};

/// Recomputes postings and balances from the entries and compares.
/// Fails: forbidden.
struct Verify {
  using Output = VerifyReport;

  static constexpr Operation operation{.name = "ledger.verify",
                                       .method = Method::get,
                                       .path = "/ledger/verify",
                                       .permission = Permission::ledger_read,
                                       .summary = "Verify the ledger",
                                       .object = "journal_entry"};
};

}  // namespace medflow::inline v1::ledger

namespace medflow::inline v1::reports {

/// By what revenue is added up.
enum class RevenueBy : std::uint8_t { day, month, practitioner, item, facility };

struct RevenueRow {
  std::string key{};   ///< the day, the month ("2026-11") or an id; empty for none
  std::string name{};  ///< of the doctor, item or facility
  Currency currency{};
  std::int64_t gross = 0;  ///< before discounts
  std::int64_t discounts = 0;
  std::int64_t net = 0;  ///< gross − discounts
};

struct RevenueReport {
  std::vector<RevenueRow> rows{};  ///< by key and currency
};

/// Revenue from a day to a day, both included, without tax: what the journal says, no more.
/// Fails, first match wins: forbidden; invalid (`to` before `from`; more than 3,660 days).
struct Revenue {
  using Output = RevenueReport;
  RevenueBy by = RevenueBy::day;
  Date from{};
  Date to{};

  static constexpr Operation operation{.name = "reports.revenue",
                                       .method = Method::get,
                                       .path = "/reports/revenue",
                                       .permission = Permission::ledger_read,
                                       .summary = "Read revenue by day, month, doctor, item or facility",
                                       .object = "report"};
};

/// What is owed by one party, by how long it has been due.
struct AgingRow {
  std::optional<PatientId> patient_id{};
  std::optional<PayerId> payer_id{};
  Currency currency{};
  std::int64_t not_due = 0;
  std::int64_t days_1_30 = 0;
  std::int64_t days_31_60 = 0;
  std::int64_t days_61_90 = 0;
  std::int64_t days_over_90 = 0;
  std::int64_t total = 0;
};

struct AgingReport {
  Date as_of{};
  std::vector<AgingRow> rows{};  ///< payers first, then patients, by id; at most 10,000
  std::int64_t left_out = 0;     ///< parties beyond those
};

/// What was owed at the end of a day, by days overdue then.
/// Fails: forbidden.
struct Aging {
  using Output = AgingReport;
  std::optional<Date> as_of{};  ///< today in the tenant's zone where it is not said

  static constexpr Operation operation{.name = "reports.aging",
                                       .method = Method::get,
                                       .path = "/reports/aging",
                                       .permission = Permission::ledger_read,
                                       .summary = "Read what is owed, by how long it is due",
                                       .object = "report"};
};

struct StatementRow {
  Date day{};
  ledger::EntryKind kind{};
  std::string number{};  ///< of the invoice, credit note or receipt
  std::optional<InvoiceId> invoice_id{};
  Currency currency{};
  std::int64_t debit = 0;
  std::int64_t credit = 0;
  std::int64_t balance = 0;  ///< after it, in its currency: above 0 is owed by the patient
};

/// A patient's account: what was charged to them, what they paid and what is to go back to them, without payers' shares.
struct PatientStatement {
  PatientId patient_id{};
  std::vector<StatementRow> rows{};  ///< by day; at most 10,000
  std::vector<Money> balances{};     ///< at the end, by currency
  std::vector<Money> deposits{};     ///< of it what was paid and not used
};

/// The statement of account of a patient.
/// Fails, first match wins: forbidden; not_found; invalid (`to` before `from`).
struct Statement {
  using Output = PatientStatement;
  PatientId patient_id{};
  std::optional<Date> from{};  ///< what was before it is in the first balance
  std::optional<Date> to{};

  static constexpr Operation operation{.name = "reports.statement",
                                       .method = Method::get,
                                       .path = "/patients/{patient_id}/statement",
                                       .permission = Permission::invoice_read,
                                       .summary = "Read a patient's statement of account",
                                       .object = "patient"};
};

/// Which report.
enum class ReportKind : std::uint8_t { trial_balance, aging, revenue };

/// A report as CSV (RFC 4180) in UTF-8. Amounts are decimal numbers of their currency; a cell that a spreadsheet would take for a formula begins with
/// an apostrophe.
/// Fails as the report itself; invalid (revenue without days).
struct Export {
  using Output = Stream;
  ReportKind report = ReportKind::trial_balance;
  std::optional<Date> from{};
  std::optional<Date> to{};  ///< of aging: as of the end of this day
  RevenueBy by = RevenueBy::day;

  static constexpr Operation operation{.name = "reports.export",
                                       .method = Method::get,
                                       .path = "/reports/export",
                                       .permission = Permission::ledger_read,
                                       .summary = "Read a report as CSV",
                                       .object = "report"};
};

/// A patient's statement as CSV, as `reports.export` writes it, or on paper.
/// Fails as `reports.statement`; unsupported_media `print.no_pdf`.
struct PrintStatement {
  using Output = Stream;
  PatientId patient_id{};
  std::optional<Date> from{};
  std::optional<Date> to{};
  bool csv = false;
  PrintFormat format = PrintFormat::html;

  static constexpr Operation operation{.name = "reports.print_statement",
                                       .method = Method::get,
                                       .path = "/patients/{patient_id}/statement/print",
                                       .permission = Permission::invoice_read,
                                       .summary = "Print a patient's statement of account",
                                       .object = "patient"};
};

}  // namespace medflow::inline v1::reports
