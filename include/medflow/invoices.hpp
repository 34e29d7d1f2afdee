// Invoices: drafts, numbers, what they come to and who pays; credit notes and write-offs, which correct them.
//
// Every amount is a whole number of minor units of the invoice's currency (R6).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/appointments.hpp"
#include "medflow/operation.hpp"
#include "medflow/patients.hpp"
#include "medflow/prices.hpp"

namespace medflow::inline v1 {

enum class DiscountKind : std::uint8_t { percent, fixed };

/// What is taken off a line, or off a whole invoice.
struct Discount {
  DiscountKind kind = DiscountKind::percent;
  std::int64_t value = 0;  ///< percent: in parts of a million; fixed: in minor units
  std::string reason{};    ///< why, at most 300 characters
};

/// How an invoice or another paper is rendered.
enum class PrintFormat : std::uint8_t { html, text, pdf };

}  // namespace medflow::inline v1

namespace medflow::inline v1::invoices {

/// draft → issued | discarded; issued → voided. All else is done by credit notes.
enum class InvoiceStatus : std::uint8_t { draft, issued, voided, discarded };

/// How far an issued invoice is settled: computed from the journal, never stored.
enum class Settlement : std::uint8_t { none, unpaid, partially_paid, paid, credited, written_off };

/// A line of an invoice as it is asked for.
struct NewLine {
  std::optional<PriceItemId> item_id{};
  std::string description{};       ///< the item's name where it is not said; at most 300 characters
  std::int64_t quantity = 10'000;  ///< in ten-thousandths: 1.5 is 15,000; above 0, at most 10^10
  std::optional<std::int64_t>
      price_micro{};  ///< of one, in millionths of the currency's unit; that of the price list where not said
  std::optional<Discount> discount{};
  std::optional<std::string> tax_code{};  ///< the item's where it is not said; empty for none
  std::optional<Date> service_date{};  ///< by which the price and the tax's rate are found; today where it is not said
  std::optional<PractitionerId> practitioner_id{};  ///< whose service it was
  std::optional<AppointmentId> appointment_id{};
  std::optional<RecordId> record_id{};
};

/// A line as it stands on the invoice.
struct Line {
  std::optional<PriceItemId> item_id{};
  std::string description{};
  std::int64_t quantity = 10'000;
  std::int64_t price_micro = 0;
  std::optional<Discount> discount{};
  std::string tax_code{};
  std::uint32_t rate_micro = 0;
  Date service_date{};
  std::optional<PractitionerId> practitioner_id{};
  std::optional<AppointmentId> appointment_id{};
  std::optional<RecordId> record_id{};
  std::int64_t gross = 0;                  ///< quantity × price, rounded, before any discount
  std::int64_t discount_amount = 0;        ///< what is taken off it, its part of the invoice's discount included
  std::int64_t net = 0;                    ///< what remains without tax
  std::optional<FeeRuleId> fee_rule_id{};  ///< by which the charge of a completed visit is cheaper
};

/// The tax of one code and rate, computed once on the sum of its lines (EN 16931, BG-23).
struct Tax {
  std::string tax_code{};
  std::uint32_t rate_micro = 0;
  std::int64_t base = 0;
  std::int64_t amount = 0;
};

/// What a payer pays of an invoice.
struct PayerShare {
  PayerId payer_id{};
  std::optional<CoverageId> coverage_id{};
  std::int64_t amount = 0;
  std::string name{};  ///< the payer's, as it was when the paper was issued; in answers
};

/// An invoice. Members whose class the caller's role does not open are empty.
struct Invoice {
  InvoiceId id{};
  std::uint64_t revision = 0;
  /// `{prefix}-{fiscal year}-{six digits}` from its issue on, without gaps; "DRAFT-…" in answers before.
  std::optional<std::string> number{};
  std::string series{};        ///< the prefix and fiscal year of its number
  std::uint64_t sequence = 0;  ///< the number within its series; 0 of a draft
  InvoiceStatus status = InvoiceStatus::draft;
  PatientId patient_id{};
  FacilityId facility_id{};
  std::optional<AppointmentId> appointment_id{};  ///< the visit that it charges
  Currency currency{};
  TaxMode tax_mode = TaxMode::exclusive;
  Rounding rounding_mode = Rounding::half_up;
  std::uint32_t cash_rounding = 0;  ///< the total is a multiple of so many minor units; 0: of one
  std::string price_list{};
  std::optional<Date> issue_date{};
  std::optional<Date> due_date{};
  std::vector<Line> lines{};
  std::vector<PractitionerId> practitioner_ids{};  ///< whose services the lines charge
  std::optional<Discount> discount{};              ///< off the whole
  std::vector<Tax> taxes{};
  std::vector<PayerShare> shares{};  ///< what payers pay, by rank
  std::int64_t net = 0;              ///< Σ net of lines
  std::int64_t tax = 0;              ///< Σ taxes
  std::int64_t rounding = 0;         ///< cash rounding
  std::int64_t total = 0;            ///< net + tax + rounding
  std::int64_t patient_share = 0;    ///< total − Σ shares
  std::optional<Instant> issued_at{};
  std::optional<UserId> issued_by{};
  std::string issuer{};      ///< the hospital's name and the facility's, as they were then
  std::string issued_to{};   ///< the patient's name and number, as they were then; for who may read the patient
  std::string doc_hash{};    ///< SHA-256 of the printed text, in hexadecimal; a reprint has the same
  std::string end_reason{};  ///< why it was voided or discarded
  std::optional<Instant> ended_at{};
  std::optional<UserId> ended_by{};
  std::vector<patients::Extension> extensions{};
  // Computed from the journal for each answer.
  std::int64_t paid = 0;
  std::int64_t credited = 0;
  std::int64_t written_off = 0;
  std::int64_t balance = 0;          ///< what is still owed, by the patient and by payers
  std::int64_t patient_balance = 0;  ///< of it by the patient
  Settlement settlement = Settlement::none;
  bool overdue = false;  ///< something is owed and the due date is over in the tenant's zone
  std::optional<appointments::PatientLabel> patient{};
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// Drafts an invoice. Prices and tax rates are those of each line's service date; with `id`, the same call again answers what there is. A
/// receptionist and a pharmacist take off at most 10 %, and each of their lines is of an item, at the price of the hospital's list or more.
/// Fails, first match wins: forbidden; invalid (an unknown patient, facility, item, tax code, payer; no price; a discount without a reason, above
/// the line or above the caller's limit; a line that this caller may not price; shares above the total); `money.overflow`; conflict
/// `conflict.id_reused`, `invoice.charged` (the visit is charged by another).
struct Create {
  using Output = Invoice;
  std::optional<InvoiceId> id{};
  PatientId patient_id{};
  std::optional<FacilityId> facility_id{};  ///< the visit's, else the caller's first
  std::optional<AppointmentId> appointment_id{};
  std::optional<Currency> currency{};  ///< the tenant's where it is not said
  std::string price_list{};      ///< the setting where it is not said; a receptionist and a pharmacist say no other
  std::vector<NewLine> lines{};  ///< at most 500
  std::optional<Discount> discount{};
  std::vector<PayerShare> shares{};  ///< said by hand; none: by the coverages on the services' days, at its issue
  std::vector<patients::Extension> extensions{};

