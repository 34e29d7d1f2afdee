#include <doctest/doctest.h>

#include <chrono>

#include "tests/series/course.hpp"
#include "tests/support/events.hpp"
#include "tests/support/staff.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;
using appointments::ConflictKind;
using series::SeriesPolicy;

TEST_CASE("APT-11: a weekly series keeps its wall time when clocks are put back") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    auto clock = std::make_shared<FakeClock>();
    clock->advance_s((at("2026-10-01T08:00:00Z").us - clock->now().us) / 1'000'000);
    Hospital hospital(test_options(TestEngine(name), clock), clock);
    const Session admin = hospital.as(Role::tenant_admin);
    const auto service = must(admin.call(services::Create{.code = "visit", .name = "Visit"}));
    const auto doctor = must(admin.call(doctors::Create{.name = "Dr Late", .facilities = {hospital.home}}));
    must(admin.call(schedules::Set{.id = doctor.id.uuid,
                                   .windows = {{.weekday = Weekday::tue,
                                                .start = clock_time("18:00"),
                                                .end = clock_time("20:00"),
                                                .facility_id = hospital.home}}}));
    const Session desk = hospital.as(Role::receptionist);
    const auto booked = must(desk.call(series::Book{.patient_id = hospital.add_patients(1).at(0).id,
                                                    .service_id = service.id,
                                                    .resources = {Clinic::taking_part(doctor)},
                                                    .wall_start = wall("2026-10-06T19:00"),
                                                    .rrule = "FREQ=WEEKLY;BYDAY=TU;COUNT=6"}));
    CHECK(starts_of(booked) ==
          "1 2026-10-06T18:00:00Z 2 2026-10-13T18:00:00Z 3 2026-10-20T18:00:00Z 4 2026-10-27T19:00:00Z "
          "5 2026-11-03T19:00:00Z 6 2026-11-10T19:00:00Z");
    REQUIRE(booked.series);
    CHECK(booked.series->count == 6);
    CHECK(booked.series->zone.id == "Europe/London");
    for (const auto& one : booked.occurrences) {
      CHECK(one.wall_start.time.text() == "19:00");
      const auto visit = must(desk.call(appointments::Get{.id = *one.appointment_id}));
      CHECK(visit.status == AppointmentStatus::booked);
      CHECK(visit.series_id == booked.series->id);
      CHECK(visit.series_index == one.index);
      CHECK(visit.wall_start.time.text() == "19:00");
    }
    const auto read = must(desk.call(series::Get{.id = booked.series->id}));
    CHECK(starts_of(read) == starts_of(booked));
    CHECK(read.series->rrule == "FREQ=WEEKLY;BYDAY=TU;COUNT=6");
  }
}

TEST_CASE("APT-11: a wall time that does not exist is left out, told, and not counted") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    std::vector<schedules::Window> nights;
    for (int weekday = 0; weekday < 7; ++weekday)
      nights.push_back({.weekday = static_cast<Weekday>(weekday),
                        .start = clock_time("00:30"),
                        .end = clock_time("05:00"),
                        .facility_id = clinic.hospital.home});
    clinic.set_schedule(clinic.doctor.id.uuid, nights, {.zone = Zone{"America/New_York"}});
    const auto booked = must(clinic.desk().call(course(clinic, "2027-03-13T02:30", "FREQ=DAILY;COUNT=3")));
    CHECK(starts_of(booked) == "1 2027-03-13T07:30:00Z 2 2027-03-15T06:30:00Z 3 2027-03-16T06:30:00Z");
    REQUIRE(booked.skipped.size() == 1);
    CHECK(booked.skipped[0].text() == "2027-03-14T02:30");
    // The first of them has to exist.
    const auto never = clinic.desk().call(course(clinic, "2027-03-14T02:30", "FREQ=DAILY;COUNT=3", 1));
    CHECK(fields_of(never) == "/wall_start:time.nonexistent");
  }
}

