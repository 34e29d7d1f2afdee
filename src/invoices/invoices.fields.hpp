// The fields of invoices, credit notes, write-offs and their operations (entities.md, "Invoice").
#pragma once

#include "appointments/appointments.fields.hpp"
#include "medflow/invoices.hpp"
#include "money/money.fields.hpp"
#include "prices/prices.fields.hpp"

namespace medflow::inline v1::invoices::rule {

inline constexpr Rules own_id{.meaning = "An id of the caller's own (any UUID); makes the call repeatable."};
inline constexpr Rules patient_id{.meaning = "The patient."};
inline constexpr Rules facility_id{.meaning = "The facility."};
inline constexpr Rules appointment_id{.meaning = "The visit."};
inline constexpr Rules currency{.meaning = "Its currency (ISO 4217)."};
inline constexpr Rules price_list{.max = 40, .text = TextRule::ascii, .meaning = "The price list."};
inline constexpr Rules lines{.items_max = 500, .meaning = "The lines."};
inline constexpr Rules discount{.meaning = "What is taken off."};
inline constexpr Rules shares{.items_max = 20, .meaning = "What payers pay."};
inline constexpr Rules extensions{.items_max = 32, .meaning = "The host's own values."};
inline constexpr Rules issue_date{.meaning = "The day of issue."};
inline constexpr Rules due_date{.meaning = "Until when it is to be paid."};

}  // namespace medflow::inline v1::invoices::rule

