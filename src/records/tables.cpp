#include "records/tables.hpp"

#include "records/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view patient_columns[] = {"patient_id", "effective_at"};
constexpr std::string_view state_columns[] = {"patient_id", "status"};
constexpr std::string_view kind_columns[] = {"patient_id", "kind", "effective_at"};
constexpr std::string_view encounter_columns[] = {"encounter_id", "effective_at"};
constexpr std::string_view based_on_columns[] = {"based_on"};
constexpr EntityIndex record_indexes[] = {{.name = "records_patient", .columns = patient_columns},
                                          {.name = "records_state", .columns = state_columns},
                                          {.name = "records_kind", .columns = kind_columns},
                                          {.name = "records_encounter", .columns = encounter_columns, .sparse = true},
                                          {.name = "records_based_on", .columns = based_on_columns, .sparse = true}};
constexpr std::string_view version_columns[] = {"record_id", "n"};
constexpr std::string_view chart_columns[] = {"patient_id", "at"};
constexpr EntityIndex version_indexes[] = {
    {.name = "record_versions_record", .columns = version_columns, .unique = true},
    {.name = "record_versions_chart", .columns = chart_columns}};

}  // namespace

const Entity Stored<records::StoredRecord>::entity{.id = 71,
                                                   .name = "records",
                                                   .meaning = "medical records, as they are now",
                                                   .type = &type_of<records::StoredRecord>,
                                                   .sealed_for = SealedFor::patient,
                                                   .indexes = record_indexes};
const Entity Stored<records::StoredVersion>::entity{.id = 72,
                                                    .name = "record_versions",
                                                    .meaning = "every version of every medical record",
                                                    .type = &type_of<records::StoredVersion>,
                                                    .sealed_for = SealedFor::patient,
                                                    .indexes = version_indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::records {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<StoredRecord>().table(),
                                              &storage::layout_of<StoredVersion>().table()};
  return all;
}

}  // namespace medflow::inline v1::records
