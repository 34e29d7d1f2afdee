// What is booked stays as it is, whatever becomes of its service, its doctor's hours or its patient.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>

#include "tests/support/clinic.hpp"
#include "tests/support/messages.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;

namespace {

services::Service change(Clinic& clinic, services::Update update) {
  const auto now = must(clinic.admin().call(services::Get{.id = clinic.service.id}));
  update.id = now.id;
  update.revision = now.revision;
  update.code = now.code;
  update.name = now.name;
  return must(clinic.admin().call(std::move(update)));
}

resources::Resource add_room(Clinic& clinic, std::string name, FacilityId where) {
  return must(clinic.admin().call(
      resources::Create{.kind = ResourceKind::room, .name = std::move(name), .facility_id = where}));
}

appointments::Participant taking_part(const resources::Resource& room) {
  return {.kind = room.kind, .id = room.id.uuid};
}

std::string cancelled(Clinic& clinic, AppointmentId id) {
  return code_of(clinic.desk().call(appointments::Cancel{.id = id}));
}

}  // namespace

TEST_CASE("APT-3: a visit that is restored takes the time that it was made for, and not that of today's rules") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.service = clinic.add_service("hour", {.duration_min = 60, .step_min = 30});
    const auto first = clinic.book("2026-11-23T10:00:00Z");
    must(clinic.desk().call(appointments::Cancel{.id = first.id}));
    change(clinic, {.duration_min = 30, .step_min = 30});
    const auto second = clinic.book("2026-11-23T10:30:00Z", 1);
    CHECK(code_of(clinic.desk().call(appointments::Restore{.id = first.id})) == "slot.taken");
    must(clinic.desk().call(appointments::Cancel{.id = second.id}));
    const auto restored = must(clinic.desk().call(appointments::Restore{.id = first.id}));
    CHECK(restored.end == at("2026-11-23T11:00:00Z"));
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T10:30:00Z", 1))) == "slot.taken");
  }
}

TEST_CASE("APT-4: a request is approved as it was made, though its service takes longer now") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.service = clinic.add_service("asked", {.duration_min = 30, .step_min = 15, .approval = true});
    const auto first = clinic.book("2026-11-23T10:00:00Z");
    const auto second = clinic.book("2026-11-23T10:30:00Z", 1);
    change(clinic, {.duration_min = 45, .step_min = 15, .approval = true});
    const auto approved = must(clinic.desk().call(appointments::Approve{.id = first.id}));
    CHECK(approved.end == at("2026-11-23T10:30:00Z"));
    CHECK(must(clinic.desk().call(appointments::Approve{.id = second.id})).status == AppointmentStatus::booked);
  }
}

TEST_CASE("APT-16: who comes late takes the time that the visit was made for") {
  Clinic clinic{TestEngine("memory")};
  clinic.service = clinic.add_service("short", {.duration_min = 60, .step_min = 30, .no_show_grace_min = 0});
  const auto missed = clinic.book("2026-11-23T10:00:00Z");
  clinic.go_to("2026-11-23T10:01:00Z");
  must(clinic.desk().call(appointments::MarkNoShow{.id = missed.id}));
  change(clinic, {.duration_min = 30, .step_min = 30, .no_show_grace_min = 0});
  clinic.book("2026-11-23T10:30:00Z", 1);
  CHECK(code_of(clinic.desk().call(appointments::CheckIn{.id = missed.id})) == "slot.taken");
}

TEST_CASE("APT-18: a visit is cancelled, missed and moved though its service is out of use or needs more now") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    for (const bool retired : {true, false}) {
      CAPTURE(retired);
      clinic.service = clinic.add_service(retired ? "retired" : "wider");
      const auto plain = clinic.book("2026-11-24T10:00:00Z");
      const auto restored = clinic.book("2026-11-24T11:00:00Z");
      const auto moved = clinic.book("2026-11-24T12:00:00Z");
      if (retired)
        change(clinic, {.active = false});
      else
        change(clinic, {.resources_needed = {ResourceKind::practitioner, ResourceKind::room}});
      CHECK(cancelled(clinic, plain.id) == "ok");
      CHECK(cancelled(clinic, restored.id) == "ok");
      CHECK(must(clinic.desk().call(appointments::Restore{.id = restored.id})).status == AppointmentStatus::booked);
      const auto elsewhere = clinic.desk().call(
          appointments::Reschedule{.id = moved.id, .revision = moved.revision, .start = at("2026-11-24T15:00:00Z")});
      CHECK(code_of(elsewhere) == (retired ? "ok" : "invalid"));  // the room can be named there
      CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-24T16:00:00Z"))) == "invalid");
      CHECK(cancelled(clinic, restored.id) == "ok");
      CHECK(cancelled(clinic, moved.id) == "ok");
    }
  }
}

