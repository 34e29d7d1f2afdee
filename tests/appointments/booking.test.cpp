#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/clinic.hpp"
#include "tests/support/staff.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;

namespace {

auto book_for(Clinic& clinic, const services::Service& service, std::string_view start, std::size_t patient) {
  auto request = clinic.booking(start, patient);
  request.service_id = service.id;
  return clinic.desk().call(request);
}

}  // namespace

TEST_CASE("APT-3: what is booked is taken, and the next three starts are named") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto first = clinic.book("2026-11-23T10:00:00Z");
    CHECK(first.number == "APT-00000001");
    CHECK(first.status == AppointmentStatus::booked);
    CHECK(first.end == at("2026-11-23T10:30:00Z"));
    CHECK(first.facility_id == clinic.hospital.home);
    CHECK(first.wall_start.text() == "2026-11-23T10:00");
    REQUIRE(first.patient);
    CHECK(first.patient->mrn == clinic.patients[0].mrn);
    CHECK(first.patient->name == "Ada Okafor");

    clinic.book("2026-11-23T11:00:00Z", 1);
    const auto second = clinic.desk().call(clinic.booking("2026-11-23T10:00:00Z", 1));
    REQUIRE(code_of(second) == "slot.taken");
    const std::vector<Instant> free = {at("2026-11-23T10:30:00Z"), at("2026-11-23T11:30:00Z"),
                                       at("2026-11-23T12:00:00Z")};
    CHECK(second.error().alternatives == free);
    CHECK(second.error().fields.at(0).code == "conflict.capacity");
    // What is named can be booked.
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T10:30:00Z", 1))) == "ok");
  }
}

TEST_CASE("APT-3: the same booking under the caller's own id is one booking") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    auto request = clinic.booking("2026-11-23T10:00:00Z");
    request.id = AppointmentId::parse("0192f0c1-2345-7abc-8def-0123456789ab");
    const auto once = must(clinic.desk().call(request));
    const auto twice = must(clinic.desk().call(request));
    CHECK(twice.id == once.id);
    CHECK(twice.revision == 1);
    request.start = at("2026-11-23T11:00:00Z");
    CHECK(code_of(clinic.desk().call(request)) == "conflict.id_reused");
  }
}

TEST_CASE("APT-2: the slots of a day are those of its windows, without what is booked") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    CHECK(clinic.free_slots("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z").size() == 16);
    CHECK(clinic.free_slots("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z").empty());
    clinic.book("2026-11-23T09:30:00Z");
    const auto slots = clinic.free_slots("2026-11-23T00:00:00Z", "2026-11-23T11:00:00Z");
    CHECK(times_of(slots) == "09:00 10:00 10:30");
    CHECK(slots.at(0).facility_id == clinic.hospital.home);
    CHECK(slots.at(0).free == 1);
  }
}

TEST_CASE("APT-2: a long visit is not offered where another one begins hours after the time that is asked about") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.book("2026-11-23T13:00:00Z");
    clinic.service = clinic.add_service("long", {.duration_min = 240, .step_min = 30});
    CHECK(times_of(clinic.free_slots("2026-11-23T00:00:00Z", "2026-11-23T10:00:00Z")) == "09:00");
    // The longest there may be, with all that may be kept free.
    clinic.service = clinic.add_service("longest", {.duration_min = 480, .step_min = 30});
    CHECK(times_of(clinic.free_slots("2026-11-23T00:00:00Z", "2026-11-23T09:01:00Z")).empty());
  }
}

