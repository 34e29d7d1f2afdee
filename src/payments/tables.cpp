#include "payments/tables.hpp"

#include "payments/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view payments_reference_columns[] = {"method", "external_ref"};
constexpr std::string_view payments_patient_columns[] = {"patient_id"};
constexpr std::string_view payments_payer_columns[] = {"payer_id"};
constexpr std::string_view payments_shift_columns[] = {"shift_id"};
constexpr EntityIndex payments_indexes[] = {
    {.name = "payments_reference",
     .columns = payments_reference_columns,
     .unique = true,
     .code = &payments::reference_used},
    {.name = "payments_patient", .columns = payments_patient_columns},
    {.name = "payments_payer", .columns = payments_payer_columns, .sparse = true},
    {.name = "payments_shift", .columns = payments_shift_columns, .sparse = true}};
constexpr std::string_view refunds_payment_columns[] = {"payment_id"};
constexpr std::string_view refunds_patient_columns[] = {"patient_id"};
constexpr std::string_view refunds_shift_columns[] = {"shift_id"};
constexpr EntityIndex refunds_indexes[] = {{.name = "refunds_payment", .columns = refunds_payment_columns},
                                           {.name = "refunds_patient", .columns = refunds_patient_columns},
                                           {.name = "refunds_shift", .columns = refunds_shift_columns, .sparse = true}};
constexpr std::string_view cash_shifts_cashier_columns[] = {"cashier", "status"};
constexpr EntityIndex cash_shifts_indexes[] = {{.name = "cash_shifts_cashier", .columns = cash_shifts_cashier_columns}};

}  // namespace

const Entity Stored<payments::Payment>::entity{.id = 88,
                                               .name = "payments",
                                               .meaning = "money that came in, or was taken out of a deposit",
                                               .type = &type_of<payments::Payment>,
                                               .indexes = payments_indexes};
const Entity Stored<refunds::Refund>::entity{.id = 89,
                                             .name = "refunds",
                                             .meaning = "money that goes back, or was asked to",
                                             .type = &type_of<refunds::Refund>,
                                             .sealed_for = SealedFor::patient,
                                             .indexes = refunds_indexes};
const Entity Stored<cash_shifts::CashShift>::entity{.id = 94,
                                                    .name = "cash_shifts",
                                                    .meaning = "times in which one person takes cash",
                                                    .type = &type_of<cash_shifts::CashShift>,
                                                    .indexes = cash_shifts_indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::payments {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<payments::Payment>().table(),
                                              &storage::layout_of<refunds::Refund>().table(),
                                              &storage::layout_of<cash_shifts::CashShift>().table()};
  return all;
}

}  // namespace medflow::inline v1::payments
