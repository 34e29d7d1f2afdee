#include "waitlists/search.hpp"

#include <algorithm>

#include "appointments/claims.hpp"
#include "doctors/doctors.hpp"
#include "doctors/entities.hpp"
#include "schedules/schedules.hpp"
#include "services/entities.hpp"
#include "services/services.hpp"
#include "waitlists/states.hpp"

namespace medflow::inline v1::waitlists {

using appointments::Calendars;
using appointments::Free;
using appointments::Question;
using appointments::Span;
using appointments::Taken;
using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::int64_t day_us = 86'400LL * 1'000'000;
constexpr std::int64_t part_us = 14 * day_us;  ///< calendars are read by such parts
constexpr std::size_t teams_max = 200;
constexpr std::size_t starts_at_once = 32;

bool is_among(const std::vector<FacilityId>& places, const FacilityId& id) {
  return std::find(places.begin(), places.end(), id) != places.end();
}

bool likes(const Preference& preference, const LocalDateTime& wall) {
  const auto& days = preference.weekdays;
  const Weekday weekday = weekday_of_days(wall.date.days());
  if (!days.empty() && std::find(days.begin(), days.end(), weekday) == days.end()) return false;
  return preference.start <= wall.time && (preference.end <= preference.start || wall.time < preference.end);
}

bool suits(const Entry& entry, Instant start, const Zone& zone) {
  const LocalDateTime wall = local_in(zone, start);
  if (wall.date < entry.earliest || entry.latest < wall.date) return false;
  const auto same = [&](const Offer& offer) { return offer.start == start; };
  if (std::any_of(entry.offers.begin(), entry.offers.end(), same)) return false;
  return entry.preferences.empty() || std::any_of(entry.preferences.begin(), entry.preferences.end(),
                                                  [&](const Preference& one) { return likes(one, wall); });
}

}  // namespace

std::vector<ResourceKind> kinds_of(const services::Service& service) {
  std::vector<ResourceKind> kinds = service.resources_needed;
  const auto doctor = std::find(kinds.begin(), kinds.end(), ResourceKind::practitioner);
  if (doctor != kinds.end()) std::rotate(kinds.begin(), doctor, doctor + 1);
  if (kinds.empty()) kinds.push_back(ResourceKind::practitioner);
  return kinds;
}

std::vector<FacilityId> Search::places_of(ResourceKind kind, const Uuid& id) {
  if (kind == ResourceKind::practitioner) {
    const doctors::Doctor* doctor = doctors::doctor_of(work_, {id});
    return doctor != nullptr ? doctor->facilities : std::vector<FacilityId>{};
  }
  const resources::Resource* resource = resources::resource_of(work_, {id});
  return resource != nullptr ? std::vector<FacilityId>{resource->facility_id} : std::vector<FacilityId>{};
}

/// Those of a kind that can be booked at one of these places; at any, where there are none.
std::vector<Uuid> Search::all_of(ResourceKind kind, const std::vector<FacilityId>& places) {
  std::vector<Uuid> ids;
  const auto at = [&](const FacilityId& id) { return places.empty() || is_among(places, id); };
  if (kind == ResourceKind::practitioner) {
    Rows<doctors::Doctor>(work_).scan({}, [&](const doctors::Doctor& doctor) {
      const bool there = places.empty() || std::any_of(doctor.facilities.begin(), doctor.facilities.end(), at);
      if (doctor.bookable && there) ids.push_back(doctor.id.uuid);
      return ids.size() < teams_max;
    });
  } else {
    Rows<resources::Resource>(work_).scan({}, [&](const resources::Resource& resource) {
      if (resource.active && resource.kind == kind && at(resource.facility_id)) ids.push_back(resource.id.uuid);
      return ids.size() < teams_max;
    });
  }
  return ids;
}

