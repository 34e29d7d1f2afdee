// Drafts, their issue and what ends them.
#include <algorithm>

#include "appointments/entities.hpp"
#include "invoices/coverage_use.hpp"
#include "invoices/entities.hpp"
#include "invoices/invoicing.hpp"
#include "invoices/unchecked.hpp"
#include "invoices/views.hpp"
#include "kernel/expected.hpp"
#include "kernel/handler.hpp"
#include "kernel/lists.hpp"
#include "kernel/paging.hpp"
#include "ledger/posting.hpp"
#include "patients/registry.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::invoices {

using kernel::FieldErrors;
using kernel::Rows;
using kernel::Work;
using S = InvoiceStatus;

namespace {

constexpr std::int64_t capped_micro = 100'000;  ///< what a receptionist takes off at most
constexpr std::size_t looked_at_max = 2'000;    ///< for one page; then it is short and has a cursor

/// Who drafts for more than their own work or place takes off as much as they like (BIL-3).
void require_within_cap(Work& work, const Invoice& draft, FieldErrors& errors) {
  if (!is_capped(work)) return;
  std::vector<Line> lines = draft.lines;
  FieldErrors known;  // they were told already
  const money::Totals totals = money::add_up(lines, draft.discount, terms_of(draft), known);
  if (money::discount_rate(totals) <= capped_micro) return;
  std::string pointer = "/discount";
  for (std::size_t i = 0; i < lines.size() && !draft.discount; ++i)
    if (lines[i].discount) {
      pointer = kernel::item_pointer("/lines", i, "discount");
      break;
    }
  errors.add(std::move(pointer), "discount.limit", "this account takes off at most 10 %");
}

/// Nor do others choose the prices: they charge by the setting's list, or go on with the draft's own.
void require_usual_list(Work& work, const std::string& asked, const std::string& present, FieldErrors& errors) {
  if (asked.empty() || asked == present || !is_capped(work)) return;
  if (asked != tenants::settings_in_force(work).price_list)
    errors.add("/price_list", "price.limit", "this account charges by the hospital's price list");
}

/// The patient, if the caller may know of them.
void require_patient(Work& work, const PatientId& id) {
  const auto known = patients::known(work, id, 0);
  const bool reached = known && !known->patient.deleted_at &&
                       (work.actor().kind == audit::ActorKind::system ||
                        patients::reaches(work, known->patient, Permission::patient_read));
  if (!reached) throw Failure(codes::invalid, "/patient_id", "patient.unknown", "there is no such patient");
  work.concerns(id);
}

/// Takes over what the visit says and is not said here.
void take_over(Work& work, Invoice& draft, FieldErrors& errors) {
  const auto visit = Rows<appointments::Appointment>(work).find_unchecked(*draft.appointment_id, 0);
  if (!visit || visit->patient_id != draft.patient_id)
    return errors.add("/appointment_id", "appointment.unknown", "no such visit of the patient");
  if (draft.facility_id.uuid.is_nil()) draft.facility_id = visit->facility_id;
  if (draft.facility_id != visit->facility_id)
    errors.add("/facility_id", "facility.unknown", "the visit was at another facility");
}

/// A visit is charged by one invoice, whether as a whole or by a line.
void require_uncharged(Work& work, const Invoice& draft) {
  std::vector<AppointmentId> visits;
  if (draft.appointment_id) visits.push_back(*draft.appointment_id);
  for (const Line& line : draft.lines)
    if (line.appointment_id) visits.push_back(*line.appointment_id);
  for (const AppointmentId& visit : kernel::without_repeats(visits))
    if (is_charged(work, visit, draft.patient_id, draft.id)) throw Failure(charged);
}

bool is_said(const std::optional<Discount>& a, const std::optional<Discount>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->kind == b->kind && a->value == b->value && a->reason == b->reason);
}

/// A line whose visit and discount stay is cheaper by the rule by which it was. One that names no visit is of the invoice's.
void keep_rules(const std::vector<Line>& before, Invoice& draft) {
  const auto visit_of = [&](const Line& line) {
    return line.appointment_id ? line.appointment_id : draft.appointment_id;
  };
  for (Line& line : draft.lines)
    for (const Line& old : before)
      if (old.fee_rule_id && visit_of(old) == visit_of(line) && is_said(old.discount, line.discount))
        line.fee_rule_id = old.fee_rule_id;
}

