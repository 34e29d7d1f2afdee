#include "invoices/tables.hpp"

#include "invoices/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view invoices_number_columns[] = {"number"};
constexpr std::string_view invoices_patient_columns[] = {"patient_id"};
constexpr std::string_view invoices_appointment_columns[] = {"appointment_id"};
constexpr std::string_view invoices_series_columns[] = {"series", "sequence"};
constexpr EntityIndex invoices_indexes[] = {
    {.name = "invoices_number",
     .columns = invoices_number_columns,
     .unique = true,
     .code = &invoices::number_taken,
     .sparse = true},
    {.name = "invoices_patient", .columns = invoices_patient_columns},
    {.name = "invoices_appointment", .columns = invoices_appointment_columns, .sparse = true},
    {.name = "invoices_series", .columns = invoices_series_columns}};
constexpr std::string_view credit_notes_number_columns[] = {"number"};
constexpr std::string_view credit_notes_invoice_columns[] = {"invoice_id"};
constexpr std::string_view credit_notes_series_columns[] = {"series", "sequence"};
constexpr EntityIndex credit_notes_indexes[] = {
    {.name = "credit_notes_number",
     .columns = credit_notes_number_columns,
     .unique = true,
     .code = &invoices::number_taken},
    {.name = "credit_notes_invoice", .columns = credit_notes_invoice_columns},
    {.name = "credit_notes_series", .columns = credit_notes_series_columns}};
constexpr std::string_view write_offs_invoice_columns[] = {"invoice_id"};
constexpr EntityIndex write_offs_indexes[] = {{.name = "write_offs_invoice", .columns = write_offs_invoice_columns}};
constexpr std::string_view invoice_series_name_columns[] = {"name"};
constexpr EntityIndex invoice_series_indexes[] = {{.name = "invoice_series_name",
                                                   .columns = invoice_series_name_columns,
                                                   .unique = true,
                                                   .code = &invoices::number_taken}};

}  // namespace

const Entity Stored<invoices::Invoice>::entity{.id = 85,
                                               .name = "invoices",
                                               .meaning = "invoices; what of them is settled follows from the postings",
                                               .type = &type_of<invoices::Invoice>,
                                               .sealed_for = SealedFor::patient,
                                               .indexes = invoices_indexes};
const Entity Stored<credit_notes::CreditNote>::entity{.id = 86,
                                                      .name = "credit_notes",
                                                      .meaning = "corrections of issued invoices",
                                                      .type = &type_of<credit_notes::CreditNote>,
                                                      .sealed_for = SealedFor::patient,
                                                      .indexes = credit_notes_indexes};
const Entity Stored<write_offs::WriteOff>::entity{.id = 87,
                                                  .name = "write_offs",
                                                  .meaning = "what is given up, or was asked to be",
                                                  .type = &type_of<write_offs::WriteOff>,
                                                  .sealed_for = SealedFor::patient,
                                                  .indexes = write_offs_indexes};
const Entity Stored<invoices::Series>::entity{.id = 93,
                                              .name = "invoice_series",
                                              .meaning = "the last number and date of each series",
                                              .type = &type_of<invoices::Series>,
                                              .indexes = invoice_series_indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::invoices {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {
      &storage::layout_of<invoices::Invoice>().table(), &storage::layout_of<credit_notes::CreditNote>().table(),
      &storage::layout_of<write_offs::WriteOff>().table(), &storage::layout_of<invoices::Series>().table()};
  return all;
}

}  // namespace medflow::inline v1::invoices
