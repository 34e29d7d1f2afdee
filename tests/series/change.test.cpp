#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/series/course.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/events.hpp"
#include "tests/support/messages.hpp"
#include "tests/support/staff.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;
using series::SeriesScope;

namespace {

/// Four visits on Mondays at ten.
series::SeriesReport mondays(Clinic& clinic) {
  return must(clinic.desk().call(course(clinic, "2026-11-23T10:00", "FREQ=WEEKLY;COUNT=4")));
}

series::SeriesReport read(Clinic& clinic, const SeriesId& id) {
  return must(clinic.desk().call(series::Get{.id = id}));
}

std::uint64_t revision_of(Clinic& clinic, const SeriesId& id) { return read(clinic, id).series->revision; }

series::Reschedule later(const series::SeriesReport& report, std::string_view time) {
  return {.id = report.series->id, .revision = report.series->revision, .time = clock_time(time)};
}

}  // namespace

TEST_CASE("APT-12: all that is to come is moved; what is past or has begun stays") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto booked = mondays(clinic);
    const auto numbers = [&] {
      std::string text;
      for (const auto& one : booked.occurrences)
        text += must(clinic.desk().call(appointments::Get{.id = *one.appointment_id})).number + " ";
      return text;
    };
    const std::string before = numbers();
    clinic.go_to("2026-11-30T10:10:00Z");  // the first is past, the second has begun
    const auto moved = must(clinic.desk().call(later(booked, "11:00")));
    CHECK(starts_of(moved) ==
          "1 2026-11-23T10:00:00Z 2 2026-11-30T10:00:00Z 3 2026-12-07T11:00:00Z 4 2026-12-14T11:00:00Z");
    CHECK(moved.series->revision == 2);
    CHECK(moved.series->count == 4);
    CHECK(numbers() == before);
    const auto third = must(clinic.desk().call(appointments::Get{.id = *booked.occurrences[2].appointment_id}));
    CHECK(third.series_index == 3);
    CHECK(third.reschedule_count == 1);
    REQUIRE(third.moves.size() == 1);
    CHECK(third.moves[0].start == at("2026-12-07T10:00:00Z"));
    // The old time is free, and the new one is not.
    CHECK(times_of(clinic.free_slots("2026-12-07T10:00:00Z", "2026-12-07T12:00:00Z")) == "10:00 10:30 11:30");
    CHECK(code_of(clinic.desk().call(later(booked, "12:00"))) == "conflict.revision");
    auto unnamed = later(booked, "12:00");
    unnamed.revision.reset();
    CHECK(code_of(clinic.desk().call(unnamed)) == "precondition.required");
  }
}

TEST_CASE("APT-12: one visit alone, or one and those that follow") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    auto report = mondays(clinic);
    auto request = later(report, "14:00");
    request.scope = SeriesScope::only_this;
    CHECK(fields_of(clinic.desk().call(request)) == "/from_index:required");
    request.from_index = 9;
    CHECK(fields_of(clinic.desk().call(request)) == "/from_index:series.no_visit");
    request.from_index = 2;
    request.shift_days = 1;
    report = must(clinic.desk().call(request));
    CHECK(starts_of(report) ==
          "1 2026-11-23T10:00:00Z 2 2026-12-01T14:00:00Z 3 2026-12-07T10:00:00Z 4 2026-12-14T10:00:00Z");
    // A week later, into each other's place: only the last is at a new one.
    report = must(clinic.desk().call(series::Reschedule{.id = report.series->id,
                                                        .revision = report.series->revision,
                                                        .scope = SeriesScope::this_and_following,
                                                        .from_index = 3,
                                                        .shift_days = 7}));
    CHECK(starts_of(report) ==
          "1 2026-11-23T10:00:00Z 2 2026-12-01T14:00:00Z 3 2026-12-14T10:00:00Z 4 2026-12-21T10:00:00Z");
    // What stays where it is, is not moved: that is not counted.
    report = must(clinic.desk().call(later(report, "10:00")));
    CHECK(must(clinic.desk().call(appointments::Get{.id = *report.occurrences[0].appointment_id})).moves.empty());
    CHECK(report.occurrences[1].start == at("2026-12-01T10:00:00Z"));

    clinic.go_to("2026-11-23T10:05:00Z");
    request = later(report, "15:00");
    request.scope = SeriesScope::only_this;
    request.from_index = 1;
    CHECK(code_of(clinic.desk().call(request)) == "cancel.too_late");
    clinic.go_to("2027-01-23T10:05:00Z");
    CHECK(code_of(clinic.desk().call(later(report, "15:00"))) == "transition.illegal");
  }
}