TEST_CASE("APT-11: a visit that is left out keeps its index to itself") {
  Clinic clinic{TestEngine("memory")};
  auto request = course(clinic, "2026-11-23T10:00", "FREQ=WEEKLY;COUNT=4");
  request.exdates = {wall("2026-11-30T10:00"), wall("2026-12-01T10:00")};
  const auto booked = must(clinic.desk().call(request));
  CHECK(starts_of(booked) == "1 2026-11-23T10:00:00Z 3 2026-12-07T10:00:00Z 4 2026-12-14T10:00:00Z");
  CHECK(booked.series->count == 3);
  request.exdates = {wall("2026-11-23T10:00"), wall("2026-11-30T10:00"), wall("2026-12-07T10:00"),
                     wall("2026-12-14T10:00")};
  CHECK(fields_of(clinic.desk().call(request)) == "/exdates:series.empty");
}

TEST_CASE("APT-11: all or nothing, without those that are taken, or only a report") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.book("2026-12-07T10:00:00Z", 1);
    auto request = course(clinic, "2026-11-23T10:00", "FREQ=WEEKLY;COUNT=5");
    const std::string before = all_slots(clinic);

    const auto refused = clinic.desk().call(request);
    REQUIRE(code_of(refused) == "series.conflicts");
    CHECK(fields_of(refused) == "/rrule:conflict.capacity");
    CHECK(refused.error().fields.at(0).message.find(" 3 ") != std::string::npos);
    CHECK(all_slots(clinic) == before);

    request.policy = SeriesPolicy::report_only;
    const auto report = must(clinic.desk().call(request));
    CHECK_FALSE(report.series);
    REQUIRE(report.occurrences.size() == 5);
    CHECK(report.occurrences[2].conflicts == std::vector{ConflictKind::capacity});
    for (const auto& one : report.occurrences) {
      CHECK_FALSE(one.appointment_id);
      CHECK(one.conflicts.empty() == (one.index != 3));
    }
    CHECK(all_slots(clinic) == before);
    CHECK(must(clinic.desk().call(appointments::List{.patient = request.patient_id})).data.empty());

    request.policy = SeriesPolicy::skip;
    const auto booked = must(clinic.desk().call(request));
    REQUIRE(booked.series);
    CHECK(booked.series->count == 4);
    REQUIRE(booked.occurrences.size() == 5);
    CHECK_FALSE(booked.occurrences[2].appointment_id);
    CHECK(must(clinic.desk().call(series::Get{.id = booked.series->id})).occurrences.size() == 4);
    CHECK(must(clinic.desk().call(appointments::List{.patient = request.patient_id})).data.size() == 4);

    // Nothing is left of it: then there is no series.
    request.patient_id = clinic.patients[2].id;
    CHECK_FALSE(must(clinic.desk().call(request)).series);
  }
}

TEST_CASE("APT-11: what has no end, or too much of it, is refused") {
  Clinic clinic{TestEngine("memory")};
  const auto refusal = [&](const std::string& start, std::string rrule) {
    return fields_of(clinic.desk().call(course(clinic, start, std::move(rrule))));
  };
  CHECK(refusal("2026-11-23T10:00", "FREQ=WEEKLY;COUNT=105") == "/rrule:recurrence.too_many");
  CHECK(refusal("2026-11-23T10:00", "FREQ=WEEKLY") == "/rrule:recurrence.unbounded");
  CHECK(refusal("2026-11-23T10:00", "FREQ=WEEKLY;UNTIL=20281201T000000Z") == "/rrule:recurrence.too_long");
  CHECK(refusal("2026-11-23T10:00", "FREQ=HOURLY;COUNT=2") == "/rrule:recurrence.unsupported");
  CHECK(refusal("2026-11-23T10:00", "FREQ=WEEKLY;BYDAY=TU;COUNT=2") == "/wall_start:recurrence.start");
  CHECK(refusal("2026-11-23T10:00", "weekly") == "/rrule:recurrence.malformed");
  CHECK(must(clinic.desk().call(appointments::List{.patient = clinic.patients[0].id})).data.empty());
}