/// Everybody and everything that a visit needs, in all ways in which that is possible: the first is that in whose hours it lies.
std::vector<Search::Team> Search::teams(const Entry& entry) {
  const services::Service* service = services::service_of(work_, entry.service_id);
  const std::vector<ResourceKind> kinds = kinds_of(*service);
  const std::vector<FacilityId> where =
      entry.facility_id ? std::vector<FacilityId>{*entry.facility_id} : std::vector<FacilityId>{};

  std::vector<Team> teams;
  for (const Uuid& id : entry.resources_any.empty() ? all_of(kinds.front(), where) : entry.resources_any) {
    const std::vector<FacilityId> places = places_of(kinds.front(), id);
    std::vector<Team> of_this{{{.kind = kinds.front(), .id = id}}};
    for (std::size_t i = 1; i < kinds.size(); ++i) {
      if (std::find(kinds.begin(), kinds.begin() + static_cast<std::ptrdiff_t>(i), kinds[i]) !=
          kinds.begin() + static_cast<std::ptrdiff_t>(i))
        continue;
      std::vector<Team> wider;
      const std::vector<Uuid> others = all_of(kinds[i], where.empty() ? places : where);
      for (const Team& team : of_this)
        for (const Uuid& other : others) {
          wider.push_back(team);
          wider.back().push_back({.kind = kinds[i], .id = other});
        }
      of_this = std::move(wider);
      if (of_this.size() > teams_max) of_this.resize(teams_max);
    }
    for (Team& team : of_this)
      if (teams.size() < teams_max) teams.push_back(std::move(team));
  }
  return teams;
}

/// Null where one of them is not there any more.
const Calendars* Search::calendars(const ServiceId& service, const Team& team, std::int64_t part) {
  std::string key(service.uuid.view());
  for (const auto& one : team) key.append(one.id.view());
  key.append(std::to_string(part));
  const auto [found, is_new] = read_.try_emplace(key);
  if (is_new) {
    ++reads_;
    try {
      Calendars known = appointments::calendars_of(work_, service, team);
      appointments::fill(work_, known, appointments::reach_of_starts({{part * part_us}, {(part + 1) * part_us}}));
      found->second = std::move(known);
    } catch (const Failure& failure) {
      if (failure.error.kind() != Errc::invalid) throw;
    }
  }
  return found->second ? &*found->second : nullptr;
}

std::optional<Instant> Search::first_with(const Entry& entry, const Team& team, const Span& time,
                                          const std::vector<Taken>& patient) {
  for (std::int64_t part = time.from.us / part_us; part * part_us < time.to.us; ++part) {
    const Calendars* known = calendars(entry.service_id, team, part);
    if (known == nullptr) return std::nullopt;
    Question question = known->question(work_.now(), 0, &patient);
    question.place = entry.facility_id ? &*entry.facility_id : nullptr;
    const Instant soonest = work_.now().plus_s(60LL * known->rules.waitlist_notice_min);
    Instant from = std::max({time.from, soonest, Instant{part * part_us}});
    const Instant to = std::min(time.to, Instant{(part + 1) * part_us});
    while (from < to) {
      const std::vector<Free> starts = appointments::free_starts(question, from, to, starts_at_once);
      for (const Free& free : starts)
        if (suits(entry, free.start, free.opening->zone)) return free.start;
      if (starts.size() < starts_at_once) break;
      from = {starts.back().start.us + 1};
    }
  }
  return std::nullopt;
}

std::optional<Suitable> Search::first(const Entry& entry) {
  const services::Service* service = services::service_of(work_, entry.service_id);
  if (service == nullptr || !service->active || !service->waitlist) return std::nullopt;
  // A civil day lies up to 14 hours off the same one in UTC.
  Span time{{std::max(work_.now().us, (entry.earliest.days() - 1) * day_us)}, {(entry.latest.days() + 2) * day_us}};
  constexpr std::int64_t furthest_days = 731;  // no service can be booked further ahead
  time.to = std::min(time.to, Instant{work_.now().us + furthest_days * day_us});
  if (time.empty()) return std::nullopt;
  const auto patient = appointments::taken_in(work_, entry.patient_id.uuid, appointments::reach_of_starts(time));
  std::optional<Suitable> best;
  for (const Team& team : teams(entry)) {
    if (const auto start = first_with(entry, team, time, patient)) {
      best = Suitable{.start = *start, .resources = team};
      time.to = *start;  // nothing later is looked at
    }
  }
  return best;
}

}  // namespace medflow::inline v1::waitlists
