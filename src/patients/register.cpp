#include "kernel/handler.hpp"
#include "patients/content.hpp"
#include "patients/enrol.hpp"
#include "patients/registry.hpp"
#include "storage/block_codec.hpp"
#include "tenants/entities.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::patients {

using kernel::Rows;
using kernel::Work;

namespace {

/// The facility of who registers; the tenant's first for who has none (an import by an administrator).
FacilityId default_facility(Work& work) {
  if (!work.actor().facilities.empty()) return work.actor().facilities.front();
  FacilityId first;
  Rows<facilities::Facility>(work).scan({.limit = 1}, [&](const facilities::Facility& facility) {
    first = facility.id;
    return false;
  });
  return first;
}

/// The zone of the first of them.
Zone require_facilities(Work& work, const std::vector<FacilityId>& facilities) {
  const kernel::Actor& actor = work.actor();
  const bool everywhere = actor.kind == audit::ActorKind::system || work.access().holds(work.permission(), Scope::all);
  Zone zone{"UTC"};
  for (std::size_t i = 0; i < facilities.size(); ++i) {
    const bool own =
        std::find(actor.facilities.begin(), actor.facilities.end(), facilities[i]) != actor.facilities.end();
    const bool twice = std::find(facilities.begin(), facilities.begin() + static_cast<std::ptrdiff_t>(i),
                                 facilities[i]) != facilities.begin() + static_cast<std::ptrdiff_t>(i);
    const facilities::Facility* found =
        (own || everywhere) && !twice ? tenants::facility_of(work, facilities[i]) : nullptr;
    if (found == nullptr)
      throw Failure(codes::invalid, "/facilities/" + std::to_string(i), "facility.unknown",
                    "not a facility that this account registers for, or named twice");
    if (i == 0) zone = found->zone;
  }
  return zone;
}

/// True where a registration says what is stored already, the stored patient's later life aside.
bool same_content(const Patient& stored, Patient said, const Register& request) {
  if (request.mrn.empty()) said.mrn = stored.mrn;
  if (request.facilities.empty()) said.facilities = stored.facilities;
  if (request.age) said.birth = stored.birth;
  const auto bytes = [&](const Patient& patient) {
    Patient bare;
    copy_content(patient, bare);
    bare.mrn = patient.mrn;
    bare.facilities = patient.facilities;
    std::string out;
    storage::encode_fields(type_of<Patient>, &bare, 0, out);
    return out;
  };
  return bytes(stored) == bytes(said);
}

}  // namespace

Enrolled enrol(Work& work, const Register& request) {
  Patient patient{.id = request.id ? *request.id : work.make_id<PatientId>(), .mrn = request.mrn};
  copy_content(request, patient);
  if (!patient.phones.empty()) normalise_phones(patient, {}, tenants::settings_in_force(work).country);
  patient.facilities = request.facilities;
  if (request.id) {
    work.about(request.id->uuid);
    if (auto stored = Rows<Patient>(work).find_unchecked(*request.id, block_flags)) {
      if (stored->deleted_at || !reaches(work, *stored, work.permission()) || !same_content(*stored, patient, request))
        throw Failure(codes::id_reused);
      work.concerns(stored->id);
      return {.patient = std::move(*stored), .created = false};
    }
  }
  if (patient.facilities.empty()) patient.facilities = {default_facility(work)};
  const Zone zone = require_facilities(work, patient.facilities);
  const Date today = date_in(zone, work.now());
  if (request.age && request.birth)
    throw Failure(codes::invalid, "/age", "age.with_birth", "give the age or the date of birth");
  if (request.age) patient.birth = birth_of_age(*request.age, today);
  auto unknown = unmask(patient.identifiers, {});
  require_content(patient, today, std::move(unknown));
  create(work, patient, zone, {.force = request.force, .reason = request.reason});
  return {.patient = std::move(patient), .created = true};
}

void foresee(Work& work, storage::Foresight& foresight, const Register& request) {
  if (request.id) Rows<Patient>::foresee(foresight, *request.id);
  foresee_create(work, foresight, request);
}

Patient handle(Work& work, const Register& request) {
  Patient patient = enrol(work, request).patient;
  hide_closed(work, patient);
  return patient;
}

}  // namespace medflow::inline v1::patients

MEDFLOW_HANDLE(medflow::patients::Register);
