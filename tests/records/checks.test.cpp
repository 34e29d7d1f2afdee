#include <doctest/doctest.h>

#include "tests/support/chart.hpp"
#include "tests/support/streams.hpp"

using namespace medflow;
using namespace medflow::testing;
using records::FindingKind;
using records::FindingLevel;

TEST_CASE("REC-9: an order of what the patient is allergic to is signed only with a reason, and the check is stored") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    const auto allergy = must(doctor.call(records::Create{.patient_id = ward.patient.id,
                                                          .kind = records::RecordKind::allergy,
                                                          .content = allergy_content("7980"),
                                                          .sign = true}));
    const auto draft =
        must(doctor.call(medications::Order{.patient_id = ward.patient.id, .content = order_content("7980")}));
    const auto blocked = doctor.call(records::Sign{.id = draft.id, .revision = draft.revision});
    REQUIRE(code_of(blocked) == "record.blocked");
    CHECK(fields_of(blocked) == "/content/code:substance.allergy");
    CHECK(blocked.error().ids == std::vector<std::string>{allergy.id.uuid.text()});
    CHECK(ward.again(draft.id).status == records::RecordStatus::draft);
    CHECK(code_of(doctor.call(records::Sign{
              .id = draft.id, .revision = draft.revision, .override_reason = "because"})) == "record.blocked");
    CHECK(code_of(doctor.call(medications::Order{
              .patient_id = ward.patient.id, .content = order_content("7980"), .sign = true})) == "record.blocked");

    const auto in_spite = must(doctor.call(
        records::Sign{.id = draft.id, .revision = draft.revision, .override_reason = "desensitised last year"}));
    REQUIRE(in_spite.findings.size() == 1);
    CHECK(in_spite.findings[0].kind == FindingKind::allergy);
    CHECK(in_spite.findings[0].level == FindingLevel::block);
    CHECK(in_spite.findings[0].record_id == allergy.id);
    CHECK(in_spite.findings[0].override_reason == "desensitised last year");

    // Another substance is nobody's business; the same again is a warning, and no block once the allergy is retracted.
    CHECK(must(doctor.call(
                   medications::Order{.patient_id = ward.patient.id, .content = order_content("161"), .sign = true}))
              .findings.empty());
    must(doctor.call(
        records::Retract{.id = allergy.id, .revision = allergy.revision, .reason = "it was the neighbour's"}));
    const auto twice = must(
        doctor.call(medications::Order{.patient_id = ward.patient.id, .content = order_content("7980"), .sign = true}));
    REQUIRE(twice.findings.size() == 1);
    CHECK(twice.findings[0].kind == FindingKind::duplicate_therapy);
    CHECK(twice.findings[0].level == FindingLevel::warning);
    CHECK(twice.findings[0].record_id == draft.id);
  }
}

namespace {

/// Holds what goes together against each other, and forgets how to where it is told so.
struct Interactions final : TherapyChecker {
  std::vector<TherapyFinding> check(const TherapyQuestion& question) override {
    if (is_down) throw std::runtime_error("down");
    std::vector<TherapyFinding> findings;
    for (const auto& running : question.orders)
      if (running.code != question.substance.code)
        findings.push_back({.blocks = true, .rule = running.code + "+" + question.substance.code});
    for (const auto& allergy : question.allergies)
      if (allergy.code == "class") findings.push_back({.rule = "class"});
    return findings;
  }
  std::atomic<bool> is_down{false};
};

}  // namespace

TEST_CASE("REC-9: a host's checker blocks and warns before medication is signed, and one that fails blocks") {
  const auto checker = std::make_shared<Interactions>();
  const auto clock = std::make_shared<FakeClock>();
  PlatformOptions options = test_options(storage::memory_engine(), clock);
  options.therapy_checker = checker;
  Charted ward{Hospital(std::move(options), clock)};
  const Session doctor = ward.doctor();
  const auto order = [&](std::string_view code, std::string why = {}) {
    return doctor.call(medications::Order{.patient_id = ward.patient.id,
                                          .content = order_content(code),
                                          .sign = true,
                                          .override_reason = std::move(why)});
  };
  CHECK(must(order("warfarin")).findings.empty());
  const auto blocked = order("aspirin");
  CHECK(code_of(blocked) == "record.blocked");
  CHECK(fields_of(blocked) == "/content/code:substance.checker");
  const auto in_spite = must(order("aspirin", "after a stent, for a month"));
  REQUIRE(in_spite.findings.size() == 1);
  CHECK(in_spite.findings[0].kind == FindingKind::checker);
  CHECK(in_spite.findings[0].level == FindingLevel::block);
  CHECK(in_spite.findings[0].rule == "warfarin+aspirin");
  CHECK(in_spite.findings[0].override_reason == "after a stent, for a month");

  must(doctor.call(records::Create{.patient_id = ward.patient.id,
                                   .kind = records::RecordKind::allergy,
                                   .content = allergy_content("class"),
                                   .sign = true}));
  records::RecordContent vaccine{.code = substance("flu")};
  vaccine.immunization = records::Immunization{};
  const auto drafted = must(doctor.call(
      records::Create{.patient_id = ward.patient.id, .kind = records::RecordKind::immunization, .content = vaccine}));
  const auto given = doctor.call(
      records::Sign{.id = drafted.id, .revision = drafted.revision, .override_reason = "looked at both orders"});
  REQUIRE(given.ok());
  CHECK(given->findings.size() == 3);  // it goes with neither order, and is of the class
  checker->is_down = true;
  CHECK(code_of(order("paracetamol")) == "record.blocked");
  CHECK(must(order("paracetamol", "by telephone with the pharmacy")).findings.at(0).rule == "unavailable");
}

