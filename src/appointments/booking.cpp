#include "appointments/booking.hpp"

#include <algorithm>

#include "appointments/due.hpp"
#include "appointments/guards.hpp"
#include "appointments/numbers.hpp"
#include "appointments/reminders.hpp"
#include "appointments/views.hpp"
#include "doctors/doctors.hpp"
#include "patients/registry.hpp"
#include "schedules/schedules.hpp"
#include "services/services.hpp"
#include "tenants/facts.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::appointments {

using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::size_t alternatives_max = 3;
constexpr std::size_t override_reason_min = 10;
constexpr std::int64_t day_s = 86'400;

std::string pointer_of(const Named& named, std::size_t i) {
  if (i == 0 && !named.own.empty()) return named.own;
  return named.list + "/" + std::to_string(named.own.empty() ? i : i - 1) + "/id";
}

/// Whose calendar it is, and where; false where there is none such.
bool describe(Work& work, const Participant& one, Calendar& calendar, std::vector<FacilityId>& places, bool& usable) {
  calendar.resource = {.kind = one.kind, .id = one.id};
  if (one.kind == ResourceKind::practitioner) {
    const doctors::Doctor* doctor = doctors::doctor_of(work, PractitionerId{one.id});
    if (doctor == nullptr) return false;
    calendar.licensed_until = doctors::licensed_until(*doctor);
    places = doctor->facilities;
    usable = doctor->bookable;
    return true;
  }
  const resources::Resource* resource = resources::resource_of(work, ResourceId{one.id});
  if (resource == nullptr || resource->kind != one.kind) return false;
  places = {resource->facility_id};
  usable = resource->active;
  return true;
}

void require_needed(const services::Service& service, const std::vector<Participant>& resources, const Named& named) {
  for (const ResourceKind kind : service.resources_needed)
    if (std::none_of(resources.begin(), resources.end(), [&](const Participant& one) { return one.kind == kind; }))
      throw Failure(codes::invalid, named.list, "resource.required",
                    "this service needs a " + std::string(Words<ResourceKind>::words[static_cast<std::size_t>(kind)]));
}

void require_once(const std::vector<Participant>& resources, const Named& named) {
  if (resources.empty()) throw Failure(codes::invalid, named.list, "required", "name whom the visit is with");
  for (std::size_t i = 0; i < resources.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (resources[i].id == resources[j].id)
        throw Failure(codes::invalid, pointer_of(named, i), "resource.twice", "this one is named twice");
}

/// The first doctor, else the first of them: in whose hours the visit lies.
std::size_t main_of(const std::vector<Participant>& resources) {
  const auto found = std::find_if(resources.begin(), resources.end(),
                                  [](const Participant& one) { return one.kind == ResourceKind::practitioner; });
  return found == resources.end() ? 0 : static_cast<std::size_t>(found - resources.begin());
}

Instant start_of(const Wish& wish, const Zone& zone) {
  if (wish.start.has_value() == wish.wall_start.has_value())
    throw Failure(codes::invalid, "/start", "time.one_of", "give either start or wall_start");
  if (wish.start) return *wish.start;
  const WallMeaning meaning = meaning_of(zone, *wish.wall_start);
  if (meaning.times == WallTimes::never)
    throw Failure(time_nonexistent, "/wall_start", "time.nonexistent", "clocks are put forward over this time");
  return meaning.first;
}

Date day_of(Instant at) { return date_in(Zone{"UTC"}, at); }

void add_policy(std::vector<Finding>& findings) {
  findings.push_back({.conflict = {.kind = ConflictKind::policy}, .policy = true});
}

/// What the caller may insist on at this place. Throws Failure `forbidden` and `invalid`.
void require_insistence(const Work& work, const Wish& wish, FacilityId facility) {
  const auto require = [&](bool wanted, Permission permission) {
    if (!wanted) return;
    if (!reaches(work, wish.patient_id, facility, wish.resources, permission)) throw Failure(codes::forbidden);
    if (wish.reasoned && text::code_points(wish.override_reason) < override_reason_min)
      throw Failure(codes::reason_required, "/override_reason", "reason.required", "give at least 10 characters");
  };
  require(wish.overbook, Permission::appointment_overbook);
  require(wish.override, Permission::appointment_override_policy);
}

const Code& code_of(const std::vector<Finding>& findings) {
  const auto has = [&](std::initializer_list<ConflictKind> kinds, bool with_object) {
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
      return std::find(kinds.begin(), kinds.end(), finding.conflict.kind) != kinds.end() &&
             (!with_object || finding.conflict.object_id);
    });
  };
  if (has({ConflictKind::capacity, ConflictKind::buffer}, true)) return slot_taken;
  if (has({ConflictKind::closed, ConflictKind::leave, ConflictKind::buffer}, false)) return slot_closed;
  if (has({ConflictKind::licence}, false)) return licence_expired;
  if (has({ConflictKind::patient}, false)) return patient_overlap;
  return slot_policy;
}

