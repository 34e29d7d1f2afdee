// What is stored of payments, refunds and cash shifts.
#pragma once

#include "invoices/reach.hpp"
#include "kernel/rows.hpp"
#include "payments/payments.fields.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::payments {

inline constexpr Code reference_used{"payment.reference_used", Errc::conflict, "This reference names another payment."};
inline constexpr Code deposit_used{"payment.deposit_used", Errc::conflict, "What went to the deposit has been used."};

}  // namespace medflow::inline v1::payments

namespace medflow::inline v1::refunds {

inline constexpr Code exceeds{"refund.exceeds", Errc::conflict, "There is not so much left to refund."};
inline constexpr Code invoice_ended{"refund.invoice_ended", Errc::conflict,
                                    "A voided or discarded invoice cannot be refunded."};

}  // namespace medflow::inline v1::refunds

namespace medflow::inline v1::cash_shifts {

inline constexpr Code is_open{"cash_shift.open", Errc::conflict, "This account has a shift open there."};

}  // namespace medflow::inline v1::cash_shifts

namespace medflow::kernel {

template <>
struct Reach<payments::Payment> {
  static bool reaches(const Work& work, const payments::Payment& payment) {
    return invoices::reaches(
        work, {.patient_id = payment.patient_id, .facility_id = payment.facility_id, .created_by = payment.created_by},
        work.permission());
  }
  static bool hidden(const payments::Payment&) { return false; }
  static std::uint32_t classes(const Work& work, const payments::Payment&) { return work.classes(); }
};
template <>
struct Reach<refunds::Refund> {
  static bool reaches(const Work& work, const refunds::Refund& refund) {
    return invoices::reaches(
        work, {.patient_id = refund.patient_id, .facility_id = refund.facility_id, .created_by = refund.requested_by},
        work.permission());
  }
  static bool hidden(const refunds::Refund&) { return false; }
  static std::uint32_t classes(const Work& work, const refunds::Refund&) { return work.classes(); }
};
template <>
struct Reach<cash_shifts::CashShift> {
  static bool reaches(const Work& work, const cash_shifts::CashShift& shift) {
    return invoices::reaches(work, {.facility_id = shift.facility_id, .created_by = shift.cashier}, work.permission());
  }
  static bool hidden(const cash_shifts::CashShift&) { return false; }
  static std::uint32_t classes(const Work& work, const cash_shifts::CashShift&) { return work.classes(); }
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<payments::Payment> {
  static const Entity entity;
};
template <>
struct Stored<refunds::Refund> {
  static const Entity entity;
};
template <>
struct Stored<cash_shifts::CashShift> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
