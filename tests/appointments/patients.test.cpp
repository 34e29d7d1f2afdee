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

TEST_CASE("PAT-12: a death that is to come, or before the birth, is none, and cancels nothing") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto ahead = clinic.book("2026-11-23T10:00:00Z");
    const Session doctor = clinic.hospital.as(Role::doctor);
    auto patient = must(doctor.call(patients::Get{.id = clinic.patients[0].id}));
    patient = must(
        doctor.call(patients::Patch{.id = patient.id,
                                    .revision = patient.revision,
                                    .birth = patients::BirthPatch{.date = PartialDate{1980, 5}, .estimated = false}}));
    const auto dies = [&](const char* at) {
      return doctor.call(
          patients::Patch{.id = patient.id,
                          .revision = patient.revision,
                          .deceased = patients::DeceasedPatch{.deceased = true, .at = *PartialDate::parse(at)}});
    };
    for (const char* at : {"2027", "2027-01", "2026-12-24"}) {
      CAPTURE(at);
      CHECK(fields_of(dies(at)) == "/deceased/at:date.future");
    }
    for (const char* at : {"1979", "1980-04", "1980-04-30"}) {
      CAPTURE(at);
      CHECK(fields_of(dies(at)) == "/deceased/at:date.order");
    }
    patients::Register both{.names = {{.family = "Never"}},
                            .birth = patients::Birth{.date = {2027}},
                            .sex_admin = patients::Sex::unknown,
                            .deceased = patients::Deceased{.at = PartialDate{2026, 1}}};
    CHECK(fields_of(clinic.hospital.as(Role::doctor).call(std::move(both))) ==
          "/birth/date:date.future /deceased/at:date.order");
    CHECK(must(clinic.desk().call(appointments::Get{.id = ahead.id})).status == AppointmentStatus::booked);
    // What is known of both decides: somebody may die in the month of their birth.
    patient = must(dies("1980-05-01"));
    CHECK(patient.deceased->at == PartialDate{1980, 5, 1});
    CHECK(must(clinic.desk().call(appointments::Get{.id = ahead.id})).status == AppointmentStatus::cancelled);
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