TEST_CASE("APT-12: all are moved or none, and after a refusal everything is where it was") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto report = mondays(clinic);
    clinic.book("2026-12-07T11:00:00Z", 1);
    const std::string slots = all_slots(clinic);
    const std::string starts = starts_of(report);
    const auto refused = clinic.desk().call(later(report, "11:00"));
    REQUIRE(code_of(refused) == "series.conflicts");
    CHECK(fields_of(refused) == "/time:conflict.capacity");
    CHECK(refused.error().fields.at(0).message.find(" 3 ") != std::string::npos);
    CHECK(code_of(clinic.desk().call(later(report, "20:00"))) == "series.conflicts");
    CHECK(all_slots(clinic) == slots);
    const auto after = read(clinic, report.series->id);
    CHECK(starts_of(after) == starts);
    CHECK(after.series->revision == 1);
    for (const auto& one : after.occurrences)
      CHECK(must(clinic.desk().call(appointments::Get{.id = *one.appointment_id})).revision == 1);
    // One that was moved alone to the day of the next one stands in its way, once both have one time of day.
    auto alone = later(report, "15:00");
    alone.scope = SeriesScope::only_this;
    alone.from_index = 1;
    alone.shift_days = 7;
    const auto moved = must(clinic.desk().call(alone));
    CHECK(fields_of(clinic.desk().call(later(moved, "12:00"))).find("/time:conflict.") != std::string::npos);
    CHECK(starts_of(read(clinic, report.series->id)) == starts_of(moved));
  }
}

TEST_CASE("APT-12: a time that does not exist on one of the days is refused for all") {
  Clinic clinic{TestEngine("memory")};
  std::vector<schedules::Window> days;
  for (int weekday = 0; weekday < 7; ++weekday)
    days.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = clinic.hospital.home});
  clinic.set_schedule(clinic.doctor.id.uuid, days);
  const auto report = must(clinic.desk().call(course(clinic, "2027-03-27T10:00", "FREQ=DAILY;COUNT=3")));
  const auto refused = clinic.desk().call(later(report, "01:30"));
  CHECK(code_of(refused) == "time.nonexistent");
  CHECK(fields_of(refused) == "/time:time.nonexistent");
  CHECK(starts_of(read(clinic, report.series->id)) == starts_of(report));
}

TEST_CASE("APT-12: other people for what is to come") {
  Clinic clinic{TestEngine("memory")};
  const auto report = mondays(clinic);
  const auto other = clinic.add_doctor("Dr Other");
  const std::string free = all_slots(clinic);
  const auto moved = must(clinic.desk().call(
      series::Reschedule{.id = report.series->id, .revision = 1, .resources = {Clinic::taking_part(other)}}));
  CHECK(starts_of(moved) == starts_of(report));
  CHECK(all_slots(clinic).size() > free.size());
  const auto visit = must(clinic.desk().call(appointments::Get{.id = *report.occurrences[0].appointment_id}));
  CHECK(visit.resources.at(0).id == other.id.uuid);
}

TEST_CASE("APT-12: cancelling one, those that follow, or all that is to come") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const std::string free = all_slots(clinic);
    const auto report = mondays(clinic);
    const SeriesId id = report.series->id;
    const auto states = [&] {
      std::string text;
      for (const auto& one : read(clinic, id).occurrences)
        text += one.status == AppointmentStatus::cancelled ? "x" : "b";
      return text;
    };
    must(clinic.desk().call(
        series::Cancel{.id = id, .scope = SeriesScope::only_this, .from_index = 2, .reason_code = "patient_request"}));
    CHECK(states() == "bxbb");
    CHECK(code_of(clinic.desk().call(series::Cancel{.id = id, .scope = SeriesScope::only_this, .from_index = 2})) ==
          "transition.illegal");
    must(clinic.desk().call(series::Cancel{.id = id, .scope = SeriesScope::this_and_following, .from_index = 4}));
    CHECK(states() == "bxbx");
    // Those that are cancelled are not moved.
    const auto moved = must(clinic.desk().call(
        series::Reschedule{.id = id, .revision = revision_of(clinic, id), .time = clock_time("11:00")}));
    CHECK(starts_of(moved) ==
          "1 2026-11-23T11:00:00Z 2 2026-11-30T10:00:00Z 3 2026-12-07T11:00:00Z 4 2026-12-14T10:00:00Z");
    const auto cancelled = must(clinic.desk().call(series::Cancel{.id = id, .reason = "moved away"}));
    CHECK(states() == "xxxx");
    CHECK(cancelled.series->count == 4);
    CHECK(all_slots(clinic) == free);
    const auto first =
        must(clinic.hospital.as(Role::nurse).call(appointments::Get{.id = *report.occurrences[0].appointment_id}));
    CHECK(first.cancelled_by == appointments::Party::staff);
    CHECK(first.cancel_text == "moved away");
    CHECK(code_of(clinic.desk().call(series::Cancel{.id = id})) == "transition.illegal");
  }
}

