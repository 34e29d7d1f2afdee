// Payments, deposits, refunds, and the shifts of a cash desk.
//
// Every amount is a whole number of minor units of the payment's currency (R6).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/invoices.hpp"

namespace medflow::inline v1::payments {

enum class PaymentMethod : std::uint8_t {
  cash,
  card,
  bank,
  mobile,
  payer,    ///< a payer's remittance
  deposit,  ///< out of what was paid before and is not used
};

/// pending → succeeded | failed | cancelled; succeeded is final: it is corrected by refunds.
enum class PaymentState : std::uint8_t { pending, succeeded, failed, cancelled };

/// How much of a payment goes to an invoice.
struct Allocation {
  InvoiceId invoice_id{};
  std::int64_t amount = 0;
};

/// Money that came in, or that is taken out of a deposit. What goes to no invoice is a deposit of the patient's.
struct Payment {
  PaymentId id{};
  std::uint64_t revision = 0;
  std::string number{};                   ///< of its receipt: "RCP-" and eight digits; gaps are allowed
  std::optional<PatientId> patient_id{};  ///< who pays; none of a payer's
  std::optional<PayerId> payer_id{};
  FacilityId facility_id{};  ///< where it is taken
  PaymentMethod method = PaymentMethod::cash;
  PaymentState state = PaymentState::succeeded;
  std::int64_t amount = 0;
  Currency currency{};
  std::vector<Allocation> allocations{};      ///< as they are now
  std::optional<std::string> external_ref{};  ///< the provider's own reference, unique for its method
  std::optional<CashShiftId> shift_id{};      ///< in which the cash was taken
  Instant received_at{};
  std::optional<Instant> resolved_at{};  ///< when a pending one ended
  std::int64_t unallocated = 0;          ///< computed: what went to no invoice
  std::int64_t refunded = 0;             ///< computed: what was asked back of it and not rejected
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// Records a payment. Without allocations a patient's goes to the oldest open invoices first; what is left over is a deposit. The same
/// `external_ref` of a method again, with the same amount, and the same `id` again answer what there is; where that is pending and this is not, its
/// money has come. A patient's own is pending until staff or the provider's notice resolve it. Needs an idempotency key.
/// Fails, first match wins: forbidden; malformed `idempotency.required`; invalid (an unknown patient, payer, facility or invoice; an amount that is
/// not above 0; allocations above the amount or above what is owed; another currency; a payer's that is not wholly allocated; no such deposit);
/// conflict `conflict.id_reused`, `payment.reference_used`.
struct RecordPayment {
  using Output = Payment;
  std::optional<PaymentId> id{};
  std::optional<PatientId> patient_id{};
  std::optional<PayerId> payer_id{};
  std::optional<FacilityId> facility_id{};  ///< else the caller's first, or where the shift is open that takes the cash
  PaymentMethod method = PaymentMethod::cash;
  std::int64_t amount = 0;
  std::optional<Currency> currency{};     ///< the tenant's where it is not said
  std::vector<Allocation> allocations{};  ///< at most 200
  bool keep_as_deposit = false;           ///< without allocations: all of it is a deposit
  std::optional<std::string> external_ref{};
  bool pending = false;  ///< the money has not come yet

  static constexpr Operation operation{.name = "payments.record",
                                       .method = Method::post,
                                       .path = "/payments",
                                       .permission = Permission::payment_record,
                                       .effect = Effect::write,
                                       .summary = "Record a payment",
                                       .object = "payment",
                                       .status = 201,
                                       .key_required = true};
};

/// Payments, newest first.
/// Fails: forbidden.
struct List {
  using Output = Page<Payment>;
  std::optional<PatientId> patient_id{};
  std::optional<PayerId> payer_id{};
  std::optional<PaymentState> state{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "payments.list",
                                       .method = Method::get,
                                       .path = "/payments",
                                       .permission = Permission::invoice_read,
                                       .summary = "List payments",
                                       .object = "payment"};
};

/// One payment.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Payment;
  PaymentId id{};

  static constexpr Operation operation{.name = "payments.get",
                                       .method = Method::get,
                                       .path = "/payments/{id}",
                                       .permission = Permission::invoice_read,
                                       .summary = "Read a payment",
                                       .object = "payment"};
};

/// Says what became of a pending payment. Of one that ended so already, the same again answers it. Allocations that are no longer owed become a
/// deposit.
/// Fails, first match wins: forbidden (a patient); not_found; conflict `transition.illegal`; invalid (`state` pending).
struct Resolve {
  using Output = Payment;
  PaymentId id{};
  PaymentState state = PaymentState::succeeded;