  static constexpr Operation operation{.name = "invoices.create",
                                       .method = Method::post,
                                       .path = "/invoices",
                                       .permission = Permission::invoice_draft,
                                       .effect = Effect::write,
                                       .summary = "Draft an invoice",
                                       .object = "invoice",
                                       .status = 201};
};

/// Invoices, newest first.
/// Fails: forbidden.
struct List {
  using Output = Page<Invoice>;
  std::optional<PatientId> patient_id{};
  std::optional<FacilityId> facility_id{};
  std::optional<InvoiceStatus> status{};
  std::optional<bool> overdue{};
  std::optional<bool> open{};  ///< only those of which something is owed, or nothing
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "invoices.list",
                                       .method = Method::get,
                                       .path = "/invoices",
                                       .permission = Permission::invoice_read,
                                       .summary = "List invoices",
                                       .object = "invoice"};
};

/// One invoice, with what of it is settled.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Invoice;
  InvoiceId id{};

  static constexpr Operation operation{.name = "invoices.get",
                                       .method = Method::get,
                                       .path = "/invoices/{id}",
                                       .permission = Permission::invoice_read,
                                       .summary = "Read an invoice",
                                       .object = "invoice"};
};

/// Replaces the content of a draft.
/// Fails, first match wins: forbidden; not_found; conflict `invoice.immutable` (it was issued); invalid, as `invoices.create`; conflict
/// `invoice.charged` (a visit is charged by another); `conflict.revision`.
struct Update {
  using Output = Invoice;
  InvoiceId id{};
  std::optional<std::uint64_t> revision{};
  std::string price_list{};  ///< the same, or the draft's own
  std::vector<NewLine> lines{};
  std::optional<Discount> discount{};
  std::vector<PayerShare> shares{};
  std::vector<patients::Extension> extensions{};