TEST_CASE("APT-12: one visit is moved ten times at most, in a series too") {
  Clinic clinic{TestEngine("memory")};
  auto report = mondays(clinic);
  for (int move = 0; move < 10; ++move) {
    auto request = later(report, move % 2 == 0 ? "11:00" : "10:00");
    request.scope = SeriesScope::only_this;
    request.from_index = 3;
    report = must(clinic.desk().call(request));
  }
  CHECK(code_of(clinic.desk().call(later(report, "12:00"))) == "reschedule.too_many");
  CHECK(starts_of(read(clinic, report.series->id)) == starts_of(report));
}

TEST_CASE("APT-12, APT-18: after the cutoff it takes leave to override policy, and a reason") {
  Clinic clinic{TestEngine("memory")};
  clinic.service = clinic.add_service("early", {.cancel_cutoff_min = 60});
  const auto report = mondays(clinic);
  clinic.go_to("2026-11-23T09:30:00Z");
  const Session nurse = clinic.hospital.as(Role::nurse);
  CHECK(code_of(nurse.call(later(report, "11:00"))) == "cancel.too_late");
  CHECK(code_of(nurse.call(series::Cancel{.id = report.series->id})) == "cancel.too_late");
  auto following = later(report, "11:00");
  following.scope = SeriesScope::this_and_following;
  following.from_index = 2;
  CHECK(code_of(nurse.call(following)) == "ok");

  CHECK(fields_of(clinic.desk().call(series::Cancel{.id = report.series->id})) == "/reason:reason.required");
  auto late = later(read(clinic, report.series->id), "11:00");
  CHECK(fields_of(clinic.desk().call(late)) == "/override_reason:reason.required");
  late.override_reason = "the bus was late";
  CHECK(code_of(clinic.desk().call(late)) == "ok");
  clinic.go_to("2026-11-23T10:30:00Z");
  CHECK(fields_of(clinic.desk().call(series::Cancel{.id = report.series->id, .reason = "too ill"})) ==
        "/reason:reason.required");
  CHECK(code_of(clinic.desk().call(series::Cancel{.id = report.series->id, .reason_code = "patient_request"})) == "ok");
}

TEST_CASE(
    "APT-12, APT-18: of a series in which some visits are approved, all are cancelled, each for what may be said of "
    "it") {
  for (const std::string_view code : {"patient_request", "", "withdrawn"}) {
    CAPTURE(code);
    Clinic clinic{TestEngine("memory")};
    clinic.service = clinic.add_service("approved", {.approval = true});
    const auto report = mondays(clinic);
    const auto visit = [&](std::size_t i) {
      return must(clinic.desk().call(appointments::Get{.id = *report.occurrences[i].appointment_id}));
    };
    must(clinic.desk().call(appointments::Approve{.id = visit(0).id}));
    const series::Cancel cancel{.id = report.series->id, .reason_code = std::string(code)};
    must(clinic.desk().call(cancel));
    const std::string of_request = code == "withdrawn" ? "withdrawn" : "declined";
    CHECK(visit(0).cancel_code == (code.empty() ? "unspecified" : code));
    CHECK(visit(1).cancel_code == of_request);
    CHECK(visit(3).cancel_code == of_request);
  }
  Clinic clinic{TestEngine("memory")};
  clinic.service = clinic.add_service("approved", {.approval = true});
  const auto report = mondays(clinic);
  CHECK(fields_of(clinic.desk().call(series::Cancel{.id = report.series->id, .reason_code = "deceased"})) ==
        "/reason_code:enum.unknown");
}

TEST_CASE("APT-12: a change of a series is one event, with its patient") {
  Clinic clinic{TestEngine("memory")};
  const auto report = mondays(clinic);
  must(clinic.desk().call(later(report, "11:00")));
  must(clinic.desk().call(series::Cancel{.id = report.series->id}));
  const auto all = events(clinic.hospital.as(Role::auditor));
  for (const std::string_view action : {"series.reschedule", "series.cancel"}) {
    const auto* event = last_of(all, action);
    REQUIRE(event != nullptr);
    CHECK(event->event.object == report.series->id.uuid);
    CHECK(event->event.patients == std::vector{clinic.patients[0].id.uuid});
  }
}

