// A hospital with a patient whose chart is written.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "medflow/records.hpp"
#include "tests/support/platform.hpp"

namespace medflow::testing {

/// Codes of a system that nobody has loaded.
inline records::Coding substance(std::string_view code) {
  return {.system = "http://www.nlm.nih.gov/research/umls/rxnorm", .code = std::string(code), .display = "substance"};
}

inline records::RecordContent note_content(std::string text, std::string title = "Round") {
  records::RecordContent content{.title = std::move(title)};
  content.note = records::Note{.text = std::move(text)};
  return content;
}

inline records::RecordContent allergy_content(std::string_view code) {
  records::RecordContent content{.code = substance(code)};
  content.allergy = records::Allergy{};
  return content;
}

inline records::RecordContent order_content(std::string_view code) {
  records::RecordContent content{.code = substance(code)};
  content.medication_order = records::MedicationOrder{
      .dose = records::Quantity{.value = "500", .unit = "mg"}, .route = "oral", .frequency = "1-0-1"};
  return content;
}

inline records::RecordContent vitals_content(std::vector<records::Measurement> measurements) {
  records::RecordContent content;
  content.vital = records::Vitals{.measurements = std::move(measurements)};
  return content;
}

inline records::Measurement measured(records::VitalSign sign, std::string value, std::string unit) {
  return {.sign = sign, .quantity = {.value = std::move(value), .unit = std::move(unit)}};
}

struct Charted {
  explicit Charted(std::shared_ptr<storage::Engine> engine) : Charted(make_platform(std::move(engine))) {}
  explicit Charted(Hospital where) : hospital(std::move(where)) { patient = hospital.add_patients(1).at(0); }

  Session doctor() { return hospital.as(Role::doctor); }
  Session nurse() { return hospital.as(Role::nurse); }
  Session admin() { return hospital.as(Role::tenant_admin); }

  /// The patient's own account.
  Session as_patient() {
    Principal principal{.issuer = "https://idp.example",
                        .subject = "the-patient",
                        .display_name = "Patient",
                        .roles = {Role::patient},
                        .patient_id = patient.id};
    if (!trusted_) hospital.configure({.trusted_issuers = std::vector<std::string>{"https://idp.example"}});
    trusted_ = true;
    return must(hospital.platform.session(hospital.slug(), principal));
  }

  records::Record note(std::string text, bool sign = false) {
    return must(doctor().call(
        records::Create{.patient_id = patient.id, .content = note_content(std::move(text)), .sign = sign}));
  }
  records::Record again(const RecordId& id) { return must(doctor().call(records::Get{.id = id})); }

  void give_labels(Role role, std::vector<Label> labels) {
    const auto user = must(admin().call(users::Get{.id = hospital.member(role).id}));
    must(admin().call(users::SetLabels{.id = user.id, .revision = user.revision, .labels = std::move(labels)}));
  }

  Hospital hospital;
  patients::Patient patient{};

 private:
  bool trusted_ = false;
};

}  // namespace medflow::testing