  static constexpr Operation operation{.name = "payments.resolve",
                                       .method = Method::post,
                                       .path = "/payments/{id}/resolve",
                                       .permission = Permission::payment_record,
                                       .effect = Effect::write,
                                       .summary = "Say what became of a pending payment",
                                       .object = "payment"};
};

/// Sets to which invoices a payment goes: what was posted before is taken back, and what holds now is posted, in one entry. Where a
/// credit note has made a part of what was paid a deposit, that part is what is taken off first: the invoice stays paid as far as others go to it.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal` (not succeeded); invalid, as `payments.record`; conflict
/// `payment.deposit_used` (what went to a deposit has been used); `conflict.revision`.
struct Allocate {
  using Output = Payment;
  PaymentId id{};
  std::optional<std::uint64_t> revision{};
  std::vector<Allocation> allocations{};

  static constexpr Operation operation{.name = "payments.allocate",
                                       .method = Method::put,
                                       .path = "/payments/{id}/allocations",
                                       .permission = Permission::payment_record,
                                       .effect = Effect::write,
                                       .summary = "Set to which invoices a payment goes",
                                       .object = "payment"};
};

/// A receipt on paper.
/// Fails as `invoices.print`.
struct Print {
  using Output = Stream;
  PaymentId id{};
  PrintFormat format = PrintFormat::html;

  static constexpr Operation operation{.name = "payments.print",
                                       .method = Method::get,
                                       .path = "/payments/{id}/print",
                                       .permission = Permission::invoice_read,
                                       .summary = "Print a receipt",
                                       .object = "payment"};
};

}  // namespace medflow::inline v1::payments

namespace medflow::inline v1::refunds {

/// requested → approved → completed; approved → failed → approved; requested → rejected.
enum class RefundState : std::uint8_t { requested, approved, completed, failed, rejected };

/// Money that goes back. All that was asked back of a payment, and not rejected, never exceeds it.
struct Refund {
  RefundId id{};
  std::uint64_t revision = 0;
  PaymentId payment_id{};
  PatientId patient_id{};
  FacilityId facility_id{};
  std::optional<InvoiceId>
      invoice_id{};  ///< taken out of what was paid to it, which is owed again; none: out of the deposit
  payments::PaymentMethod method = payments::PaymentMethod::cash;
  std::int64_t amount = 0;
  Currency currency{};
  std::string reason{};
  RefundState state = RefundState::requested;
  UserId requested_by{};
  std::optional<UserId> decided_by{};
  std::optional<UserId> completed_by{};
  std::optional<CashShiftId> shift_id{};  ///< out of which the cash was paid
  Instant created_at{};
  Instant updated_at{};
};

/// Asks for a refund, which another person decides about. Needs an idempotency key.
/// Fails, first match wins: forbidden; malformed `idempotency.required`; invalid (no reason; nothing); not_found; conflict `transition.illegal` (the
/// payment has not succeeded); conflict `refund.invoice_ended` (the invoice was voided or discarded); conflict `refund.exceeds` (more than is left
/// of the payment, of its part for the invoice, or of the deposit; also of an invoice that is not there for the caller, or is not the patient's);
/// conflict `conflict.id_reused`.
struct Request {
  using Output = Refund;
  std::optional<RefundId> id{};
  PaymentId payment_id{};
  std::optional<InvoiceId> invoice_id{};
  std::int64_t amount = 0;
  std::optional<payments::PaymentMethod>
      method{};  ///< cash, card, bank or mobile; that of the payment where it is not said
  std::string reason{};

  static constexpr Operation operation{.name = "refunds.request",
                                       .method = Method::post,
                                       .path = "/payments/{payment_id}/refunds",
                                       .permission = Permission::refund_request,
                                       .effect = Effect::write,
                                       .summary = "Ask for a refund",
                                       .object = "refund",
                                       .status = 201,
                                       .reason_required = true,
                                       .key_required = true};
};

/// Refunds, newest first.
/// Fails: forbidden.
struct List {
  using Output = Page<Refund>;
  std::optional<PaymentId> payment_id{};
  std::optional<RefundState> state{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "refunds.list",
                                       .method = Method::get,
                                       .path = "/refunds",
                                       .permission = Permission::invoice_read,
                                       .summary = "List refunds",
                                       .object = "refund"};
};

/// One refund.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Refund;
  RefundId id{};

  static constexpr Operation operation{.name = "refunds.get",
                                       .method = Method::get,
                                       .path = "/refunds/{id}",
                                       .permission = Permission::invoice_read,
                                       .summary = "Read a refund",
                                       .object = "refund"};
};