TEST_CASE("APT-15: the reminders of a series follow its visits") {
  Posted posted{TestEngine("memory")};
  Hospital& hospital = posted.hospital;
  const Session admin = hospital.as(Role::tenant_admin);
  const auto doctor = must(admin.call(doctors::Create{.name = "Dr Grey", .facilities = {hospital.home}}));
  std::vector<schedules::Window> windows;
  for (int weekday = 0; weekday < 7; ++weekday)
    windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = hospital.home});
  must(admin.call(schedules::Set{.id = doctor.id.uuid, .windows = windows}));
  const auto service = must(admin.call(services::Create{.code = "visit", .name = "Visit", .reminders_min = {120}}));
  const auto patient = must(hospital.as(Role::receptionist)
                                .call(patients::Register{.names = {{.family = "Okafor", .given = {"Ada"}}},
                                                         .sex_admin = patients::Sex::female,
                                                         .emails = {"ada@example.org"}}));
  posted.post();
  const auto report = must(hospital.as(Role::receptionist)
                               .call(series::Book{.patient_id = patient.id,
                                                  .service_id = service.id,
                                                  .resources = {Clinic::taking_part(doctor)},
                                                  .wall_start = wall("2026-11-23T10:00"),
                                                  .rrule = "FREQ=DAILY;COUNT=3"}));
  must(hospital.as(Role::receptionist).call(later(report, "15:00")));
  must(hospital.as(Role::receptionist)
           .call(series::Cancel{.id = report.series->id, .scope = SeriesScope::only_this, .from_index = 2}));
  std::string told;
  for (int hour = 0; hour < 4 * 24; ++hour) {
    for (const Message& message : posted.post()) {
      const std::size_t day = message.text.find("2026-11-");
      told += message.text.substr(day, 16) + ";";
    }
    hospital.clock->advance_s(3600);
  }
  CHECK(told == "2026-11-23 15:00;2026-11-25 15:00;");
}

namespace {

/// What a series should look like, by the rules of the specification and by nothing else: times are instants on the half hour, in a winter in which
/// London is on UTC.
class Model {
 public:
  struct Visit {
    Instant start{};
    bool booked = true;
    int moves = 0;
  };
  std::map<std::uint32_t, Visit> visits{};
  std::vector<Instant> others{};

  static Instant moved(Instant start, const series::Reschedule& request) {
    const std::int64_t days = start.us / day_us + request.shift_days;
    const std::int64_t in_day = request.time ? request.time->minutes * 60'000'000LL : start.us % day_us;
    return {days * day_us + in_day};
  }

  /// The code of the answer; the model is changed where it is "ok".
  std::string reschedule(const series::Reschedule& request, Instant now) {
    std::map<std::uint32_t, Visit> after = visits;
    bool any = false;
    bool blocked = false;
    bool worn_out = false;
    std::vector<std::uint32_t> moving;
    for (auto& [index, visit] : after) {
      if (!in_scope(index, request) || !visit.booked) continue;
      if (visit.start <= now) {
        if (request.scope == SeriesScope::only_this) return "cancel.too_late";
        continue;
      }
      any = true;
      const Instant start = moved(visit.start, request);
      if (start == visit.start) continue;
      worn_out = worn_out || visit.moves == 10;
      visit.start = start;
      ++visit.moves;
      moving.push_back(index);
    }
    if (!any) return "transition.illegal";
    if (worn_out) return "reschedule.too_many";
    for (const std::uint32_t index : moving) {
      const Instant start = after.at(index).start;
      blocked = blocked || start <= now || !is_open(start) ||
                std::find(others.begin(), others.end(), start) != others.end() ||
                std::any_of(after.begin(), after.end(), [&](const auto& other) {
                  return other.first != index && other.second.booked && other.second.start == start;
                });
    }
    if (blocked) return "series.conflicts";
    visits = std::move(after);
    return "ok";
  }

  std::string cancel(const series::Cancel& request, Instant now) {
    bool any = false;
    for (auto& [index, visit] : visits) {
      if (!in_scope(index, request) || !visit.booked) continue;
      if (visit.start <= now) {
        if (request.scope == SeriesScope::only_this) return "cancel.too_late";
        continue;
      }
      any = true;
      visit.booked = false;
    }
    return any ? "ok" : "transition.illegal";
  }