bool is_said(const NewLine& asked, const Line& line) {
  return asked.item_id == line.item_id && (asked.description.empty() || asked.description == line.description) &&
         asked.quantity == line.quantity && (!asked.price_micro || *asked.price_micro == line.price_micro) &&
         is_said(asked.discount, line.discount) && (!asked.tax_code || *asked.tax_code == line.tax_code) &&
         (!asked.service_date || *asked.service_date == line.service_date) &&
         asked.practitioner_id == line.practitioner_id && asked.appointment_id == line.appointment_id &&
         asked.record_id == line.record_id;
}

bool is_said(const PayerShare& a, const PayerShare& b) {
  return a.payer_id == b.payer_id && a.coverage_id == b.coverage_id && a.amount == b.amount;
}

bool is_said(const patients::Extension& a, const patients::Extension& b) { return a == b; }

template <class A, class B>
bool all_said(const std::vector<A>& asked, const std::vector<B>& there) {
  return std::equal(asked.begin(), asked.end(), there.begin(), there.end(),
                    [](const A& a, const B& b) { return is_said(a, b); });
}

/// Whether it is what this request has made.
template <class R>
bool is_said(const R& request, const Invoice& invoice) {
  return request.patient_id == invoice.patient_id && request.appointment_id == invoice.appointment_id &&
         (!request.facility_id || *request.facility_id == invoice.facility_id) &&
         (!request.currency || *request.currency == invoice.currency) &&
         (request.price_list.empty() || request.price_list == invoice.price_list) &&
         all_said(request.lines, invoice.lines) && is_said(request.discount, invoice.discount) &&
         (request.shares.empty() || all_said(request.shares, invoice.shares)) &&
         all_said(request.extensions, invoice.extensions);
}

bool may(const Work& work, Permission permission) {
  return work.actor().kind == audit::ActorKind::system || work.access().holds(permission);
}

/// What a call under the same id of the caller's own has made before. The event tells of it.
template <class R>
std::optional<Invoice> made_before(Work& work, const R& request) {
  require_patient(work, request.patient_id);
  if (!request.id) return std::nullopt;
  work.about(request.id->uuid);
  auto there = Rows<Invoice>(work).find_unchecked(*request.id, identity | billing);
  if (there && (!is_said(request, *there) || !reaches(work, matter_of(*there), work.permission())))
    throw Failure(codes::id_reused);
  return there;
}

/// The draft that is asked for, whole in memory. What is wrong with it is added to `errors`.
template <class R>
Invoice drafted(Work& work, const R& request, FieldErrors& errors) {
  Invoice draft{.id = request.id ? *request.id : work.make_id<InvoiceId>(),
                .patient_id = request.patient_id,
                .facility_id = request.facility_id.value_or(FacilityId{}),
                .appointment_id = request.appointment_id,
                .currency = request.currency.value_or(Currency{}),
                .price_list = request.price_list,
                .discount = request.discount,
                .shares = request.shares,
                .extensions = request.extensions,
                .created_by = work.actor().user};
  work.about(draft.id.uuid);
  if (draft.appointment_id) take_over(work, draft, errors);
  if (draft.facility_id.uuid.is_nil() && !work.actor().facilities.empty())
    draft.facility_id = work.actor().facilities.front();
  const Matter matter = matter_of(draft);
  if (tenants::facility_of(work, draft.facility_id) == nullptr)
    errors.add("/facility_id", "facility.unknown", "there is no such facility");
  else if (!reaches(work, matter, work.permission()) || !reaches(work, matter, Permission::invoice_draft))
    throw Failure(codes::forbidden);
  require_usual_list(work, request.price_list, {}, errors);
  if (fill(work, draft, request.lines, errors)) require_within_cap(work, draft, errors);
  return draft;
}

