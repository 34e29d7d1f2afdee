// How entries of the waitlist change: what is said of them stays true together.
#pragma once

#include "kernel/work.hpp"
#include "waitlists/entities.hpp"

namespace medflow::inline v1::waitlists {

/// So many offers that were not taken end an entry. Those of which nobody was told do not count.
inline constexpr std::size_t untaken_max = 3;
/// After so many of which nobody was told an entry is the staff's: no message seems to reach that patient.
inline constexpr std::size_t unsent_max = 8;
inline constexpr std::int64_t hold_s = 15 * 60;

/// Counts what may have become free: a walk past those who wait that takes several steps is begun anew where it went up meanwhile.
inline constexpr std::string_view freed_counter = "waitlists.freed";

/// Among those of one rank of priority who came first is served first.
std::uint64_t rank_of(appointments::Priority priority, Instant joined_at);

/// When its last day is over, there.
Instant end_of_waiting(kernel::Work& work, const Entry& entry);

/// From 21:00 to 08:00, by the clocks of a place, nobody is told what can wait (NOT-6): when that is over. Nothing by day.
std::optional<Instant> end_of_night(Instant now, const Zone& zone);

/// Until when the offer of a start waits. By night that of one which begins in an hour after its end, or later, waits for the morning; of a sooner one
/// too, unless the entry is urgent: then it is offered at once.
std::optional<Instant> waits_for(Instant now, appointments::Priority priority, Instant start, const Zone& zone);

/// Whether so many offers were lost on the way that no other is made without the staff.
bool is_unreached(const Entry& entry);

/// The offer that waits for an answer; null where there is none.
Offer* pending_offer(Entry& entry);

/// It waits from now on, and is looked at soon; or it has expired, where its last day is over.
void wait(kernel::Work& work, Entry& entry);

/// The pending offer was not taken: it waits on, or has come to its end.
void not_taken(kernel::Work& work, Entry& entry, OfferAnswer answer);

/// It has come to its end.
void end(Entry& entry, WaitState state);

}  // namespace medflow::inline v1::waitlists