  static constexpr Operation operation{.name = "invoices.update",
                                       .method = Method::put,
                                       .path = "/invoices/{id}",
                                       .permission = Permission::invoice_draft,
                                       .effect = Effect::write,
                                       .summary = "Change a draft",
                                       .object = "invoice"};
};

/// Drops a draft. It stays to be read.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`; `conflict.revision`.
struct DiscardDraft {
  using Output = Invoice;
  InvoiceId id{};
  std::optional<std::uint64_t> revision{};
  std::string reason{};

  static constexpr Operation operation{.name = "invoices.discard",
                                       .method = Method::post,
                                       .path = "/invoices/{id}/discard",
                                       .permission = Permission::invoice_draft,
                                       .effect = Effect::write,
                                       .summary = "Drop a draft",
                                       .object = "invoice"};
};

/// Issues a draft: it gets the next number of its series (of the tenant, or of the facility where that has a prefix of its own, and the fiscal
/// year), is posted in the journal and never changes again. Needs an idempotency key.
/// Fails, first match wins: forbidden; malformed `idempotency.required`; not_found; conflict `transition.illegal`; invalid (no line);
/// conflict `invoice.date_order` (before the last date of the series); `conflict.revision`.
struct Issue {
  using Output = Invoice;
  InvoiceId id{};
  std::optional<std::uint64_t> revision{};
  std::optional<Date> issue_date{};  ///< today in the tenant's zone where it is not said; never later
  std::optional<Date> due_date{};    ///< by the setting `payment_terms_days` where it is not said

  static constexpr Operation operation{.name = "invoices.issue",
                                       .method = Method::post,
                                       .path = "/invoices/{id}/issue",
                                       .permission = Permission::invoice_issue,
                                       .effect = Effect::write,
                                       .summary = "Issue an invoice",
                                       .object = "invoice",
                                       .key_required = true};
};

/// Drafts an invoice and issues it at once, as a counter does where the patient waits for the paper: what `invoices.create` and `invoices.issue` do
/// after each other, in one step with one event. Who may not draft (`invoice.draft`) may not do this either. With `id`, the same call again
/// answers what there is. Needs an idempotency key.
/// Fails, first match wins: forbidden (to issue); malformed `idempotency.required`; invalid (a member that breaks a rule of its own); forbidden (to
/// draft); invalid (an unknown patient); conflict `conflict.id_reused`; forbidden (at this facility); `money.overflow`; invalid, as both
/// (no line, a day to come, a due date before the day of issue among it); conflict `invoice.charged` (the visit is charged by another),
/// `invoice.date_order` (before the last date of the series).
struct Bill {
  using Output = Invoice;
  std::optional<InvoiceId> id{};
  PatientId patient_id{};
  std::optional<FacilityId> facility_id{};  ///< the visit's, else the caller's first
  std::optional<AppointmentId> appointment_id{};
  std::optional<Currency> currency{};  ///< the tenant's where it is not said
  std::string price_list{};      ///< the setting where it is not said; a receptionist and a pharmacist say no other
  std::vector<NewLine> lines{};  ///< at least one, at most 500
  std::optional<Discount> discount{};
  std::vector<PayerShare> shares{};  ///< said by hand; none: by the coverages on the services' days
  std::vector<patients::Extension> extensions{};
  std::optional<Date> issue_date{};  ///< today in the tenant's zone where it is not said; never later
  std::optional<Date> due_date{};    ///< by the setting `payment_terms_days` where it is not said

  static constexpr Operation operation{.name = "invoices.bill",
                                       .method = Method::post,
                                       .path = "/invoices/bill",
                                       .permission = Permission::invoice_issue,
                                       .effect = Effect::write,
                                       .summary = "Draft an invoice and issue it; needs invoice.draft as well",
                                       .object = "invoice",
                                       .status = 201,
                                       .key_required = true};
};

