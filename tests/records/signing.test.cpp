#include <doctest/doctest.h>

#include "tests/support/chart.hpp"

using namespace medflow;
using namespace medflow::testing;
using records::RecordStatus;

TEST_CASE(
    "REC-2: after signing everything but amendment and addendum is refused, and a signed encounter takes nothing "
    "more") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    const auto encounter = must(doctor.call(encounters::Open{.patient_id = ward.patient.id, .reason = "cough"}));
    const auto draft = must(doctor.call(records::Create{
        .patient_id = ward.patient.id, .encounter_id = encounter.id, .content = note_content("clear lungs")}));
    CHECK(draft.status == RecordStatus::draft);

    const auto finished = must(doctor.call(encounters::Finish{.id = encounter.id, .revision = encounter.revision}));
    CHECK(code_of(doctor.call(encounters::Sign{.id = encounter.id, .revision = finished.revision})) ==
          "encounter.drafts");
    const auto signed_note = must(doctor.call(records::Sign{.id = draft.id, .revision = draft.revision}));
    CHECK(signed_note.status == RecordStatus::final);
    const auto locked = must(doctor.call(encounters::Sign{.id = encounter.id, .revision = finished.revision}));
    CHECK(locked.signed_by == ward.hospital.member(Role::doctor).id);

    CHECK(code_of(doctor.call(records::Update{
              .id = draft.id, .revision = signed_note.revision, .content = note_content("other")})) == "record.signed");
    CHECK(code_of(doctor.call(records::Discard{.id = draft.id, .revision = signed_note.revision})) == "record.signed");
    CHECK(code_of(doctor.call(records::Sign{.id = draft.id, .revision = signed_note.revision})) == "record.signed");
    CHECK(code_of(doctor.call(encounters::Update{.id = encounter.id, .revision = locked.revision, .reason = "x"})) ==
          "encounter.signed");
    CHECK(code_of(doctor.call(records::Create{
              .patient_id = ward.patient.id, .encounter_id = encounter.id, .content = note_content("late")})) ==
          "encounter.signed");
    CHECK(code_of(doctor.call(vitals::Record{.patient_id = ward.patient.id,
                                             .encounter_id = encounter.id,
                                             .content = vitals_content({measured(records::VitalSign::heart_rate, "70",
                                                                                 "/min")})})) == "encounter.signed");
    CHECK(code_of(doctor.call(medications::Order{
              .patient_id = ward.patient.id, .encounter_id = encounter.id, .content = order_content("1")})) ==
          "encounter.signed");
    CHECK(ward.again(draft.id).content->note->text == "clear lungs");

    // What may still be: an addendum and an amendment.
    const auto added = must(doctor.call(
        records::Append{.id = draft.id, .revision = signed_note.revision, .text = "patient called: better"}));
    const auto amended = must(doctor.call(records::Amend{.id = draft.id,
                                                         .revision = added.revision,
                                                         .content = note_content("clear lungs, no wheeze"),
                                                         .reason = "wheeze was looked for"}));
    CHECK(amended.status == RecordStatus::amended);
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("REC-3: an amendment leaves the original readable and needs a reason; an addendum has its own author") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    const auto note = ward.note("first", true);
    CHECK(code_of(doctor.call(records::Amend{
              .id = note.id, .revision = note.revision, .content = note_content("second"), .reason = "short"})) ==
          "reason.required");
    CHECK(code_of(doctor.call(
              records::Amend{.id = note.id, .content = note_content("second"), .reason = "long enough a reason"})) ==
          "precondition.required");
    const auto amended = must(doctor.call(records::Amend{
        .id = note.id, .revision = note.revision, .content = note_content("second"), .reason = "the side was wrong"}));
    const auto added =
        must(ward.nurse().call(records::Append{.id = note.id, .revision = amended.revision, .text = "slept well"}));
    CHECK(added.status == RecordStatus::amended);
    CHECK(added.addenda == 1);
    CHECK(added.content->note->text == "second");
    const auto versions = must(doctor.call(records::ListVersions{.id = note.id})).data;
    REQUIRE(versions.size() == 3);
    CHECK(versions[0].content->note->text == "first");
    CHECK(versions[1].content->note->text == "second");
    CHECK(versions[1].reason == "the side was wrong");
    CHECK(versions[2].addendum == "slept well");
    CHECK(versions[2].author_id == ward.hospital.member(Role::nurse).id);
    CHECK(versions[2].change == records::VersionChange::addendum);
    // Nobody else amends it: a nurse not at all what a doctor wrote.
    CHECK(code_of(ward.nurse().call(records::Amend{.id = note.id,
                                                   .revision = added.revision,
                                                   .content = note_content("third"),
                                                   .reason = "long enough a reason"})) == "forbidden");
  }
}

