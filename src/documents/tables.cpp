#include "documents/tables.hpp"

#include "documents/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view patient_columns[] = {"patient_id", "current", "dated_at"};
constexpr std::string_view version_columns[] = {"root_id", "version"};
constexpr std::string_view scan_columns[] = {"scan_due_at"};
constexpr std::string_view quarantine_columns[] = {"quarantined_at"};
constexpr EntityIndex indexes[] = {
    {.name = "documents_patient", .columns = patient_columns},
    {.name = "documents_version", .columns = version_columns, .unique = true, .code = &documents::was_replaced},
    {.name = "documents_scan_due", .columns = scan_columns},
    {.name = "documents_quarantine", .columns = quarantine_columns}};

constexpr std::string_view started_columns[] = {"started_at"};
constexpr EntityIndex upload_indexes[] = {{.name = "document_uploads_started", .columns = started_columns}};

}  // namespace

const Entity Stored<documents::StoredDocument>::entity{.id = 73,
                                                       .name = "documents",
                                                       .meaning = "files of patients' charts, without their content",
                                                       .type = &type_of<documents::StoredDocument>,
                                                       .sealed_for = SealedFor::patient,
                                                       .indexes = indexes};
const Entity Stored<documents::StoredUpload>::entity{.id = 77,
                                                     .name = "document_uploads",
                                                     .meaning = "uploads under way, and how much all documents take",
                                                     .type = &type_of<documents::StoredUpload>,
                                                     .indexes = upload_indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::documents {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<StoredDocument>().table(), &chunks_table,
                                              &storage::layout_of<StoredUpload>().table()};
  return all;
}

}  // namespace medflow::inline v1::documents
