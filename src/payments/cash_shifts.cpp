// Cash shifts: what a drawer should hold, and what was counted.
#include <utility>

#include "invoices/unchecked.hpp"
#include "kernel/aside.hpp"
#include "kernel/expected.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "kernel/steps.hpp"
#include "ledger/posting.hpp"
#include "money/amounts.hpp"
#include "payments/entities.hpp"
#include "payments/recording.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::cash_shifts {

using kernel::Rows;
using kernel::Work;
using ledger::Account;
using payments::PaymentState;
using storage::Cell;

namespace {

/// After so many rows that a filter leaves out a page is short and has a cursor.
constexpr std::size_t looked_at_max = 2'000;

/// What was in the drawer, with the cash that was taken and without what was paid out.
std::int64_t expected_in(Work& work, const CashShift& shift) {
  std::int64_t expected = shift.opening;
  const Cell equal[] = {Cell::bytes(shift.id.uuid.view())};
  invoices::scan_unchecked<payments::Payment>(work, {.index = "payments_shift", .equal = equal},
                                              [&](const payments::Payment& payment) {
                                                if (payment.state == PaymentState::succeeded)
                                                  expected = money::sum(expected, payment.amount);
                                                return true;
                                              });
  invoices::scan_unchecked<refunds::Refund>(work, {.index = "refunds_shift", .equal = equal},
                                            [&](const refunds::Refund& refund) {
                                              if (refund.state == refunds::RefundState::completed)
                                                expected = money::sum(expected, -refund.amount);
                                              return true;
                                            });
  return expected;
}

CashShift shown(Work& work, CashShift shift) {
  if (shift.status == ShiftStatus::open) shift.expected = expected_in(work, shift);
  return shift;
}

void post_variance(Work& work, const CashShift& shift) {
  const kernel::Aside aside(work);
  ledger::Entry entry{.day = ledger::business_day(work),
                      .kind = ledger::EntryKind::cash_variance,
                      .currency = shift.currency,
                      .facility_id = shift.facility_id,
                      .ref_id = shift.id.uuid};
  const bool more = shift.variance > 0;
  const std::int64_t amount = more ? shift.variance : -shift.variance;
  entry.postings = {{.account = more ? Account::cash : Account::cash_variance, .debit = amount},
                    {.account = more ? Account::cash_variance : Account::cash, .credit = amount}};
  ledger::post(work, entry);
}

}  // namespace

CashShift handle(Work& work, const Open& request) {
  const auto& homes = work.actor().facilities;
  const FacilityId home = homes.empty() ? FacilityId{} : homes.front();
  CashShift shift{.id = request.id ? *request.id : work.make_id<CashShiftId>(),
                  .facility_id = request.facility_id.value_or(home),
                  .cashier = work.actor().user,
                  .currency = request.currency.value_or(work.store().currency()),
                  .opening = request.opening,
                  .expected = request.opening,
                  .opened_at = work.now()};
  work.about(shift.id.uuid);
  Rows<CashShift> rows(work);
  const bool is_placed = tenants::facility_of(work, shift.facility_id) != nullptr;
  if (is_placed && !kernel::Reach<CashShift>::reaches(work, shift)) throw Failure(codes::forbidden);
  if (request.id) {
    if (const auto there = rows.find(*request.id)) {
      if (there->cashier == shift.cashier && there->facility_id == shift.facility_id &&
          there->currency == shift.currency && there->opening == shift.opening)
        return shown(work, *there);
      throw Failure(codes::id_reused);
    }
  }
  if (!is_placed) throw Failure(codes::invalid, "/facility_id", "facility.unknown", "there is no such facility");
  const auto open = payments::open_shift(work, shift.facility_id, shift.currency);
  if (open && open->facility_id == shift.facility_id) throw Failure(is_open);
  rows.insert(shift);
  return shift;
}

CashShift handle(Work& work, const Close& request) {
  Rows<CashShift> rows(work);
  CashShift shift = rows.get(request.id);
  if (shift.status != ShiftStatus::open) kernel::refuse_step(shift.status, "closed", {});
  kernel::require_named(request.revision);
  kernel::require_revision(shift.revision, request.revision);
  shift.status = ShiftStatus::closed;
  shift.expected = expected_in(work, shift);
  shift.counted = request.counted;
  shift.variance = request.counted - shift.expected;
  shift.closed_at = work.now();
  shift.closed_by = work.actor().user;
  rows.update(shift, request.revision);
  post_variance(work, shift);
  return shift;
}

CashShift handle(Work& work, const Get& request) { return shown(work, Rows<CashShift>(work).get(request.id)); }

Page<CashShift> handle(Work& work, const List& request) {
  const std::string_view query =
      request.status ? Words<ShiftStatus>::words[static_cast<std::size_t>(*request.status)] : std::string_view();
  auto page = kernel::page_by_id<CashShift>(
      work, request.limit, request.cursor, query,
      [&](const CashShift& shift) { return !request.status || shift.status == *request.status; },
      {.backwards = true, .looked_at_max = looked_at_max});
  for (CashShift& each : page.data) each = shown(work, each);
  return page;
}

}  // namespace medflow::inline v1::cash_shifts

MEDFLOW_HANDLE(medflow::cash_shifts::Open);
MEDFLOW_HANDLE(medflow::cash_shifts::Close);
MEDFLOW_HANDLE(medflow::cash_shifts::Get);
MEDFLOW_HANDLE(medflow::cash_shifts::List);
