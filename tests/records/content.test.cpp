#include <doctest/doctest.h>

#include "records/units.hpp"
#include "tests/support/chart.hpp"

using namespace medflow;
using namespace medflow::testing;
using records::RecordContent;
using records::RecordKind;
using records::VitalSign;

namespace {

std::string refused(const Session& session, PatientId patient, RecordKind kind, RecordContent content) {
  return fields_of(session.call(records::Create{.patient_id = patient, .kind = kind, .content = std::move(content)}));
}

std::string refused_vitals(const Session& session, PatientId patient, std::vector<records::Measurement> measurements) {
  return fields_of(
      session.call(vitals::Record{.patient_id = patient, .content = vitals_content(std::move(measurements))}));
}

}  // namespace

TEST_CASE("REC-6: a content that does not fit its kind is refused with every pointer, and nothing is stored") {
  Charted ward{storage::memory_engine()};
  const Session doctor = ward.doctor();
  const PatientId patient = ward.patient.id;
  CHECK(refused(doctor, patient, RecordKind::note, {.title = "empty"}) == "/content/note:required");
  CHECK(refused(doctor, patient, RecordKind::condition, note_content("text")) ==
        "/content/note:record.member /content/condition:required");
  RecordContent condition{.title = "Gout"};
  condition.condition = records::Condition{.onset = PartialDate{2020, 5, 0}, .abatement = PartialDate{2019, 0, 0}};
  CHECK(refused(doctor, patient, RecordKind::condition, condition) == "/content/condition/abatement:time.order");
  RecordContent coded;
  coded.code = records::Coding{.code = "E11.9"};
  coded.condition = records::Condition{};
  CHECK(refused(doctor, patient, RecordKind::condition, coded) == "/content/code/system:required");
  RecordContent untold;
  untold.allergy = records::Allergy{};
  untold.allergy->reactions.emplace_back();
  CHECK(refused(doctor, patient, RecordKind::allergy, untold) ==
        "/content/title:required /content/allergy/reactions/0/manifestation:required");
  RecordContent shot{.title = "Tetanus"};
  shot.immunization = records::Immunization{.dose = records::Quantity{.value = "half", .unit = "millilitres"}};
  CHECK(refused(doctor, patient, RecordKind::immunization, shot) ==
        "/content/immunization/dose/value:format.decimal /content/immunization/dose/unit:unit.unknown");
  CHECK(refused(doctor, patient, RecordKind::vital, vitals_content({})) == "/kind:record.kind");
  CHECK(fields_of(doctor.call(records::Create{.patient_id = patient,
                                              .encounter_id = EncounterId{Uuid{{9}}},
                                              .based_on = RecordId{Uuid{{9}}},
                                              .content = note_content("x")})) ==
        "/encounter_id:encounter.unknown /based_on:record.unknown");
  RecordContent result;
  result.lab_result = records::LabResult{};
  result.lab_result->observations.push_back(
      {.code = {.display = "Sodium"}, .text = "high", .coded = records::Coding{.display = "high"}});
  CHECK(fields_of(ward.hospital.as(Role::lab).call(lab_results::Record{.patient_id = patient, .content = result})) ==
        "/content/lab_result/observations/0:observation.value");
  RecordContent large = note_content(std::string(59'000, 'x'));
  for (int i = 0; i < 32; ++i)
    large.extensions.push_back({.url = "https://host.example/" + std::to_string(i), .value = std::string(2'000, 'y')});
  CHECK(refused(doctor, patient, RecordKind::note, large).empty());
  CHECK(must(doctor.call(records::List{.patient_id = patient})).data.size() == 1);
}

TEST_CASE(
    "REC-7: vital signs beyond what can be are refused, what hardly can be is marked, and the body mass index "
    "follows") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const Session nurse = ward.nurse();
    const PatientId patient = ward.patient.id;
    const auto bound = [&](VitalSign sign, const char* value, const char* unit) {
      return refused_vitals(nurse, patient, {measured(sign, value, unit)});
    };
    const std::string impossible = "/content/vital/measurements/0/quantity/value:vital.impossible";
    CHECK(bound(VitalSign::body_temperature, "24.999999", "Cel") == impossible);
    CHECK(bound(VitalSign::body_temperature, "46.000001", "Cel") == impossible);
    CHECK(bound(VitalSign::body_temperature, "25", "Cel").empty());
    CHECK(bound(VitalSign::body_temperature, "46", "Cel").empty());
    CHECK(bound(VitalSign::body_temperature, "98.6", "[degF]").empty());
    CHECK(bound(VitalSign::body_temperature, "76.9", "[degF]") == impossible);
    CHECK(bound(VitalSign::body_temperature, "310", "K") == "/content/vital/measurements/0/quantity/unit:unit.unknown");
    CHECK(bound(VitalSign::oxygen_saturation, "100.1", "%") == impossible);
    CHECK(bound(VitalSign::oxygen_saturation, "-1", "%") == impossible);
    CHECK(bound(VitalSign::heart_rate, "401", "/min") == impossible);
    CHECK(bound(VitalSign::heart_rate, "0", "/min").empty());
    CHECK(bound(VitalSign::systolic_pressure, "29", "mm[Hg]") == impossible);
    CHECK(bound(VitalSign::systolic_pressure, "351", "mm[Hg]") == impossible);
    CHECK(bound(VitalSign::systolic_pressure, "16", "kPa").empty());
    CHECK(bound(VitalSign::body_mass_index, "22", "kg/m2") == "/content/vital/measurements/0:vital.derived");
    CHECK(refused_vitals(
              nurse, patient,
              {measured(VitalSign::heart_rate, "60", "/min"), measured(VitalSign::heart_rate, "61", "/min")}) ==
          "/content/vital/measurements/1/sign:vital.repeated");
    CHECK(refused_vitals(nurse, patient,
                         {measured(VitalSign::systolic_pressure, "80", "mm[Hg]"),
                          measured(VitalSign::diastolic_pressure, "120", "mm[Hg]")}) ==
          "/content/vital/measurements:vital.impossible");

    const auto taken = must(
        nurse.call(vitals::Record{.patient_id = patient,
                                  .content = vitals_content({measured(VitalSign::body_weight, "81.5", "kg"),
                                                             measured(VitalSign::body_height, "180", "cm"),
                                                             measured(VitalSign::body_temperature, "42.5", "Cel")})}));
    REQUIRE(taken.content->vital->measurements.size() == 4);
    const records::Measurement& index = taken.content->vital->measurements[3];
    CHECK(index.sign == VitalSign::body_mass_index);
    CHECK(index.quantity == records::Quantity{.value = "25.2", .unit = "kg/m2"});  // 25.154…
    CHECK(index.derived);
    REQUIRE(taken.findings.size() == 1);
    CHECK(taken.findings[0].pointer == "/content/vital/measurements/2/quantity/value");
    CHECK(taken.findings[0].level == records::FindingLevel::warning);
    CHECK(taken.content->vital->measurements[2].quantity.value == "42.5");  // as it was measured

    // In pounds and inches; what was read is sent back with a new weight, and the index follows.
    auto sent_back = *taken.content;
    sent_back.vital->measurements[0] = measured(VitalSign::body_weight, "200", "[lb_av]");
    sent_back.vital->measurements[1] = measured(VitalSign::body_height, "70", "[in_i]");
    const auto changed =
        must(nurse.call(records::Update{.id = taken.id, .revision = taken.revision, .content = sent_back}));
    REQUIRE(changed.content->vital->measurements.size() == 4);
    CHECK(changed.content->vital->measurements[3].quantity.value == "28.7");  // 28.696…
  }
}

TEST_CASE("REC-7: what a patient measures at home says so, and is the patient's alone to give") {
  Charted ward{storage::memory_engine()};
  const Session patient = ward.as_patient();
  const auto own = must(patient.call(vitals::Record{
      .patient_id = ward.patient.id, .content = vitals_content({measured(VitalSign::heart_rate, "64", "/min")})}));
  CHECK(own.content->vital->self_reported);
  CHECK(own.status == records::RecordStatus::final);
  CHECK(must(patient.call(records::Get{.id = own.id})).id == own.id);
  const auto other = ward.hospital.add_patients(1).at(0);
  CHECK(fields_of(patient.call(vitals::Record{
            .patient_id = other.id, .content = vitals_content({measured(VitalSign::heart_rate, "64", "/min")})})) ==
        "/patient_id:patient.unknown");
  CHECK_FALSE(must(ward.nurse().call(
                       vitals::Record{.patient_id = ward.patient.id,
                                      .content = vitals_content({measured(VitalSign::heart_rate, "64", "/min")})}))
                  .content->vital->self_reported);
}

TEST_CASE("REC-7: decimals and units are read as UCUM and nothing else") {
  using records::is_ucum;
  using records::micro_text;
  using records::parse_micro;
  CHECK(parse_micro("36.60") == 36'600'000);
  CHECK(parse_micro("-0.000001") == -1);
  CHECK(parse_micro("999999999999.999999") == 999'999'999'999'999'999);
  for (const char* bad :
       {"", "-", ".5", "5.", "1e3", "+1", "1,5", "01", "0x1", " 1", "1 ", "NaN", "1.0000001", "1000000000000"})
    CHECK_MESSAGE(!parse_micro(bad), std::string(bad));
  CHECK(micro_text(-1'500'000) == "-1.5");
  CHECK(micro_text(20'000'000) == "20");
  for (const char* good : {"mg",      "mmol/L", "10*9/L",      "10*3/uL",  "mm[Hg]",
                           "%",       "/min",   "{beats}/min", "kg/m2",    "mL/min/{1.73_m2}",
                           "m[IU]/L", "[degF]", "ug/kg/h",     "{tablet}", "m/s2",
                           "cm",      "U/L",    "meq/L",       "(mg/dL)",  "1",
                           "{score}", "ng/mL",  "[lb_av]",     "pg",       "fL",
                           "a",       "mo"})
    CHECK_MESSAGE(is_ucum(good), std::string(good));
  for (const char* bad : {"", "mgs", "mg//L", "mg/", "milligram", "mmHg", "bpm", "kg m", "{", "mg{a b}", "()", "°C",
                          "lbs", "beats/min", "mg/(L"}) {
    CHECK_MESSAGE(!is_ucum(bad), std::string(bad));
  }
}

TEST_CASE(
    "REC-6 REC-3: a code of a system that the tenant has loaded must be in it, unless the record had it before; other "
    "systems are opaque") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Charted ward{TestEngine(engine)};
    const auto condition = [](std::string system, std::string code) {
      RecordContent content{.code = records::Coding{.system = std::move(system), .code = std::move(code)}};
      content.condition = records::Condition{};
      return content;
    };
    const std::string icd = "http://hl7.org/fhir/sid/icd-10-cm";
    const auto add = [&](bool sign) {
      return must(ward.doctor().call(records::Create{.patient_id = ward.patient.id,
                                                     .kind = RecordKind::condition,
                                                     .content = condition(icd, "Z99.999"),
                                                     .sign = sign}));
    };
    const auto old = add(true);
    const auto draft = add(false);
    must(ward.admin().call(code_systems::Import{.system = icd,
                                                .version = "2026",
                                                .total = 1,
                                                .content = Content::of("text/csv", "code,display\nA00,Cholera\n")}));
    CHECK(refused(ward.doctor(), ward.patient.id, RecordKind::condition, condition(icd, "Z99.999")) ==
          "/content/code/code:code.unknown");
    CHECK(refused(ward.doctor(), ward.patient.id, RecordKind::condition, condition(icd, "A00")).empty());
    CHECK(refused(ward.doctor(), ward.patient.id, RecordKind::condition, condition("http://snomed.info/sct", "1"))
              .empty());
    // What was signed before may go on saying its code, and takes no other that is not there.
    const auto amend = [&](const std::string& code) {
      auto content = condition(icd, code);
      content.condition->clinical_status = records::ClinicalStatus::resolved;
      return ward.doctor().call(
          records::Amend{.id = old.id, .revision = old.revision, .content = content, .reason = "it is over since May"});
    };
    CHECK(fields_of(amend("Z99.998")) == "/content/code/code:code.unknown");
    CHECK(must(amend("Z99.999")).content->condition->clinical_status == records::ClinicalStatus::resolved);
    CHECK(must(ward.doctor().call(
                   records::Update{.id = draft.id, .revision = draft.revision, .content = condition(icd, "Z99.999")}))
              .revision == draft.revision + 1);
  }
}
