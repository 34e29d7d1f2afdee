#include "invoices/invoicing.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "appointments/entities.hpp"
#include "crypto/hash.hpp"
#include "doctors/doctors.hpp"
#include "invoices/coverage_use.hpp"
#include "invoices/entities.hpp"
#include "kernel/aside.hpp"
#include "kernel/lists.hpp"
#include "ledger/posting.hpp"
#include "money/amounts.hpp"
#include "patients/registry.hpp"
#include "payers/entities.hpp"
#include "payers/lookup.hpp"
#include "prices/lookup.hpp"
#include "printing/hash.hpp"
#include "records/entities.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::invoices {

using kernel::FieldErrors;
using kernel::item_pointer;
using kernel::Rows;
using kernel::Work;

namespace {

/// Makes lines of what is asked for.
class Lines {
 public:
  Lines(Work& work, const Invoice& draft, FieldErrors& errors)
      : work_(work), draft_(draft), errors_(errors), today_(ledger::business_day(work)) {}

  Line make(const NewLine& asked, std::size_t at) {
    at_ = at;
    Line line{.item_id = asked.item_id,
              .description = asked.description,
              .quantity = asked.quantity,
              .price_micro = asked.price_micro.value_or(0),
              .discount = asked.discount,
              .tax_code = asked.tax_code.value_or(std::string()),
              .service_date = asked.service_date.value_or(today_),
              .practitioner_id = asked.practitioner_id,
              .appointment_id = asked.appointment_id,
              .record_id = asked.record_id};
    price(asked, line);
    if (!line.tax_code.empty()) {
      const auto rate = prices::rate_on(work_, line.tax_code, line.service_date);
      if (!rate) add("tax_code", "tax_code.unknown", "there is no such tax code in use");
      line.rate_micro = rate.value_or(0);
    }
    if (line.description.empty() && !asked.item_id) add("description", "required", "say what it is");
    if (line.practitioner_id && doctors::doctor_of(work_, *line.practitioner_id) == nullptr)
      add("practitioner_id", "resource.unknown", "there is no such doctor");
    if (line.appointment_id) require_visit(*line.appointment_id);
    if (line.record_id) require_record(*line.record_id);
    return line;
  }

  bool went_wrong() const { return wrong_; }

 private:
  void add(std::string_view member, std::string_view code, std::string_view message) {
    errors_.add(item_pointer("/lines", at_, member), code, message);
    wrong_ = true;
  }

  void price(const NewLine& asked, Line& line) {
    // Nobody could tell what is taken off a price that is on no list.
    if (!asked.item_id && is_capped(work_))
      return add("item_id", "price.limit", "this account charges items of the price list");
    if (asked.item_id) {
      const auto item = prices::item_of(work_, *asked.item_id);
      if (!item || !item->active) return add("item_id", "item.unknown", "there is no such item in use");
      if (line.description.empty()) line.description = item->name;
      if (!asked.tax_code) line.tax_code = item->tax_code;
      const auto price = prices::price_on(*item, draft_.price_list, draft_.currency, line.service_date);
      // A lower price is a discount that nobody sees.
      const bool capped = is_capped(work_);
      if (capped && asked.price_micro && (!price || *asked.price_micro < *price))
        add("price_micro", "price.limit", "this account charges no less than the price list");
      if (capped && asked.tax_code && *asked.tax_code != item->tax_code)
        add("tax_code", "price.limit", "this account taxes an item as the price list does");
      if (asked.price_micro) return;
      if (price) {
        line.price_micro = *price;
        return;
      }
    }
    if (!asked.price_micro) add("price_micro", "price.missing", "there is no price for that day; say one");
  }

  void require_visit(const AppointmentId& id) {
    const auto visit = Rows<appointments::Appointment>(work_).find_unchecked(id, 0);
    if (!visit || visit->patient_id != draft_.patient_id)
      add("appointment_id", "appointment.unknown", "no such visit of the patient");
  }

  void require_record(const RecordId& id) {
    const auto record = Rows<records::StoredRecord>(work_).find_unchecked(id, 0);
    if (!record || record->patient_id != draft_.patient_id)
      add("record_id", "record.unknown", "no such record of the patient");
  }