/// Agrees to a refund, or to one that failed once more: from now on it is owed to the patient.
/// Fails, first match wins: forbidden (the one who asked); not_found; conflict `transition.illegal`; conflict `refund.exceeds`; `conflict.revision`.
struct Approve {
  using Output = Refund;
  RefundId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "refunds.approve",
                                       .method = Method::post,
                                       .path = "/refunds/{id}/approve",
                                       .permission = Permission::refund_approve,
                                       .effect = Effect::write,
                                       .summary = "Agree to a refund",
                                       .object = "refund"};
};

/// Refuses a refund.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`; `conflict.revision`.
struct Reject {
  using Output = Refund;
  RefundId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "refunds.reject",
                                       .method = Method::post,
                                       .path = "/refunds/{id}/reject",
                                       .permission = Permission::refund_approve,
                                       .effect = Effect::write,
                                       .summary = "Refuse a refund",
                                       .object = "refund"};
};

/// Says that the money of an approved refund went out, or that it did not (`failed`). Needs an idempotency key.
/// Fails, first match wins: forbidden; malformed `idempotency.required`; not_found; conflict `transition.illegal`; `conflict.revision`.
struct Complete {
  using Output = Refund;
  RefundId id{};
  std::optional<std::uint64_t> revision{};
  bool failed = false;

  static constexpr Operation operation{.name = "refunds.complete",
                                       .method = Method::post,
                                       .path = "/refunds/{id}/complete",
                                       .permission = Permission::payment_record,
                                       .effect = Effect::write,
                                       .summary = "Say that a refund went out, or failed",
                                       .object = "refund",
                                       .key_required = true};
};

}  // namespace medflow::inline v1::refunds

namespace medflow::inline v1::cash_shifts {

enum class ShiftStatus : std::uint8_t { open, closed };

/// The time in which one person takes cash at a desk.
struct CashShift {
  CashShiftId id{};
  std::uint64_t revision = 0;
  FacilityId facility_id{};
  UserId cashier{};
  Currency currency{};
  ShiftStatus status = ShiftStatus::open;
  std::int64_t opening = 0;   ///< what was in the drawer
  std::int64_t expected = 0;  ///< opening + cash taken − cash paid out; of a closed one as it was then
  std::optional<std::int64_t> counted{};
  std::int64_t variance = 0;  ///< counted − expected, posted as such
  Instant opened_at{};
  std::optional<Instant> closed_at{};
  std::optional<UserId> closed_by{};
};

/// Opens a shift of the caller's own.
/// Fails, first match wins: forbidden; invalid (an unknown facility; below 0); conflict `cash_shift.open` (the caller has one open there in this
/// currency); conflict `conflict.id_reused`.
struct Open {
  using Output = CashShift;
  std::optional<CashShiftId> id{};
  std::optional<FacilityId> facility_id{};  ///< the caller's first where it is not said
  std::optional<Currency> currency{};       ///< the tenant's where it is not said
  std::int64_t opening = 0;

  static constexpr Operation operation{.name = "cash_shifts.open",
                                       .method = Method::post,
                                       .path = "/cash_shifts",
                                       .permission = Permission::cash_shift_manage,
                                       .effect = Effect::write,
                                       .summary = "Open a cash shift",
                                       .object = "cash_shift",
                                       .status = 201};
};

/// Closes a shift with what was counted; a difference is posted.
/// Fails, first match wins: forbidden; invalid (below 0); not_found; conflict `transition.illegal`; `conflict.revision`.
struct Close {
  using Output = CashShift;
  CashShiftId id{};
  std::optional<std::uint64_t> revision{};
  std::int64_t counted = 0;

  static constexpr Operation operation{.name = "cash_shifts.close",
                                       .method = Method::post,
                                       .path = "/cash_shifts/{id}/close",
                                       .permission = Permission::cash_shift_manage,
                                       .effect = Effect::write,
                                       .summary = "Close a cash shift",
                                       .object = "cash_shift"};
};

/// One shift.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = CashShift;
  CashShiftId id{};

  static constexpr Operation operation{.name = "cash_shifts.get",
                                       .method = Method::get,
                                       .path = "/cash_shifts/{id}",
                                       .permission = Permission::cash_shift_manage,
                                       .summary = "Read a cash shift",
                                       .object = "cash_shift"};
};

/// Shifts, newest first.
/// Fails: forbidden.
struct List {
  using Output = Page<CashShift>;
  std::optional<ShiftStatus> status{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "cash_shifts.list",
                                       .method = Method::get,
                                       .path = "/cash_shifts",
                                       .permission = Permission::cash_shift_manage,
                                       .summary = "List cash shifts",
                                       .object = "cash_shift"};
};

}  // namespace medflow::inline v1::cash_shifts