TEST_CASE("APT-9: requests that share their time are approved, each of them") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.service = clinic.add_service("asked", {.approval = true});
    const auto first = clinic.book("2026-11-23T10:00:00Z");
    auto beyond = clinic.booking("2026-11-23T10:00:00Z", 1);
    beyond.overbook = true;
    beyond.override_reason = "the doctor agreed to it";
    const auto second = must(clinic.desk().call(beyond));
    CHECK(second.overbooked);
    CHECK(code_of(clinic.desk().call(appointments::Approve{.id = first.id})) == "ok");
    CHECK(must(clinic.desk().call(appointments::Approve{.id = second.id})).overbooked);
    // Nobody else comes in by that.
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T10:00:00Z", 2))) == "slot.taken");
    // A visit that was let in beyond the capacity is so again when it is restored, by who may do that.
    must(clinic.desk().call(appointments::Cancel{.id = second.id}));
    CHECK(code_of(clinic.desk().call(appointments::Restore{.id = second.id})) == "ok");
  }
}

TEST_CASE("PRV-6: a room of another house is not used, though nobody has said when that house is open") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto here = add_room(clinic, "Here", clinic.hospital.home);
    const auto there = add_room(clinic, "There", clinic.hospital.away);
    auto request = clinic.booking("2026-11-23T10:00:00Z");
    request.resources.push_back(taking_part(there));
    CHECK(code_of(clinic.desk().call(request)) == "slot.closed");
    request.resources.back() = taking_part(here);
    CHECK(code_of(clinic.desk().call(request)) == "ok");
  }
}

TEST_CASE("R3: a calendar of single days is said in the zone of where they are") {
  Clinic clinic{TestEngine("memory")};
  const auto berlin = must(clinic.admin().call(facilities::Create{.name = "Charite", .zone = {"Europe/Berlin"}}));
  const auto doctor =
      must(clinic.admin().call(doctors::Create{.name = "Dr Two", .facilities = {berlin.id, clinic.hospital.home}}));
  schedules::Set single;
  single.overrides = {
      {.date = day("2026-11-23"),
       .windows = {{.start = clock_time("09:00"), .end = clock_time("12:00"), .facility_id = clinic.hospital.home}}}};
  clinic.set_schedule(doctor.id.uuid, {}, single);
  clinic.doctor = doctor;
  auto request = clinic.booking("2026-11-23T10:00:00Z");
  request.start.reset();
  request.wall_start = LocalDateTime{day("2026-11-23"), clock_time("10:00")};
  const auto booked = must(clinic.desk().call(request));
  CHECK(booked.start == at("2026-11-23T10:00:00Z"));
  CHECK(booked.zone == Zone{"Europe/London"});
}

TEST_CASE("APT-3: other times are named of the same house only") {
  Clinic clinic{TestEngine("memory")};
  auto windows = clinic.weekdays("09:00", "09:30");
  for (auto window : clinic.weekdays("13:00", "16:00")) {
    window.facility_id = clinic.hospital.away;
    windows.push_back(window);
  }
  clinic.set_schedule(clinic.doctor.id.uuid, windows);
  clinic.book("2026-11-23T09:00:00Z");
  const auto refused = clinic.desk().call(clinic.booking("2026-11-23T09:00:00Z", 1));
  CHECK(code_of(refused) == "slot.taken");
  CHECK(refused.error().alternatives ==
        std::vector<Instant>{at("2026-11-24T09:00:00Z"), at("2026-11-25T09:00:00Z"), at("2026-11-26T09:00:00Z")});
  // Where nobody works then, they are of the house that comes first.
  const auto verdict = must(clinic.desk().call(appointments::Check{.patient_id = clinic.patients[1].id,
                                                                   .service_id = clinic.service.id,
                                                                   .resources = {Clinic::taking_part(clinic.doctor)},
                                                                   .start = at("2026-11-23T12:00:00Z")}));
  CHECK(verdict.alternatives ==
        std::vector<Instant>{at("2026-11-23T13:00:00Z"), at("2026-11-23T13:30:00Z"), at("2026-11-23T14:00:00Z")});
  CHECK(must(clinic.desk().call(appointments::Check{.patient_id = clinic.patients[1].id,
                                                    .service_id = clinic.service.id,
                                                    .resources = {Clinic::taking_part(clinic.doctor)},
                                                    .start = at("2026-11-23T15:45:00Z")}))
            .alternatives ==
        std::vector<Instant>{at("2026-11-24T09:00:00Z"), at("2026-11-25T09:00:00Z"), at("2026-11-26T09:00:00Z")});
}

