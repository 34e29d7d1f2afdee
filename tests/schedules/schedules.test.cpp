#include <doctest/doctest.h>

#include "tests/schedules/house.hpp"

using namespace medflow;
using namespace medflow::testing;
using enum Weekday;

TEST_CASE("PRV-2, PRV-3: a calendar is stored as it is set, with several windows a day, dates and overrides") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    CalendarHouse house(engine);
    schedules::Set request{.zone = Zone{"Europe/Paris"}};
    request.windows = {house.window(mon, "09:00", "12:00"), house.window(mon, "13:00", "17:00"),
                       house.window(fri, "22:00", "06:00"), house.window(sun, "00:00", "00:00")};
    request.windows[1].services = {house.service.id};
    request.windows[1].capacity = 3;
    request.windows[2].valid_from = day("2026-01-02");
    request.windows[2].valid_to = day("2026-12-31");
    request.windows[2].every_n_weeks = 2;
    request.overrides = {{.date = day("2026-02-02"), .windows = {house.hours("09:15", "09:45")}, .reason = "Training"},
                         {.date = day("2026-02-09")}};
    request.rules = {{.duration_min = 20}, {.service_id = house.service.id, .approval = true}};
    const auto set = must(house.set(request));
    CHECK(set.revision == 1);
    const auto read = must(house.hospital.as(Role::nurse).call(schedules::Get{.id = house.doctor.id.uuid}));
    CHECK(read.windows == request.windows);
    CHECK(read.overrides == request.overrides);
    CHECK(read.rules == request.rules);
    CHECK(read.zone == request.zone);
    CHECK(read.kind == ResourceKind::practitioner);
    request.id = house.doctor.id.uuid;
    CHECK(code_of(house.admin.call(request)) == "precondition.required");
    request.revision = 7;
    CHECK(code_of(house.admin.call(request)) == "conflict.revision");
    request.revision = 1;
    request.windows.clear();
    CHECK(must(house.admin.call(request)).windows.empty());
    CHECK(must(house.admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("PRV-2: whoever sets two windows that overlap is told of both, at two facilities and at one") {
  CalendarHouse house;
  schedules::Set request;
  request.windows = {house.window(mon, "09:00", "12:00"), house.window(tue, "09:00", "12:00"),
                     house.window(mon, "11:00", "13:00")};
  for (const FacilityId facility : {house.hospital.home, house.hospital.away}) {
    request.windows[2].facility_id = facility;
    const auto refused = house.set(request);
    CHECK(code_of(refused) == "window.overlap");
    CHECK(refused.error().kind() == Errc::invalid);
    CHECK(fields_of(refused) == "/windows/0:window.overlap /windows/2:window.overlap");
    CHECK(refused.error().fields.at(0).message == "it overlaps /windows/2");
  }
  request.windows[2].start = at("12:00");
  CHECK(house.set(request).ok());
}

TEST_CASE("PRV-3: windows of overrides must not overlap either, and a day has one override") {
  CalendarHouse house;
  schedules::Set request{.windows = {house.window(sun, "22:00", "06:00")}};
  request.overrides = {
      {.date = day("2026-01-05"), .windows = {house.hours("07:00", "09:00"), house.hours("08:00", "10:00")}}};
  CHECK(fields_of(house.set(request)) == "/overrides/0/windows/0:window.overlap /overrides/0/windows/1:window.overlap");
  request.overrides[0].windows = {house.hours("05:00", "07:00")};
  CHECK(fields_of(house.set(request)) == "/windows/0:window.overlap /overrides/0/windows/0:window.overlap");
  request.overrides[0].windows = {house.hours("06:00", "07:00")};
  CHECK(house.set(request).ok());
  request.overrides.push_back({.date = day("2026-01-05")});
  CHECK(fields_of(house.set(request)) == "/overrides/1/date:override.repeated");
}

TEST_CASE("PRV-2, R9: all that is wrong with a calendar is told at once") {
  CalendarHouse house;
  schedules::Set request;
  request.windows.assign(5, house.window(mon, "09:00", "12:00"));
  request.windows[0].facility_id = FacilityId{Uuid{{9}}};
  request.windows[1].every_n_weeks = 2;
  request.windows[2].valid_from = day("2026-02-01");
  request.windows[2].valid_to = day("2026-01-01");
  request.windows[3].services = {house.service.id, ServiceId{Uuid{{9}}}};
  request.windows[4].valid_from = day("2026-01-06");  // a Tuesday
  request.windows[4].valid_to = day("2026-01-11");
  request.overrides = {{.date = day("2026-01-05"), .windows = {house.hours("09:00", "10:00")}}};
  request.overrides[0].windows[0].facility_id = FacilityId{Uuid{{9}}};
  request.rules = {{.duration_min = 20}, {.capacity = 2}, {.service_id = ServiceId{Uuid{{9}}}}};
  CHECK(fields_of(house.set(request)) ==
        "/windows/0/facility_id:facility.unknown /windows/1/valid_from:required /windows/2/valid_to:date.order "
        "/windows/3/services/1:service.unknown /windows/4:window.empty "
        "/overrides/0/windows/0/facility_id:facility.unknown /rules/1/service_id:rules.repeated "
        "/rules/2/service_id:service.unknown");
  // And what the rules of single fields say.
  request = {.zone = Zone{"Europe/Atlantis"}};
  request.windows = {house.window(mon, "09:00", "12:00")};
  request.windows[0].every_n_weeks = 53;
  request.windows[0].end.minutes = 1440;
  request.windows[0].capacity = 101;
  request.rules = {{.duration_min = 4}};
  CHECK(fields_of(house.set(request)) ==
        "/zone:zone.unknown /windows/0/end:time.invalid /windows/0/every_n_weeks:number.out_of_range "
        "/windows/0/capacity:number.out_of_range /rules/0/duration_min:number.out_of_range");
}

TEST_CASE("PRV-2: where facilities lie in different zones, a calendar says in which its times are") {
  CalendarHouse house;
  const auto paris = must(house.admin.call(facilities::Create{.name = "Clinique", .zone = {"Europe/Paris"}}));
  schedules::Set request{.windows = {house.window(mon, "09:00", "12:00"), house.window(tue, "09:00", "12:00")}};
  request.windows[1].facility_id = paris.id;
  CHECK(fields_of(house.set(request)) == "/zone:zone.needed");
  request.zone = Zone{"Europe/London"};
  CHECK(house.set(request).ok());
}

TEST_CASE("PRV-6: rooms have calendars as doctors have") {
  CalendarHouse house;
  schedules::Set request{.id = house.room.id.uuid, .kind = ResourceKind::room};
  CHECK(code_of(house.admin.call(schedules::Get{.id = request.id})) == "not_found");
  request.windows = {house.window(mon, "09:00", "12:00")};
  CHECK(must(house.admin.call(request)).kind == ResourceKind::room);
  request.revision = 1;
  request.kind = ResourceKind::device;
  CHECK(fields_of(house.admin.call(request)) == "/kind:enum.unknown");
  request.id = Uuid{{9}};
  CHECK(code_of(house.admin.call(request)) == "not_found");
}

TEST_CASE("PRV-2: doctors set their own calendar, desks those of their facility alone") {
  CalendarHouse house;
  Hospital& hospital = house.hospital;
  const Session self = house.self();
  const Session desk = staff(hospital, "desk", Role::receptionist, {hospital.home});
  const Session other_desk = staff(hospital, "other desk", Role::receptionist, {hospital.away});
  const Session both = staff(hospital, "both", Role::receptionist, {hospital.home, hospital.away});
  schedules::Set request{.windows = {house.window(mon, "09:00", "12:00")}};
  CHECK(code_of(house.set(self, request)) == "ok");
  CHECK(code_of(house.set(desk, request)) == "ok");
  CHECK(code_of(house.set(other_desk, request)) == "forbidden");
  CHECK(code_of(house.set(hospital.as(Role::nurse), request)) == "forbidden");
  CHECK(code_of(house.set(staff(hospital, "colleague", Role::doctor, {hospital.home}), request)) == "forbidden");
  // No windows where they have no say.
  request.windows[0].facility_id = hospital.away;
  CHECK(fields_of(house.set(desk, request)) == "/windows/0/facility_id:facility.unknown");
  CHECK(fields_of(house.set(self, request)) == "/windows/0/facility_id:facility.unknown");
  CHECK(code_of(house.set(both, request)) == "ok");
  // A calendar that two facilities share is not one's to change.
  must(house.admin.call(doctors::Update{.id = house.doctor.id,
                                        .revision = house.doctor.revision,
                                        .name = house.doctor.name,
                                        .facilities = {hospital.home, hospital.away}}));
  request.windows[0].facility_id = hospital.home;
  CHECK(code_of(house.set(desk, request)) == "forbidden");
  CHECK(code_of(house.set(both, request)) == "ok");
  CHECK(code_of(house.set(self, request)) == "ok");
  schedules::Set of_room{.id = house.room.id.uuid, .kind = ResourceKind::room};
  CHECK(code_of(other_desk.call(of_room)) == "forbidden");
  CHECK(code_of(self.call(of_room)) == "forbidden");
  CHECK(code_of(desk.call(of_room)) == "ok");
}

TEST_CASE("PRV-2: patients see free slots, not calendars") {
  CalendarHouse house;
  must(house.set({.windows = {house.window(mon, "09:00", "12:00")}}));
  const Session patient = house.hospital.as(Role::patient);
  const Uuid id = house.doctor.id.uuid;
  CHECK(code_of(patient.call(schedules::Get{.id = id})) == "forbidden");
  CHECK(code_of(patient.call(schedules::GetEffective{.id = id, .service_id = house.service.id})) == "forbidden");
  CHECK(code_of(patient.call(leaves::List{.resource_id = id})) == "forbidden");
  CHECK(code_of(patient.call(doctors::Get{.id = house.doctor.id})) == "ok");
  CHECK(code_of(patient.call(services::Get{.id = house.service.id})) == "ok");
  CHECK(code_of(patient.call(resources::Get{.id = house.room.id})) == "ok");
}