/// Where the first of its hours are.
std::optional<FacilityId> place_of_hours(const schedules::Schedule& schedule) {
  if (!schedule.windows.empty()) return schedule.windows.front().facility_id;
  for (const schedules::Override& override : schedule.overrides)
    if (!override.windows.empty()) return override.windows.front().facility_id;
  return std::nullopt;
}

/// Those of a visit that there is.
void make_like(const Appointment& visit, Terms& terms) {
  terms.duration_min = static_cast<std::uint32_t>((visit.end.us - visit.start.us) / minute_us);
  terms.buffer_before_min = visit.buffer_before_min;
  terms.buffer_after_min = visit.buffer_after_min;
  terms.capacity = visit.capacity;
  terms.as_made = true;
}

Wanted wanted_by(const Wish& wish, const AppointmentId* except) {
  if (wish.kept != nullptr) return Wanted::kept;
  return except != nullptr ? Wanted::moved : Wanted::anew;
}

}  // namespace

Zone zone_of_calendar(Work& work, const schedules::Schedule* schedule, const std::optional<FacilityId>& home) {
  if (schedule != nullptr && schedule->zone) return *schedule->zone;
  auto place = schedule != nullptr ? place_of_hours(*schedule) : std::nullopt;
  if (!place) place = home;
  const facilities::Facility* facility = place ? tenants::facility_of(work, *place) : nullptr;
  return facility != nullptr ? facility->zone : work.store().zone();
}

std::string shown_name(const patients::Patient& patient) {
  const auto official = std::find_if(patient.names.begin(), patient.names.end(), [](const patients::PersonName& name) {
    return name.use == patients::NameUse::official;
  });
  if (patient.names.empty()) return {};
  const patients::PersonName& name = official == patient.names.end() ? patient.names.front() : *official;
  std::string text;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) text.append(text.empty() ? "" : " ").append(part);
  };
  add(name.prefix);
  for (const std::string& given : name.given) add(given);
  add(name.family);
  add(name.suffix);
  return text;
}

/// The classes of a patient's row that make a label, if the caller may see them.
std::uint32_t label_classes(const Work& work) { return work.access().classes() & identity; }

std::optional<PatientLabel> label_of(const Work& work, const patients::Patient& patient) {
  if (label_classes(work) == 0 || !patients::reaches(work, patient, Permission::patient_read)) return std::nullopt;
  PatientLabel label{.name = shown_name(patient), .mrn = patient.mrn};
  if (patient.birth) label.birth = patient.birth->date;
  return label;
}

Question Calendars::question(Instant now, std::uint32_t beyond, const std::vector<Taken>* patient) const {
  Question question{.terms = &terms, .patient = patient, .now = now, .beyond = beyond};
  for (const Calendar& calendar : calendars) question.calendars.push_back(&calendar);
  return question;
}

schedules::RulesInForce rules_for(Work& work, const ServiceId& service, const std::vector<Participant>& resources) {
  const services::Service* known = services::service_of(work, service);
  if (known == nullptr) throw Failure(codes::integrity);
  const Uuid* main = resources.empty() ? nullptr : &resources[main_of(resources)].id;
  return schedules::rules_in_force(*known, main != nullptr ? schedules::schedule_of(work, *main) : nullptr);
}

Calendars calendars_of(Work& work, const ServiceId& service_id, const std::vector<Participant>& resources,
                       Wanted wanted, const Named& named) {
  Calendars known;
  const services::Service* service = services::service_of(work, service_id);
  if (service == nullptr || (!service->active && wanted == Wanted::anew))
    throw Failure(codes::invalid, "/service_id", "service.unknown", "there is no such service");
  if (wanted != Wanted::kept) require_needed(*service, resources, named);
  require_once(resources, named);
  const std::size_t main = main_of(resources);
  for (std::size_t i = 0; i < resources.size(); ++i) {
    Calendar calendar;
    std::vector<FacilityId> places;
    bool usable = true;
    if (!describe(work, resources[i], calendar, places, usable))
      throw Failure(codes::invalid, pointer_of(named, i), "resource.unknown",
                    "there is no such doctor, room or device");
    if (i == main) {
      const schedules::Schedule* schedule = schedules::schedule_of(work, resources[i].id);
      const auto home = places.empty() ? std::nullopt : std::optional(places.front());
      known.rules = schedules::rules_in_force(*service, schedule);
      known.home = home.value_or(FacilityId{});
      known.zone = zone_of_calendar(work, schedule, home);
    }
    known.calendars.push_back(std::move(calendar));
  }
  std::swap(known.calendars.front(), known.calendars[main]);
  const schedules::RulesInForce& rules = known.rules;
  known.terms = {.service = service_id,
                 .duration_min = rules.duration_min,
                 .buffer_before_min = rules.buffer_before_min,
                 .buffer_after_min = rules.buffer_after_min,
                 .buffer_outside = rules.buffer_outside,
                 .step_min = rules.step_min,
                 .capacity = rules.capacity,
                 .min_lead_min = rules.min_lead_min,
                 .max_horizon_d = rules.max_horizon_d};
  return known;
}