TEST_CASE("PAT-12: the visit of who has died is not restored") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto ahead = clinic.book("2026-11-23T10:00:00Z");
    const auto given_up = clinic.book("2026-11-23T11:00:00Z");
    must(clinic.desk().call(appointments::Cancel{.id = given_up.id}));
    const Session doctor = clinic.hospital.as(Role::doctor);
    const auto patient = must(doctor.call(patients::Get{.id = clinic.patients[0].id}));
    must(doctor.call(patients::Patch{
        .id = patient.id, .revision = patient.revision, .deceased = patients::DeceasedPatch{.deceased = true}}));
    CHECK(code_of(clinic.desk().call(appointments::Restore{.id = ahead.id})) == "slot.policy");
    CHECK(must(clinic.desk().call(appointments::Get{.id = ahead.id})).status == AppointmentStatus::cancelled);
    // Nor is one that was given up before; who insists books it anew.
    CHECK(code_of(clinic.desk().call(appointments::Restore{.id = given_up.id})) == "slot.policy");
    auto anew = clinic.booking("2026-11-23T11:00:00Z");
    anew.override = true;
    anew.override_reason = "the body is to be seen by the family";
    const auto insisted = must(clinic.desk().call(anew));
    must(clinic.desk().call(appointments::Cancel{.id = insisted.id}));
    CHECK(code_of(clinic.desk().call(appointments::Restore{.id = insisted.id})) == "slot.policy");
  }
}

TEST_CASE("PAT-12: nobody is written to about the visit of who has died") {
  for (const bool died : {false, true}) {
    CAPTURE(died);
    Posted posted(storage::memory_engine());
    Clinic clinic(std::move(posted.hospital));
    const auto post = [&] {
      CHECK(clinic.hospital.platform.tick(clinic.now()).empty());
      return std::exchange(posted.sender->messages, {}).size();
    };
    const auto patient = must(clinic.desk().call(patients::Register{.names = {{.family = "Okafor", .given = {"Ada"}}},
                                                                    .sex_admin = patients::Sex::female,
                                                                    .emails = {"ada@example.org"}}));
    if (died)
      must(clinic.hospital.as(Role::doctor)
               .call(patients::Patch{.id = patient.id,
                                     .revision = patient.revision,
                                     .deceased = patients::DeceasedPatch{.deceased = true}}));
    auto request = clinic.booking("2026-11-24T10:00:00Z");
    request.patient_id = patient.id;
    request.override = true;
    request.override_reason = "the body is to be seen by the family";
    must(clinic.desk().call(request));
    post();
    clinic.go_to("2026-11-23T10:00:00Z");
    CHECK(post() == (died ? 0U : 1U));
  }
}

TEST_CASE("APT-2: the first free slots are those at which the room is free as well") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto room = add_room(clinic, "Room 1", clinic.hospital.home);
    clinic.service = clinic.add_service("both", {.resources_needed = {ResourceKind::practitioner, ResourceKind::room}});
    const auto other = clinic.add_doctor("Dr Other");
    auto taken = clinic.booking("2026-11-23T09:00:00Z");
    taken.resources = {Clinic::taking_part(other), taking_part(room)};
    must(clinic.desk().call(taken));
    slots::FindFirst request{.service_id = clinic.service.id, .from = at("2026-11-23T00:00:00Z"), .limit = 1};
    CHECK(fields_of(clinic.desk().call(request)) == "/with:resource.required");
    request.with = {{.kind = ResourceKind::room, .id = room.id.uuid}};
    CHECK(times_of(must(clinic.desk().call(request)).slots) == "09:30");
    request.doctors = {clinic.doctor.id, PractitionerId{Uuid{{9}}}};
    CHECK(fields_of(clinic.desk().call(request)) == "/doctors/1:resource.unknown");
    request.doctors.pop_back();
    // Who helps is not looked at as who could do it.
    auto helped = request;
    helped.doctors.clear();
    helped.with.push_back({.kind = ResourceKind::practitioner, .id = other.id.uuid});
    CHECK(times_of(must(clinic.desk().call(helped)).slots) == "09:30");
    request.with.front().id = Uuid{{9}};
    CHECK(fields_of(clinic.desk().call(request)) == "/with/0/id:resource.unknown");
    slots::List list{.service_id = clinic.service.id,
                     .resource_id = Uuid{{9}},
                     .with = {{.kind = ResourceKind::room, .id = room.id.uuid}},
                     .from = at("2026-11-23T00:00:00Z"),
                     .to = at("2026-11-24T00:00:00Z")};
    CHECK(fields_of(clinic.desk().call(list)) == "/resource_id:resource.unknown");
  }
}