  Work& work_;
  const Invoice& draft_;
  FieldErrors& errors_;
  Date today_;
  std::size_t at_ = 0;
  bool wrong_ = false;
};

void check_shares(Work& work, const Invoice& draft, FieldErrors& errors) {
  for (std::size_t i = 0; i < draft.shares.size(); ++i) {
    const PayerShare& share = draft.shares[i];
    if (!payers::payer_of(work, share.payer_id))
      errors.add(item_pointer("/shares", i, "payer_id"), "payer.unknown", "there is no such payer");
    if (!share.name.empty())
      errors.add(item_pointer("/shares", i, "name"), "field.read_only", "the payer's own name is kept at the issue");
    if (!share.coverage_id) continue;
    const auto coverage = Rows<coverages::Coverage>(work).find_unchecked(*share.coverage_id, 0);
    if (!coverage || coverage->patient_id != draft.patient_id || coverage->payer_id != share.payer_id ||
        coverage->currency != draft.currency)
      errors.add(item_pointer("/shares", i, "coverage_id"), "coverage.unknown",
                 "no such coverage of the patient by this payer in this currency");
  }
}

std::int64_t sum_of(const std::vector<PayerShare>& shares) {
  std::int64_t all = 0;
  for (const PayerShare& share : shares) all = money::sum(all, share.amount);
  return all;
}

Uuid id_of_series(std::string_view name) {
  const crypto::Digest digest = crypto::sha256(name);
  Uuid id;
  std::memcpy(id.bytes.data(), digest.data(), id.bytes.size());
  return id;
}

std::string in_year(Work& work, std::string_view prefix, Date day) {
  return std::string(prefix).append("-").append(std::to_string(fiscal_year(work, day)));
}

/// Nobody could pay it: names the first line that is too much on its own, or all of them.
[[noreturn]] void refuse_too_much(const Invoice& draft) {
  std::string pointer = "/lines";
  for (std::size_t i = 0; i < draft.lines.size(); ++i) {
    const Line& line = draft.lines[i];
    const money::Wide product = money::line_product(line.quantity, line.price_micro, draft.currency);
    if (product <= money::Wide{money_max} * money::line_denominator) continue;
    pointer = "/lines/" + std::to_string(i);
    break;
  }
  throw Failure(money::overflow, std::move(pointer), "number.out_of_range", "this comes to more than can be paid");
}

/// What the draft's lines come to.
money::Totals totals_of(Invoice& draft, FieldErrors& errors) {
  try {
    money::Totals totals = money::add_up(draft.lines, draft.discount, terms_of(draft), errors);
    if (std::max(totals.gross, totals.total) <= money_max) return totals;
  } catch (const Failure& failure) {
    if (failure.error.code.name != money::overflow.name) throw;
  }
  refuse_too_much(draft);
}

void post_issue(Work& work, const Invoice& invoice) {
  using ledger::Account;
  ledger::Entry entry{.day = *invoice.issue_date,
                      .kind = ledger::EntryKind::invoice,
                      .currency = invoice.currency,
                      .facility_id = invoice.facility_id,
                      .ref_id = invoice.id.uuid};
  entry.postings.push_back({.account = Account::receivable_patient,
                            .debit = invoice.patient_share,
                            .patient_id = invoice.patient_id,
                            .invoice_id = invoice.id});
  for (const PayerShare& share : invoice.shares)
    entry.postings.push_back({.account = Account::receivable_payer,
                              .debit = share.amount,
                              .payer_id = share.payer_id,
                              .invoice_id = invoice.id});
  std::map<Earning, Earned> earned;
  for (const Line& line : invoice.lines) {
    Earned& sums = earned[{line.practitioner_id, line.item_id}];
    sums.net = money::sum(sums.net, line.net);
    sums.discounts = money::sum(sums.discounts, money::untaxed_discount(line, invoice.tax_mode, invoice.rounding_mode));
  }
  for (const auto& [whose, sums] : earned) {
    entry.postings.push_back({.account = Account::discounts,
                              .debit = sums.discounts,
                              .practitioner_id = whose.first,
                              .item_id = whose.second});
    entry.postings.push_back({.account = Account::revenue,
                              .credit = money::sum(sums.net, sums.discounts),
                              .practitioner_id = whose.first,
                              .item_id = whose.second});
  }
  entry.postings.push_back({.account = Account::tax, .credit = invoice.tax});
  entry.postings.push_back({.account = Account::rounding,
                            .debit = std::max<std::int64_t>(-invoice.rounding, 0),
                            .credit = std::max<std::int64_t>(invoice.rounding, 0)});
  ledger::post(work, entry);
}

Work::Subject subject_of(Work& work, const PatientId& patient) {
  const auto known = patients::known(work, patient, 0);
  if (!known) throw Failure(codes::invalid, "/patient_id", "patient.unknown", "there is no such patient");
  return known->subject;
}

}  // namespace

int fiscal_year(Work& work, Date day) {
  const auto first_month = tenants::settings_in_force(work).fiscal_year_start_month;
  return day.month < first_month ? day.year - 1 : day.year;
}

money::Terms terms_of(const Invoice& draft) {
  return {.currency = draft.currency,
          .tax_mode = draft.tax_mode,
          .rounding = draft.rounding_mode,
          .cash_rounding = draft.cash_rounding};
}