namespace medflow {

template <>
struct Words<DiscountKind> {
  static constexpr std::string_view name = "DiscountKind";
  static constexpr std::string_view words[] = {"percent", "fixed"};
};

template <>
struct Described<Discount> {
  using T = Discount;
  static constexpr std::string_view name = "Discount";
  static constexpr Field fields[] = {
      field<&T::kind>(1, "kind", required, {.meaning = "Of what kind it is."}),
      field<&T::value>(2, "value", required,
                       {.max = money_max, .meaning = "Percent: in parts of a million; fixed: in minor units."}),
      field<&T::reason>(3, "reason", phi, {.max = 300, .text = TextRule::note, .meaning = "Why it is taken off."})};
};

template <>
struct Words<PrintFormat> {
  static constexpr std::string_view name = "PrintFormat";
  static constexpr std::string_view words[] = {"html", "text", "pdf"};
};

template <>
struct Words<invoices::InvoiceStatus> {
  static constexpr std::string_view name = "InvoiceStatus";
  static constexpr std::string_view words[] = {"draft", "issued", "voided", "discarded"};
};

template <>
struct Words<invoices::Settlement> {
  static constexpr std::string_view name = "Settlement";
  static constexpr std::string_view words[] = {"none", "unpaid", "partially_paid", "paid", "credited", "written_off"};
};

template <>
struct Described<invoices::NewLine> {
  using T = invoices::NewLine;
  static constexpr std::string_view name = "NewInvoiceLine";
  static constexpr Field fields[] = {
      field<&T::item_id>(1, "item_id", none, {.meaning = "The item of the price list."}),
      field<&T::description>(2, "description", phi, {.max = 300, .meaning = "What it is."}),
      field<&T::quantity>(3, "quantity", none,
                          {.min = 1, .max = 10'000'000'000, .meaning = "How much, in ten-thousandths."}),
      field<&T::discount>(4, "discount", none, {.meaning = "What is taken off."}),
      field<&T::tax_code>(5, "tax_code", none,
                          {.max = 20, .text = TextRule::ascii, .meaning = "By which it is taxed; empty for none."}),
      field<&T::service_date>(6, "service_date", none, {.meaning = "The day of the service."}),
      field<&T::practitioner_id>(7, "practitioner_id", none, {.meaning = "Whose service it was."}),
      field<&T::appointment_id>(8, "appointment_id", none, {.meaning = "The visit."}),
      field<&T::record_id>(9, "record_id", none, {.meaning = "The record."}),
      field<&T::price_micro>(
          10, "price_micro", none,
          {.max = 1'000'000'000'000'000, .meaning = "The price of one, in millionths of the currency's unit."})};
};

template <>
struct Described<invoices::Line> {
  using T = invoices::Line;
  static constexpr std::string_view name = "InvoiceLine";
  static constexpr Field fields[] = {
      field<&T::item_id>(1, "item_id", none, {.meaning = "The item of the price list."}),
      field<&T::description>(2, "description", phi, {.max = 300, .meaning = "What it is."}),
      field<&T::quantity>(3, "quantity", none,
                          {.min = 1, .max = 10'000'000'000, .meaning = "How much, in ten-thousandths."}),
      field<&T::price_micro>(
          4, "price_micro", none,
          {.max = 1'000'000'000'000'000, .meaning = "The price of one, in millionths of the currency's unit."}),
      field<&T::discount>(5, "discount", none, {.meaning = "What is taken off."}),
      field<&T::tax_code>(6, "tax_code", none,
                          {.max = 20, .text = TextRule::ascii, .meaning = "By which it is taxed; empty for none."}),
      field<&T::rate_micro>(7, "rate_micro", none,
                            {.max = 1'000'000, .meaning = "The rate in parts of a million: 20 % is 200,000."}),
      field<&T::service_date>(8, "service_date", none, {.meaning = "The day of the service."}),
      field<&T::practitioner_id>(9, "practitioner_id", none, {.meaning = "Whose service it was."}),
      field<&T::appointment_id>(10, "appointment_id", none, {.meaning = "The visit."}),
      field<&T::record_id>(11, "record_id", none, {.meaning = "The record."}),
      field<&T::gross>(12, "gross", none, {.meaning = "Quantity × price, rounded, in minor units."}),
      field<&T::discount_amount>(13, "discount_amount", none, {.meaning = "What is taken off, in minor units."}),
      field<&T::net>(14, "net", none, {.meaning = "Without tax, in minor units."}),
      field<&T::fee_rule_id>(15, "fee_rule_id", none, {.meaning = "The rule by which it is cheaper."})};
};

template <>
struct Described<invoices::Tax> {
  using T = invoices::Tax;
  static constexpr std::string_view name = "InvoiceTax";
  static constexpr Field fields[] = {
      field<&T::tax_code>(1, "tax_code", none,
                          {.max = 20, .text = TextRule::ascii, .meaning = "By which it is taxed; empty for none."}),
      field<&T::rate_micro>(2, "rate_micro", none,
                            {.max = 1'000'000, .meaning = "The rate in parts of a million: 20 % is 200,000."}),
      field<&T::base>(3, "base", none, {.meaning = "The net amounts that it is computed on, in minor units."}),
      field<&T::amount>(4, "amount", none, {.max = money_max, .meaning = "The amount, in minor units."})};
};

template <>
struct Described<invoices::PayerShare> {
  using T = invoices::PayerShare;
  static constexpr std::string_view name = "PayerShare";
  static constexpr Field fields[] = {
      field<&T::payer_id>(1, "payer_id", required, {.meaning = "The payer."}),
      field<&T::coverage_id>(2, "coverage_id", none, {.meaning = "The coverage that it follows from."}),
      field<&T::amount>(3, "amount", required, {.max = money_max, .meaning = "The amount, in minor units."}),
      field<&T::name>(4, "name", none, {.max = 200, .meaning = "The payer's name, as it was then; in answers."})};
};

template <>
struct Described<invoices::Invoice> {
  using T = invoices::Invoice;
  static constexpr std::string_view name = "Invoice";
  static constexpr std::string_view page_name = "InvoicePage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::number>(3, "number", none, {.max = 60, .meaning = "Its number."}),
      field<&T::series>(4, "series", none, {.meaning = "The series of its number."}),
      field<&T::sequence>(5, "sequence", none, {.meaning = "Its number within the series."}),
      field<&T::status>(6, "status", none, {.meaning = "How far it has come."}),
      field<&T::patient_id>(7, "patient_id", none, {.meaning = "Whose invoice it is."}),
      field<&T::facility_id>(8, "facility_id", none, {.meaning = "The facility."}),
      field<&T::appointment_id>(9, "appointment_id", none, {.meaning = "The visit."}),
      field<&T::currency>(10, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::tax_mode>(11, "tax_mode", none, {.meaning = "Whether prices hold their tax already."}),
      field<&T::rounding_mode>(12, "rounding_mode", none, {.meaning = "How halves are rounded."}),
      field<&T::cash_rounding>(13, "cash_rounding", none,
                               {.max = 100'000, .meaning = "The total is a multiple of so many minor units."}),
      field<&T::price_list>(14, "price_list", none, {.max = 40, .text = TextRule::ascii, .meaning = "The price list."}),
      field<&T::issue_date>(15, "issue_date", none, {.meaning = "The day of issue."}),
      field<&T::due_date>(16, "due_date", none, {.meaning = "Until when it is to be paid."}),
      field<&T::lines>(17, "lines", phi | billing, {.items_max = 500, .meaning = "The lines."}),
      field<&T::practitioner_ids>(18, "practitioner_ids", none, {.items_max = 500, .meaning = "The doctors."}),
      field<&T::discount>(19, "discount", phi | billing, {.meaning = "What is taken off the whole."}),
      field<&T::taxes>(20, "taxes", none, {.meaning = "The taxes, by code and rate."}),
      field<&T::shares>(21, "shares", none, {.items_max = 20, .meaning = "What payers pay."}),
      field<&T::net>(22, "net", none, {.meaning = "Without tax, in minor units."}),
      field<&T::tax>(23, "tax", none, {.meaning = "All taxes, in minor units."}),
      field<&T::rounding>(24, "rounding", none, {.meaning = "Cash rounding, in minor units."}),
      field<&T::total>(25, "total", none, {.meaning = "Net + tax + rounding, in minor units."}),
      field<&T::patient_share>(26, "patient_share", none, {.meaning = "What the patient pays, in minor units."}),
      field<&T::issued_at>(27, "issued_at", none, {.meaning = "When it was issued."}),
      field<&T::issued_by>(28, "issued_by", none, {.meaning = "Who issued it."}),
      field<&T::doc_hash>(29, "doc_hash", phi | billing, {.meaning = "SHA-256 of the printed text."}),
      field<&T::end_reason>(30, "end_reason", phi | billing,
                            {.max = 300, .text = TextRule::note, .meaning = "Why it was voided or discarded."}),
      field<&T::ended_at>(31, "ended_at", none, {.meaning = "When it was voided or discarded."}),
      field<&T::ended_by>(32, "ended_by", none, {.meaning = "Who voided or discarded it."}),
      field<&T::extensions>(33, "extensions", phi | billing, {.items_max = 32, .meaning = "The host's own values."}),
      field<&T::paid>(34, "paid", derived, {.meaning = "What was paid, in minor units."}),
      field<&T::credited>(35, "credited", derived, {.meaning = "What was credited, in minor units."}),
      field<&T::written_off>(36, "written_off", derived, {.meaning = "What was given up, in minor units."}),
      field<&T::balance>(37, "balance", derived, {.meaning = "What is owed, in minor units."}),
      field<&T::patient_balance>(38, "patient_balance", derived, {.meaning = "Of it by the patient."}),
      field<&T::settlement>(39, "settlement", derived, {.meaning = "How far it is settled."}),
      field<&T::overdue>(40, "overdue", derived, {.meaning = "Whether something is owed after its due date."}),
      field<&T::patient>(41, "patient", phi | derived, {.meaning = "Who the patient is."}),
      field<&T::created_at>(42, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(43, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(44, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(45, "updated_by", none, {.meaning = "Who changed it last."}),
      field<&T::issuer>(46, "issuer", none, {.meaning = "Who issues it, as they were called then."}),
      field<&T::issued_to>(47, "issued_to", phi | identity, {.meaning = "The patient, as they were called then."})};
};

template <>
struct Described<invoices::Create> {
  using T = invoices::Create;
  static constexpr std::string_view name = "InvoicesCreate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, invoices::rule::own_id),
      field<&T::patient_id>(2, "patient_id", required, invoices::rule::patient_id),
      field<&T::facility_id>(3, "facility_id", none, invoices::rule::facility_id),
      field<&T::appointment_id>(4, "appointment_id", none, invoices::rule::appointment_id),
      field<&T::currency>(5, "currency", none, invoices::rule::currency),
      field<&T::price_list>(6, "price_list", none, invoices::rule::price_list),
      field<&T::lines>(7, "lines", none, invoices::rule::lines),
      field<&T::discount>(8, "discount", none, invoices::rule::discount),
      field<&T::shares>(9, "shares", none, invoices::rule::shares),
      field<&T::extensions>(10, "extensions", phi, invoices::rule::extensions)};
};

template <>
struct Described<invoices::List> {
  using T = invoices::List;
  static constexpr std::string_view name = "InvoicesList";
  static constexpr Field fields[] = {
      field<&T::patient_id>(1, "patient_id", none, {.meaning = "The patient."}),
      field<&T::facility_id>(2, "facility_id", none, {.meaning = "The facility."}),
      field<&T::status>(3, "status", none, {.meaning = "How far it has come."}),
      field<&T::overdue>(4, "overdue", none, {.meaning = "Whether it is overdue."}),
      field<&T::open>(5, "open", none, {.meaning = "Whether something of it is owed."}),
      field<&T::limit>(6, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(7, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<invoices::Get> {
  using T = invoices::Get;
  static constexpr std::string_view name = "InvoicesGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."})};
};

template <>
struct Described<invoices::Update> {
  using T = invoices::Update;
  static constexpr std::string_view name = "InvoicesUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::price_list>(3, "price_list", none, invoices::rule::price_list),
      field<&T::lines>(4, "lines", none, invoices::rule::lines),
      field<&T::discount>(5, "discount", none, invoices::rule::discount),
      field<&T::shares>(6, "shares", none, invoices::rule::shares),
      field<&T::extensions>(7, "extensions", phi, invoices::rule::extensions)};
};

template <>
struct Described<invoices::DiscardDraft> {
  using T = invoices::DiscardDraft;
  static constexpr std::string_view name = "InvoicesDiscard";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::reason>(3, "reason", phi, {.max = 300, .text = TextRule::note, .meaning = "Why."})};
};

template <>
struct Described<invoices::Issue> {
  using T = invoices::Issue;
  static constexpr std::string_view name = "InvoicesIssue";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::issue_date>(3, "issue_date", none, invoices::rule::issue_date),
      field<&T::due_date>(4, "due_date", none, invoices::rule::due_date)};
};

template <>
struct Described<invoices::Bill> {
  using T = invoices::Bill;
  static constexpr std::string_view name = "InvoicesBill";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, invoices::rule::own_id),
      field<&T::patient_id>(2, "patient_id", required, invoices::rule::patient_id),
      field<&T::facility_id>(3, "facility_id", none, invoices::rule::facility_id),
      field<&T::appointment_id>(4, "appointment_id", none, invoices::rule::appointment_id),
      field<&T::currency>(5, "currency", none, invoices::rule::currency),
      field<&T::price_list>(6, "price_list", none, invoices::rule::price_list),
      field<&T::lines>(7, "lines", none, invoices::rule::lines),
      field<&T::discount>(8, "discount", none, invoices::rule::discount),
      field<&T::shares>(9, "shares", none, invoices::rule::shares),
      field<&T::extensions>(10, "extensions", phi, invoices::rule::extensions),
      field<&T::issue_date>(11, "issue_date", none, invoices::rule::issue_date),
      field<&T::due_date>(12, "due_date", none, invoices::rule::due_date)};
};

template <>
struct Described<invoices::Void> {
  using T = invoices::Void;
  static constexpr std::string_view name = "InvoicesVoid";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::reason>(3, "reason", phi | header, {.max = 300, .text = TextRule::note, .meaning = "Why."})};
};

template <>
struct Described<invoices::Print> {
  using T = invoices::Print;
  static constexpr std::string_view name = "InvoicesPrint";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."}),
                                     field<&T::format>(2, "format", none, {.meaning = "As what it is printed."})};
};

template <>
struct Described<invoices::SequenceGap> {
  using T = invoices::SequenceGap;
  static constexpr std::string_view name = "SequenceGap";
  static constexpr Field fields[] = {field<&T::series>(1, "series", none, {.meaning = "The series of its number."}),
                                     field<&T::number>(2, "number", none, {.max = 60, .meaning = "Its number."}),
                                     field<&T::problem>(3, "problem", none, {.meaning = "What is wrong."})};
};

template <>
struct Described<invoices::SequenceReport> {
  using T = invoices::SequenceReport;
  static constexpr std::string_view name = "SequenceReport";
  static constexpr Field fields[] = {
      field<&T::series>(1, "series", none, {.meaning = "How many series there are."}),
      field<&T::numbers>(2, "numbers", none, {.meaning = "How many numbers were looked at."}),
      field<&T::gaps>(3, "gaps", none, {.meaning = "What is wrong, at most 1,000."})};
};

template <>
struct Described<invoices::VerifySequence> {
  static constexpr std::string_view name = "InvoicesVerifySequence";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Described<credit_notes::CreditLine> {
  using T = credit_notes::CreditLine;
  static constexpr std::string_view name = "CreditLine";
  static constexpr Field fields[] = {
      field<&T::line>(1, "line", required, {.min = 1, .max = 500, .meaning = "The invoice's line, from 1."}),
      field<&T::net>(2, "net", required,
                     {.min = 1, .max = money_max, .meaning = "How much of its net, in minor units."})};
};

template <>
struct Described<credit_notes::CreditNote> {
  using T = credit_notes::CreditNote;
  static constexpr std::string_view name = "CreditNote";
  static constexpr std::string_view page_name = "CreditNotePage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::number>(3, "number", none, {.max = 60, .meaning = "Its number."}),
      field<&T::series>(4, "series", none, {.meaning = "The series of its number."}),
      field<&T::sequence>(5, "sequence", none, {.meaning = "Its number within the series."}),
      field<&T::invoice_id>(6, "invoice_id", none, {.meaning = "The invoice."}),
      field<&T::patient_id>(7, "patient_id", none, {.meaning = "The patient."}),
      field<&T::facility_id>(8, "facility_id", none, {.meaning = "The facility."}),
      field<&T::currency>(9, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::issue_date>(10, "issue_date", none, {.meaning = "The day of issue."}),
      field<&T::lines>(11, "lines", none, {.items_max = 500, .meaning = "The lines."}),
      field<&T::taxes>(12, "taxes", none, {.meaning = "The taxes, by code and rate."}),
      field<&T::net>(13, "net", none, {.meaning = "Without tax, in minor units."}),
      field<&T::tax>(14, "tax", none, {.meaning = "All taxes, in minor units."}),
      field<&T::rounding>(15, "rounding", none, {.meaning = "Cash rounding, in minor units."}),
      field<&T::total>(16, "total", none, {.meaning = "Net + tax + rounding, in minor units."}),
      field<&T::shares>(17, "shares", none, {.items_max = 20, .meaning = "What payers pay."}),
      field<&T::patient_share>(18, "patient_share", none, {.meaning = "What the patient pays, in minor units."}),
      field<&T::reason>(19, "reason", phi | billing, {.max = 300, .text = TextRule::note, .meaning = "Why."}),
      field<&T::doc_hash>(20, "doc_hash", phi | billing, {.meaning = "SHA-256 of the printed text."}),
      field<&T::created_at>(21, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(22, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::issuer>(23, "issuer", none, {.meaning = "Who issues it, as they were called then."}),
      field<&T::issued_to>(24, "issued_to", phi | identity, {.meaning = "The patient, as they were called then."})};
};

template <>
struct Described<credit_notes::Issue> {
  using T = credit_notes::Issue;
  static constexpr std::string_view name = "CreditNotesIssue";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::invoice_id>(2, "invoice_id", required, {.meaning = "The invoice."}),
      field<&T::lines>(3, "lines", none, {.items_max = 500, .meaning = "The lines."}),
      field<&T::reason>(4, "reason", phi | header, {.max = 300, .text = TextRule::note, .meaning = "Why."})};
};

template <>
struct Described<credit_notes::List> {
  using T = credit_notes::List;
  static constexpr std::string_view name = "CreditNotesList";
  static constexpr Field fields[] = {
      field<&T::invoice_id>(1, "invoice_id", required, {.meaning = "The invoice."}),
      field<&T::limit>(2, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(3, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<credit_notes::Print> {
  using T = credit_notes::Print;
  static constexpr std::string_view name = "CreditNotesPrint";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."}),
                                     field<&T::format>(2, "format", none, {.meaning = "As what it is printed."})};
};

template <>
struct Words<write_offs::WriteOffStatus> {
  static constexpr std::string_view name = "WriteOffStatus";
  static constexpr std::string_view words[] = {"requested", "approved", "rejected"};
};

template <>
struct Described<write_offs::WriteOff> {
  using T = write_offs::WriteOff;
  static constexpr std::string_view name = "WriteOff";
  static constexpr std::string_view page_name = "WriteOffPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::invoice_id>(3, "invoice_id", none, {.meaning = "The invoice."}),
      field<&T::patient_id>(4, "patient_id", none, {.meaning = "The patient."}),
      field<&T::payer_id>(5, "payer_id", none, {.meaning = "The payer."}),
      field<&T::amount>(6, "amount", none, {.max = money_max, .meaning = "The amount, in minor units."}),
      field<&T::currency>(7, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::reason>(8, "reason", phi | billing, {.max = 300, .text = TextRule::note, .meaning = "Why."}),
      field<&T::status>(9, "status", none, {.meaning = "How far it has come."}),
      field<&T::requested_by>(10, "requested_by", none, {.meaning = "Who asked for it."}),
      field<&T::decided_by>(11, "decided_by", none, {.meaning = "Who decided."}),
      field<&T::decided_at>(12, "decided_at", none, {.meaning = "When it was decided."}),
      field<&T::created_at>(13, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::updated_at>(14, "updated_at", none, {.meaning = "When it was last changed."})};
};

template <>
struct Described<write_offs::Request> {
  using T = write_offs::Request;
  static constexpr std::string_view name = "WriteOffsRequest";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::invoice_id>(2, "invoice_id", required, {.meaning = "The invoice."}),
      field<&T::payer_id>(3, "payer_id", none, {.meaning = "The payer."}),
      field<&T::amount>(4, "amount", required, {.min = 1, .max = money_max, .meaning = "The amount, in minor units."}),
      field<&T::reason>(5, "reason", phi | header, {.max = 300, .text = TextRule::note, .meaning = "Why."})};
};

template <>
struct Described<write_offs::List> {
  using T = write_offs::List;
  static constexpr std::string_view name = "WriteOffsList";
  static constexpr Field fields[] = {
      field<&T::status>(1, "status", none, {.meaning = "How far it has come."}),
      field<&T::limit>(2, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(3, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<write_offs::Approve> {
  using T = write_offs::Approve;
  static constexpr std::string_view name = "WriteOffsApprove";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."})};
};

template <>
struct Described<write_offs::Reject> {
  using T = write_offs::Reject;
  static constexpr std::string_view name = "WriteOffsReject";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."})};
};

}  // namespace medflow