  std::string text() const {
    std::string text;
    for (const auto& [index, visit] : visits)
      text += std::to_string(index) + (visit.booked ? " booked " : " cancelled ") + visit.start.text() + "\n";
    return text;
  }

  /// Half hours from `from` on, for 90 days, in which nothing is.
  std::string free(Instant from) const {
    std::string text;
    for (std::int64_t us = (from.us / half_us + 1) * half_us; us < from.us + 90 * day_us; us += half_us) {
      const bool taken = std::any_of(visits.begin(), visits.end(),
                                     [&](const auto& one) { return one.second.booked && one.second.start.us == us; });
      if (is_open({us}) && !taken && std::find(others.begin(), others.end(), Instant{us}) == others.end())
        text += Instant{us}.text() + "\n";
    }
    return text;
  }

 private:
  static constexpr std::int64_t day_us = 86'400'000'000;
  static constexpr std::int64_t half_us = 1'800'000'000;

  template <class Request>
  static bool in_scope(std::uint32_t index, const Request& request) {
    if (request.scope == SeriesScope::all_future) return true;
    return request.scope == SeriesScope::only_this ? index == *request.from_index : index >= *request.from_index;
  }
  static bool is_open(Instant start) {
    const std::int64_t weekday = (start.us / day_us + 3) % 7;  // 1970-01-01 was a Thursday
    const std::int64_t in_day = start.us % day_us;
    return weekday < 5 && in_day >= 9 * 2 * half_us && in_day < 17 * 2 * half_us;
  }
};

std::string text_of(const series::SeriesReport& report) {
  std::string text;
  for (const auto& one : report.occurrences)
    text += std::to_string(one.index) + (one.status == AppointmentStatus::booked ? " booked " : " cancelled ") +
            one.start.text() + "\n";
  return text;
}

}  // namespace

TEST_CASE("APT-12: whatever is done to a series, its visits are where a simple model of it has them") {
  std::map<std::string, int> answers;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Clinic clinic{TestEngine("memory")};
    clinic.go_to("2026-11-22T08:10:00Z");
    const auto booked = must(clinic.desk().call(course(clinic, "2026-11-23T10:00", "FREQ=WEEKLY;COUNT=8")));
    const SeriesId id = booked.series->id;
    Model model;
    for (const auto& one : booked.occurrences) model.visits[one.index] = {.start = one.start};
    static constexpr std::string_view times[] = {"09:00", "10:00", "10:30", "16:30", "17:00"};
    static constexpr int shifts[] = {0, 0, 1, -1, 3, 7, -7, 14};
    for (int step = 0; step < 25; ++step) {
      CAPTURE(step);
      const auto scope = static_cast<SeriesScope>(dice.below(3));
      const auto from = static_cast<std::uint32_t>(1 + dice.below(8));
      std::string expected;
      std::string answer;
      if (dice.one_in(5)) {
        clinic.hospital.clock->advance_s(static_cast<std::int64_t>(dice.below(4) * 86'400 + 7'200));
        continue;
      }
      if (dice.one_in(4)) {  // somebody else comes in between
        const Instant start = Model::moved(model.visits.at(from).start,
                                           {.shift_days = 7 * (step % 2), .time = clock_time(dice.of(times))});
        auto other = clinic.booking("2026-11-23T10:00:00Z", 1);
        other.start = start;
        if (clinic.desk().call(other).ok()) model.others.push_back(start);
        continue;
      }
      if (dice.one_in(8)) {
        const series::Cancel request{
            .id = id, .scope = dice.one_in(3) ? scope : SeriesScope::only_this, .from_index = from};
        expected = model.cancel(request, clinic.now());
        answer = code_of(clinic.desk().call(request));
      } else {
        series::Reschedule request{.id = id, .revision = revision_of(clinic, id), .scope = scope, .from_index = from};
        request.shift_days = dice.of(shifts);
        if (dice.one_in(2)) request.time = clock_time(dice.of(times));
        expected = model.reschedule(request, clinic.now());
        answer = code_of(clinic.desk().call(request));
      }
      ++answers[answer];
      CHECK(answer == expected);
      CHECK(text_of(read(clinic, id)) == model.text());
      REQUIRE(all_slots(clinic) == model.free(clinic.now()));
      CHECK(read(clinic, id).series->count == 8);
    }
  }
  for (const std::string_view code : {"ok", "series.conflicts", "cancel.too_late", "transition.illegal"})
    CHECK_MESSAGE(answers[std::string(code)] > 0, code);
}