TEST_CASE("REC-9 REC-3: an order is stopped though the checker fails, and changed then only with a reason") {
  const auto checker = std::make_shared<Interactions>();
  const auto clock = std::make_shared<FakeClock>();
  PlatformOptions options = test_options(storage::memory_engine(), clock);
  options.therapy_checker = checker;
  Charted ward{Hospital(std::move(options), clock)};
  const Session doctor = ward.doctor();
  const auto order = must(doctor.call(
      medications::Order{.patient_id = ward.patient.id, .content = order_content("warfarin"), .sign = true}));
  checker->is_down = true;
  auto content = *order.content;
  content.medication_order->ends = Date{2026, 11, 22};
  const auto stopped = must(doctor.call(records::Amend{
      .id = order.id, .revision = order.revision, .content = content, .reason = "the patient is bleeding"}));
  CHECK(stopped.content->medication_order->ends == Date{2026, 11, 22});
  REQUIRE(stopped.findings.size() == 1);
  CHECK(stopped.findings[0].rule == "unavailable");
  content.medication_order->ends.reset();
  const auto again = [&](std::string why) {
    return doctor.call(records::Amend{.id = order.id,
                                      .revision = stopped.revision,
                                      .content = content,
                                      .reason = "the bleeding has stopped",
                                      .override_reason = std::move(why)});
  };
  CHECK(code_of(again("")) == "record.blocked");
  const auto goes_on = must(again("by telephone with the pharmacy"));
  REQUIRE(goes_on.findings.size() == 1);
  CHECK(goes_on.findings[0].override_reason == "by telephone with the pharmacy");
}

TEST_CASE("REC-9: what is over is in nobody's way") {
  Charted ward{storage::memory_engine()};
  const Session doctor = ward.doctor();
  auto resolved = allergy_content("7980");
  resolved.allergy->clinical_status = records::ClinicalStatus::resolved;
  must(doctor.call(records::Create{
      .patient_id = ward.patient.id, .kind = records::RecordKind::allergy, .content = resolved, .sign = true}));
  auto old = order_content("7980");
  old.medication_order->ends = Date{2001, 1, 1};
  must(doctor.call(medications::Order{.patient_id = ward.patient.id, .content = old, .sign = true}));
  // A draft of an allergy is a suspicion, no allergy.
  must(doctor.call(records::Create{
      .patient_id = ward.patient.id, .kind = records::RecordKind::allergy, .content = allergy_content("7980")}));
  CHECK(must(doctor.call(
                 medications::Order{.patient_id = ward.patient.id, .content = order_content("7980"), .sign = true}))
            .findings.empty());
  // The same code of another system is another substance.
  auto other = order_content("7980");
  other.code->system = "http://www.whocc.no/atc";
  CHECK(must(doctor.call(medications::Order{.patient_id = ward.patient.id, .content = other, .sign = true}))
            .findings.empty());
}