TEST_CASE("APT-8: buffers keep time free, capacity lets several in, and who comes alone stays alone") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.service =
        clinic.add_service("buffered", {.duration_min = 30, .buffer_before_min = 10, .buffer_after_min = 20});
    clinic.book("2026-11-23T10:00:00Z");  // takes 09:50 to 10:50
    // 09:00 would be kept free from 08:50 on, which is closed.
    CHECK(times_of(clinic.free_slots("2026-11-23T00:00:00Z", "2026-11-23T12:30:00Z")) == "11:00 11:30 12:00");
    const auto group = clinic.add_service("group", {.duration_min = 60, .capacity = 2});
    const auto single = clinic.add_service("single", {.duration_min = 60});
    const auto try_one = [&](const services::Service& service, std::string_view start, std::size_t patient) {
      return code_of(book_for(clinic, service, start, patient));
    };
    CHECK(try_one(group, "2026-11-24T09:00:00Z", 0) == "ok");
    CHECK(try_one(single, "2026-11-24T09:00:00Z", 1) == "slot.taken");
    CHECK(try_one(group, "2026-11-24T09:00:00Z", 1) == "ok");
    CHECK(try_one(group, "2026-11-24T09:00:00Z", 2) == "slot.taken");
    CHECK(try_one(single, "2026-11-24T10:00:00Z", 0) == "ok");
    CHECK(try_one(group, "2026-11-24T10:00:00Z", 1) == "slot.taken");
  }
}

TEST_CASE("APT-3, APT-8: the longest visits with the longest buffers meet what lies at their far ends, to the minute") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.set_schedule(clinic.doctor.id.uuid, clinic.weekdays("00:00", "23:59"));
    const auto longest = clinic.add_service(
        "longest", {.duration_min = 480, .buffer_before_min = 120, .buffer_after_min = 120, .step_min = 5});
    const auto shortest = clinic.add_service("shortest", {.duration_min = 5, .step_min = 5});
    const auto try_one = [&](const services::Service& service, std::string_view start, std::size_t patient) {
      const auto answer = book_for(clinic, service, start, patient);
      // Else it was the storage's own rule that refused it, which knows no other time.
      CHECK((answer.ok() || !answer.error().alternatives.empty()));
      return code_of(answer);
    };
    CHECK(try_one(longest, "2026-11-23T08:00:00Z", 0) == "ok");  // takes 06:00 to 18:00
    CHECK(try_one(shortest, "2026-11-23T06:00:00Z", 1) == "slot.taken");
    CHECK(try_one(shortest, "2026-11-23T05:55:00Z", 1) == "ok");
    CHECK(try_one(shortest, "2026-11-23T17:55:00Z", 1) == "slot.taken");
    CHECK(try_one(shortest, "2026-11-23T18:00:00Z", 1) == "ok");

    CHECK(try_one(shortest, "2026-11-24T12:00:00Z", 0) == "ok");
    CHECK(try_one(longest, "2026-11-24T02:05:00Z", 1) == "slot.taken");
    CHECK(try_one(longest, "2026-11-24T02:00:00Z", 1) == "ok");

    // A patient is kept from nothing by buffers, but is in the long visit until its end.
    const auto other = clinic.add_doctor("Dr Other");
    auto elsewhere = clinic.booking("2026-11-23T15:55:00Z");
    elsewhere.service_id = shortest.id;
    elsewhere.resources = {Clinic::taking_part(other)};
    CHECK(code_of(clinic.desk().call(elsewhere)) == "patient.overlap");
    elsewhere.start = at("2026-11-23T16:00:00Z");
    CHECK(code_of(clinic.desk().call(elsewhere)) == "ok");
  }
}

TEST_CASE("APT-7: a patient is in one place at a time, unless somebody insists and says why") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto other = clinic.add_doctor("Dr Other");
    clinic.book("2026-11-23T10:00:00Z");
    auto request = clinic.booking("2026-11-23T10:00:00Z");
    request.resources = {Clinic::taking_part(other)};
    CHECK(code_of(clinic.desk().call(request)) == "patient.overlap");
    request.override = true;
    CHECK(code_of(clinic.desk().call(request)) == "reason.required");
    request.override_reason = "two visits at once, by phone";
    CHECK(code_of(clinic.desk().call(request)) == "ok");
  }
}