TEST_CASE("APT-11: a series for which leave is needed waits for it, and takes its time") {
  Clinic clinic{TestEngine("memory")};
  clinic.service = clinic.add_service("approved", {.approval = true});
  const auto booked = must(clinic.desk().call(course(clinic, "2026-11-23T10:00", "FREQ=DAILY;COUNT=2")));
  for (const auto& one : booked.occurrences) CHECK(one.status == AppointmentStatus::requested);
  CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-24T10:00:00Z", 1))) == "slot.taken");
}

TEST_CASE("APT-11: who may not book a visit books no series, and who sees none of its visits sees none of it") {
  Clinic clinic{TestEngine("memory")};
  const auto request = course(clinic, "2026-11-23T10:00", "FREQ=DAILY;COUNT=2");
  const Session elsewhere = staff(clinic.hospital, "elsewhere", Role::receptionist, {clinic.hospital.away});
  CHECK(code_of(elsewhere.call(request)) != "ok");
  CHECK(code_of(clinic.hospital.as(Role::billing_clerk).call(request)) == "forbidden");
  const auto booked = must(clinic.desk().call(request));
  const SeriesId id = booked.series->id;
  CHECK(code_of(elsewhere.call(series::Get{.id = id})) == "not_found");
  CHECK(code_of(elsewhere.call(series::Cancel{.id = id})) == "not_found");
  CHECK(code_of(elsewhere.call(series::Reschedule{.id = id, .revision = 1, .shift_days = 1})) == "not_found");
  CHECK(code_of(clinic.hospital.as(Role::billing_clerk).call(series::Cancel{.id = id})) == "forbidden");
  // A doctor at the facility reads it, and cancels in the own calendar only.
  const Session other =
      staff(clinic.hospital, "other", Role::doctor, {clinic.hospital.home}, clinic.add_doctor("Dr O").id);
  CHECK(code_of(other.call(series::Get{.id = id})) == "ok");
  CHECK(code_of(other.call(series::Cancel{.id = id})) == "forbidden");
  const Session own = staff(clinic.hospital, "own", Role::doctor, {clinic.hospital.home}, clinic.doctor.id);
  CHECK(code_of(own.call(series::Cancel{.id = id})) == "ok");
}

TEST_CASE("APT-11: the booking of a series is one event, about it and its patient") {
  Clinic clinic{TestEngine("memory")};
  const auto booked = must(clinic.desk().call(course(clinic, "2026-11-23T10:00", "FREQ=WEEKLY;COUNT=3")));
  const auto all = events(clinic.hospital.as(Role::auditor));
  const auto* event = last_of(all, "series.book");
  REQUIRE(event != nullptr);
  CHECK(event->event.object == booked.series->id.uuid);
  CHECK(event->event.patients == std::vector{clinic.patients[0].id.uuid});
  CHECK(last_of(all, "appointments.book") == nullptr);
}

TEST_CASE("APT-11: 104 visits in one call") {
  Clinic clinic{TestEngine("memory")};
  clinic.service = clinic.add_service("long", {.max_horizon_d = 730});
  std::int64_t best_us = INT64_MAX;
  for (int hour = 9; hour < 14; ++hour) {
    const std::string start = "2026-11-23T" + std::string(hour < 10 ? "0" : "") + std::to_string(hour) + ":00";
    const auto request = course(clinic, start, "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=104");
    const Session desk = clinic.desk();
    const auto from = std::chrono::steady_clock::now();
    const auto booked = desk.call(request);
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - from);
    best_us = std::min<std::int64_t>(best_us, us.count());
    REQUIRE(code_of(booked) == "ok");
    CHECK(booked->series->count == 104);
    CHECK(booked->occurrences.back().index == 104);
  }
  MESSAGE("104 visits in ", best_us, " us");
}