TEST_CASE("REC-9, REC-4: a dispense is signed only while its order stands, whatever became of it since the draft") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    records::RecordContent handed;
    handed.dispense = records::Dispense{.quantity = {.value = "20", .unit = "{tablet}"}};
    const auto pharmacist = [&] { return ward.hospital.as(Role::pharmacist); };
    const auto ordered = [&](std::optional<Date> ends) {
      auto content = order_content("161");
      content.medication_order->ends = ends;
      return must(
          ward.doctor().call(medications::Order{.patient_id = ward.patient.id, .content = content, .sign = true}));
    };
    const auto dispense = [&](const records::Record& order, std::optional<Instant> at = std::nullopt,
                              bool sign = false) {
      return pharmacist().call(medications::Dispense{
          .patient_id = ward.patient.id, .effective_at = at, .based_on = order.id, .content = handed, .sign = sign});
    };
    const auto sign = [&](const records::Record& draft) {
      return pharmacist().call(records::Sign{.id = draft.id, .revision = draft.revision});
    };

    const auto order = ordered(std::nullopt);
    const auto draft = must(dispense(order));
    must(ward.doctor().call(
        records::Retract{.id = order.id, .revision = order.revision, .reason = "ordered for somebody else"}));
    CHECK(code_of(sign(draft)) == "record.not_in_force");
    CHECK(ward.again(draft.id).status == records::RecordStatus::draft);

    // It is 22 November. What was handed out on an order's last day may be written down and signed later.
    const auto over = ordered(Date{2026, 11, 20});
    CHECK(code_of(dispense(over)) == "record.not_in_force");
    CHECK(code_of(dispense(over, std::nullopt, true)) == "record.not_in_force");
    const auto late = must(dispense(over, Instant::parse("2026-11-20T18:00:00Z")));
    CHECK(must(sign(late)).status == records::RecordStatus::final);
    const auto last_day = must(dispense(ordered(Date{2026, 11, 22})));
    ward.hospital.clock->advance_s(3 * 24 * 60 * 60);
    CHECK(must(sign(last_day)).status == records::RecordStatus::final);
  }
}

TEST_CASE("REC-9: a labelled allergy stands in the way of who may not see it, and is not named") {
  Charted ward{storage::memory_engine()};
  ward.give_labels(Role::doctor, {Label::hiv});
  const auto allergy = must(ward.doctor().call(records::Create{.patient_id = ward.patient.id,
                                                               .kind = records::RecordKind::allergy,
                                                               .content = allergy_content("7980"),
                                                               .labels = {Label::hiv},
                                                               .sign = true}));
  ward.give_labels(Role::doctor, {});
  CHECK(code_of(ward.doctor().call(records::Get{.id = allergy.id})) == "not_found");
  const auto blocked = ward.doctor().call(
      medications::Order{.patient_id = ward.patient.id, .content = order_content("7980"), .sign = true});
  CHECK(code_of(blocked) == "record.blocked");
  REQUIRE_FALSE(blocked.ok());
  CHECK(blocked.error().ids.empty());
}

TEST_CASE("REC-9: an amendment does not bring in what a signature would not have") {
  Charted ward{storage::memory_engine()};
  const Session doctor = ward.doctor();
  must(doctor.call(records::Create{.patient_id = ward.patient.id,
                                   .kind = records::RecordKind::allergy,
                                   .content = allergy_content("7980"),
                                   .sign = true}));
  const auto harmless = must(
      doctor.call(medications::Order{.patient_id = ward.patient.id, .content = order_content("161"), .sign = true}));
  const auto amend = [&](const records::Record& record, std::string_view code) {
    return doctor.call(records::Amend{
        .id = record.id, .revision = record.revision, .content = order_content(code), .reason = "another substance"});
  };
  CHECK(code_of(amend(harmless, "7980")) == "record.blocked");
  CHECK(ward.again(harmless.id).content->code->code == "161");
  // What was signed in spite of it stays so, with its reason.
  const auto in_spite = must(doctor.call(medications::Order{.patient_id = ward.patient.id,
                                                            .content = order_content("7980"),
                                                            .sign = true,
                                                            .override_reason = "desensitised last year"}));
  auto content = *in_spite.content;
  content.medication_order->frequency = "1-1-1";
  const auto amended = must(doctor.call(records::Amend{
      .id = in_spite.id, .revision = in_spite.revision, .content = content, .reason = "three times a day"}));
  REQUIRE(amended.findings.size() == 1);
  CHECK(amended.findings[0].override_reason == "desensitised last year");
}

