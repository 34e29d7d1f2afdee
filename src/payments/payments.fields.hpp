// The fields of payments, refunds, cash shifts and their operations (entities.md, "Payment").
#pragma once

#include "invoices/invoices.fields.hpp"
#include "medflow/payments.hpp"

namespace medflow {

template <>
struct Words<payments::PaymentMethod> {
  static constexpr std::string_view name = "PaymentMethod";
  static constexpr std::string_view words[] = {"cash", "card", "bank", "mobile", "payer", "deposit"};
};

template <>
struct Words<payments::PaymentState> {
  static constexpr std::string_view name = "PaymentState";
  static constexpr std::string_view words[] = {"pending", "succeeded", "failed", "cancelled"};
};

template <>
struct Described<payments::Allocation> {
  using T = payments::Allocation;
  static constexpr std::string_view name = "Allocation";
  static constexpr Field fields[] = {
      field<&T::invoice_id>(1, "invoice_id", required, {.meaning = "The invoice."}),
      field<&T::amount>(2, "amount", required, {.min = 1, .max = money_max, .meaning = "The amount, in minor units."})};
};

template <>
struct Described<payments::Payment> {
  using T = payments::Payment;
  static constexpr std::string_view name = "Payment";
  static constexpr std::string_view page_name = "PaymentPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::number>(3, "number", none, {.max = 60, .meaning = "Its number."}),
      field<&T::patient_id>(4, "patient_id", none, {.meaning = "The patient."}),
      field<&T::payer_id>(5, "payer_id", none, {.meaning = "The payer."}),
      field<&T::facility_id>(6, "facility_id", none, {.meaning = "The facility."}),
      field<&T::method>(7, "method", none, {.meaning = "How it is paid."}),
      field<&T::state>(8, "state", none, {.meaning = "How far it has come."}),
      field<&T::amount>(9, "amount", none, {.max = money_max, .meaning = "The amount, in minor units."}),
      field<&T::currency>(10, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::allocations>(11, "allocations", none, {.items_max = 200, .meaning = "To which invoices it goes."}),
      field<&T::external_ref>(
          12, "external_ref", none,
          {.max = 100, .text = TextRule::ascii, .meaning = "The provider's reference, unique for the method."}),
      field<&T::shift_id>(13, "shift_id", none, {.meaning = "The cash shift."}),
      field<&T::received_at>(14, "received_at", none, {.meaning = "When it came."}),
      field<&T::resolved_at>(15, "resolved_at", none, {.meaning = "When it ended."}),
      field<&T::unallocated>(16, "unallocated", derived, {.meaning = "What went to no invoice, in minor units."}),
      field<&T::refunded>(17, "refunded", derived,
                          {.meaning = "What was asked back and not rejected, in minor units."}),
      field<&T::created_at>(18, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(19, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(20, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(21, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<payments::RecordPayment> {
  using T = payments::RecordPayment;
  static constexpr std::string_view name = "PaymentsRecord";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::patient_id>(2, "patient_id", none, {.meaning = "The patient."}),
      field<&T::payer_id>(3, "payer_id", none, {.meaning = "The payer."}),
      field<&T::facility_id>(4, "facility_id", none, {.meaning = "The facility."}),
      field<&T::method>(5, "method", required, {.meaning = "How it is paid."}),
      field<&T::amount>(6, "amount", required, {.min = 1, .max = money_max, .meaning = "The amount, in minor units."}),
      field<&T::currency>(7, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::allocations>(8, "allocations", none, {.items_max = 200, .meaning = "To which invoices it goes."}),
      field<&T::keep_as_deposit>(9, "keep_as_deposit", none,
                                 {.meaning = "Without allocations: all of it is a deposit."}),
      field<&T::external_ref>(
          10, "external_ref", none,
          {.max = 100, .text = TextRule::ascii, .meaning = "The provider's reference, unique for the method."}),
      field<&T::pending>(11, "pending", none, {.meaning = "Whether the money has not come yet."})};
};

template <>
struct Described<payments::List> {
  using T = payments::List;
  static constexpr std::string_view name = "PaymentsList";
  static constexpr Field fields[] = {
      field<&T::patient_id>(1, "patient_id", none, {.meaning = "The patient."}),
      field<&T::payer_id>(2, "payer_id", none, {.meaning = "The payer."}),
      field<&T::state>(3, "state", none, {.meaning = "How far it has come."}),
      field<&T::limit>(4, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(5, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<payments::Get> {
  using T = payments::Get;
  static constexpr std::string_view name = "PaymentsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."})};
};

template <>
struct Described<payments::Resolve> {
  using T = payments::Resolve;
  static constexpr std::string_view name = "PaymentsResolve";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."}),
                                     field<&T::state>(2, "state", required, {.meaning = "How far it has come."})};
};

template <>
struct Described<payments::Allocate> {
  using T = payments::Allocate;
  static constexpr std::string_view name = "PaymentsAllocate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::allocations>(3, "allocations", none, {.items_max = 200, .meaning = "To which invoices it goes."})};
};

template <>
struct Described<payments::Print> {
  using T = payments::Print;
  static constexpr std::string_view name = "PaymentsPrint";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."}),
                                     field<&T::format>(2, "format", none, {.meaning = "As what it is printed."})};
};

template <>
struct Words<refunds::RefundState> {
  static constexpr std::string_view name = "RefundState";
  static constexpr std::string_view words[] = {"requested", "approved", "completed", "failed", "rejected"};
};

template <>
struct Described<refunds::Refund> {
  using T = refunds::Refund;
  static constexpr std::string_view name = "Refund";
  static constexpr std::string_view page_name = "RefundPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::payment_id>(3, "payment_id", none, {.meaning = "The payment."}),
      field<&T::patient_id>(4, "patient_id", none, {.meaning = "The patient."}),
      field<&T::facility_id>(5, "facility_id", none, {.meaning = "The facility."}),
      field<&T::method>(6, "method", none, {.meaning = "How it is paid."}),
      field<&T::amount>(7, "amount", none, {.max = money_max, .meaning = "The amount, in minor units."}),
      field<&T::currency>(8, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::reason>(9, "reason", phi | billing, {.max = 300, .text = TextRule::note, .meaning = "Why."}),
      field<&T::state>(10, "state", none, {.meaning = "How far it has come."}),
      field<&T::requested_by>(11, "requested_by", none, {.meaning = "Who asked for it."}),
      field<&T::decided_by>(12, "decided_by", none, {.meaning = "Who decided."}),
      field<&T::completed_by>(13, "completed_by", none, {.meaning = "Who paid it out."}),
      field<&T::shift_id>(14, "shift_id", none, {.meaning = "The cash shift."}),
      field<&T::created_at>(15, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::updated_at>(16, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::invoice_id>(17, "invoice_id", none, {.meaning = "The invoice out of whose payment it is taken."})};
};

template <>
struct Described<refunds::Request> {
  using T = refunds::Request;
  static constexpr std::string_view name = "RefundsRequest";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::payment_id>(2, "payment_id", required, {.meaning = "The payment."}),
      field<&T::invoice_id>(3, "invoice_id", none, {.meaning = "The invoice."}),
      field<&T::amount>(4, "amount", required, {.min = 1, .max = money_max, .meaning = "The amount, in minor units."}),
      field<&T::reason>(5, "reason", phi | header, {.max = 300, .text = TextRule::note, .meaning = "Why."}),
      field<&T::method>(6, "method", none, {.meaning = "How it is paid; as the payment was where it is not said."})};
};

template <>
struct Described<refunds::List> {
  using T = refunds::List;
  static constexpr std::string_view name = "RefundsList";
  static constexpr Field fields[] = {
      field<&T::payment_id>(1, "payment_id", none, {.meaning = "The payment."}),
      field<&T::state>(2, "state", none, {.meaning = "How far it has come."}),
      field<&T::limit>(3, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(4, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<refunds::Get> {
  using T = refunds::Get;
  static constexpr std::string_view name = "RefundsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."})};
};

template <>
struct Described<refunds::Approve> {
  using T = refunds::Approve;
  static constexpr std::string_view name = "RefundsApprove";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."})};
};

template <>
struct Described<refunds::Reject> {
  using T = refunds::Reject;
  static constexpr std::string_view name = "RefundsReject";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."})};
};

template <>
struct Described<refunds::Complete> {
  using T = refunds::Complete;
  static constexpr std::string_view name = "RefundsComplete";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::failed>(3, "failed", none, {.meaning = "Whether it did not go out."})};
};

template <>
struct Words<cash_shifts::ShiftStatus> {
  static constexpr std::string_view name = "ShiftStatus";
  static constexpr std::string_view words[] = {"open", "closed"};
};

template <>
struct Described<cash_shifts::CashShift> {
  using T = cash_shifts::CashShift;
  static constexpr std::string_view name = "CashShift";
  static constexpr std::string_view page_name = "CashShiftPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::facility_id>(3, "facility_id", none, {.meaning = "The facility."}),
      field<&T::cashier>(4, "cashier", none, {.meaning = "Who takes the cash."}),
      field<&T::currency>(5, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::status>(6, "status", none, {.meaning = "How far it has come."}),
      field<&T::opening>(7, "opening", none, {.max = money_max, .meaning = "What was in the drawer, in minor units."}),
      field<&T::expected>(8, "expected", none, {.meaning = "What should be in it, in minor units."}),
      field<&T::counted>(9, "counted", none, {.max = money_max, .meaning = "What was counted, in minor units."}),
      field<&T::variance>(10, "variance", none, {.meaning = "Counted − expected, in minor units."}),
      field<&T::opened_at>(11, "opened_at", immutable, {.meaning = "When it was opened."}),
      field<&T::closed_at>(12, "closed_at", none, {.meaning = "When it was closed."}),
      field<&T::closed_by>(13, "closed_by", none, {.meaning = "Who closed it."})};
};

template <>
struct Described<cash_shifts::Open> {
  using T = cash_shifts::Open;
  static constexpr std::string_view name = "CashShiftsOpen";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::facility_id>(2, "facility_id", none, {.meaning = "The facility."}),
      field<&T::currency>(3, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::opening>(4, "opening", required,
                         {.max = money_max, .meaning = "What was in the drawer, in minor units."})};
};

template <>
struct Described<cash_shifts::Close> {
  using T = cash_shifts::Close;
  static constexpr std::string_view name = "CashShiftsClose";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::counted>(3, "counted", required, {.max = money_max, .meaning = "What was counted, in minor units."})};
};

template <>
struct Described<cash_shifts::Get> {
  using T = cash_shifts::Get;
  static constexpr std::string_view name = "CashShiftsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."})};
};

template <>
struct Described<cash_shifts::List> {
  using T = cash_shifts::List;
  static constexpr std::string_view name = "CashShiftsList";
  static constexpr Field fields[] = {
      field<&T::status>(1, "status", none, {.meaning = "How far it has come."}),
      field<&T::limit>(2, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(3, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

}  // namespace medflow
