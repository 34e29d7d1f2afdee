#include "tests/campaigns/availability/ground.hpp"

#include <algorithm>
#include <iostream>
#include <set>

#include "tests/support/staff.hpp"

namespace medflow::campaign {
namespace {

using namespace appointments;

constexpr std::int64_t sunday_us = 1'795'305'600'000'000;  // 2026-11-22T00:00:00Z: now
constexpr std::int64_t day_minutes = 1'440;
constexpr std::size_t days = 4;  ///< from the Sunday on
constexpr std::size_t slots_tried = 8;

template <class T>
T must(Result<T> result) {
  if (!result.ok())
    throw std::runtime_error("unexpected: " + testing::code_of(result) + " " + testing::fields_of(result));
  return std::move(result).value();
}

Instant minute_of(std::int64_t m) { return {sunday_us + m * testing::minute}; }
Date date_of(std::size_t day) {
  return Date::from_days(static_cast<std::int32_t>(sunday_us / testing::minute / day_minutes) +
                         static_cast<std::int32_t>(day));
}
constexpr Weekday weekdays[] = {Weekday::sun, Weekday::mon, Weekday::tue, Weekday::wed};

std::uint32_t fives(testing::Dice& dice, std::size_t from, std::size_t below) {
  return static_cast<std::uint32_t>(5 * (from + dice.below(below)));
}

std::string text_of(const std::set<ConflictKind>& kinds) {
  static constexpr std::string_view words[] = {"closed",  "leave", "buffer",  "capacity", "patient",
                                               "licence", "lead",  "horizon", "policy"};
  std::string text;
  for (const ConflictKind kind : kinds) text += " " + std::string(words[static_cast<std::size_t>(kind)]);
  return text.empty() ? " nothing" : text;
}

}  // namespace

Ground::Ground(testing::Clinic& clinic, const std::vector<PatientId>& patients, std::uint64_t seed,
               std::uint64_t number, bool late)
    : clinic_(clinic), patients_(patients), number_(number), late_(late), dice_(seed * 1'000'003 + number) {
  facilities::Create place{.name = "Place " + std::to_string(number), .zone = {"UTC"}};
  for (std::size_t day = 0; day < days; ++day)
    if (dice_.one_in(6)) holidays_.push_back(date_of(day));
  for (const Date& date : holidays_) place.holidays.push_back({.date = date, .label = "Holiday"});
  place_ = must(clinic_.admin().call(std::move(place))).id;
  for (std::size_t n = 0; n < 2; ++n) add_service(n);
  for (std::size_t n = 0; n < 3; ++n) add_calendar(n);
}

Session Ground::desk() const {
  return testing::staff(clinic_.hospital, "desk " + std::to_string(number_), Role::receptionist,
                        {clinic_.hospital.home, place_});
}

void Ground::add_service(std::size_t n) {
  services::Create request{.duration_min = fives(dice_, 1, 18), .max_horizon_d = 1 + fives(dice_, 0, 6) / 5};
  if (dice_.one_in(2)) request.buffer_before_min = fives(dice_, 0, 4);
  if (dice_.one_in(2)) request.buffer_after_min = fives(dice_, 0, 5);
  request.buffer_outside = dice_.one_in(3);
  request.step_min = fives(dice_, 1, 8);
  request.capacity = dice_.one_in(2) ? 1 : static_cast<std::uint32_t>(1 + dice_.below(3));
  request.min_lead_min = dice_.one_in(2) ? 0 : static_cast<std::uint32_t>(dice_.below(600));
  request.reminders_min = {};
  const Terms terms{.duration_min = request.duration_min,
                    .buffer_before_min = request.buffer_before_min,
                    .buffer_after_min = request.buffer_after_min,
                    .buffer_outside = request.buffer_outside,
                    .step_min = *request.step_min,
                    .capacity = request.capacity,
                    .min_lead_min = request.min_lead_min,
                    .max_horizon_d = request.max_horizon_d};
  const auto made = clinic_.add_service("s" + std::to_string(number_) + "." + std::to_string(n), std::move(request));
  services_.push_back({.id = made.id, .terms = terms});
  services_.back().terms.service = made.id;
}

/// One or two windows of a day, in whole quarters or not, sometimes next to each other.
std::vector<schedules::DayWindow> Ground::any_windows() {
  std::vector<schedules::DayWindow> windows;
  std::uint32_t at = fives(dice_, 60, 60);
  for (std::size_t count = 1 + dice_.below(2); count > 0; --count) {
    const std::uint32_t length = fives(dice_, 12, 60);
    if (at + length >= day_minutes) break;
    schedules::DayWindow window{.start = TimeOfDay{static_cast<std::uint16_t>(at)},
                                .end = TimeOfDay{static_cast<std::uint16_t>(at + length)},
                                .facility_id = dice_.one_in(8) ? clinic_.hospital.home : place_};
    if (dice_.one_in(5)) window.services = {services_[dice_.below(2)].id};
    if (dice_.one_in(6)) window.capacity = static_cast<std::uint32_t>(1 + dice_.below(3));
    windows.push_back(window);
    at += length + (dice_.one_in(3) ? 0 : fives(dice_, 1, 24));
  }
  return windows;
}

void Ground::add_calendar(std::size_t n) {
  const bool is_room = n == 2;
  const std::string name = std::to_string(number_) + "." + std::to_string(n);
  Calendar calendar;
  if (is_room) {
    calendar.resource = {.kind = ResourceKind::room,
                         .id = must(clinic_.admin().call(resources::Create{
                                        .kind = ResourceKind::room, .name = "Room " + name, .facility_id = place_}))
                                   .id.uuid};
  } else {
    doctors::Create doctor{.name = "Dr " + name, .facilities = {place_, clinic_.hospital.home}};
    if (dice_.one_in(6)) {
      calendar.licensed_until = date_of(dice_.below(days));
      doctor.registrations = {{.authority = "GMC", .number = "1", .valid_to = calendar.licensed_until}};
    }
    calendar.resource = {.id = must(clinic_.admin().call(std::move(doctor))).id.uuid};
  }
  if (is_room && dice_.one_in(2)) {
    calendar.always_open = true;  // nobody says when, but where it stands is known
    calendar.place = place_;
  } else {
    schedules::Set hours{.id = calendar.resource.id, .kind = calendar.resource.kind, .zone = Zone{"UTC"}};
    for (const Weekday weekday : weekdays)
      if (!dice_.one_in(5))
        for (const auto& window : any_windows())
          hours.windows.push_back({.weekday = weekday,
                                   .start = window.start,
                                   .end = window.end,
                                   .facility_id = window.facility_id,
                                   .services = window.services,
                                   .capacity = window.capacity});
    for (std::size_t day = 0; day < days; ++day)
      if (dice_.one_in(6))
        hours.overrides.push_back(
            {.date = date_of(day), .windows = dice_.one_in(3) ? std::vector<schedules::DayWindow>{} : any_windows()});
    calendar.openings = openings_of(hours);
    must(clinic_.admin().call(std::move(hours)));
  }
  for (std::size_t count = dice_.below(3); count > 0; --count) {
    const std::int64_t from = fives(dice_, 60, days * 288 - 60);
    const std::int64_t to = from + fives(dice_, 1, 60);
    const auto added = must(clinic_.admin().call(
        leaves::Add{.resource_id = calendar.resource.id, .from = minute_of(from), .to = minute_of(to)}));
    calendar.away.push_back({.time = {minute_of(from), minute_of(to)}, .leave = added.leave.id});
  }
  calendars_.push_back(std::move(calendar));
}

/// Wall times are those of UTC here, so that days are made of minutes.
std::vector<Opening> Ground::openings_of(const schedules::Set& hours) const {
  std::vector<Opening> openings;
  const auto add = [&](std::size_t day, const auto& window) {
    const auto midnight = static_cast<std::int64_t>(day) * day_minutes;
    openings.push_back({.time = {minute_of(midnight + window.start.minutes), minute_of(midnight + window.end.minutes)},
                        .facility = window.facility_id,
                        .zone = {"UTC"},
                        .services = window.services,
                        .capacity = window.capacity});
  };
  for (std::size_t day = 0; day < days; ++day) {
    const auto instead = std::find_if(hours.overrides.begin(), hours.overrides.end(),
                                      [&](const schedules::Override& one) { return one.date == date_of(day); });
    if (instead != hours.overrides.end()) {
      for (const auto& window : instead->windows) add(day, window);
      continue;
    }
    const bool is_holiday = std::count(holidays_.begin(), holidays_.end(), date_of(day)) > 0;
    for (const auto& window : hours.windows)
      if (window.weekday == weekdays[day] && !(is_holiday && window.facility_id == place_)) add(day, window);
  }
  return openings;
}

testing::Puzzle Ground::puzzle_of(const Rules& rules, std::size_t calendars, const PatientId* patient) const {
  testing::Puzzle puzzle{.terms = rules.terms, .now = minute_of(0)};
  for (std::size_t i = 0; i < calendars; ++i) puzzle.calendars.push_back(calendars_[i]);
  for (const Stay& stay : stays_)
    if (patient != nullptr && stay.patient == *patient) puzzle.patient.push_back(stay.taken);
  return puzzle;
}

/// Mostly one that the first calendar may offer.
Instant Ground::any_start(const Rules& rules) {
  const auto& openings = calendars_.front().openings;
  if (openings.empty() || dice_.one_in(5)) return minute_of(static_cast<std::int64_t>(fives(dice_, 0, days * 288)));
  const Opening& opening = openings[dice_.below(openings.size())];
  const std::int64_t step = dice_.one_in(5) ? 5 : rules.terms.step_min;
  const std::int64_t steps = (opening.time.to.us - opening.time.from.us) / testing::minute / step;
  return opening.time.from.plus_s(60 * step *
                                  static_cast<std::int64_t>(dice_.below(static_cast<std::size_t>(steps) + 1)));
}

Book Ground::wish(const Rules& rules, std::size_t calendars, PatientId patient, Instant start) const {
  Book request{.patient_id = patient, .service_id = rules.id, .start = start};
  for (std::size_t i = 0; i < calendars; ++i)
    request.resources.push_back({.kind = calendars_[i].resource.kind, .id = calendars_[i].resource.id});
  return request;
}

void Ground::differ(Tally& tally, const std::string& what) const {
  if (++tally.differences <= 20) std::cout << "difference in ground " << number_ << ": " << what << std::endl;
}

void Ground::check_and_book(Tally& tally) {
  const Session session = desk();
  for (std::size_t i = 0; i < checks; ++i) {
    const Rules& rules = services_[dice_.below(2)];
    const std::size_t calendars = 1 + dice_.below(3);
    const PatientId patient = patients_[1 + dice_.below(patients_.size() - 1)];
    Book request = wish(rules, calendars, patient, any_start(rules));
    request.overbook = dice_.one_in(5);
    request.override = dice_.one_in(5);
    if (request.overbook || request.override) request.override_reason = "the doctor agreed to it";
    testing::Puzzle puzzle = puzzle_of(rules, calendars, &patient);
    if (request.overbook) puzzle.beyond = overbook_max;
    std::set<ConflictKind> expected;
    for (const auto& [kind, policy] : testing::reasons_against(puzzle, *request.start))
      if (!policy || !request.override) expected.insert(kind);

    const auto verdict = must(session.call(Check{.patient_id = patient,
                                                 .service_id = rules.id,
                                                 .resources = request.resources,
                                                 .start = late_ ? request.start->plus_s(300) : *request.start,
                                                 .overbook = request.overbook,
                                                 .override = request.override}));
    const auto booked = session.call(request);
    ++tally.checks;
    std::set<ConflictKind> kinds;
    for (const Conflict& conflict : verdict.conflicts) kinds.insert(conflict.kind);
    const std::string when =
        request.start->text() + (request.overbook ? ", overbooked" : "") + (request.override ? ", overridden" : "");
    if (verdict.bookable != booked.ok())
      differ(tally,
             "the check of " + when + " finds" + text_of(kinds) + ", the booking answers " + testing::code_of(booked));
    if (kinds != expected)
      differ(tally, "the check of " + when + " finds" + text_of(kinds) + " where there is" + text_of(expected));
    if (!booked.ok()) continue;
    ++tally.bookable;
    if (dice_.one_in(3)) {
      must(session.call(Cancel{.id = booked->id, .reason_code = "staff_request"}));
      continue;
    }
    const Span visit{booked->start, booked->end};
    const Taken taken{.time = visit.widened(rules.terms.buffer_before_min, rules.terms.buffer_after_min),
                      .visit = visit,
                      .capacity = booked->capacity,
                      .appointment = booked->id};
    for (std::size_t c = 0; c < calendars; ++c) calendars_[c].taken.push_back(taken);
    stays_.push_back({.patient = patient, .taken = taken});
  }
}

void Ground::leave() {
  for (const Stay& stay : stays_)
    must(desk().call(Cancel{.id = stay.taken.appointment, .reason_code = "staff_request"}));
}

void Ground::offer(Tally& tally) {
  const Session session = desk();
  const PatientId nobody_else = patients_.front();
  for (std::size_t i = 0; i < offers; ++i) {
    const Rules& rules = services_[dice_.below(2)];
    const std::size_t calendars = 1 + dice_.below(3);
    const std::int64_t from = fives(dice_, 0, (days - 1) * 288);
    slots::List request{.service_id = rules.id,
                        .resource_id = calendars_.front().resource.id,
                        .from = minute_of(from),
                        .to = minute_of(from + day_minutes)};
    for (std::size_t c = 1; c < calendars; ++c) request.with.push_back(calendars_[c].resource);
    std::set<Instant> offered;
    for (const auto& slot : must(session.call(request)).slots) offered.insert(slot.start);
    tally.offered += offered.size();

    const testing::Puzzle puzzle = puzzle_of(rules, calendars, nullptr);
    for (Instant start = request.from; start < request.to; start = start.plus_s(300))
      if (testing::may_begin(puzzle, start) != offered.contains(start))
        differ(tally, start.text() + (offered.contains(start) ? " is offered" : " is not offered"));
    for (std::size_t n = 0; n < slots_tried; ++n) {
      const bool one_offered = !offered.empty() && dice_.one_in(2);
      const Instant start = one_offered
                                ? *std::next(offered.begin(), static_cast<std::ptrdiff_t>(dice_.below(offered.size())))
                                : minute_of(from + fives(dice_, 0, 288));
      const auto booked = session.call(wish(rules, calendars, nobody_else, start));
      ++tally.offers;
      if (booked.ok() != offered.contains(start))
        differ(tally, start.text() +
                          (booked.ok() ? " is not offered and can be booked" : " is offered and cannot be booked: ") +
                          (booked.ok() ? "" : testing::code_of(booked)));
      if (booked.ok()) must(session.call(Cancel{.id = booked->id, .reason_code = "staff_request"}));
    }
  }
}

}  // namespace medflow::campaign