TEST_CASE(
    "REC-9 REC-3: an order of what the patient is found to be allergic to is stopped, and goes on with a reason") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Session doctor = ward.doctor();
    auto content = order_content("161");
    content.medication_order->ends = Date{2026, 12, 31};
    auto order = must(doctor.call(medications::Order{.patient_id = ward.patient.id, .content = content, .sign = true}));
    must(doctor.call(records::Create{.patient_id = ward.patient.id,
                                     .kind = records::RecordKind::allergy,
                                     .content = allergy_content("161"),
                                     .sign = true}));
    const auto amend = [&](std::string why = {}) {
      return doctor.call(records::Amend{.id = order.id,
                                        .revision = order.revision,
                                        .content = content,
                                        .reason = "it was seen again",
                                        .override_reason = std::move(why)});
    };
    // Longer, or more of it, is not given without a reason, not even for a shorter time.
    content.medication_order->ends.reset();
    CHECK(fields_of(amend()) == "/content/code:substance.allergy");
    content.medication_order->ends = Date{2026, 12, 1};
    content.medication_order->frequency = "1-1-1";
    CHECK(code_of(amend()) == "record.blocked");
    CHECK(code_of(amend("because")) == "record.blocked");
    // Less of it is; that the allergy is known by now is stored.
    content.medication_order->frequency = "1-0-1";
    content.medication_order->instructions = "four of them at a time";
    CHECK(code_of(amend()) == "record.blocked");
    content.medication_order->instructions.clear();
    order = must(amend("because"));
    CHECK(order.content->medication_order->ends == Date{2026, 12, 1});
    REQUIRE(order.findings.size() == 1);
    CHECK(order.findings[0].level == FindingLevel::block);
    CHECK(order.findings[0].override_reason.empty());
    // That it was let through then is no reason to give it for longer.
    content.medication_order->ends = Date{2026, 12, 31};
    CHECK(code_of(amend()) == "record.blocked");
    order = must(amend("desensitised last year"));
    REQUIRE(order.findings.size() == 1);
    CHECK(order.findings[0].override_reason == "desensitised last year");
    CHECK(must(doctor.call(records::GetVersion{.id = order.id, .n = order.revision}))
              .canonical.find("desensitised last year") != std::string::npos);
    // Today, and for good.
    content.medication_order->ends = Date{2026, 11, 22};
    order = must(amend());
    CHECK(order.status == records::RecordStatus::amended);
    CHECK(must(ward.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE(
    "RBA-7 REC-10: what a check found tells later readers of no record that they do not see, and patients of none") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    ward.give_labels(Role::doctor, {Label::hiv});
    const auto allergy = must(ward.doctor().call(records::Create{.patient_id = ward.patient.id,
                                                                 .kind = records::RecordKind::allergy,
                                                                 .content = allergy_content("7980"),
                                                                 .labels = {Label::hiv},
                                                                 .sign = true}));
    const auto order = must(ward.doctor().call(medications::Order{.patient_id = ward.patient.id,
                                                                  .content = order_content("7980"),
                                                                  .sign = true,
                                                                  .override_reason = "OVERRIDE-CANARY, desensitised"}));
    REQUIRE(order.findings.size() == 1);
    CHECK(order.findings[0].record_id == allergy.id);
    const auto hides = [&](const std::vector<records::Finding>& findings) {
      REQUIRE(findings.size() == 1);
      CHECK(findings[0].kind == FindingKind::allergy);
      CHECK_FALSE(findings[0].record_id);
      CHECK(findings[0].override_reason.empty());
    };
    hides(must(ward.nurse().call(records::Get{.id = order.id})).findings);
    hides(must(ward.nurse().call(
                   records::List{.patient_id = ward.patient.id, .kind = records::RecordKind::medication_order}))
              .data.at(0)
              .findings);
    hides(must(ward.nurse().call(records::ListVersions{.id = order.id})).data.at(0).findings);
    CHECK(code_of(ward.nurse().call(records::GetVersion{.id = order.id, .n = order.revision})) == "not_found");
    ward.give_labels(Role::nurse, {Label::hiv});
    CHECK(must(ward.nurse().call(records::Get{.id = order.id})).findings.at(0).record_id == allergy.id);
    CHECK(must(ward.nurse().call(records::GetVersion{.id = order.id, .n = order.revision})).findings.at(0).record_id ==
          allergy.id);
    // Who wrote it has the label no more.
    ward.give_labels(Role::doctor, {});
    hides(ward.again(order.id).findings);
    const auto exported_by = [&](const Session& session) {
      return read_all(
          must(session.call(patients::Export{.id = ward.patient.id, .reason = "the patient asked for it"})));
    };
    std::string text = exported_by(ward.doctor());
    CHECK(text.find(order.id.text()) != std::string::npos);
    CHECK(text.find(allergy.id.text()) == std::string::npos);
    CHECK(text.find("CANARY") == std::string::npos);

    // The patient is shown what was released, and not what it was weighed against.
    must(ward.doctor().call(records::Release{.id = order.id, .revision = order.revision}));
    const Session patient = ward.as_patient();
    CHECK(must(patient.call(records::Get{.id = order.id})).findings.empty());
    for (const auto& version : must(patient.call(records::ListVersions{.id = order.id})).data)
      CHECK(version.findings.empty());
    CHECK(code_of(patient.call(records::GetVersion{.id = order.id, .n = order.revision})) == "not_found");
    text = exported_by(patient);
    CHECK(text.find(order.id.text()) != std::string::npos);
    CHECK(text.find(allergy.id.text()) == std::string::npos);
    CHECK(text.find("CANARY") == std::string::npos);
    CHECK(text.find("\"allergy\"") == std::string::npos);
  }
}
