#include "tests/campaigns/booking/hand.hpp"

#include <unistd.h>

#include <algorithm>

namespace medflow::campaign {
namespace {

constexpr unsigned meeting_us = 300;
constexpr unsigned again_us = 20'000;
constexpr std::size_t open_wanted = 6;
constexpr std::uint8_t moves_max = 10;
constexpr std::size_t alternatives_max = 3;
constexpr std::int64_t passes_us =
    60'300'000;  ///< a hold is over then by most clocks, not by those that are far behind

bool is_weekday(std::int64_t day) { return (day + 3) % 7 < 5; }  // 1970-01-01 was a Thursday

/// The start that the hours offer after this one.
std::int64_t next_offered(std::int64_t start) {
  std::int64_t day = start / day_us;
  std::int64_t index = (start - day * day_us - opens_us) / step_us + 1;
  while (index >= static_cast<std::int64_t>(starts_of_day) || !is_weekday(day)) {
    ++day;
    index = 0;
  }
  return day * day_us + opens_us + index * step_us;
}

bool is_offered(std::int64_t start, std::int64_t duration_us) {
  const std::int64_t day = start / day_us, time = start - day * day_us;
  const auto closes = opens_us + static_cast<std::int64_t>(starts_of_day) * step_us;
  return is_weekday(day) && time >= opens_us && time + duration_us <= closes && (time - opens_us) % step_us == 0;
}

}  // namespace

Hand::Hand(Shared& shared, std::size_t number, Desk& desk, bool stale)
    : shared_(shared),
      number_(number),
      me_(shared.hand.at(number)),
      desk_(desk),
      stale_(stale),
      random_(shared.seed * 1'000'003 + number * 1'009 + me_.lives++) {}

void Hand::run() {
  for (const bool holds : {true, false})  // a hold that is lost may be in another's way
    for (Visit& visit : me_.visits)
      if (visit.asked != Asked::nothing && (visit.asked == Asked::hold) == holds) settle(visit);
  for (Visit& visit : me_.visits)
    if (visit.now.state == State::cancelled) finish(visit, State::cancelled);
  for (day_ = 0;; ++day_) {
    const auto order = order_of_day();
    for (std::size_t turn = 0; turn < order.size(); ++turn) {
      meet();
      if (!is_past()) race(order, turn), pass();
    }
    meet();
    if (number_ == 0 && !is_past()) count_winners();
    pass();
    meet();
    if (!is_past()) {
      while (me_.done_today < shared_.each_day) {
        ++me_.done_today;
        attempt();
      }
      tidy_up();
      pass();
    }
    meet();
    while (shared_.checked_days <= day_) ::usleep(again_us);  // nobody books while the day is looked at
    if (!is_past()) me_.done_today = 0;
    pass();
    if (shared_.last_day <= day_) return;
  }
}

/// Waits for all the others at the next point.
void Hand::meet() {
  ++point_;
  if (is_past()) return;
  if (me_.arrived < point_) me_.arrived = point_;
  for (std::size_t i = 0; i < shared_.hands; ++i)
    while (shared_.hand.at(i).arrived < point_) ::usleep(meeting_us);
}

/// The same for all hands.
std::vector<std::size_t> Hand::order_of_day() const {
  std::vector<std::size_t> order(shared_.slots);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::mt19937_64 random(shared_.seed * 7'919 + day_);
  std::shuffle(order.begin(), order.end(), random);
  return order;
}

/// All want the same slot at once. Of the day nothing else is booked but what was raced for before, and that is full: so it is known
/// which three starts come next.
void Hand::race(const std::vector<std::size_t>& order, std::size_t turn) {
  const std::size_t slot = order[turn], group = slot / starts_of_day;
  Visit* visit = free_visit();
  if (visit == nullptr) return shared_.find("a hand has too many visits");
  visit->group = static_cast<std::uint8_t>(group);
  visit->way = 0;
  visit->overbook = false;
  visit->patient = me_.patients.at(group);
  visit->now.start = start_of(day_, slot % starts_of_day);
  const Wanted wanted = wanted_of(*visit);
  // Who was killed in this race may have been answered already.
  const bool has_won = std::any_of(me_.visits.begin(), me_.visits.end(), [&](const Visit& one) {
    return one.now.state == State::booked && one.group == group && one.now.start == wanted.start;
  });
  if (has_won) return;
  seen_alternatives_.clear();
  book(*visit);
  if (visit->now.state == State::booked) {
    ++shared_.counters.race_winners;
    return;
  }
  ++shared_.counters.race_losers;
  if (stale_ || seen_alternatives_.empty()) return;  // what is wrong with none was told
  std::vector<std::int64_t> expected;
  for (std::int64_t start = next_offered(wanted.start); expected.size() < alternatives_max;
       start = next_offered(start)) {
    const bool is_raced = std::any_of(
        order.begin(), order.begin() + static_cast<std::ptrdiff_t>(turn),
        [&](std::size_t one) { return one / starts_of_day == group && start_of(day_, one % starts_of_day) == start; });
    if (!is_raced) expected.push_back(start);
  }
  shared_.expect(seen_alternatives_ == expected, "a loser is told of other starts than the next three that are free");
}

void Hand::count_winners() const {
  for (std::size_t slot = 0; slot < shared_.slots; ++slot) {
    const std::size_t group = slot / starts_of_day;
    const std::int64_t start = start_of(day_, slot % starts_of_day);
    std::size_t winners = 0;
    for (std::size_t h = 0; h < shared_.hands; ++h)
      for (const Visit& visit : shared_.hand.at(h).visits)
        if (visit.now.state == State::booked && visit.group == group && visit.now.start == start) ++winners;
    const std::size_t capacity = shared_.groups.at(group).ways[0].capacity;
    // What a stale reader takes for free, the table refuses, although there may be room beside it.
    shared_.expect(stale_ ? winners <= capacity : winners == std::min(capacity, shared_.hands),
                   "a slot for " + std::to_string(capacity) + " has " + std::to_string(winners) + " winners");
  }
}

void Hand::attempt() {
  if (random_() % shared_.time_passes_each == 0) shared_.clock_us += passes_us;
  Visit* open = any_open();
  const auto dice = random_() % 100;
  if (open == nullptr || (open_visits() < open_wanted && dice < 60) || dice < 20) return hold_or_book();
  if (dice < 23 && open->now.state == State::booked) return with_wrong_revision(*open);
  if (open->now.state == State::held && dice < 70) return confirm(*open);
  if (open->now.state == State::booked && open->moves < moves_max && dice < 72) return move(*open);
  cancel(*open);
}

/// At the end of its day each visit is done with; who holds something has to decide.
void Hand::tidy_up() {
  for (Visit& visit : me_.visits) {
    if (visit.now.state == State::held && random_() % 2 == 0) confirm(visit);
    if (visit.now.state == State::held) cancel(visit);
    if (visit.now.state == State::booked) finish(visit, State::booked);
  }
}

Visit* Hand::free_visit() {
  for (Visit& visit : me_.visits)
    if (visit.now.state == State::none && visit.asked == Asked::nothing) return &visit;
  return nullptr;
}

std::size_t Hand::open_visits() const {
  return static_cast<std::size_t>(std::count_if(me_.visits.begin(), me_.visits.end(),
                                                [](const Visit& one) { return one.now.state != State::none; }));
}

Visit* Hand::any_open() {
  const std::size_t count = open_visits();
  if (count == 0) return nullptr;
  std::size_t skip = random_() % count;
  for (Visit& visit : me_.visits)
    if (visit.now.state != State::none && skip-- == 0) return &visit;
  return nullptr;
}

Wanted Hand::wanted_of(const Visit& visit) const {
  return {.group = &group_of(visit),
          .way = visit.way,
          .patient = visit.patient,
          .start = visit.now.start,
          .overbook = visit.overbook};
}

Uuid Hand::new_id() {
  Uuid id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random_());
  return id;
}

void Hand::ask(Visit& visit, Asked what) {
  ++shared_.counters.attempts;
  visit.was = visit.now;
  visit.asked = what;
}

/// Where no answer came it is found out, as the process that follows a killed one does.
bool Hand::unanswered(Visit& visit, const Reply& reply) {
  if (!reply.code.empty()) return false;
  settle(visit);
  return true;
}

void Hand::keep(Visit& visit, const Reply& reply, State state) {
  visit.now = {.state = state, .revision = reply.revision, .start = reply.start};
  visit.asked = Asked::nothing;
  ++shared_.counters.good;
}

void Hand::forget(Visit& visit) {
  visit.now = {};
  visit.asked = Asked::nothing;
}

/// It is written down for the end before it is forgotten: after a kill in between it stands there twice, which does no harm.
void Hand::finish(Visit& visit, State state) {
  const std::uint64_t place = shared_.finals_count++;
  if (place >= shared_.finals_max) throw std::runtime_error("too little memory for what was done");
  Final& final = shared_.finals()[place];
  final.id = visit.id;
  final.facts = visit.now;
  final.facts.state = state;
  final.whole = true;
  forget(visit);
}

void Hand::book(Visit& visit) {
  visit.id = new_id();
  visit.moves = 0;
  visit.expires = 0;
  const Wanted wanted = wanted_of(visit);
  ask(visit, Asked::book);
  const Reply reply = desk_.book(visit.id, wanted);
  if (unanswered(visit, reply)) return;
  if (reply.ok()) {
    shared_.expect(reply.start == wanted.start && reply.status == "booked", "a booking answers something else");
    ++shared_.counters.booked;
    return keep(visit, reply, State::booked);
  }
  refused(nullptr, wanted, reply, "book", false);
  forget(visit);
}

void Hand::hold_or_book() {
  Visit* visit = free_visit();
  if (visit == nullptr) return;
  const std::size_t slot = random_() % shared_.slots;
  visit->group = static_cast<std::uint8_t>(slot / starts_of_day);
  visit->way = static_cast<std::uint8_t>(random_() % 4 == 0 && slot % starts_of_day + 1 < starts_of_day ? 1 : 0);
  visit->patient = me_.patients.at(random_() % shared_.groups_count);
  visit->now.start = start_of(day_, slot % starts_of_day);
  const bool holds = !shared_.uniform && random_() % 4 == 0;
  visit->overbook = !shared_.uniform && !holds && random_() % 40 == 0;
  if (!holds) return book(*visit);
  const Wanted wanted = wanted_of(*visit);
  ask(*visit, Asked::hold);
  const Reply reply = desk_.hold(wanted);
  if (unanswered(*visit, reply)) return;
  if (!reply.ok()) {
    refused(nullptr, wanted, reply, "hold", false);
    return forget(*visit);
  }
  shared_.expect(reply.start == wanted.start && reply.status == "held" && reply.token.size() < visit->token.size(),
                 "a hold answers something else");
  visit->id = reply.id;
  visit->moves = 0;
  visit->expires = reply.expires;
  visit->token = {};
  reply.token.copy(visit->token.data(), visit->token.size() - 1);
  ++shared_.counters.held;
  keep(*visit, reply, State::held);
}

void Hand::confirm(Visit& visit) {
  ask(visit, Asked::confirm);
  const Reply reply = desk_.confirm(visit.id, visit.token.data());
  if (unanswered(visit, reply)) return;
  if (reply.ok()) {
    shared_.expect(
        reply.status == "booked" && reply.start == visit.was.start && reply.revision == visit.was.revision + 1,
        "a confirmation answers something else");
    ++shared_.counters.confirmed;
    return keep(visit, reply, State::booked);
  }
  refused(&visit, wanted_of(visit), reply, "confirm", true);
  visit.asked = Asked::nothing;
  if (has_lapsed(visit)) finish(visit, State::lapsed);
}

void Hand::move(Visit& visit) {
  const std::size_t index = random_() % (starts_of_day - (visit.way == 1 ? 1 : 0));
  const std::int64_t to = start_of(day_, index);
  Wanted wanted = wanted_of(visit);
  wanted.start = to;
  visit.to = to;
  ask(visit, Asked::move);
  const Reply reply = desk_.move(visit.id, visit.now.revision, to);
  if (unanswered(visit, reply)) return;
  if (reply.ok()) {
    shared_.expect(reply.start == to && reply.status == "booked" && reply.revision == visit.was.revision + 1,
                   "a move answers something else");
    ++visit.moves;
    ++shared_.counters.moved;
    return keep(visit, reply, State::booked);
  }
  refused(&visit, wanted, reply, "move", false);
  visit.asked = Asked::nothing;
}

void Hand::cancel(Visit& visit) {
  const bool was_held = visit.now.state == State::held;
  ask(visit, Asked::cancel);
  const Reply reply = desk_.cancel(visit.id, visit.now.revision);
  if (unanswered(visit, reply)) return;
  if (reply.ok()) {
    shared_.expect(reply.status == "cancelled" && reply.revision == visit.was.revision + 1,
                   "a cancellation answers something else");
    ++shared_.counters.cancelled;
    keep(visit, reply, State::cancelled);
    return finish(visit, State::cancelled);
  }
  refused(&visit, wanted_of(visit), reply, "cancel", was_held);
  visit.asked = Asked::nothing;
  if (was_held && has_lapsed(visit)) finish(visit, State::lapsed);
}

/// Of somebody who knows an older state.
void Hand::with_wrong_revision(Visit& visit) {
  ++shared_.counters.attempts;
  const Reply reply = desk_.cancel(visit.id, visit.now.revision + 1);
  if (reply.code.empty()) return;
  shared_.expect(reply.code == "conflict.revision", "a cancellation of another revision answers " + reply.code);
  ++shared_.counters.revision;
}

void Hand::refused(const Visit* visit, const Wanted& wanted, const Reply& reply, const char* what,
                   bool may_have_lapsed) {
  Counters& counters = shared_.counters;
  const std::string said = std::string(what) + " answers " + reply.code;
  if (reply.code == "slot.taken" && !may_have_lapsed) {
    ++counters.taken;
    return check_alternatives(wanted, reply);
  }
  if (reply.code == "patient.overlap" && !may_have_lapsed) {
    ++counters.overlap;
    return check_overlap(visit, wanted);
  }
  if (reply.code == "hold.too_many" && visit == nullptr) {
    ++counters.too_many;
    return;
  }
  const bool by_itself =
      reply.code == "hold.expired" || reply.code == "transition.illegal" || reply.code == "conflict.revision";
  if (by_itself && may_have_lapsed && visit != nullptr) {  // only its maker and the time touch it
    ++counters.expired;
    return shared_.expect(has_lapsed(*visit), said + " before it has expired");
  }
  shared_.find(said);
}

void Hand::check_alternatives(const Wanted& wanted, const Reply& reply) {
  seen_alternatives_ = reply.alternatives;
  if (stale_ && reply.alternatives.empty()) {
    ++shared_.counters.excluded;
    return;
  }
  const Way& way = wanted.group->ways.at(wanted.way);
  shared_.expect(reply.alternatives.size() == alternatives_max,
                 "slot.taken with " + std::to_string(reply.alternatives.size()) + " alternatives");
  std::int64_t before = wanted.start;
  for (const std::int64_t start : reply.alternatives) {
    shared_.expect(start > before, "an alternative that is no later one");
    shared_.expect(is_offered(start, way.duration_min * minute_us), "an alternative that is not offered");
    before = start;
  }
}

/// Only the hand's own visits can overlap those of its patients.
void Hand::check_overlap(const Visit* except, const Wanted& wanted) const {
  if (stale_ || me_.lost_holds > 0) return;
  const auto end_of = [&](const Visit& visit) {
    return visit.now.start + group_of(visit).ways.at(visit.way).duration_min * minute_us;
  };
  const std::int64_t end = wanted.start + wanted.group->ways.at(wanted.way).duration_min * minute_us;
  const bool overlaps = std::any_of(me_.visits.begin(), me_.visits.end(), [&](const Visit& one) {
    return &one != except && one.now.state != State::none && one.patient == wanted.patient && one.now.start < end &&
           wanted.start < end_of(one);
  });
  shared_.expect(overlaps, "patient.overlap without another visit of the patient");
}

Reply Hand::get_until_answered(const Visit& visit) {
  for (;;) {
    Reply reply = desk_.get(visit.id);
    if (!reply.code.empty()) return reply;
    ::usleep(again_us);
  }
}

/// What became of a call whose answer never came: it is whole, or not there.
void Hand::settle(Visit& visit) {
  const Asked what = visit.asked;
  if (what == Asked::hold) {  // nobody knows its id; it holds nothing any more in a minute
    ++me_.lost_holds;
    return forget(visit);
  }
  if (what != Asked::book) return settle_change(visit, what);
  visit.now = visit.was;
  const Wanted wanted = wanted_of(visit);
  Reply reply = get_until_answered(visit);
  const bool was_there = reply.ok();
  do {
    reply = desk_.book(visit.id, wanted);
    if (reply.code.empty()) ::usleep(again_us);
  } while (reply.code.empty());
  ++(was_there ? shared_.counters.settled_there : shared_.counters.settled_absent);
  if (reply.ok()) {
    shared_.expect(reply.start == wanted.start && reply.status == "booked", "asked again, a booking is another one");
    ++shared_.counters.booked;
    return keep(visit, reply, State::booked);
  }
  shared_.expect(!was_there, "asked again, a booking that is there is refused");
  refused(nullptr, wanted, reply, "book again", false);
  forget(visit);
}

void Hand::settle_change(Visit& visit, Asked what) {
  const Reply reply = get_until_answered(visit);
  if (!reply.ok()) {
    shared_.find("what was acknowledged is gone: " + reply.code);
    return forget(visit);
  }
  const State wanted_state = what == Asked::cancel ? State::cancelled : State::booked;
  const std::int64_t wanted_start = what == Asked::move ? visit.to : visit.was.start;
  const std::string_view words[] = {"none", "held", "booked", "cancelled"};
  const bool is_done = reply.revision == visit.was.revision + 1 && reply.start == wanted_start &&
                       reply.status == words[static_cast<std::size_t>(wanted_state)];
  const bool is_absent = reply.revision == visit.was.revision && reply.start == visit.was.start &&
                         reply.status == words[static_cast<std::size_t>(visit.was.state)];
  ++(is_done ? shared_.counters.settled_there : shared_.counters.settled_absent);
  if (is_done) {
    if (what == Asked::move) ++visit.moves;
    keep(visit, reply, wanted_state);
    if (what == Asked::cancel) finish(visit, State::cancelled);
    return;
  }
  visit.now = visit.was;
  visit.asked = Asked::nothing;
  if (is_absent) return;
  if (visit.was.state == State::held && has_lapsed(visit)) return finish(visit, State::lapsed);
  shared_.find("a call without an answer is neither there nor not: " + reply.status + " in revision " +
               std::to_string(reply.revision) + " after " + std::to_string(visit.was.revision));
  forget(visit);
}

}  // namespace medflow::campaign
