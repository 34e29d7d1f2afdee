#include "waitlists/states.hpp"

#include <algorithm>

#include "jobs/jobs.hpp"
#include "tenants/facts.hpp"
#include "waitlists/offering.hpp"

namespace medflow::inline v1::waitlists {

using appointments::Priority;
using kernel::Work;

std::uint64_t rank_of(Priority priority, Instant joined_at) {
  constexpr int bits = 58;  // microseconds of nine thousand years
  const std::uint64_t order = priority == Priority::emergency ? 0
                              : priority == Priority::urgent  ? 1
                              : priority == Priority::routine ? 2
                                                              : 3;
  return (order << bits) + static_cast<std::uint64_t>(std::max<std::int64_t>(joined_at.us, 0));
}

Instant end_of_waiting(Work& work, const Entry& entry) {
  const facilities::Facility* place = entry.facility_id ? tenants::facility_of(work, *entry.facility_id) : nullptr;
  const Zone& zone = place != nullptr ? place->zone : work.store().zone();
  return meaning_of(zone, {.date = Date::from_days(entry.latest.days() + 1)}).first;
}

std::optional<Instant> end_of_night(Instant now, const Zone& zone) {
  constexpr TimeOfDay begins{21 * 60};
  constexpr TimeOfDay ends{8 * 60};
  const LocalDateTime wall = local_in(zone, now);
  if (ends <= wall.time && wall.time < begins) return std::nullopt;
  const Date morning = wall.time < ends ? wall.date : Date::from_days(wall.date.days() + 1);
  const Instant end = meaning_of(zone, {.date = morning, .time = ends}).first;
  return now < end ? std::optional(end) : std::nullopt;
}

std::optional<Instant> waits_for(Instant now, Priority priority, Instant start, const Zone& zone) {
  const auto end = end_of_night(now, zone);
  const bool urgent = priority == Priority::emergency || priority == Priority::urgent;
  if (end && urgent && start < end->plus_s(60 * 60)) return std::nullopt;
  return end;
}

Offer* pending_offer(Entry& entry) {
  const auto found = std::find_if(entry.offers.begin(), entry.offers.end(),
                                  [](const Offer& offer) { return offer.answer == OfferAnswer::pending; });
  return found == entry.offers.end() ? nullptr : &*found;
}

bool is_unreached(const Entry& entry) {
  const auto unsent =
      std::count_if(entry.offers.begin(), entry.offers.end(), [](const Offer& each) { return each.unsent; });
  return static_cast<std::size_t>(unsent) >= unsent_max;
}

void end(Entry& entry, WaitState state) {
  entry.state = state;
  entry.due_at.reset();
}

void wait(Work& work, Entry& entry) {
  const Instant last = end_of_waiting(work, entry);
  if (last <= work.now()) return end(entry, WaitState::expired);
  entry.state = WaitState::waiting;
  entry.due_at = last;
  work.next_number(freed_counter);
  jobs::wake(work, offer_sweep, work.now());
}

void not_taken(Work& work, Entry& entry, OfferAnswer answer) {
  if (Offer* offer = pending_offer(entry)) offer->answer = answer;
  const auto untaken = std::count_if(entry.offers.begin(), entry.offers.end(), [](const Offer& offer) {
    return !offer.unsent && (offer.answer == OfferAnswer::declined || offer.answer == OfferAnswer::expired);
  });
  if (static_cast<std::size_t>(untaken) >= untaken_max)
    return end(entry, answer == OfferAnswer::declined ? WaitState::declined : WaitState::expired);
  wait(work, entry);
}

}  // namespace medflow::inline v1::waitlists
