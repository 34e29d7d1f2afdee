#include "encounters/tables.hpp"

#include "encounters/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view patient_columns[] = {"patient_id", "start"};
constexpr std::string_view appointment_columns[] = {"appointment_id"};
constexpr EntityIndex indexes[] = {{.name = "encounters_patient", .columns = patient_columns},
                                   {.name = "encounters_appointment", .columns = appointment_columns, .sparse = true}};

}  // namespace

const Entity Stored<encounters::Encounter>::entity{.id = 70,
                                                   .name = "encounters",
                                                   .meaning = "contacts of patients with the hospital",
                                                   .type = &type_of<encounters::Encounter>,
                                                   .sealed_for = SealedFor::patient,
                                                   .indexes = indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::encounters {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<Encounter>().table()};
  return all;
}

}  // namespace medflow::inline v1::encounters