TEST_CASE("APT-9: beyond the capacity goes with leave, a reason and at most two more") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    CHECK_FALSE(clinic.book("2026-11-23T10:00:00Z").overbooked);
    auto request = clinic.booking("2026-11-23T10:00:00Z", 1);
    request.overbook = true;
    CHECK(code_of(clinic.hospital.as(Role::nurse).call(request)) == "forbidden");
    CHECK(code_of(clinic.desk().call(request)) == "reason.required");
    request.override_reason = "the doctor agreed to it";
    CHECK(must(clinic.desk().call(request)).overbooked);
    request.patient_id = clinic.patients[2].id;
    CHECK(must(clinic.desk().call(request)).overbooked);
    request.patient_id = clinic.patients[3].id;
    CHECK(code_of(clinic.desk().call(request)) == "slot.taken");
  }
}

TEST_CASE("APT-21: a check names everything that is in the way, and its verdict is the booking's") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto there = clinic.book("2026-11-23T10:00:00Z");
    const auto verdict = must(clinic.desk().call(appointments::Check{.patient_id = clinic.patients[0].id,
                                                                     .service_id = clinic.service.id,
                                                                     .resources = {Clinic::taking_part(clinic.doctor)},
                                                                     .start = at("2026-11-23T10:15:00Z")}));
    CHECK_FALSE(verdict.bookable);
    std::vector<appointments::ConflictKind> kinds;
    for (const auto& conflict : verdict.conflicts) {
      kinds.push_back(conflict.kind);
      if (conflict.kind == appointments::ConflictKind::capacity) CHECK(conflict.object_id == there.id.uuid);
    }
    using K = appointments::ConflictKind;
    CHECK(kinds == std::vector<K>{K::capacity, K::patient, K::closed});
    CHECK(verdict.alternatives.size() == 3);
  }
}

TEST_CASE("APT-5: a hold keeps its slot, becomes a booking with its token, and is nothing once it has expired") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto hold = [&](std::string_view start, std::size_t patient) {
      return clinic.desk().call(appointments::Hold{.patient_id = clinic.patients[patient].id,
                                                   .service_id = clinic.service.id,
                                                   .resources = {Clinic::taking_part(clinic.doctor)},
                                                   .start = at(start)});
    };
    const auto held = must(hold("2026-11-23T10:00:00Z", 0));
    CHECK(held.appointment.status == AppointmentStatus::held);
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T10:00:00Z", 1))) == "slot.taken");
    CHECK(code_of(clinic.desk().call(appointments::Confirm{.id = held.appointment.id, .token = "nonsense"})) ==
          "hold.token");
    const auto booked = must(clinic.desk().call(appointments::Confirm{.id = held.appointment.id, .token = held.token}));
    CHECK(booked.status == AppointmentStatus::booked);
    CHECK(code_of(clinic.desk().call(appointments::Confirm{.id = held.appointment.id, .token = held.token})) ==
          "transition.illegal");

    const auto lapsed = must(hold("2026-11-23T11:00:00Z", 1));
    must(hold("2026-11-23T12:00:00Z", 2));
    must(hold("2026-11-23T13:00:00Z", 3));
    CHECK(code_of(hold("2026-11-23T14:00:00Z", 1)) == "hold.too_many");
    clinic.hospital.clock->advance_s(601);
    CHECK(code_of(clinic.desk().call(appointments::Confirm{.id = lapsed.appointment.id, .token = lapsed.token})) ==
          "hold.expired");
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T11:00:00Z", 2))) == "ok");
    CHECK(code_of(hold("2026-11-23T14:00:00Z", 1)) == "ok");
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T13:00:00Z", 3))) == "ok");  // whose own hold is over
  }
}