TEST_CASE("REC-4: a retracted record is left out of lists, counted, and names what stands on it") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    const auto order = must(
        doctor.call(medications::Order{.patient_id = ward.patient.id, .content = order_content("161"), .sign = true}));
    records::RecordContent handed;
    handed.dispense = records::Dispense{.quantity = {.value = "20", .unit = "{tablet}"}};
    const auto dispense =
        must(ward.hospital.as(Role::pharmacist)
                 .call(medications::Dispense{.patient_id = ward.patient.id, .based_on = order.id, .content = handed}));
    ward.note("stays", true);
    const auto thrown = ward.note("never mind");
    must(doctor.call(records::Discard{.id = thrown.id, .revision = thrown.revision}));
    const auto retracted = must(doctor.call(
        records::Retract{.id = order.id, .revision = order.revision, .reason = "ordered for somebody else"}));
    CHECK(retracted.record.status == RecordStatus::entered_in_error);
    CHECK(retracted.dependants == std::vector<RecordId>{dispense.id});

    const auto page = must(doctor.call(records::List{.patient_id = ward.patient.id}));
    CHECK(page.data.size() == 2);
    CHECK(page.page.left_out == 2);
    const auto all = must(doctor.call(records::List{.patient_id = ward.patient.id, .include_retracted = true}));
    CHECK(all.data.size() == 4);
    CHECK_FALSE(all.page.left_out);
    const auto orders =
        must(doctor.call(records::List{.patient_id = ward.patient.id, .kind = records::RecordKind::medication_order}));
    CHECK(orders.data.empty());
    CHECK(orders.page.left_out == 1);
    // Its content is kept, and nothing more becomes of it.
    CHECK(ward.again(order.id).content->code->code == "161");
    CHECK(code_of(doctor.call(records::Append{.id = order.id, .revision = retracted.record.revision, .text = "x"})) ==
          "transition.illegal");
    CHECK(code_of(ward.hospital.as(Role::pharmacist)
                      .call(medications::Dispense{
                          .patient_id = ward.patient.id, .based_on = order.id, .content = handed})) ==
          "record.not_in_force");
  }
}

TEST_CASE("R1: the same record id is answered again only where time, signers and signature are the same as well") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const UserId doctor = ward.hospital.member(Role::doctor).id;
    const UserId nurse = ward.hospital.member(Role::nurse).id;
    const records::Create first{.id = RecordId{Uuid{{1}}},
                                .patient_id = ward.patient.id,
                                .effective_at = Instant::parse("2026-11-21T08:00:00Z"),
                                .content = note_content("as it was"),
                                .signers = {doctor, nurse}};
    const auto made = must(ward.doctor().call(first));
    const auto again = [&](auto&& change) {
      records::Create call = first;
      change(call);
      return code_of(ward.doctor().call(call));
    };
    CHECK(again([](auto&) {}) == "ok");
    CHECK(again([](auto& call) { call.effective_at.reset(); }) == "ok");  // it says nothing of the time
    CHECK(again([](auto& call) { call.effective_at = call.effective_at->plus_s(1); }) == "conflict.id_reused");
    CHECK(again([&](auto& call) { call.signers = {doctor}; }) == "conflict.id_reused");
    CHECK(again([](auto& call) { call.signers.clear(); }) == "conflict.id_reused");
    CHECK(again([](auto& call) { call.sign = true; }) == "conflict.id_reused");
    CHECK(ward.again(made.id).revision == made.revision);
    // The one who called has signed by now, which the call without it does not contradict.
    must(ward.doctor().call(records::Sign{.id = made.id, .revision = made.revision}));
    CHECK(again([](auto& call) { call.sign = true; }) == "ok");
    CHECK(again([](auto&) {}) == "ok");

    records::Create signed_at_once{.id = RecordId{Uuid{{2}}},
                                   .patient_id = ward.patient.id,
                                   .content = note_content("signed at once"),
                                   .sign = true};
    const auto locked = must(ward.doctor().call(signed_at_once));
    CHECK(must(ward.doctor().call(signed_at_once)).revision == locked.revision);

    // Of what a patient measured at home nobody signs: the call is the same all the same.
    const vitals::Record measured_at_home{
        .id = RecordId{Uuid{{3}}},
        .patient_id = ward.patient.id,
        .content = vitals_content({measured(records::VitalSign::heart_rate, "70", "/min")})};
    must(ward.as_patient().call(measured_at_home));
    CHECK(code_of(ward.as_patient().call(measured_at_home)) == "ok");
  }
}

