// The charge of a visit that was completed, and the rules by which it is cheaper (BIL-12, BIL-17).
#include <algorithm>

#include "appointments/entities.hpp"
#include "invoices/entities.hpp"
#include "invoices/invoicing.hpp"
#include "invoices/unchecked.hpp"
#include "kernel/aside.hpp"
#include "patients/registry.hpp"
#include "prices/lookup.hpp"
#include "services/services.hpp"

namespace medflow::inline v1::invoices {

using appointments::Appointment;
using fee_rules::FeeRule;
using fee_rules::RuleKind;
using kernel::Rows;
using kernel::Work;

namespace {

/// A visit that is to be charged.
struct Visit {
  PatientId patient_id{};
  AppointmentId id{};
  ServiceId service_id{};
  std::optional<PractitionerId> practitioner_id{};
  Date day{};
  std::optional<PartialDate> birth{};
};

std::optional<PractitionerId> doctor_of(const Appointment& visit) {
  for (const appointments::Participant& each : visit.resources)
    if (each.kind == ResourceKind::practitioner) return PractitionerId{each.id};
  return std::nullopt;
}

template <class I>
bool is_among(const std::vector<I>& wanted, const std::optional<I>& id) {
  return wanted.empty() || (id && std::find(wanted.begin(), wanted.end(), *id) != wanted.end());
}

/// A visit that was charged before.
struct Charged {
  Date day{};
  bool in_full = false;                    ///< something of it, and by no follow-up rule
  std::optional<FeeRuleId> fee_rule_id{};  ///< by which it was cheaper
  std::string reason{};                    ///< of its discount; empty where there was none
};

/// Lines of earlier versions, and of somebody's own words, name the rule alone.
bool is_by(const Charged& charged, const FeeRule& rule) {
  return charged.fee_rule_id ? *charged.fee_rule_id == rule.id : charged.reason == rule.name;
}

/// What the patient's visits with this doctor were charged, by their days; of one day in the order of their ids.
std::vector<Charged> charged_before(Work& work, const Visit& visit) {
  std::vector<InvoiceId> ids;
  of_patient(work, visit.patient_id, [&](const Invoice& invoice) {
    const bool stands = invoice.status == InvoiceStatus::draft || invoice.status == InvoiceStatus::issued;
    const auto& doctors = invoice.practitioner_ids;
    if (stands && std::find(doctors.begin(), doctors.end(), *visit.practitioner_id) != doctors.end())
      ids.push_back(invoice.id);
    return true;
  });
  const std::vector<FeeRule> follow_ups = prices::follow_up_rules(work);
  std::vector<Charged> charged;
  for (const Invoice& invoice : Rows<Invoice>(work).get_many_unchecked(ids, billing))
    for (const Line& line : invoice.lines) {
      const std::optional<AppointmentId> of = line.appointment_id ? line.appointment_id : invoice.appointment_id;
      if (!of || *of == visit.id || line.practitioner_id != visit.practitioner_id || visit.day < line.service_date)
        continue;
      Charged before{.day = line.service_date,
                     .fee_rule_id = line.fee_rule_id,
                     .reason = line.discount ? line.discount->reason : std::string()};
      before.in_full = line.net > 0 && std::none_of(follow_ups.begin(), follow_ups.end(),
                                                    [&](const FeeRule& rule) { return is_by(before, rule); });
      charged.push_back(std::move(before));
    }
  std::stable_sort(charged.begin(), charged.end(), [](const Charged& a, const Charged& b) { return a.day < b.day; });
  return charged;
}

/// Whether it is one of the first visits after the last one that was charged in full, as `Charged` says.
bool follows_up(const FeeRule& rule, const std::vector<Charged>& charged, Date day) {
  const auto full =
      std::find_if(charged.rbegin(), charged.rend(), [](const Charged& before) { return before.in_full; });
  if (full == charged.rend()) return false;
  if (day.days() - full->day.days() > static_cast<std::int32_t>(rule.days)) return false;
  const auto used = std::count_if(charged.rbegin(), full, [&](const Charged& since) { return is_by(since, rule); });
  return used < static_cast<std::ptrdiff_t>(rule.visits);
}

bool is_of_age(const FeeRule& rule, const Visit& visit) {
  if (!visit.birth) return false;
  const int age = years_between(visit.birth->first(), visit.day);
  return age >= 0 && (!rule.age_from || *rule.age_from <= static_cast<std::uint32_t>(age)) &&
         (!rule.age_below || static_cast<std::uint32_t>(age) < *rule.age_below);
}

/// The rule that takes most off; of equal ones the first.
std::optional<FeeRule> rule_of(Work& work, const Visit& visit) {
  std::optional<std::vector<Charged>> charged;  // asked for once, and only where a rule needs it
  const auto fits = [&](const FeeRule& rule) {
    if (!is_among(rule.service_ids, std::optional(visit.service_id)) ||
        !is_among(rule.practitioner_ids, visit.practitioner_id))
      return false;
    if (rule.kind == RuleKind::exemption) return is_of_age(rule, visit);
    if (!visit.practitioner_id) return false;
    if (!charged) charged = charged_before(work, visit);
    return follows_up(rule, *charged, visit.day);
  };
  std::optional<FeeRule> best;
  for (FeeRule& rule : prices::rules_in_force(work, visit.day))
    if (rule.percent_micro > (best ? best->percent_micro : 0) && fits(rule)) best = std::move(rule);
  return best;
}

/// Whether the day has a price for it: without one nothing is charged.
bool can_be_priced(Work& work, const PriceItemId& id, const Invoice& draft, Date day) {
  const auto item = prices::item_of(work, id);
  return item && item->active && prices::price_on(*item, draft.price_list, draft.currency, day) &&
         (item->tax_code.empty() || prices::is_known_tax_code(work, item->tax_code));
}

}  // namespace

void charge_visit(Work& work, const Appointment& completed) {
  const services::Service* service = services::service_of(work, completed.service_id);
  if (service == nullptr || !service->price_item_id) return;
  const PriceItemId item = *service->price_item_id;
  if (is_charged(work, completed.id, completed.patient_id)) return;
  const auto known = patients::known(work, completed.patient_id, identity);
  if (!known) return;
  const Visit visit{.patient_id = completed.patient_id,
                    .id = completed.id,
                    .service_id = completed.service_id,
                    .practitioner_id = doctor_of(completed),
                    .day = date_in(completed.zone, completed.start),
                    .birth = known->patient.birth ? std::optional(known->patient.birth->date) : std::nullopt};
  Invoice draft{
      .patient_id = completed.patient_id, .facility_id = completed.facility_id, .appointment_id = completed.id};
  kernel::FieldErrors errors;
  fill(work, draft, {}, errors);  // its currency and price list
  if (!can_be_priced(work, item, draft, visit.day)) return;
  draft.id = work.make_id<InvoiceId>();
  const std::optional<FeeRule> rule = rule_of(work, visit);
  NewLine line{.item_id = item,
               .service_date = visit.day,
               .practitioner_id = visit.practitioner_id,
               .appointment_id = completed.id};
  if (rule) line.discount = {.kind = DiscountKind::percent, .value = rule->percent_micro, .reason = rule->name};
  try {
    fill(work, draft, {line}, errors);
    errors.refuse();
    if (rule) draft.lines.at(0).fee_rule_id = rule->id;
  } catch (const Failure& failure) {
    // A visit is completed all the same. Nothing has been written for it yet.
    if (failure.error.kind() == Errc::invalid) return;
    throw;
  }
  const kernel::Aside aside(work);
  store_draft(work, draft);
}

void discard_charge(Work& work, const Appointment& visit, std::string_view reason_code) {
  std::vector<InvoiceId> ids;
  of_visit(work, visit.id, [&](const Invoice& draft) {
    // One that somebody drafted or changed is their work, and theirs to discard.
    if (draft.status == InvoiceStatus::draft && draft.revision == 1 && draft.created_at == visit.ended_at)
      ids.push_back(draft.id);
    return true;
  });
  if (ids.empty()) return;
  const kernel::Aside aside(work);
  work.open_classes(identity | billing);  // what is written anew has to be whole
  for (Invoice& draft : Rows<Invoice>(work).get_many_unchecked(ids, work.classes())) {
    draft.status = InvoiceStatus::discarded;
    // What was written about the visit is for who reads the visit.
    draft.end_reason = "the visit was entered in error";
    if (!reason_code.empty()) draft.end_reason.append(": ").append(reason_code);
    draft.ended_at = work.now();
    draft.ended_by = work.actor().user;
    Rows<Invoice>(work).update(draft, draft.revision);
  }
}

}  // namespace medflow::inline v1::invoices