void fill(Work& work, Calendars& known, const Span& range, const AppointmentId* except) {
  // A window may begin the day before, and a civil day lies up to 14 hours off the same one in UTC.
  const Date first = day_of(range.from.plus_s(-2 * day_s));
  const Date last = day_of(range.to.plus_s(day_s));
  const FindFacility facility = [&](const FacilityId& id) { return tenants::facility_of(work, id); };
  for (Calendar& calendar : known.calendars) {
    const bool is_main = &calendar == &known.calendars.front();
    std::vector<FacilityId> places;
    bool usable = true;
    describe(work, {.kind = calendar.resource.kind, .id = calendar.resource.id}, calendar, places, usable);
    calendar.always_open = false;
    calendar.place.reset();
    calendar.openings.clear();
    if (const schedules::Schedule* schedule = schedules::schedule_of(work, calendar.resource.id); schedule != nullptr) {
      calendar.openings = openings_of(*schedule, facility, first, last);
    } else if (calendar.resource.kind != ResourceKind::practitioner) {
      const facilities::Facility* place = facility(places.front());
      calendar.always_open = !is_main && place != nullptr && place->open_hours.empty();
      calendar.place = places.front();
      if (place != nullptr) calendar.openings = openings_of(*place, first, last);
    }
    if (!usable) {
      calendar.always_open = false;
      calendar.openings.clear();
    }
    calendar.away.clear();
    for (const leaves::Leave& leave : leaves::overlapping(work, calendar.resource.id, range.from, range.to))
      calendar.away.push_back({.time = {leave.from, leave.to}, .leave = leave.id});
    calendar.taken = taken_in(work, calendar.resource.id, range, except, &calendar.expired);
  }
}

std::optional<Person> person_of(Work& work, PatientId id, bool reaches_visit) {
  const auto known = patients::known(work, id, label_classes(work) | clinical);
  if (!known || known->patient.deleted_at) return std::nullopt;
  if (!reaches_visit && !patients::reaches(work, known->patient, Permission::patient_read)) return std::nullopt;
  work.concerns(id);
  return Person{.subject = known->subject,
                .label = label_of(work, known->patient),
                .deceased = known->patient.deceased && known->patient.deceased->deceased,
                .active = known->patient.status == patients::PatientStatus::active};
}