/// When a draft is issued and until when it is to be paid: as it is said, else today and by the setting.
Issuing days_of_issue(Work& work, bool has_lines, const std::optional<Date>& issue_date,
                      const std::optional<Date>& due_date, FieldErrors& errors) {
  const Date today = ledger::business_day(work);
  const Date issued = issue_date.value_or(today);
  const auto terms = static_cast<std::int32_t>(tenants::settings_in_force(work).payment_terms_days);
  const Date due = due_date ? *due_date : Date::from_days(issued.days() + terms);
  if (!has_lines) errors.add("/lines", "required", "an invoice has a line at least");
  if (today < issued) errors.add("/issue_date", "date.future", "an invoice is not issued before its day");
  if (due < issued) errors.add("/due_date", "date.order", "it cannot be due before it is issued");
  return {.issue_date = issued, .due_date = due};
}

void require_current(const Invoice& invoice, std::optional<std::uint64_t> revision) {
  kernel::require_named(revision);
  kernel::require_revision(invoice.revision, revision);
}

}  // namespace

void foresee(Work&, storage::Foresight& foresight, const Get& request) {
  Rows<Invoice>::foresee(foresight, request.id);
}
void foresee(Work&, storage::Foresight& foresight, const Update& request) {
  Rows<Invoice>::foresee(foresight, request.id);
}
void foresee(Work&, storage::Foresight& foresight, const Issue& request) {
  Rows<Invoice>::foresee(foresight, request.id);
}

Invoice handle(Work& work, const Create& request) {
  if (auto there = made_before(work, request)) return shown(work, std::move(*there));
  FieldErrors errors;
  Invoice draft = drafted(work, request, errors);
  errors.refuse();
  require_uncharged(work, draft);
  store_draft(work, draft);
  return shown(work, std::move(draft));
}

Invoice handle(Work& work, const Bill& request) {
  if (!may(work, Permission::invoice_draft)) throw Failure(codes::forbidden);
  if (auto there = made_before(work, request)) {
    const bool same = there->issued_at && (!request.issue_date || request.issue_date == there->issue_date) &&
                      (!request.due_date || request.due_date == there->due_date);
    if (!same) throw Failure(codes::id_reused);
    return shown(work, std::move(*there));
  }
  FieldErrors errors;
  const Issuing how = days_of_issue(work, !request.lines.empty(), request.issue_date, request.due_date, errors);
  Invoice draft = drafted(work, request, errors);
  errors.refuse();
  require_uncharged(work, draft);
  issue(work, draft, how, true);
  return shown(work, std::move(draft));
}

Page<Invoice> handle(Work& work, const List& request) {
  List wanted = request;
  // Who reaches nothing but their own is not led through what is everybody's.
  const auto ways = work.access().ways(work.permission());
  const bool own_only = std::all_of(ways.begin(), ways.end(), [](const kernel::Granted& way) {
    return way.scope == Scope::own && way.condition == "issued";
  });
  if (own_only && !wanted.patient_id) wanted.patient_id = work.actor().patient_id;
  std::string query;
  const auto add = [&](const auto& part) { query.append(part ? part->text() : std::string()).push_back('\n'); };
  const auto add_flag = [&](const std::optional<bool>& flag) { query.append(flag ? (*flag ? "1" : "0") : "-"); };
  add(wanted.patient_id);
  add(wanted.facility_id);
  query.append(wanted.status ? std::to_string(static_cast<int>(*wanted.status)) : "-");
  add_flag(wanted.overdue);
  add_flag(wanted.open);
  const auto keep = [&](const Invoice& invoice) {
    if (wanted.facility_id && invoice.facility_id != *wanted.facility_id) return false;
    if (wanted.status && invoice.status != *wanted.status) return false;
    if (!wanted.overdue && !wanted.open) return true;
    Invoice seen{.id = invoice.id, .status = invoice.status, .due_date = invoice.due_date};
    ledger::show_standing(work, seen);
    return (!wanted.overdue || seen.overdue == *wanted.overdue) && (!wanted.open || (seen.balance > 0) == *wanted.open);
  };
  storage::Cell equal[1];
  storage::Scan scan;
  if (wanted.patient_id) {
    equal[0] = storage::Cell::bytes(wanted.patient_id->uuid.view());
    scan.index = "invoices_patient";
    scan.equal = equal;
  }
  auto page = kernel::page_by_id<Invoice>(work, wanted.limit, wanted.cursor, query, keep,
                                          {.backwards = true, .looked_at_max = looked_at_max, .scan = scan});
  show(work, page.data);
  return page;
}