TEST_CASE("APT-4: a request holds its time, or both stand and the second approval fails") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.service = clinic.add_service("approved", {.approval = true});
    const auto first = clinic.book("2026-11-23T10:00:00Z");
    CHECK(first.status == AppointmentStatus::requested);
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T10:00:00Z", 1))) == "slot.taken");
    CHECK(must(clinic.desk().call(appointments::Approve{.id = first.id})).status == AppointmentStatus::booked);

    clinic.service = clinic.add_service("wished", {.approval = true, .requested_blocks = false});
    const auto one = clinic.book("2026-11-23T11:00:00Z");
    const auto two = clinic.book("2026-11-23T11:00:00Z", 1);
    CHECK(code_of(clinic.desk().call(appointments::Approve{.id = one.id})) == "ok");
    CHECK(code_of(clinic.desk().call(appointments::Approve{.id = two.id})) == "slot.taken");
  }
}

TEST_CASE("APT-13: a visit that is moved keeps its number, frees its time at once and remembers it") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto before = clinic.book("2026-11-23T10:00:00Z");
    CHECK(code_of(clinic.desk().call(appointments::Reschedule{.id = before.id, .start = at("2026-11-23T15:00:00Z")})) ==
          "precondition.required");
    const auto after = must(clinic.desk().call(
        appointments::Reschedule{.id = before.id, .revision = 1, .start = at("2026-11-23T10:30:00Z")}));
    CHECK(after.number == before.number);
    CHECK(after.revision == 2);
    REQUIRE(after.moves.size() == 1);
    CHECK(after.moves[0].start == before.start);
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T10:00:00Z", 1))) == "ok");
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T10:30:00Z", 2))) == "slot.taken");
    CHECK(code_of(clinic.desk().call(appointments::Reschedule{
              .id = before.id, .revision = 2, .start = at("2026-11-21T10:00:00Z")})) == "slot.closed");
    // Nothing was claimed, and nothing lost.
    CHECK(must(clinic.desk().call(appointments::Get{.id = before.id})).start == at("2026-11-23T10:30:00Z"));
  }
}

TEST_CASE("APT-10: wall times that do not exist are refused, and of those that come twice the first is meant") {
  Clinic clinic{TestEngine("memory")};
  const auto place = must(clinic.admin().call(facilities::Create{.name = "New York", .zone = {"America/New_York"}}));
  auto doctor = must(clinic.admin().call(doctors::Create{.name = "Dr Night", .facilities = {place.id}}));
  clinic.doctor = doctor;
  schedules::Window window{
      .weekday = Weekday::sun, .start = clock_time("00:00"), .end = clock_time("04:00"), .facility_id = place.id};
  clinic.set_schedule(doctor.id.uuid, {window});
  clinic.service = clinic.add_service("hour", {.duration_min = 60, .max_horizon_d = 730});
  CHECK(times_of(clinic.free_slots("2027-11-07T00:00:00Z", "2027-11-08T00:00:00Z")) == "00:00 01:00 01:00 02:00 03:00");
  CHECK(times_of(clinic.free_slots("2027-03-14T00:00:00Z", "2027-03-15T00:00:00Z")) == "00:00 01:00 03:00");
  const UserId clerk = clinic.hospital.member(Role::receptionist).id;
  must(clinic.admin().call(users::SetFacilities{.id = clerk,
                                                .revision = must(clinic.admin().call(users::Get{.id = clerk})).revision,
                                                .facilities = {clinic.hospital.home, place.id}}));
  auto request = clinic.booking("2027-03-14T06:00:00Z");
  request.start.reset();
  request.wall_start = LocalDateTime::parse("2027-03-14T02:30");
  const auto never = clinic.desk().call(request);
  CHECK(code_of(never) == "time.nonexistent");
  CHECK(fields_of(never) == "/wall_start:time.nonexistent");
  request.wall_start = LocalDateTime::parse("2027-11-07T01:00");
  CHECK(must(clinic.desk().call(request)).start == at("2027-11-07T05:00:00Z"));
}

