#include <algorithm>
#include <optional>

#include "appointments/booking.hpp"
#include "doctors/entities.hpp"
#include "kernel/handler.hpp"
#include "time/zoned.hpp"

namespace medflow::inline v1::slots {

using appointments::Calendars;
using appointments::Free;
using appointments::Opening;
using appointments::Participant;
using appointments::Question;
using appointments::Span;
using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t days_max = 92;
constexpr std::size_t doctors_max = 1'000;  ///< looked at for one answer

Slot slot_of(const Calendars& known, const Free& free, times::WallClock& clock) {
  return {.start = free.start,
          .end = free.start.plus_s(60LL * known.terms.duration_min),
          .resource = known.calendars.front().resource,
          .facility_id = free.opening->facility,
          .zone = free.opening->zone,
          .wall_start = clock.at(free.start),
          .free = free.room};
}

/// Free slots of one calendar in a time, with what else has to be free.
std::vector<Slot> free_slots(Work& work, const ServiceId& service, const std::vector<Participant>& who,
                             const Span& time, std::size_t limit, const appointments::Named& named,
                             const FacilityId* place = nullptr) {
  Calendars known = appointments::calendars_of(work, service, who, appointments::Wanted::anew, named);
  appointments::fill(work, known, appointments::reach_of_starts(time));
  Question question = known.question(work.now(), 0, nullptr);
  question.place = place;
  const std::vector<Free> starts = appointments::free_starts(question, time.from, time.to, limit);
  std::vector<Slot> slots;
  slots.reserve(starts.size());
  std::optional<times::WallClock> clock;
  const Opening* opening = nullptr;
  for (const Free& free : starts) {
    if (opening == nullptr || (free.opening != opening && free.opening->zone != opening->zone))
      clock.emplace(free.opening->zone);
    opening = free.opening;
    slots.push_back(slot_of(known, free, *clock));
  }
  return slots;
}

/// Those who are named, or all who may be booked and are what is asked for.
std::vector<PractitionerId> candidates(Work& work, const FindFirst& request) {
  if (!request.doctors.empty()) return request.doctors;
  std::vector<PractitionerId> found;
  Rows<doctors::Doctor>(work).scan({}, [&](const doctors::Doctor& doctor) {
    const bool there = !request.facility || std::find(doctor.facilities.begin(), doctor.facilities.end(),
                                                      *request.facility) != doctor.facilities.end();
    const bool able = !request.specialty || std::find(doctor.specialties.begin(), doctor.specialties.end(),
                                                      *request.specialty) != doctor.specialties.end();
    const bool helps = std::any_of(request.with.begin(), request.with.end(),
                                   [&](const ResourceRef& other) { return other.id == doctor.id.uuid; });
    if (doctor.bookable && there && able && !helps) found.push_back(doctor.id);
    return found.size() < doctors_max;
  });
  return found;
}

std::vector<Participant> together(const Participant& first, const std::vector<ResourceRef>& others) {
  std::vector<Participant> who{first};
  for (const ResourceRef& other : others) who.push_back({.kind = other.kind, .id = other.id});
  return who;
}

}  // namespace

Slots handle(Work& work, const List& request) {
  if (request.to <= request.from) throw Failure(codes::invalid, "/to", "time.order", "it has to be later than from");
  if (request.to > request.from.plus_s(days_max * day_s))
    throw Failure(codes::invalid, "/to", "range.too_long", "92 days at most at once");
  const auto who = together({.kind = request.kind, .id = request.resource_id}, request.with);
  Slots answer{.slots = free_slots(work, request.service_id, who, {request.from, request.to}, request.limit + 1,
                                   {.list = "/with", .own = "/resource_id"})};
  answer.more = answer.slots.size() > request.limit;
  if (answer.more) answer.slots.pop_back();
  return answer;
}

Slots handle(Work& work, const FindFirst& request) {
  Slots answer;
  const FacilityId* place = request.facility ? &*request.facility : nullptr;
  const Instant end = request.from.plus_s(request.days * day_s);
  Instant until = end;  // no slot that begins later can be among the first
  std::size_t at = 0;
  for (const PractitionerId& doctor : candidates(work, request)) {
    const auto who = together({.kind = ResourceKind::practitioner, .id = doctor.uuid}, request.with);
    const appointments::Named named{.list = "/with", .own = "/doctors/" + std::to_string(at++)};
    // Most have something soon: first a few days, and all of them only if there is nothing.
    std::vector<Slot> slots;
    Instant from = std::max(request.from, work.now());
    for (std::int64_t days = 2; from < until && slots.size() < request.limit; days = 4 * days) {
      const Instant to = std::min(from.plus_s(days * day_s), until);
      for (Slot& slot :
           free_slots(work, request.service_id, who, {from, to}, request.limit - slots.size(), named, place))
        slots.push_back(std::move(slot));
      from = to;
    }
    answer.slots.insert(answer.slots.end(), slots.begin(), slots.end());
    std::stable_sort(answer.slots.begin(), answer.slots.end(),
                     [](const Slot& a, const Slot& b) { return a.start < b.start; });
    if (answer.slots.size() > request.limit) {
      answer.slots.resize(request.limit);
      answer.more = true;
    }
    if (answer.slots.size() == request.limit) until = answer.slots.back().start;
  }
  return answer;
}

}  // namespace medflow::inline v1::slots

MEDFLOW_HANDLE(medflow::slots::List);
MEDFLOW_HANDLE(medflow::slots::FindFirst);
