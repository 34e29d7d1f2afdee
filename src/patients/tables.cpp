#include "patients/tables.hpp"

#include <algorithm>

#include "patients/content.hpp"
#include "patients/entities.hpp"

namespace medflow::inline v1::storage {

const Entity Stored<patients::Patient>::entity{.id = 20,
                                               .name = "patients",
                                               .meaning = "patients: who they are and how they are reached",
                                               .type = &type_of<patients::Patient>,
                                               .sealed_for = SealedFor::patient};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::patients {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<Patient>().table(), &tokens_table, &facilities_table};
  return all;
}

bool known_at_own(const kernel::Actor& actor, const Patient& patient) {
  return std::any_of(patient.facilities.begin(), patient.facilities.end(), [&](FacilityId facility) {
    return std::find(actor.facilities.begin(), actor.facilities.end(), facility) != actor.facilities.end();
  });
}

bool reaches(const kernel::Work& work, const Patient& patient, Permission permission) {
  const kernel::Actor& actor = work.actor();
  if (actor.kind == audit::ActorKind::system) return true;
  const auto ways = work.access().ways(permission);
  return std::any_of(ways.begin(), ways.end(), [&](const kernel::Granted& way) {
    switch (way.scope) {
      case Scope::all:
      case Scope::metadata:
        return true;
      case Scope::facility:
      case Scope::care:  // relations are not enforced: as by facility
        return known_at_own(actor, patient);
      case Scope::own:
        return actor.patient_id == patient.id;
      case Scope::work:
      case Scope::none:
        return false;
    }
    return false;
  });
}

std::uint32_t classes(const kernel::Work& work, const Patient& patient) {
  const std::uint32_t all = work.classes();
  const bool shut = (all & clinical) != 0 && !reaches(work, patient, Permission::record_read);
  return shut ? all & ~std::uint32_t{clinical} : all;
}

bool shows_identifiers(const kernel::Work& work, const Patient& patient) {
  return reaches(work, patient, Permission::patient_read_full_identifiers);
}

void hide_closed(const kernel::Work& work, Patient& patient) {
  if ((classes(work, patient) & clinical) == 0) patient.deceased.reset();
  if (shows_identifiers(work, patient)) return;
  for (Identifier& identifier : patient.identifiers) identifier.value = masked(identifier.value);
}

}  // namespace medflow::inline v1::patients