/// Voids an issued invoice that nobody has paid of: what it posted is reversed, its coverages get back what it used, its number stays used.
/// Fails, first match wins: forbidden; invalid (no reason); not_found; conflict `transition.illegal`; conflict `invoice.settled` (something was
/// paid, credited or written off); conflict `invoice.period_closed` (of an earlier fiscal year); `conflict.revision`.
struct Void {
  using Output = Invoice;
  InvoiceId id{};
  std::optional<std::uint64_t> revision{};
  std::string reason{};

  static constexpr Operation operation{.name = "invoices.void",
                                       .method = Method::post,
                                       .path = "/invoices/{id}/void",
                                       .permission = Permission::invoice_void,
                                       .effect = Effect::write,
                                       .summary = "Void an invoice",
                                       .object = "invoice",
                                       .reason_required = true};
};

/// An invoice on paper, the same bytes each time while it is not changed.
/// Fails, first match wins: forbidden; not_found; unsupported_media `print.no_pdf` (this program has no printer of PDF).
struct Print {
  using Output = Stream;
  InvoiceId id{};
  PrintFormat format = PrintFormat::html;

  static constexpr Operation operation{.name = "invoices.print",
                                       .method = Method::get,
                                       .path = "/invoices/{id}/print",
                                       .permission = Permission::invoice_read,
                                       .summary = "Print an invoice",
                                       .object = "invoice"};
};

/// A number that is not where it should be.
struct SequenceGap {
  std::string series{};
  std::uint64_t number = 0;
  std::string problem{};  ///< "missing", "duplicate" or "order"
};

/// What was found in one series.
struct SequenceReport {
  std::uint64_t series = 0;         ///< how many there are
  std::uint64_t numbers = 0;        ///< how many numbers were looked at
  std::vector<SequenceGap> gaps{};  ///< at most 1,000
};

/// Looks whether the numbers of each series of invoices and of credit notes run from 1 without gap and without repeat, in the order of their dates.
/// Fails: forbidden.
struct VerifySequence {
  using Output = SequenceReport;

  static constexpr Operation operation{.name = "invoices.verify_sequence",
                                       .method = Method::get,
                                       .path = "/invoice_sequences/verify",
                                       .permission = Permission::ledger_read,
                                       .summary = "Verify the numbers of invoices",
                                       .object = "invoice"};
};

}  // namespace medflow::inline v1::invoices

namespace medflow::inline v1::credit_notes {

/// How much of a line is credited.
struct CreditLine {
  std::uint32_t line = 0;  ///< the invoice's line, from 1
  std::int64_t net = 0;    ///< how much of its net
};

/// A correction of an issued invoice: it takes back net amounts of lines and the tax on them.
struct CreditNote {
  CreditNoteId id{};
  std::uint64_t revision = 0;
  std::string number{};
  std::string series{};
  std::uint64_t sequence = 0;
  InvoiceId invoice_id{};
  PatientId patient_id{};
  FacilityId facility_id{};
  Currency currency{};
  Date issue_date{};
  std::vector<CreditLine> lines{};
  std::vector<invoices::Tax> taxes{};
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t rounding = 0;  ///< that of the invoice, with the credit of its last line
  std::int64_t total = 0;
  std::vector<invoices::PayerShare> shares{};  ///< of the total, by payers
  std::int64_t patient_share = 0;
  std::string reason{};
  std::string issuer{};     ///< as of an invoice
  std::string issued_to{};  ///< the same
  std::string doc_hash{};
  Instant created_at{};
  UserId created_by{};
};

/// Credits an issued invoice, wholly where no lines are said. The payers' shares and the patient's fall in their proportion; what was paid already
/// becomes a deposit of who paid it. Of each line's discount goes what goes of its net. Coverages get back what the credited part used: of
/// limits the payers' credited shares, of deductibles the same part as of what was left of the total; notes over all of it give back all, as a void
/// does. Needs an idempotency key.
/// Fails, first match wins: forbidden; malformed `idempotency.required`; invalid (no reason; no such line; more than is left of a line);
/// not_found; conflict `transition.illegal` (not issued), `conflict.id_reused`.
struct Issue {
  using Output = CreditNote;
  std::optional<CreditNoteId> id{};
  InvoiceId invoice_id{};
  std::vector<CreditLine> lines{};  ///< none: all that is left
  std::string reason{};

