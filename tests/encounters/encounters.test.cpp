#include <doctest/doctest.h>

#include "tests/support/chart.hpp"
#include "tests/support/clinic.hpp"

using namespace medflow;
using namespace medflow::testing;
using encounters::EncounterStatus;

TEST_CASE("REC-2: an encounter takes every step that the table allows and no other") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    const auto open = [&](bool planned) {
      return must(doctor.call(encounters::Open{.patient_id = ward.patient.id, .planned = planned, .reason = "pain"}));
    };
    // In each state, what each operation answers.
    const auto in_state = [&](EncounterStatus status) {
      auto encounter = open(status == EncounterStatus::planned || status == EncounterStatus::cancelled);
      if (status == EncounterStatus::finished)
        encounter = must(doctor.call(encounters::Finish{.id = encounter.id, .revision = encounter.revision}));
      if (status == EncounterStatus::cancelled)
        encounter = must(
            doctor.call(encounters::Cancel{.id = encounter.id, .revision = encounter.revision, .reason = "went home"}));
      if (status == EncounterStatus::entered_in_error)
        encounter = must(doctor.call(encounters::MarkError{
            .id = encounter.id, .revision = encounter.revision, .reason = "it was somebody else"}));
      CHECK(encounter.status == status);
      return encounter;
    };
    using S = EncounterStatus;
    for (const S from : {S::planned, S::in_progress, S::finished, S::cancelled, S::entered_in_error}) {
      CAPTURE(static_cast<int>(from));
      const auto expect = [&](bool legal) { return legal ? "ok" : "transition.illegal"; };
      const auto e = [&] { return in_state(from); };
      auto it = e();
      CHECK(code_of(doctor.call(encounters::Start{.id = it.id, .revision = it.revision})) ==
            expect(from == S::planned));
      it = e();
      CHECK(code_of(doctor.call(encounters::Finish{.id = it.id, .revision = it.revision})) ==
            expect(from == S::in_progress));
      it = e();
      CHECK(code_of(doctor.call(encounters::Cancel{.id = it.id, .revision = it.revision})) ==
            expect(from == S::planned));
      it = e();
      CHECK(code_of(doctor.call(encounters::Sign{.id = it.id, .revision = it.revision})) ==
            expect(from == S::finished));
      it = e();
      CHECK(code_of(doctor.call(encounters::Update{.id = it.id, .revision = it.revision, .reason = "x"})) ==
            expect(from == S::planned || from == S::in_progress));
      it = e();
      CHECK(code_of(doctor.call(
                encounters::MarkError{.id = it.id, .revision = it.revision, .reason = "it was somebody else"})) ==
            expect(from != S::entered_in_error));
    }
    const auto page = must(doctor.call(encounters::List{.patient_id = ward.patient.id, .limit = 200}));
    CHECK(page.page.left_out == 10);
    for (const auto& each : page.data) CHECK(each.status != S::entered_in_error);
    CHECK(must(doctor.call(encounters::List{.patient_id = ward.patient.id, .include_retracted = true, .limit = 200}))
              .data.size() == page.data.size() + 10);
  }
}

TEST_CASE("RBA-2: a desk that sees no reason of an encounter does not empty it by changing something else") {
  Charted ward{TestEngine("memory")};
  const auto opened =
      must(ward.doctor().call(encounters::Open{.patient_id = ward.patient.id,
                                               .reason = "pain",
                                               .extensions = {{.url = "https://host.example/x", .value = "1"}}}));
  const auto changed = must(
      ward.hospital.as(Role::receptionist)
          .call(encounters::Update{
              .id = opened.id, .revision = opened.revision, .encounter_class = encounters::EncounterClass::emergency}));
  CHECK(changed.reason.empty());
  const auto now = must(ward.doctor().call(encounters::Get{.id = opened.id}));
  CHECK(now.encounter_class == encounters::EncounterClass::emergency);
  CHECK(now.reason == "pain");
  CHECK(now.extensions.size() == 1);
  // Who sees it may empty it.
  CHECK(must(ward.doctor().call(encounters::Update{.id = now.id, .revision = now.revision})).reason.empty());
}

TEST_CASE("REC-2: an encounter that holds records is not marked as an error before they are retracted") {
  Charted ward{storage::memory_engine()};
  const Session doctor = ward.doctor();
  const auto encounter = must(doctor.call(encounters::Open{.patient_id = ward.patient.id}));
  const auto note = must(doctor.call(records::Create{
      .patient_id = ward.patient.id, .encounter_id = encounter.id, .content = note_content("x"), .sign = true}));
  const encounters::MarkError mark{
      .id = encounter.id, .revision = encounter.revision, .reason = "it was somebody else"};
  CHECK(code_of(doctor.call(mark)) == "encounter.records");
  must(doctor.call(records::Retract{.id = note.id, .revision = note.revision, .reason = "it was somebody else"}));
  CHECK(must(doctor.call(mark)).status == EncounterStatus::entered_in_error);
}

TEST_CASE("REC-2: an encounter takes doctor and place from its visit, and is that doctor's to sign") {
  Clinic clinic{TestEngine("memory")};
  const auto visit = clinic.book("2026-11-23T10:00:00Z");
  const auto encounter = must(clinic.hospital.as(Role::receptionist)
                                  .call(encounters::Open{.patient_id = visit.patient_id,
                                                         .appointment_id = visit.id,
                                                         .planned = true,
                                                         .start = visit.start,
                                                         .reason = "as the desk heard it"}));
  CHECK(encounter.practitioner_id == clinic.doctor.id);
  CHECK(encounter.facility_id == visit.facility_id);
  CHECK(encounter.reason.empty());  // the desk may say why somebody comes, and does not read it
  const Session doctor = clinic.hospital.as(Role::doctor);
  CHECK(must(doctor.call(encounters::Get{.id = encounter.id})).reason == "as the desk heard it");
  const auto started = must(doctor.call(encounters::Start{.id = encounter.id, .revision = encounter.revision}));
  const auto finished = must(doctor.call(encounters::Finish{.id = encounter.id, .revision = started.revision}));
  // Another doctor's.
  CHECK(code_of(doctor.call(encounters::Sign{.id = encounter.id, .revision = finished.revision})) == "forbidden");
  CHECK(fields_of(doctor.call(encounters::Open{.patient_id = clinic.patients.at(1).id, .appointment_id = visit.id})) ==
        "/appointment_id:appointment.unknown");
}

TEST_CASE("APT-1 REC-2: a visit whose encounter holds a signed record is not marked as an error") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Clinic clinic{TestEngine(engine)};
    const auto visit = clinic.book("2026-11-23T10:00:00Z");
    const Session doctor = clinic.hospital.as(Role::doctor);
    const auto encounter =
        must(doctor.call(encounters::Open{.patient_id = visit.patient_id, .appointment_id = visit.id}));
    const auto note = must(doctor.call(records::Create{
        .patient_id = visit.patient_id, .encounter_id = encounter.id, .content = note_content("x"), .sign = true}));
    const appointments::MarkError mark{
        .id = visit.id, .revision = visit.revision, .reason = "booked for somebody else"};
    CHECK(code_of(clinic.admin().call(mark)) == "encounter.records");
    must(doctor.call(records::Retract{.id = note.id, .revision = note.revision, .reason = "of somebody else"}));
    CHECK(must(clinic.admin().call(mark)).status == appointments::AppointmentStatus::entered_in_error);
  }
}
