#include <doctest/doctest.h>

#include "tests/support/clinic.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;

TEST_CASE("PAT-12: who dies has no visits any more, and a new one only if somebody insists") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto ahead = clinic.book("2026-11-23T10:00:00Z");
    const auto other = clinic.book("2026-11-23T11:00:00Z", 1);
    const Session doctor = clinic.hospital.as(Role::doctor);
    const auto patient = must(doctor.call(patients::Get{.id = clinic.patients[0].id}));
    must(doctor.call(patients::Patch{
        .id = patient.id, .revision = patient.revision, .deceased = patients::DeceasedPatch{.deceased = true}}));
    const auto after = must(clinic.desk().call(appointments::Get{.id = ahead.id}));
    CHECK(after.status == AppointmentStatus::cancelled);
    CHECK(after.cancel_code == "deceased");
    CHECK(must(clinic.desk().call(appointments::Get{.id = other.id})).status == AppointmentStatus::booked);
    // The time is free, for others.
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T10:00:00Z", 2))) == "ok");
    auto request = clinic.booking("2026-11-23T12:00:00Z");
    CHECK(code_of(clinic.desk().call(request)) == "slot.policy");
    request.override = true;
    request.override_reason = "the body is to be seen by the family";
    CHECK(code_of(clinic.desk().call(request)) == "ok");
  }
}

TEST_CASE("PAT-13: a patient with visits ahead is not deleted, and is told which they are") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto ahead = clinic.book("2026-11-23T10:00:00Z");
    const auto refused =
        clinic.admin().call(patients::Delete{.id = clinic.patients[0].id, .reason = "entered by mistake"});
    CHECK(code_of(refused) == "patient.has_appointments");
    CHECK(refused.error().ids == std::vector<std::string>{ahead.id.text()});
    must(clinic.desk().call(appointments::Cancel{.id = ahead.id}));
    CHECK(code_of(clinic.admin().call(patients::Delete{.id = clinic.patients[0].id, .reason = "entered by mistake"})) ==
          "ok");
  }
}

TEST_CASE("PAT-12: a death cancels what the patient has not come to; a visit that is under way is for the staff") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.go_to("2026-11-23T08:00:00Z");
    const auto under_way = clinic.book("2026-11-23T09:00:00Z");
    const auto there = clinic.book("2026-11-23T09:30:00Z");
    const auto ahead = clinic.book("2026-11-23T10:00:00Z");
    const Session nurse = clinic.hospital.as(Role::nurse);
    must(nurse.call(appointments::CheckIn{.id = under_way.id}));
    must(nurse.call(appointments::Start{.id = under_way.id}));
    must(nurse.call(appointments::CheckIn{.id = there.id}));
    const Session doctor = clinic.hospital.as(Role::doctor);
    const auto patient = must(doctor.call(patients::Get{.id = clinic.patients[0].id}));
    must(doctor.call(patients::Patch{
        .id = patient.id, .revision = patient.revision, .deceased = patients::DeceasedPatch{.deceased = true}}));
    const auto status = [&](const appointments::Appointment& visit) {
      return must(clinic.desk().call(appointments::Get{.id = visit.id})).status;
    };
    CHECK(status(under_way) == AppointmentStatus::in_progress);
    CHECK(status(there) == AppointmentStatus::arrived);
    CHECK(status(ahead) == AppointmentStatus::cancelled);
    CHECK(code_of(nurse.call(appointments::Complete{.id = under_way.id})) == "ok");
    CHECK(code_of(clinic.desk().call(appointments::Cancel{.id = there.id, .reason_code = "left_without_being_seen"})) ==
          "ok");
  }
}
