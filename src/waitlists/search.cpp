#include "waitlists/search.hpp"

#include <algorithm>

#include "appointments/claims.hpp"
#include "doctors/doctors.hpp"
#include "doctors/entities.hpp"
#include "kernel/index_places.hpp"
#include "schedules/rules.hpp"
#include "schedules/schedules.hpp"
#include "services/entities.hpp"
#include "services/services.hpp"
#include "waitlists/states.hpp"

namespace medflow::inline v1::waitlists {

using appointments::Calendars;
using appointments::Free;
using appointments::Participant;
using appointments::Question;
using appointments::Span;
using appointments::Taken;
using kernel::Rows;
using kernel::Work;

namespace {

constexpr std::int64_t day_us = 86'400LL * 1'000'000;
constexpr std::int64_t part_us = 14 * day_us;  ///< calendars are read by such parts
constexpr std::size_t known_max = 1'000;       ///< of one kind, at one place
constexpr std::size_t starts_at_once = 32;

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

/// Whether visits begin within these hours at a time that the entry names. Those that go on after midnight may be anything.
template <class Hours>
bool may_suit(const Entry& entry, const Hours& hours, Weekday weekday) {
  const auto& services = hours.services;
  if (!services.empty() && std::find(services.begin(), services.end(), entry.service_id) == services.end())
    return false;
  if (entry.facility_id && hours.facility_id != *entry.facility_id) return false;
  if (entry.preferences.empty() || hours.end <= hours.start) return true;
  return std::any_of(entry.preferences.begin(), entry.preferences.end(), [&](const Preference& one) {
    const bool that_day =
        one.weekdays.empty() || std::find(one.weekdays.begin(), one.weekdays.end(), weekday) != one.weekdays.end();
    return that_day && one.start < hours.end && (one.end <= one.start || hours.start < one.end);
  });
}

/// The same of all hours of a calendar: most that suit nobody are told by that, without a look at what is booked.
bool may_suit(const Entry& entry, const schedules::Schedule& schedule) {
  return std::any_of(schedule.windows.begin(), schedule.windows.end(),
                     [&](const schedules::Window& window) { return may_suit(entry, window, window.weekday); }) ||
         std::any_of(schedule.overrides.begin(), schedule.overrides.end(), [&](const schedules::Override& day) {
           const Weekday weekday = weekday_of_days(day.date.days());
           return std::any_of(day.windows.begin(), day.windows.end(),
                              [&](const schedules::DayWindow& window) { return may_suit(entry, window, weekday); });
         });
}

}  // namespace

std::vector<ResourceKind> kinds_of(const services::Service& service) {
  std::vector<ResourceKind> kinds = service.resources_needed;
  const auto doctor = std::find(kinds.begin(), kinds.end(), ResourceKind::practitioner);
  if (doctor != kinds.end()) std::rotate(kinds.begin(), doctor, doctor + 1);
  if (kinds.empty()) kinds.push_back(ResourceKind::practitioner);
  return kinds;
}

/// Those of a kind that can be booked at a place; anywhere, where none is named. What does not open is booked with nobody.
const std::vector<Uuid>& Search::all_of(ResourceKind kind, const std::optional<FacilityId>& place) {
  const std::string key = std::to_string(static_cast<int>(kind)).append(place ? place->uuid.view() : "");
  const auto [found, is_new] = known_.try_emplace(key);
  std::vector<Uuid>& ids = found->second;
  if (!is_new) return ids;
  const bool doctors = kind == ResourceKind::practitioner;
  const storage::Layout& layout = doctors ? Rows<doctors::Doctor>::layout() : Rows<resources::Resource>::layout();
  std::vector<Uuid> all;
  work_.transaction().scan({.table = &layout.table()}, [&](storage::RowView row) {
    std::copy(row[0].data.begin(), row[0].data.end(), all.emplace_back().bytes.begin());
    return true;
  });
  const auto there = [&](const FacilityId& id) { return !place || id == *place; };
  for (const Uuid& id : all) {
    bool usable = false;
    const bool sound = kernel::opens(work_, [&] {
      if (doctors) {
        const doctors::Doctor* doctor = doctors::doctor_of(work_, {id});
        usable = doctor != nullptr && doctor->bookable &&
                 (!place || std::any_of(doctor->facilities.begin(), doctor->facilities.end(), there));
      } else {
        const resources::Resource* resource = resources::resource_of(work_, {id});
        usable = resource != nullptr && resource->active && resource->kind == kind && there(resource->facility_id);
      }
    });
    if (sound && usable) ids.push_back(id);
    if (ids.size() == known_max) break;
  }
  return ids;
}

/// In whose hours a visit that suits may lie.
std::vector<Search::Main> Search::mains(const Entry& entry, ResourceKind kind) {
  std::vector<Main> mains;
  for (const Uuid& id : entry.resources_any.empty() ? all_of(kind, entry.facility_id) : entry.resources_any) {
    const schedules::Schedule* schedule = schedules::schedule_of(work_, id);
    if (schedule == nullptr ? kind == ResourceKind::practitioner : !may_suit(entry, *schedule)) continue;
    const services::Service* service = services::service_of(work_, entry.service_id);
    const std::int64_t days = schedules::rules_in_force(*service, schedule).max_horizon_d;
    mains.push_back({.who = {.kind = kind, .id = id}, .until = {work_.now().us + days * day_us + 1}});
  }
  return mains;
}

/// Of the last one of a team; who goes before it are there because of the rules alone. Null where one of them is not there any more.
const Calendars* Search::calendars(const ServiceId& service, const Team& team, std::int64_t part) {
  std::string key(service.uuid.view());
  key.append(team.back().id.view()).append(team.size() > 1 ? "+" : "").append(std::to_string(part));
  const auto [found, is_new] = read_.try_emplace(key);
  if (is_new) {
    ++reads_;
    try {
      Calendars known = appointments::calendars_of(work_, service, team, appointments::Wanted::kept);
      appointments::fill(work_, known, appointments::reach_of_starts({{part * part_us}, {(part + 1) * part_us}}));
      found->second = std::move(known);
    } catch (const Failure& failure) {
      if (failure.error.kind() != Errc::invalid) throw;
    }
  }
  return found->second ? &*found->second : nullptr;
}

/// With whom a visit can begin then: of each kind that it needs beside, the first that is free. Nothing where there is none of one.
std::optional<Search::Team> Search::team_at(const Glance& glance, const Calendars& known, const Free& free) {
  const std::vector<ResourceKind>& kinds = *glance.kinds;
  Team team{glance.main->who};
  for (auto kind = kinds.begin() + 1; kind != kinds.end(); ++kind) {
    if (std::find(kinds.begin(), kind, *kind) != kind) continue;
    const std::vector<Uuid>& all = all_of(*kind, free.opening->facility);
    const auto found = std::find_if(all.begin(), all.end(), [&](const Uuid& id) {
      const Team pair{glance.main->who, {.kind = *kind, .id = id}};
      const Calendars* beside = calendars(glance.entry->service_id, pair, glance.part);
      if (beside == nullptr) return false;
      Question question = known.question(work_.now(), 0, nullptr);
      question.calendars.push_back(&beside->calendars.back());
      return appointments::look(question, free.start, nullptr, true).empty();
    });
    if (found == all.end()) return std::nullopt;
    team.push_back({.kind = *kind, .id = *found});
  }
  return team;
}

Search::Seen Search::look_at(const Glance& glance) {
  const Entry& entry = *glance.entry;
  const Instant begin{glance.part * part_us};
  if (glance.main->until <= begin) return {};
  const Calendars* known = calendars(entry.service_id, {glance.main->who}, glance.part);
  if (known == nullptr) return {};
  Question question = known->question(work_.now(), 0, glance.patient);
  question.place = entry.facility_id ? &*entry.facility_id : nullptr;
  Instant from = std::max({glance.time.from, work_.now().plus_s(60LL * known->rules.waitlist_notice_min), begin});
  const Instant to = std::min({glance.time.to, glance.main->until, Instant{begin.us + part_us}});
  while (from < to) {
    const std::vector<Free> starts = appointments::free_starts(question, from, to, starts_at_once);
    for (const Free& free : starts) {
      if (!suits(entry, free.start, free.opening->zone)) continue;
      auto team = team_at(glance, *known, free);
      if (!team) continue;
      if (const auto morning = waits_for(work_.now(), entry.priority, free.start, free.opening->zone)) {
        put_off_ = put_off_ ? std::min(*put_off_, *morning) : *morning;
        return {.waits = free.start};
      }
      return {.slot = Suitable{.start = free.start, .resources = std::move(*team)}};
    }
    if (starts.size() < starts_at_once) break;
    from = {starts.back().start.us + 1};
  }
  return {};
}

/// Part by part of the time, and of each the calendars of all in whose hours it may be.
Found Search::first(const Entry& entry, std::uint64_t& looks) {
  const services::Service* service = services::service_of(work_, entry.service_id);
  if (service == nullptr || !service->active || !service->waitlist) return {};
  const std::vector<ResourceKind> kinds = kinds_of(*service);
  const std::vector<Main> all = mains(entry, kinds.front());
  // A civil day lies up to 14 hours off the same one in UTC.
  Span time{{std::max(work_.now().us, (entry.earliest.days() - 1) * day_us)}, {(entry.latest.days() + 2) * day_us}};
  Instant furthest{};
  for (const Main& one : all) furthest = std::max(furthest, one.until);
  time.to = std::min(time.to, furthest);
  if (time.empty()) return {};
  const auto patient = appointments::taken_in(work_, entry.patient_id.uuid, appointments::reach_of_starts(time));
  const std::int64_t first_part = time.from.us / part_us;
  const std::uint64_t parts = static_cast<std::uint64_t>((time.to.us - 1) / part_us - first_part + 1);
  std::optional<Suitable> best;
  bool waits = false;
  for (; looks < parts * all.size(); ++looks, ++looks_) {
    if (looks % all.size() == 0 && (best || waits)) break;  // nothing later is looked at
    if (spent()) return {.slot = std::move(best), .unfinished = !best && !waits};
    Seen seen = look_at({.entry = &entry,
                         .kinds = &kinds,
                         .main = &all[looks % all.size()],
                         .part = first_part + static_cast<std::int64_t>(looks / all.size()),
                         .time = time,
                         .patient = &patient});
    if (seen.waits) {
      waits = true;
      best.reset();
      time.to = *seen.waits;
    }
    if (seen.slot) {
      best = std::move(seen.slot);
      time.to = best->start;
    }
  }
  return {.slot = std::move(best)};
}

}  // namespace medflow::inline v1::waitlists