Invoice handle(Work& work, const Get& request) { return shown(work, Rows<Invoice>(work).get(request.id)); }

Invoice handle(Work& work, const Update& request) {
  Invoice draft = to_change(work, request.id);
  if (draft.status != S::draft) throw Failure(immutable);
  FieldErrors errors;
  require_usual_list(work, request.price_list, draft.price_list, errors);
  draft.price_list = request.price_list;
  draft.discount = request.discount;
  draft.shares = request.shares;
  draft.extensions = request.extensions;
  const std::vector<Line> before = draft.lines;
  if (fill(work, draft, request.lines, errors)) require_within_cap(work, draft, errors);
  keep_rules(before, draft);
  errors.refuse();
  require_uncharged(work, draft);
  require_current(draft, request.revision);
  Rows<Invoice>(work).update(draft, request.revision);
  return shown(work, std::move(draft));
}

Invoice handle(Work& work, const DiscardDraft& request) {
  Invoice draft = to_change(work, request.id);
  if (draft.status != S::draft) illegal_step(draft.status, "discarded");
  require_current(draft, request.revision);
  draft.status = S::discarded;
  draft.end_reason = request.reason;
  draft.ended_at = work.now();
  draft.ended_by = work.actor().user;
  Rows<Invoice>(work).update(draft, request.revision);
  return shown(work, std::move(draft));
}

Invoice handle(Work& work, const Issue& request) {
  Invoice draft = to_change(work, request.id);
  if (draft.status != S::draft) illegal_step(draft.status, "issued");
  FieldErrors errors;
  const Issuing how = days_of_issue(work, !draft.lines.empty(), request.issue_date, request.due_date, errors);
  errors.refuse();
  if (draft.revision != request.revision)
    require_in_order(work, series_of(work, draft.facility_id, how.issue_date, false), how.issue_date);
  require_current(draft, request.revision);
  issue(work, draft, how, false);
  return shown(work, std::move(draft));
}

Invoice handle(Work& work, const Void& request) {
  Invoice invoice = to_change(work, request.id);
  if (invoice.status != S::issued) illegal_step(invoice.status, "voided");
  const ledger::Standing standing = ledger::standing_of(work, invoice.id);
  bool touched = standing.paid != 0 || standing.credited != 0 || standing.written_off != 0;
  const storage::Cell equal[] = {storage::Cell::bytes(invoice.id.uuid.view())};
  scan_unchecked<credit_notes::CreditNote>(work, {.index = "credit_notes_invoice", .equal = equal, .limit = 1},
                                           [&](const credit_notes::CreditNote&) { return !(touched = true); });
  if (touched) throw Failure(settled);
  if (fiscal_year(work, *invoice.issue_date) != fiscal_year(work, ledger::business_day(work)))
    throw Failure(period_closed);
  require_current(invoice, request.revision);
  invoice.status = S::voided;
  invoice.end_reason = request.reason;
  invoice.ended_at = work.now();
  invoice.ended_by = work.actor().user;
  Rows<Invoice>(work).update(invoice, request.revision);
  for (const ledger::Entry& entry : ledger::entries_about(work, invoice.id.uuid)) {
    if (entry.kind != ledger::EntryKind::invoice) continue;
    ledger::Entry reversal = ledger::reversal_of(entry, ledger::EntryKind::invoice_void);
    ledger::post(work, reversal);
  }
  release_coverages(work, invoice);
  return shown(work, std::move(invoice));
}

}  // namespace medflow::inline v1::invoices

MEDFLOW_HANDLE(medflow::invoices::Create);
MEDFLOW_HANDLE(medflow::invoices::List);
MEDFLOW_HANDLE(medflow::invoices::Get);
MEDFLOW_HANDLE(medflow::invoices::Update);
MEDFLOW_HANDLE(medflow::invoices::DiscardDraft);
MEDFLOW_HANDLE(medflow::invoices::Issue);
MEDFLOW_HANDLE(medflow::invoices::Bill);
MEDFLOW_HANDLE(medflow::invoices::Void);