TEST_CASE("REC-5: a record with several signers is locked when the last has signed") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const UserId doctor = ward.hospital.member(Role::doctor).id;
    const UserId nurse = ward.hospital.member(Role::nurse).id;
    const auto draft = must(ward.nurse().call(records::Create{
        .patient_id = ward.patient.id, .content = note_content("handover"), .signers = {nurse, doctor}}));
    const auto half = must(ward.nurse().call(records::Sign{.id = draft.id, .revision = draft.revision}));
    CHECK(half.status == RecordStatus::draft);
    CHECK(half.signers.at(0).at.has_value());
    CHECK_FALSE(half.signers.at(1).at);
    // Still a draft: its author may change it, and then everybody signs anew.
    const auto edited = must(ward.nurse().call(records::Update{.id = draft.id,
                                                               .revision = half.revision,
                                                               .content = note_content("handover, longer"),
                                                               .signers = {nurse, doctor}}));
    CHECK_FALSE(edited.signers.at(0).at);
    CHECK(code_of(ward.doctor().call(records::Update{
              .id = draft.id, .revision = edited.revision, .content = note_content("mine")})) == "forbidden");
    const auto first = must(ward.doctor().call(records::Sign{.id = draft.id, .revision = edited.revision}));
    CHECK(first.status == RecordStatus::draft);
    const auto last = must(ward.nurse().call(records::Sign{.id = draft.id, .revision = first.revision}));
    CHECK(last.status == RecordStatus::final);
    CHECK(code_of(ward.nurse().call(records::Update{
              .id = draft.id, .revision = last.revision, .content = note_content("late")})) == "record.signed");
    CHECK(fields_of(ward.nurse().call(records::Create{
              .patient_id = ward.patient.id, .content = note_content("x"), .signers = {UserId{Uuid{{1}}}}})) ==
          "/signers/0:user.unknown");
  }
}

TEST_CASE("REC-5: who may not sign a kind of record names who does, and edits the draft all the same") {
  Charted ward{storage::memory_engine()};
  const UserId doctor = ward.hospital.member(Role::doctor).id;
  records::Create allergy{
      .patient_id = ward.patient.id, .kind = records::RecordKind::allergy, .content = allergy_content("7980")};
  CHECK(fields_of(ward.nurse().call(allergy)) == "/signers/0:signer.not_allowed");
  allergy.signers = {doctor};
  const auto draft = must(ward.nurse().call(allergy));
  const auto edited = must(ward.nurse().call(records::Update{
      .id = draft.id, .revision = draft.revision, .content = allergy_content("7981"), .signers = {doctor}}));
  CHECK(fields_of(ward.nurse().call(
            records::Update{.id = draft.id, .revision = edited.revision, .content = allergy_content("7981")})) ==
        "/signers/0:signer.not_allowed");
  CHECK(code_of(ward.nurse().call(records::Sign{.id = draft.id, .revision = edited.revision})) == "forbidden");
  CHECK(must(ward.doctor().call(records::Sign{.id = draft.id, .revision = edited.revision})).status ==
        RecordStatus::final);
  // A note of one's own is signed by oneself, and thrown away by oneself.
  const auto note = must(ward.nurse().call(
      records::Create{.patient_id = ward.patient.id, .content = note_content("x"), .signers = {doctor}}));
  CHECK(code_of(ward.doctor().call(records::Discard{.id = note.id, .revision = note.revision})) == "forbidden");
  CHECK(must(ward.nurse().call(records::Discard{.id = note.id, .revision = note.revision})).status ==
        RecordStatus::discarded);
}