TEST_CASE(
    "APT-5, PRV-3: a hold is not confirmed where somebody is away by then, and is while nothing else has changed") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto hold = [&](std::string_view start, std::size_t patient = 0) {
      return must(clinic.desk().call(appointments::Hold{.patient_id = clinic.patients[patient].id,
                                                        .service_id = clinic.service.id,
                                                        .resources = {Clinic::taking_part(clinic.doctor)},
                                                        .start = at(start)}));
    };
    const auto confirm = [&](const appointments::Held& held) {
      return code_of(clinic.desk().call(appointments::Confirm{.id = held.appointment.id, .token = held.token}));
    };
    const auto in_leave = hold("2026-11-23T10:00:00Z");
    const auto leave = must(clinic.admin().call(leaves::Add{.resource_id = clinic.doctor.id.uuid,
                                                            .from = at("2026-11-23T10:00:00Z"),
                                                            .to = at("2026-11-23T11:00:00Z"),
                                                            .on_affected = leaves::OnAffected::notify}))
                           .leave;
    CHECK(confirm(in_leave) == "slot.closed");
    CHECK(must(clinic.desk().call(appointments::Get{.id = in_leave.appointment.id})).status == AppointmentStatus::held);
    must(clinic.admin().call(leaves::Remove{.id = leave.id}));
    CHECK(confirm(in_leave) == "ok");
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T10:00:00Z", 1))) == "slot.taken");

    const auto early = hold("2026-11-24T09:00:00Z");
    clinic.set_schedule(clinic.doctor.id.uuid, clinic.weekdays("10:00", "17:00"));
    CHECK(confirm(early) == "slot.closed");

    const auto unlicensed = hold("2026-11-26T11:00:00Z");
    must(clinic.admin().call(
        doctors::Update{.id = clinic.doctor.id,
                        .revision = clinic.doctor.revision,
                        .name = clinic.doctor.name,
                        .registrations = {{.authority = "GMC", .number = "1234567", .valid_to = day("2026-11-25")}},
                        .facilities = {clinic.hospital.home}}));
    CHECK(confirm(unlicensed) == "licence.expired");

    // What is a matter of policy was looked at when it was held, and so was when it begins.
    clinic.go_to("2026-11-25T10:55:00Z");
    const auto at_once = hold("2026-11-25T11:00:00Z");
    clinic.go_to("2026-11-25T11:01:00Z");
    CHECK(confirm(at_once) == "ok");
  }
}

TEST_CASE("APT-3, R1: other content under a used id is refused, and not answered as if it were booked") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    auto request = clinic.booking("2026-11-23T10:00:00Z");
    request.id = AppointmentId::parse("0192f0c1-2345-7abc-8def-0123456789ab");
    request.reason = "a lump";
    request.notes = "by the side door";
    request.extensions = {{.url = "urn:test:referral", .value = "Mill Road"}};
    must(clinic.desk().call(request));
    CHECK(must(clinic.desk().call(request)).revision == 1);
    const auto with = [&](auto change) {
      auto other = request;
      change(other);
      return code_of(clinic.desk().call(other));
    };
    using Booking = appointments::Book;
    CHECK(with([](Booking& other) { other.priority = appointments::Priority::urgent; }) == "conflict.id_reused");
    CHECK(with([](Booking& other) { other.channel = appointments::VisitChannel::video; }) == "conflict.id_reused");
    CHECK(with([](Booking& other) { other.reason = "a cough"; }) == "conflict.id_reused");
    CHECK(with([](Booking& other) { other.notes.clear(); }) == "conflict.id_reused");
    CHECK(with([](Booking& other) { other.extensions.clear(); }) == "conflict.id_reused");
    // Who has not written what is sealed, and does not see it, does not find out what it says either.
    auto guess = request;
    guess.reason = "a cough";
    const Session second = staff(clinic.hospital, "second", Role::receptionist, {clinic.hospital.home});
    CHECK(must(second.call(guess)).reason.empty());
    // What has become of it since is its later life.
    must(clinic.desk().call(
        appointments::Update{.id = *request.id, .revision = 1, .priority = appointments::Priority::urgent}));
    CHECK(must(clinic.desk().call(request)).revision == 2);
  }
}
