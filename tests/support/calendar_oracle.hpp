// Availability said again, minute by minute and as plainly as can be, to hold the engine against; and random calendars for both.
#pragma once

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "appointments/calendar.hpp"
#include "tests/support/dice.hpp"

namespace medflow::testing {

namespace engine = medflow::appointments;

inline constexpr std::int64_t minute = 60'000'000;

/// One question with what it refers to.
struct Puzzle {
  engine::Terms terms{};
  std::vector<engine::Calendar> calendars{};
  std::vector<engine::Taken> patient{};
  Instant now{};
  std::uint32_t beyond = 0;

  engine::Question question() const {
    engine::Question question{.terms = &terms, .patient = &patient, .now = now, .beyond = beyond};
    for (const auto& calendar : calendars) question.calendars.push_back(&calendar);
    return question;
  }
};

inline FacilityId facility_number(std::uint8_t n) { return {Uuid{{n, 1}}}; }
inline ServiceId service_number(std::uint8_t n) { return {Uuid{{n, 2}}}; }

/// A day or two of a few calendars; all times are whole minutes from the epoch's first day on.
inline Puzzle random_puzzle(Dice& dice) {
  constexpr std::int64_t base = 1'795'305'600'000'000;  // 2026-11-22T00:00:00Z
  const auto minute_of = [&](std::size_t m) { return Instant{base + static_cast<std::int64_t>(m) * minute}; };
  Puzzle puzzle;
  puzzle.now = minute_of(dice.below(600));
  puzzle.terms = {.service = service_number(1),
                  .duration_min = static_cast<std::uint32_t>(5 * (1 + dice.below(18))),
                  .buffer_before_min = static_cast<std::uint32_t>(5 * dice.below(4) * dice.below(2)),
                  .buffer_after_min = static_cast<std::uint32_t>(5 * dice.below(5) * dice.below(2)),
                  .buffer_outside = dice.one_in(3),
                  .step_min = static_cast<std::uint32_t>(5 * (1 + dice.below(8))),
                  .capacity = static_cast<std::uint32_t>(dice.one_in(2) ? 1 : 1 + dice.below(4)),
                  .min_lead_min = static_cast<std::uint32_t>(dice.one_in(2) ? 0 : dice.below(300)),
                  .max_horizon_d = static_cast<std::uint32_t>(1 + dice.below(2))};
  const std::size_t count = 1 + dice.below(3);
  for (std::size_t c = 0; c < count; ++c) {
    engine::Calendar calendar{.resource = {.id = Uuid{{static_cast<std::uint8_t>(c + 1), 3}}}};
    calendar.always_open = c > 0 && dice.one_in(3);
    if (calendar.always_open && dice.one_in(2))
      calendar.place = facility_number(static_cast<std::uint8_t>(dice.one_in(3) ? 2 : 1));
    if (dice.one_in(6))
      calendar.licensed_until =
          Date::from_days(static_cast<std::int32_t>(base / minute / 1440) + static_cast<std::int32_t>(dice.below(2)));
    std::size_t at = 5 * dice.below(140);
    for (std::size_t w = 0; w < 1 + dice.below(4); ++w) {
      const std::size_t length = 30 + 5 * dice.below(60);
      engine::Opening opening{.time = {minute_of(at), minute_of(at + length)},
                              .facility = facility_number(static_cast<std::uint8_t>(dice.one_in(4) ? 2 : 1)),
                              .zone = {"UTC"}};
      if (dice.one_in(4)) opening.services = {service_number(static_cast<std::uint8_t>(1 + dice.below(2)))};
      if (dice.one_in(6)) opening.capacity = static_cast<std::uint32_t>(1 + dice.below(3));
      calendar.openings.push_back(opening);
      at += length + (dice.one_in(3) ? 0 : 5 * dice.below(30));
    }
    for (std::size_t a = dice.below(3); a > 0; --a) {
      const std::size_t from = 5 * dice.below(300);
      calendar.away.push_back({.time = {minute_of(from), minute_of(from + 5 + 5 * dice.below(20))}});
    }
    for (std::size_t t = dice.below(8); t > 0; --t) {
      const std::size_t from = 5 * dice.below(300);
      const std::size_t length = 5 + 5 * dice.below(16);
      const engine::Span visit{minute_of(from), minute_of(from + length)};
      calendar.taken.push_back({.time = visit.widened(static_cast<std::int64_t>(5 * dice.below(3)),
                                                      static_cast<std::int64_t>(5 * dice.below(3))),
                                .visit = visit,
                                .capacity = static_cast<std::uint32_t>(1 + dice.below(4)),
                                .appointment = {Uuid{{static_cast<std::uint8_t>(t), 4}}}});
    }
    std::sort(calendar.taken.begin(), calendar.taken.end(),
              [](const auto& a, const auto& b) { return a.visit.from < b.visit.from; });
    puzzle.calendars.push_back(std::move(calendar));
  }
  if (dice.one_in(2)) {
    const std::size_t from = 5 * dice.below(300);
    const engine::Span visit{minute_of(from), minute_of(from + 30)};
    puzzle.patient.push_back({.time = visit, .visit = visit});
  }
  if (dice.one_in(5)) puzzle.beyond = engine::overbook_max;
  return puzzle;
}

/// Whether a visit may begin at `start`, by looking at each of its minutes.
inline bool may_begin(const Puzzle& puzzle, Instant start) {
  const engine::Terms& terms = puzzle.terms;
  const std::int64_t begin = start.us / minute;
  const std::int64_t end = begin + terms.duration_min;
  const std::int64_t first = begin - terms.buffer_before_min;
  const std::int64_t last = end + terms.buffer_after_min;
  const auto minutes = [](const engine::Span& span) { return std::pair(span.from.us / minute, span.to.us / minute); };
  const auto holds = [&](const engine::Span& span, std::int64_t m) {
    return minutes(span).first <= m && m < minutes(span).second;
  };
  const auto serves = [&](const engine::Opening& opening) {
    return opening.services.empty() || std::count(opening.services.begin(), opening.services.end(), terms.service) > 0;
  };
  const auto holds_visit = [&](const engine::Opening& opening) {
    return minutes(opening.time).first <= begin && end <= minutes(opening.time).second;
  };

  const engine::Opening* where = nullptr;
  for (const engine::Opening& opening : puzzle.calendars.front().openings)
    if (where == nullptr && serves(opening) && holds_visit(opening) &&
        (begin - minutes(opening.time).first) % terms.step_min == 0)
      where = &opening;
  if (where == nullptr) return false;
  const std::int64_t capacity = where->capacity ? *where->capacity : terms.capacity;

  for (const engine::Calendar& calendar : puzzle.calendars) {
    const bool is_main = &calendar == &puzzle.calendars.front();
    const auto is_beside = [&](const engine::Opening& opening) {
      return serves(opening) && holds_visit(opening) && opening.facility == where->facility;
    };
    const bool elsewhere = calendar.place && *calendar.place != where->facility;
    if (!is_main &&
        (calendar.always_open ? elsewhere
                              : std::none_of(calendar.openings.begin(), calendar.openings.end(), is_beside)))
      return false;
    if (calendar.licensed_until && calendar.licensed_until->days() < begin / 1440) return false;
    for (std::int64_t m = first; m < last; ++m) {
      const bool in_visit = begin <= m && m < end;
      const auto is_away = [&](const engine::Away& away) { return holds(away.time, m); };
      const bool away = std::any_of(calendar.away.begin(), calendar.away.end(), is_away);
      const auto is_open = [&](const engine::Opening& opening) { return holds(opening.time, m); };
      const bool open =
          calendar.always_open || std::any_of(calendar.openings.begin(), calendar.openings.end(), is_open);
      if (in_visit && away) return false;
      if (!in_visit && !terms.buffer_outside && (away || !open)) return false;
      std::int64_t count = 0;
      std::int64_t least = capacity;
      for (const engine::Taken& taken : calendar.taken) {
        if (!holds(taken.time, m)) continue;
        ++count;
        least = std::min<std::int64_t>(least, taken.capacity);
      }
      if (count + 1 > least + puzzle.beyond) return false;
    }
  }
  for (const engine::Taken& taken : puzzle.patient)
    for (std::int64_t m = begin; m < end; ++m)
      if (holds(taken.visit, m)) return false;
  const std::int64_t now = puzzle.now.us / minute;
  return begin >= now + terms.min_lead_min && begin <= now + 1440LL * terms.max_horizon_d;
}

/// What keeps a visit from beginning at `start`, each with whether it is a matter of policy: again by its minutes.
using Reasons = std::set<std::pair<engine::ConflictKind, bool>>;
inline Reasons reasons_against(const Puzzle& puzzle, Instant start) {
  using K = engine::ConflictKind;
  const engine::Terms& terms = puzzle.terms;
  const std::int64_t begin = start.us / minute, end = begin + terms.duration_min;
  const std::int64_t first = begin - terms.buffer_before_min, last = end + terms.buffer_after_min;
  const auto holds = [](const engine::Span& span, std::int64_t m) {
    return span.from.us / minute <= m && m < span.to.us / minute;
  };
  const auto holds_visit = [&](const engine::Opening& opening) {
    const bool serves =
        opening.services.empty() || std::count(opening.services.begin(), opening.services.end(), terms.service) > 0;
    return serves && opening.time.from.us / minute <= begin && end <= opening.time.to.us / minute;
  };
  Reasons reasons;

  const engine::Opening* where = nullptr;
  bool offered = false;
  for (const engine::Opening& opening : puzzle.calendars.front().openings) {
    if (offered || !holds_visit(opening)) continue;
    offered = (begin - opening.time.from.us / minute) % terms.step_min == 0;
    if (where == nullptr || offered) where = &opening;
  }
  if (where == nullptr) reasons.emplace(K::closed, false);
  if (where != nullptr && !offered) reasons.emplace(K::closed, true);
  const std::int64_t capacity = where != nullptr && where->capacity ? *where->capacity : terms.capacity;

  for (const engine::Calendar& calendar : puzzle.calendars) {
    const auto is_beside = [&](const engine::Opening& opening) {
      return holds_visit(opening) && (where == nullptr || opening.facility == where->facility);
    };
    const bool is_main = &calendar == &puzzle.calendars.front();
    const bool elsewhere = where != nullptr && calendar.place && *calendar.place != where->facility;
    if (!is_main &&
        (calendar.always_open ? elsewhere
                              : std::none_of(calendar.openings.begin(), calendar.openings.end(), is_beside)))
      reasons.emplace(K::closed, false);
    if (where != nullptr && calendar.licensed_until && calendar.licensed_until->days() < begin / 1440)
      reasons.emplace(K::licence, false);
    bool full = false;
    for (std::int64_t m = first; m < last; ++m) {
      const bool in_visit = begin <= m && m < end;
      const bool away = std::any_of(calendar.away.begin(), calendar.away.end(),
                                    [&](const engine::Away& one) { return holds(one.time, m); });
      const bool open =
          calendar.always_open || std::any_of(calendar.openings.begin(), calendar.openings.end(),
                                              [&](const engine::Opening& opening) { return holds(opening.time, m); });
      if (in_visit && away) reasons.emplace(K::leave, false);
      if (!in_visit && !terms.buffer_outside && (away || !open)) reasons.emplace(K::buffer, false);
      std::int64_t count = 0, least = capacity;
      for (const engine::Taken& taken : calendar.taken) {
        if (!holds(taken.time, m)) continue;
        ++count;
        least = std::min<std::int64_t>(least, taken.capacity);
      }
      full = full || count + 1 > least + puzzle.beyond;
    }
    if (!full) continue;
    // Whatever is there then is in the way: where the visits themselves meet, and where one keeps time free.
    for (const engine::Taken& taken : calendar.taken)
      for (std::int64_t m = first; m < last; ++m) {
        if (!holds(taken.time, m)) continue;
        const bool visits_meet = taken.visit.from.us / minute < end && begin < taken.visit.to.us / minute;
        reasons.emplace(visits_meet ? K::capacity : K::buffer, false);
      }
  }
  for (const engine::Taken& taken : puzzle.patient)
    for (std::int64_t m = begin; m < end; ++m)
      if (holds(taken.visit, m)) reasons.emplace(K::patient, true);
  const std::int64_t now = puzzle.now.us / minute;
  if (begin < now + terms.min_lead_min) reasons.emplace(K::lead, begin >= now);
  if (begin > now + 1440LL * terms.max_horizon_d) reasons.emplace(K::horizon, true);
  return reasons;
}

inline Reasons reasons_of(const std::vector<engine::Finding>& findings) {
  Reasons reasons;
  for (const engine::Finding& finding : findings) reasons.emplace(finding.conflict.kind, finding.policy);
  return reasons;
}

/// Where the engine and the minutes disagree: the first such start, or none. `starts` counts those that are free. The engine is asked
/// `told`, where that is another puzzle.
inline std::optional<Instant> first_difference(const Puzzle& puzzle, std::size_t& starts,
                                               const Puzzle* told = nullptr) {
  const engine::Question question = (told == nullptr ? puzzle : *told).question();
  const Instant from{1'795'305'600'000'000};
  const Instant to = from.plus_s(2 * 86'400);
  const auto offered = engine::free_starts(question, from, to, 100'000);
  starts += offered.size();
  auto next = offered.begin();
  for (Instant start = from; start < to; start = start.plus_s(300)) {
    bool is_offered = false;
    while (next != offered.end() && next->start < start) return next->start;  // between two of five minutes
    while (next != offered.end() && next->start == start) {
      is_offered = true;
      ++next;
    }
    const bool may = may_begin(puzzle, start);
    const auto findings = engine::look(question, start, nullptr);
    if (may != is_offered || may != findings.empty()) return start;
    if (reasons_of(findings) != reasons_against(puzzle, start)) return start;
  }
  return std::nullopt;
}

}  // namespace medflow::testing