bool is_capped(const Work& work) {
  const bool drafts = work.access().holds(Permission::invoice_draft);
  return work.actor().kind != audit::ActorKind::system && drafts &&
         !work.access().holds(Permission::invoice_draft, Scope::all);
}

bool fill(Work& work, Invoice& draft, const std::vector<NewLine>& asked, FieldErrors& errors) {
  {
    const settings::Settings& settings = tenants::settings_in_force(work);
    if (draft.currency == Currency{}) draft.currency = work.store().currency();
    if (draft.price_list.empty()) draft.price_list = settings.price_list;
    draft.tax_mode = settings.tax_mode;
    draft.rounding_mode = settings.money_rounding;
    // The coins are those of the tenant's currency; what is owed in another is owed to the minor unit.
    draft.cash_rounding = draft.currency == work.store().currency() ? settings.cash_rounding : 0;
  }
  Lines lines(work, draft, errors);
  draft.lines.clear();
  draft.practitioner_ids.clear();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    draft.lines.push_back(lines.make(asked[i], i));
    if (asked[i].practitioner_id) draft.practitioner_ids.push_back(*asked[i].practitioner_id);
  }
  draft.practitioner_ids = kernel::without_repeats(draft.practitioner_ids);
  check_shares(work, draft, errors);
  if (lines.went_wrong()) {  // what they come to means nothing
    money::check_discounts(draft.lines, draft.discount, errors);
    return false;
  }
  money::Totals totals = totals_of(draft, errors);
  draft.taxes = std::move(totals.taxes);
  draft.net = totals.net;
  draft.tax = totals.tax;
  draft.rounding = totals.rounding;
  draft.total = totals.total;
  draft.patient_share = draft.total - sum_of(draft.shares);
  if (draft.patient_share < 0) errors.add("/shares", "shares.exceed", "payers pay no more than the total");
  return true;
}

void store_draft(Work& work, Invoice& draft) {
  draft.status = InvoiceStatus::draft;
  Rows<Invoice>(work).insert_for(subject_of(work, draft.patient_id), draft);
}

std::string series_of(Work& work, const FacilityId& facility, Date day, bool credit_note) {
  const settings::Settings& settings = tenants::settings_in_force(work);
  std::string_view prefix = credit_note ? settings.credit_note_prefix : settings.invoice_prefix;
  for (const settings::FacilityPrefix& own : settings.facility_prefixes)
    if (own.facility_id == facility) prefix = credit_note ? own.credit_note_prefix : own.invoice_prefix;
  return in_year(work, prefix, day);
}

void require_in_order(Work& work, const std::string& name, Date day) {
  const auto series = Rows<Series>(work).find(id_of_series(name));
  if (series && day < series->last_date) throw Failure(date_order);
}

Number next_number(Work& work, const std::string& name, Date day, bool in_date_order) {
  const kernel::Aside aside(work);
  Rows<Series> rows(work);
  const Uuid id = id_of_series(name);
  auto series = rows.find(id);
  if (series && in_date_order && day < series->last_date) throw Failure(date_order);
  const bool is_new = !series;
  if (is_new) series = Series{.id = id, .name = name, .last_date = day};
  ++series->last;
  series->in_date_order = series->in_date_order && in_date_order;
  series->last_date = std::max(series->last_date, day);
  if (is_new)
    rows.insert(*series);
  else
    rows.update(*series, series->revision);
  std::string digits = std::to_string(series->last);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return {.number = name + "-" + digits, .sequence = series->last};
}

void issue(Work& work, Invoice& draft, const Issuing& how, bool is_new) {
  work.open_classes(identity | billing);  // what is written anew has to be whole
  work.about(draft.id.uuid);
  draft.series = how.prefix.empty() ? series_of(work, draft.facility_id, how.issue_date, false)
                                    : in_year(work, how.prefix, how.issue_date);
  Number next = next_number(work, draft.series, how.issue_date, how.in_date_order);
  draft.number = std::move(next.number);
  draft.sequence = next.sequence;
  draft.status = InvoiceStatus::issued;
  draft.issue_date = how.issue_date;
  draft.due_date = how.due_date;
  draft.issued_at = work.now();
  draft.issued_by = work.actor().user;
  use_coverages(work, draft);
  draft.patient_share = draft.total - sum_of(draft.shares);
  printing::keep_names(work, draft);
  draft.doc_hash = printing::hash_of_print(draft, printing::around_kept(work, draft));
  Rows<Invoice> rows(work);
  if (is_new)
    rows.insert_for(subject_of(work, draft.patient_id), draft);
  else
    rows.update(draft, draft.revision);
  post_issue(work, draft);
}

}  // namespace medflow::inline v1::invoices
