// A chart: an encounter, vital signs, an order that a check stands in the way of, and a note that is signed, amended and kept.
#include <cstdio>

#include "medflow/medflow.hpp"
using namespace medflow;

namespace {

auto must(auto result) { return result.ok() ? std::move(*result) : throw Failure(result.error()); }

Session join(const Platform& platform, const users::Invitation& invitation) {
  const Session visitor = platform.visit("general");
  must(visitor.call(auth::Register{.invitation = Secret(invitation.token), .password = Secret("violet tundra 47")}));
  const auto tokens =
      must(visitor.call(auth::Login{.email = *invitation.user.email, .password = Secret("violet tundra 47")}));
  return must(platform.authenticate(tokens.access_token));
}

void run(const Session& doctor, const PatientId anna) {
  const auto encounter = must(doctor.call(encounters::Open{.patient_id = anna, .reason = "a cough for two weeks"}));

  // Vital signs have their units; what cannot be is refused, and the body mass index follows from the rest.
  records::RecordContent measured;
  measured.vital = records::Vitals{
      .measurements = {{.sign = records::VitalSign::body_weight, .quantity = {.value = "81.5", .unit = "kg"}},
                       {.sign = records::VitalSign::body_height, .quantity = {.value = "180", .unit = "cm"}}}};
  const auto vital = must(
      doctor.call(vitals::Record{.patient_id = anna, .encounter_id = encounter.id, .content = measured, .sign = true}));
  std::printf("body mass index %s\n", vital.content->vital->measurements.back().quantity.value.c_str());

  // An order of what the patient is allergic to is signed only with a reason, which is kept.
  const records::Coding penicillin{.system = "http://www.whocc.no/atc", .code = "J01CE", .display = "Penicillin"};
  records::RecordContent allergy{.code = penicillin};
  allergy.allergy = records::Allergy{.criticality = records::Criticality::high};
  must(doctor.call(
      records::Create{.patient_id = anna, .kind = records::RecordKind::allergy, .content = allergy, .sign = true}));
  records::RecordContent order{.code = penicillin};
  order.medication_order =
      records::MedicationOrder{.dose = records::Quantity{.value = "500", .unit = "mg"}, .frequency = "1-0-1"};
  const auto refused = doctor.call(medications::Order{.patient_id = anna, .content = order, .sign = true});
  std::printf("penicillin: %s\n", refused.error().code.name.data());

  // A signed note changes by amendment alone, and what it said before stays readable.
  records::RecordContent note{.title = "Visit"};
  note.note = records::Note{.text = "left lung clear"};
  const auto written = must(
      doctor.call(records::Create{.patient_id = anna, .encounter_id = encounter.id, .content = note, .sign = true}));
  note.note->text = "right lung clear";
  const auto edited = doctor.call(records::Update{.id = written.id, .revision = written.revision, .content = note});
  const auto amended = must(doctor.call(
      records::Amend{.id = written.id, .revision = written.revision, .content = note, .reason = "the side was wrong"}));
  const auto first = must(doctor.call(records::GetVersion{.id = written.id, .n = 1}));
  std::printf("edited: %s, amended: version %d, the first: %s, signed: %s\n", edited.error().code.name.data(),
              static_cast<int>(amended.revision), first.content->note->text.c_str(),
              first.signature.empty() ? "no" : "yes");

  // Signed as a whole, the encounter takes nothing more.
  const auto finished = must(doctor.call(encounters::Finish{.id = encounter.id, .revision = encounter.revision}));
  must(doctor.call(encounters::Sign{.id = encounter.id, .revision = finished.revision}));
  const auto late =
      doctor.call(vitals::Record{.patient_id = anna, .encounter_id = encounter.id, .content = measured, .sign = true});
  std::printf("one more: %s\n", late.error().code.name.data());
}

}  // namespace

int main() {
  const auto platform = must(Platform::open({.engine = storage::memory_engine(),
                                             .root_key = memory_root_key(std::array<std::byte, 32>{std::byte{7}}),
                                             .create = true}));
  const Session root = platform.local_operator("chart");
  const auto hospital = must(root.call(tenants::Provision{
      .slug = "general", .name = "General", .default_zone = {"Europe/Rome"}, .currency = *Currency::parse("EUR")}));
  const Session admin = join(platform, must(root.call(users::InviteFirstAdmin{hospital.id, "ada@example.org", "Ada"})));
  const auto facility = must(admin.call(facilities::List{})).data.front().id;
  const Session desk =
      join(platform, must(admin.call(users::Invite{"rita@example.org", "Rita", {Role::receptionist}, {facility}})));
  const Session doctor =
      join(platform, must(admin.call(users::Invite{"dana@example.org", "Dana", {Role::doctor}, {facility}})));
  run(doctor, must(desk.call(patients::Register{.names = {{.family = "Müller", .given = {"Anna"}}}})).id);
}