void label(Work& work, std::vector<Appointment>& page) {
  std::vector<PatientId> ids;
  for (const Appointment& appointment : page) ids.push_back(appointment.patient_id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  for (const PatientId& id : ids) work.concerns(id);
  if (label_classes(work) == 0) return;
  const auto patients = Rows<patients::Patient>(work).get_many_unchecked(ids, label_classes(work));
  for (Appointment& appointment : page) {
    if (kernel::Reach<Appointment>::classes(work, appointment) == 0) continue;  // metadata shows no name
    const auto found =
        std::lower_bound(patients.begin(), patients.end(), appointment.patient_id,
                         [](const patients::Patient& patient, const PatientId& wanted) { return patient.id < wanted; });
    if (found != patients.end() && found->id == appointment.patient_id) appointment.patient = label_of(work, *found);
  }
}

Plan plan(Work& work, const Wish& wish, Permission permission, const AppointmentId* except, const Plan* like) {
  Plan plan{.known = like != nullptr ? like->known
                                     : calendars_of(work, wish.service_id, wish.resources, wanted_by(wish, except))};
  if (wish.kept != nullptr) make_like(*wish.kept, plan.known.terms);
  const Instant start = start_of(wish, plan.known.zone);
  auto person = like != nullptr ? like->person : person_of(work, wish.patient_id, except != nullptr);
  if (!person) throw Failure(codes::invalid, "/patient_id", "patient.unknown", "there is no such patient");
  plan.person = std::move(*person);
  plan.visit = {start, start.plus_s(60LL * plan.known.terms.duration_min)};
  const Span whole = plan.visit.widened(plan.known.terms.buffer_before_min, plan.known.terms.buffer_after_min);
  fill(work, plan.known, whole, except);
  plan.patient = taken_in(work, wish.patient_id.uuid, plan.visit, except, &plan.patient_expired);

  const Opening* opening = nullptr;
  const Question strict = plan.known.question(work.now(), 0, &plan.patient);
  plan.findings = look(strict, start, &opening);
  plan.facility = opening != nullptr ? opening->facility : plan.known.home;
  plan.zone = opening != nullptr ? opening->zone : plan.known.zone;
  const bool by_hours = opening != nullptr && opening->capacity && !plan.known.terms.as_made;
  plan.capacity = by_hours ? *opening->capacity : plan.known.terms.capacity;
  if (wish.kept == nullptr && !reaches(work, wish.patient_id, plan.facility, wish.resources, permission))
    throw Failure(codes::forbidden);
  require_insistence(work, wish, plan.facility);
  if (wish.overbook && !plan.findings.empty()) {
    const Question beyond = plan.known.question(work.now(), overbook_max, &plan.patient);
    auto findings = look(beyond, start, &opening);
    plan.overbooked = findings.size() < plan.findings.size();
    plan.findings = std::move(findings);
  }
  const std::uint32_t misses_max = tenants::settings_in_force(work).no_show_block;
  const bool unreliable = misses_max > 0 && missed_lately(work, wish.patient_id) >= misses_max;
  if (plan.person.deceased || !plan.person.active || unreliable) add_policy(plan.findings);
  if (wish.override) std::erase_if(plan.findings, [](const Finding& finding) { return finding.policy; });
  if (plan.findings.empty() || !wish.elsewhere) return plan;

  // Where else there is room: first near, then, if that is not enough, further on.
  const Instant from = std::max(start, work.now());
  for (const std::int64_t days : {7, 35}) {
    Calendars wider = plan.known;
    const Span reach = reach_of_starts({from, from.plus_s(days * day_s)});
    fill(work, wider, reach, except);
    const auto patient = taken_in(work, wish.patient_id.uuid, reach, except);
    plan.alternatives.clear();
    Question question = wider.question(work.now(), 0, &patient);
    // Nobody is sent to another house by a time alone: if none is asked for, they are of the first one.
    std::optional<FacilityId> house;
    if (opening != nullptr)
      house = plan.facility;
    else if (const auto first = free_starts(question, Instant{from.us + 1}, from.plus_s(days * day_s), 1);
             !first.empty())
      house = first.front().opening->facility;
    if (house) question.place = &*house;
    for (const Free& free : free_starts(question, Instant{from.us + 1}, from.plus_s(days * day_s), alternatives_max))
      plan.alternatives.push_back(free.start);
    if (plan.alternatives.size() == alternatives_max) break;
  }
  return plan;
}

KnownCalendars known_of(const Plan& plan) {
  return {.calendars = &plan.known.calendars, .patient = &plan.patient, .patient_expired = plan.patient_expired};
}

void require_bookable(const Plan& plan) {
  if (plan.bookable()) return;
  Error error{.code = code_of(plan.findings)};
  for (const Finding& finding : plan.findings) {
    if (error.fields.size() == field_errors_max) break;
    error.fields.push_back(
        {.pointer = finding.conflict.kind == ConflictKind::policy ? "/patient_id" : "/start",
         .code = "conflict." + std::string(Words<ConflictKind>::words[static_cast<std::size_t>(finding.conflict.kind)]),
         .message = finding.policy ? "A matter of policy: it can be overridden." : "This is in the way."});
  }
  if (error.code == slot_taken) error.alternatives = plan.alternatives;
  throw Failure(std::move(error));
}

void apply(const Plan& plan, const Wish& wish, Appointment& appointment) {
  appointment.patient_id = wish.patient_id;
  appointment.service_id = wish.service_id;
  appointment.resources = wish.resources;
  appointment.facility_id = plan.facility;
  appointment.start = plan.visit.from;
  appointment.end = plan.visit.to;
  appointment.zone = plan.zone;
  appointment.wall_start = local_in(plan.zone, plan.visit.from);
  appointment.buffer_before_min = plan.known.terms.buffer_before_min;
  appointment.buffer_after_min = plan.known.terms.buffer_after_min;
  appointment.capacity = plan.capacity;
  appointment.overbooked = plan.overbooked;
}

AppointmentStatus first_status(const Plan& plan) {
  return plan.known.rules.approval ? AppointmentStatus::requested : AppointmentStatus::booked;
}

bool first_takes_time(const Plan& plan) { return !plan.known.rules.approval || plan.known.rules.requested_blocks; }

void store_new(Work& work, const Plan& plan, Appointment& appointment, bool takes_time) {
  appointment.number = next_number(work);
  plan_due(work, appointment, plan.known.rules);
  Rows<Appointment>(work).insert_for(plan.person.subject, appointment);
  enter(work, appointment, takes_time, known_of(plan));
  if (appointment.status == AppointmentStatus::booked)
    plan_reminders(work, appointment, plan.known.rules.reminders_min);
}

}  // namespace medflow::inline v1::appointments