  static constexpr Operation operation{.name = "credit_notes.issue",
                                       .method = Method::post,
                                       .path = "/invoices/{invoice_id}/credit_notes",
                                       .permission = Permission::credit_note_issue,
                                       .effect = Effect::write,
                                       .summary = "Credit an invoice",
                                       .object = "credit_note",
                                       .status = 201,
                                       .reason_required = true,
                                       .key_required = true};
};

/// The credit notes of an invoice, oldest first.
/// Fails, first match wins: forbidden; not_found (the invoice).
struct List {
  using Output = Page<CreditNote>;
  InvoiceId invoice_id{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "credit_notes.list",
                                       .method = Method::get,
                                       .path = "/invoices/{invoice_id}/credit_notes",
                                       .permission = Permission::invoice_read,
                                       .summary = "List the credit notes of an invoice",
                                       .object = "credit_note"};
};

/// A credit note on paper.
/// Fails as `invoices.print`.
struct Print {
  using Output = Stream;
  CreditNoteId id{};
  PrintFormat format = PrintFormat::html;

  static constexpr Operation operation{.name = "credit_notes.print",
                                       .method = Method::get,
                                       .path = "/credit_notes/{id}/print",
                                       .permission = Permission::invoice_read,
                                       .summary = "Print a credit note",
                                       .object = "credit_note"};
};

}  // namespace medflow::inline v1::credit_notes

namespace medflow::inline v1::write_offs {

enum class WriteOffStatus : std::uint8_t { requested, approved, rejected };

/// That something owed is given up.
struct WriteOff {
  WriteOffId id{};
  std::uint64_t revision = 0;
  InvoiceId invoice_id{};
  PatientId patient_id{};
  std::optional<PayerId> payer_id{};  ///< of whose share; the patient's where it is not said
  std::int64_t amount = 0;
  Currency currency{};
  std::string reason{};
  WriteOffStatus status = WriteOffStatus::requested;
  UserId requested_by{};
  std::optional<UserId> decided_by{};
  std::optional<Instant> decided_at{};
  Instant created_at{};
  Instant updated_at{};
};

/// Asks for a write-off, which another person decides about.
/// Fails, first match wins: forbidden; invalid (no reason; nothing; more than is owed); not_found; conflict `transition.illegal` (not issued).
struct Request {
  using Output = WriteOff;
  std::optional<WriteOffId> id{};
  InvoiceId invoice_id{};
  std::optional<PayerId> payer_id{};
  std::int64_t amount = 0;
  std::string reason{};

  static constexpr Operation operation{.name = "write_offs.request",
                                       .method = Method::post,
                                       .path = "/invoices/{invoice_id}/write_offs",
                                       .permission = Permission::write_off_request,
                                       .effect = Effect::write,
                                       .summary = "Ask for a write-off",
                                       .object = "write_off",
                                       .status = 201,
                                       .reason_required = true};
};

/// Write-offs, newest first.
/// Fails: forbidden.
struct List {
  using Output = Page<WriteOff>;
  std::optional<WriteOffStatus> status{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "write_offs.list",
                                       .method = Method::get,
                                       .path = "/write_offs",
                                       .permission = Permission::ledger_read,
                                       .summary = "List write-offs",
                                       .object = "write_off"};
};

/// Agrees to a write-off: it is posted.
/// Fails, first match wins: forbidden (the one who asked); not_found; conflict `transition.illegal`; conflict `invoice.settled` (no longer so much is
/// owed); `conflict.revision`.
struct Approve {
  using Output = WriteOff;
  WriteOffId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "write_offs.approve",
                                       .method = Method::post,
                                       .path = "/write_offs/{id}/approve",
                                       .permission = Permission::write_off_approve,
                                       .effect = Effect::write,
                                       .summary = "Agree to a write-off",
                                       .object = "write_off"};
};

/// Refuses a write-off.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`; `conflict.revision`.
struct Reject {
  using Output = WriteOff;
  WriteOffId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "write_offs.reject",
                                       .method = Method::post,
                                       .path = "/write_offs/{id}/reject",
                                       .permission = Permission::write_off_approve,
                                       .effect = Effect::write,
                                       .summary = "Refuse a write-off",
                                       .object = "write_off"};
};

}  // namespace medflow::inline v1::write_offs
