// Payments: recording them, saying what became of them, and to which invoices they go.
#include <algorithm>

#include "invoices/entities.hpp"
#include "invoices/unchecked.hpp"
#include "kernel/expected.hpp"
#include "kernel/field_errors.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "patients/registry.hpp"
#include "payers/lookup.hpp"
#include "payments/entities.hpp"
#include "payments/recording.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::payments {

using kernel::FieldErrors;
using kernel::item_pointer;
using kernel::Reach;
using kernel::Rows;
using kernel::Work;
using storage::Cell;
using M = PaymentMethod;
using S = PaymentState;

namespace {

/// After so many rows that a filter leaves out a page is short and has a cursor.
constexpr std::size_t looked_at_max = 2'000;

std::string_view word(S state) { return Words<S>::words[static_cast<std::size_t>(state)]; }
std::string_view word(M method) { return Words<M>::words[static_cast<std::size_t>(method)]; }

/// Whether the caller could do this as a patient only, whatever it is about.
bool is_patient(const Work& work) {
  if (work.actor().kind == audit::ActorKind::system) return false;
  const auto ways = work.access().ways(work.permission());
  return std::all_of(ways.begin(), ways.end(), [](const kernel::Granted& way) {
    return way.scope == Scope::own && way.condition != "own services";
  });
}

/// Whether the caller pays for themselves, whatever else they may do.
bool pays_online(const Work& work) {
  const auto ways = work.access().ways(work.permission());
  return std::any_of(ways.begin(), ways.end(), [](const kernel::Granted& way) { return way.scope == Scope::own; });
}

invoices::Matter matter_of(const Payment& payment) {
  return {.patient_id = payment.patient_id, .facility_id = payment.facility_id, .created_by = payment.created_by};
}

Payment shown(Work& work, Payment payment) {
  if (payment.patient_id) work.concerns(*payment.patient_id);
  show_computed(work, payment);
  return payment;
}

/// The payment, which the caller may change. Throws Failure `not_found`, or `forbidden` where they may read it (R9).
Payment to_change(Work& work, const PaymentId& id) {
  Rows<Payment> rows(work);
  const auto there = rows.find_unchecked(id, 0);
  const bool unreached = there && !Reach<Payment>::reaches(work, *there);
  if (unreached && invoices::reaches(work, matter_of(*there), Permission::invoice_read))
    throw Failure(codes::forbidden);
  return rows.get(id);
}

/// The invoice, if the caller reaches it: plain, for what it belongs to.
std::optional<invoices::Invoice> invoice_in_reach(Work& work, const InvoiceId& id) {
  auto invoice = Rows<invoices::Invoice>(work).find_unchecked(id, 0);
  if (!invoice || !Reach<invoices::Invoice>::reaches(work, *invoice)) return std::nullopt;
  return invoice;
}

std::int64_t amount_for(const std::vector<Allocation>& allocations, const InvoiceId& invoice) {
  for (const Allocation& each : allocations)
    if (each.invoice_id == invoice) return each.amount;
  return 0;
}

/// Holds what is said of a payment against what is there.
class Checker {
 public:
  Checker(Work& work, const Payment& payment) : work_(work), payment_(payment) {}

  void check_parties(bool by_patient) {
    if (!payment_.patient_id && !payment_.payer_id)
      errors_.add("/patient_id", "required", "say who pays");
    else if (payment_.patient_id && payment_.payer_id)
      errors_.add("/payer_id", "payment.parties", "either a patient pays or a payer");
    else if (payment_.payer_id)
      check_payer();
    else
      check_patient(by_patient);
    if (tenants::facility_of(work_, payment_.facility_id) == nullptr)
      errors_.add("/facility_id", "facility.unknown", "there is no such facility");
    if (payment_.state == S::pending && (payment_.method == M::cash || payment_.method == M::deposit))
      errors_.add("/pending", "payment.method", "cash and what is taken from a deposit are there at once");
  }

  /// What is said to go to invoices: `before` is what went to them already.
  void check_allocations(const std::vector<Allocation>& before = {}) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < payment_.allocations.size(); ++i) {
      const Allocation& each = payment_.allocations[i];
      sum += each.amount;
      const auto named = [&](const Allocation& other) { return other.invoice_id == each.invoice_id; };
      if (std::any_of(payment_.allocations.begin(), payment_.allocations.begin() + static_cast<std::ptrdiff_t>(i),
                      named)) {
        errors_.add(item_pointer("/allocations", i, "invoice_id"), "invoice.repeated", "named twice");
        continue;
      }
      const auto old = std::find_if(before.begin(), before.end(), named);
      if (old != before.end() && old->amount == each.amount) continue;  // it stays where it is, whoever reaches that
      check_allocation(i, each, old == before.end() ? 0 : old->amount);
    }
    // Whose bills one may not change, one takes no payment from either.
    for (const Allocation& old : before)
      if (amount_for(payment_.allocations, old.invoice_id) < old.amount && !invoice_in_reach(work_, old.invoice_id))
        errors_.add("/allocations", "invoice.unknown", "a part that is taken off goes to an invoice out of reach");
    if (sum > payment_.amount)
      errors_.add("/allocations", "allocation.exceeds", "together they are more than the payment");
    else if (sum < payment_.amount && payment_.method == M::payer)
      errors_.add("/allocations", "payment.unallocated", "a payer's remittance goes to invoices wholly");
  }

  void check_deposit() {
    if (payment_.method != M::deposit) return;
    if (ledger::deposit_of(work_, party_of(payment_), payment_.currency) < payment_.amount)
      errors_.add("/amount", "deposit.short", "there is not so much on deposit");
    else if (allocated(payment_) < payment_.amount)
      errors_.add("/allocations", "payment.unallocated", "what is taken from a deposit goes to invoices wholly");
  }

  FieldErrors& errors() { return errors_; }

 private:
  void check_payer() {
    if (payment_.method != M::payer && payment_.method != M::bank && payment_.method != M::deposit)
      errors_.add("/method", "payment.method", "a payer pays by payer, bank or deposit");
    if (!payers::payer_of(work_, *payment_.payer_id)) errors_.add("/payer_id", "payer.unknown", "no such payer");
  }

  void check_patient(bool by_patient) {
    if (payment_.method == M::payer) errors_.add("/payer_id", "required", "say which payer it comes from");
    if (by_patient && payment_.method != M::card && payment_.method != M::mobile && payment_.method != M::bank)
      errors_.add("/method", "payment.method", "patients pay by card, bank or mobile");
    const auto known = patients::known(work_, *payment_.patient_id, 0);
    const bool reached = known && !known->patient.deleted_at &&
                         (by_patient ? work_.actor().patient_id == payment_.patient_id : reached_by_staff(*known));
    if (!reached) errors_.add("/patient_id", "patient.unknown", "there is no such patient");
  }

  /// Who records payments of the whole tenant takes them from any patient; others from those whom they may read.
  bool reached_by_staff(const patients::KnownPatient& known) const {
    if (work_.actor().kind == audit::ActorKind::system) return true;
    return work_.access().holds(work_.permission(), Scope::all) ||
           patients::reaches(work_, known.patient, Permission::patient_read);
  }

  bool is_of_party(const invoices::Invoice& invoice) const {
    if (payment_.patient_id) return invoice.patient_id == *payment_.patient_id;
    return std::any_of(invoice.shares.begin(), invoice.shares.end(),
                       [&](const invoices::PayerShare& share) { return share.payer_id == payment_.payer_id; });
  }

  void check_allocation(std::size_t i, const Allocation& allocation, std::int64_t before) {
    const auto invoice = invoice_in_reach(work_, allocation.invoice_id);
    if (!invoice || !is_of_party(*invoice))
      return errors_.add(item_pointer("/allocations", i, "invoice_id"), "invoice.unknown",
                         "no such invoice of who pays");
    if (invoice->currency != payment_.currency)
      return errors_.add(item_pointer("/allocations", i, "invoice_id"), "currency.mismatch",
                         "the invoice is in another currency");
    if (allocation.amount <= before) return;
    const std::int64_t owed = ledger::standing_of(work_, allocation.invoice_id).balance_of(payment_.payer_id);
    if (allocation.amount - before > owed)
      errors_.add(item_pointer("/allocations", i, "amount"), "allocation.exceeds", "more than is owed");
  }

  Work& work_;
  const Payment& payment_;
  FieldErrors errors_{};
};

/// Where a payment is taken if that is not said.
FacilityId usual_place(Work& work, const RecordPayment& request, const Currency& currency) {
  const auto& homes = work.actor().facilities;
  if (request.method == M::cash)
    if (const auto shift = open_shift(work, homes.empty() ? FacilityId{} : homes.front(), currency))
      return shift->facility_id;
  if (!homes.empty()) return homes.front();
  if (!request.allocations.empty())
    if (const auto invoice = invoice_in_reach(work, request.allocations.front().invoice_id))
      return invoice->facility_id;
  if (request.patient_id)
    if (const auto known = patients::known(work, *request.patient_id, 0); known && !known->patient.facilities.empty())
      return known->patient.facilities.front();
  return {};
}

Payment payment_of(Work& work, const RecordPayment& request) {
  const Currency currency = request.currency.value_or(work.store().currency());
  Payment payment{.id = request.id ? *request.id : work.make_id<PaymentId>(),
                  .patient_id = request.patient_id,
                  .payer_id = request.payer_id,
                  .facility_id = request.facility_id ? *request.facility_id : usual_place(work, request, currency),
                  .method = request.method,
                  .state = request.pending ? S::pending : S::succeeded,
                  .amount = request.amount,
                  .currency = currency,
                  .allocations = request.allocations,
                  .external_ref = request.external_ref,
                  .received_at = work.now(),
                  .created_by = work.actor().user};
  if (payment.external_ref && payment.external_ref->empty()) payment.external_ref.reset();
  return payment;
}

bool same_money(const Payment& there, const Payment& asked) {
  return there.patient_id == asked.patient_id && there.payer_id == asked.payer_id && there.method == asked.method &&
         there.amount == asked.amount && there.currency == asked.currency;
}

/// Whether a call with an id of its own says what is there. To which invoices it goes may have been changed since.
bool same_content(const Payment& there, const Payment& asked, const RecordPayment& request) {
  if (!same_money(there, asked) || there.external_ref != asked.external_ref) return false;
  if (request.facility_id && there.facility_id != asked.facility_id) return false;
  const bool never_came = there.state == S::failed || there.state == S::cancelled;
  if (never_came && asked.state == S::succeeded) return false;
  if (request.allocations.empty() || there.revision > 1) return true;
  return std::equal(
      there.allocations.begin(), there.allocations.end(), request.allocations.begin(), request.allocations.end(),
      [](const Allocation& a, const Allocation& b) { return a.invoice_id == b.invoice_id && a.amount == b.amount; });
}

/// The payment of this method that has the provider's reference.
std::optional<Payment> by_reference(Work& work, M method, const std::string& reference) {
  std::optional<Payment> found;
  const Cell equal[] = {Cell::text(word(method)), Cell::text(reference)};
  invoices::scan_unchecked<Payment>(work, {.index = "payments_reference", .equal = equal}, [&](Payment payment) {
    found = std::move(payment);
    return false;
  });
  return found;
}

/// What of its allocations is still owed.
std::vector<Allocation> still_owed(Work& work, const Payment& payment) {
  std::vector<Allocation> kept;
  for (const Allocation& each : payment.allocations) {
    const std::int64_t owed = ledger::standing_of(work, each.invoice_id).balance_of(payment.payer_id);
    if (owed > 0) kept.push_back({.invoice_id = each.invoice_id, .amount = std::min(each.amount, owed)});
  }
  return kept;
}

/// The entry that takes a payment from where it went to where it goes now.
class Reallocation {
 public:
  Reallocation(Work& work, const Payment& payment, const std::vector<Allocation>& before)
      : work_(work), payment_(payment), refunds_(refunds_of(work, payment.id)) {
    entry_ = {.kind = ledger::EntryKind::allocation,
              .currency = payment.currency,
              .facility_id = payment.facility_id,
              .ref_id = payment.id.uuid};
    for (const Allocation& old : before) take(old, amount_for(payment.allocations, old.invoice_id));
    for (const Allocation& each : payment.allocations) {
      const std::int64_t old = amount_for(before, each.invoice_id);
      if (each.amount > old) give(each.invoice_id, each.amount - old);
    }
  }

  /// What went to a deposit and is to go to invoices has to lie there still.
  void require_deposit() const {
    if (given_ <= taken_) return;
    std::int64_t gone = 0;
    for (const refunds::Refund& refund : refunds_)
      if (!refund.invoice_id) gone += refund.amount;
    const bool is_there = given_ - taken_ <= ledger::deposit_of(work_, party_of(payment_), payment_.currency);
    if (!is_there || allocated(payment_) > payment_.amount - gone) throw Failure(deposit_used);
  }

  void post() {
    ledger::Posting rest{
        .account = ledger::Account::deposits, .patient_id = payment_.patient_id, .payer_id = payment_.payer_id};
    (given_ > taken_ ? rest.debit : rest.credit) = given_ > taken_ ? given_ - taken_ : taken_ - given_;
    entry_.postings.push_back(rest);
    ledger::post(work_, entry_);
  }

 private:
  /// What was refunded out of the invoice stays where it was. What a credit note has made a deposit is there already: of what is taken off that goes
  /// first, so that the invoice stays paid as far as other payments go to it.
  void take(const Allocation& old, std::int64_t now) {
    if (now >= old.amount) return;
    std::int64_t refunded = 0;
    for (const refunds::Refund& refund : refunds_)
      if (refund.invoice_id == old.invoice_id) refunded += refund.amount;
    if (now < refunded)
      throw Failure(codes::invalid, "/allocations", "allocation.refunded",
                    "a part of it was refunded and cannot go elsewhere");
    const std::int64_t there = paid_by(work_, old.invoice_id, party_of(payment_));
    const std::int64_t amount =
        std::clamp<std::int64_t>(there - held_of(work_, old.invoice_id, payment_), 0, old.amount - now);
    ledger::Posting side = receivable(old.invoice_id);
    side.debit = amount;
    entry_.postings.push_back(side);
    taken_ += amount;
  }

  void give(const InvoiceId& invoice, std::int64_t amount) {
    ledger::Posting side = receivable(invoice);
    side.credit = amount;
    entry_.postings.push_back(side);
    given_ += amount;
  }

  ledger::Posting receivable(const InvoiceId& invoice) const {
    return {.account = payment_.payer_id ? ledger::Account::receivable_payer : ledger::Account::receivable_patient,
            .patient_id = payment_.patient_id,
            .payer_id = payment_.payer_id,
            .invoice_id = invoice};
  }

  Work& work_;
  const Payment& payment_;
  std::vector<refunds::Refund> refunds_;
  ledger::Entry entry_{};
  std::int64_t taken_ = 0;
  std::int64_t given_ = 0;
};

/// A pending payment ends; what comes of it goes where it is still owed.
Payment ended(Work& work, Payment payment, S state) {
  payment.state = state;
  payment.resolved_at = work.now();
  if (state == S::succeeded) {
    payment.received_at = work.now();
    payment.allocations = still_owed(work, payment);
  } else {
    payment.allocations.clear();
  }
  Rows<Payment>(work).update(payment, payment.revision);
  if (state == S::succeeded) post(work, payment);
  return shown(work, std::move(payment));
}

/// A payment that is there, recorded again: the money that somebody said would come may have come.
Payment again(Work& work, Payment there, const Payment& asked) {
  if (there.state == S::pending && asked.state == S::succeeded) return ended(work, std::move(there), S::succeeded);
  return shown(work, std::move(there));
}

}  // namespace

Payment handle(Work& work, const RecordPayment& asked) {
  RecordPayment request = asked;
  const bool has_own = work.actor().patient_id.has_value() && pays_online(work);
  if (is_patient(work) && !request.patient_id && !request.payer_id) request.patient_id = work.actor().patient_id;
  Payment payment = payment_of(work, request);
  work.about(payment.id.uuid);
  const bool by_patient = invoices::only_as_patient(work, matter_of(payment), work.permission());
  const bool is_placed = tenants::facility_of(work, payment.facility_id) != nullptr;
  if (by_patient && is_placed && !is_patient(work) && !(has_own && payment.patient_id == work.actor().patient_id))
    throw Failure(codes::forbidden);
  if (by_patient && is_placed && payment.payer_id && !payment.patient_id) throw Failure(codes::forbidden);
  if (by_patient) payment.state = S::pending;
  if (request.id) {
    if (auto there = Rows<Payment>(work).find_unchecked(*request.id, 0)) {
      if (Reach<Payment>::reaches(work, *there) && same_content(*there, payment, request))
        return again(work, std::move(*there), payment);
      throw Failure(codes::id_reused);
    }
  }
  std::optional<Payment> known;
  if (payment.external_ref) known = by_reference(work, payment.method, *payment.external_ref);
  if (known && Reach<Payment>::reaches(work, *known) && same_money(*known, payment)) {
    work.about(known->id.uuid);
    if (known->state == S::failed || known->state == S::cancelled) throw Failure(reference_used);
    return again(work, std::move(*known), payment);
  }
  Checker checker(work, payment);
  checker.check_parties(by_patient && (is_patient(work) || is_placed));
  if (payment.allocations.empty() && payment.patient_id && !request.keep_as_deposit)
    payment.allocations = oldest_due_first(work, *payment.patient_id, payment.currency, payment.amount);
  if (payment.patient_id.has_value() != payment.payer_id.has_value()) {
    checker.check_allocations();
    checker.check_deposit();
  }
  checker.errors().refuse();
  if (known) throw Failure(reference_used);
  if (payment.method == M::cash)
    if (const auto shift = open_shift(work, payment.facility_id, payment.currency)) payment.shift_id = shift->id;
  store(work, payment);
  return shown(work, std::move(payment));
}

Page<Payment> handle(Work& work, const List& request) {
  std::string query;
  if (request.patient_id) query.append("p").append(request.patient_id->uuid.view());
  if (request.payer_id) query.append("y").append(request.payer_id->uuid.view());
  if (request.state) query.append(word(*request.state));
  // Whoever sees their own alone is not led through those of everybody else.
  const std::optional<PatientId> patient =
      !request.patient_id && is_patient(work) ? work.actor().patient_id : request.patient_id;
  storage::Scan scan;
  const Uuid whose = patient ? patient->uuid : request.payer_id ? request.payer_id->uuid : Uuid{};
  const Cell equal[] = {Cell::bytes(whose.view())};
  if (patient || request.payer_id) {
    scan.index = patient ? "payments_patient" : "payments_payer";
    scan.equal = equal;
  }
  auto page = kernel::page_by_id<Payment>(work, request.limit, request.cursor, query,
                                          [&](const Payment& payment) {
                                            return (!request.patient_id || payment.patient_id == request.patient_id) &&
                                                   (!request.payer_id || payment.payer_id == request.payer_id) &&
                                                   (!request.state || payment.state == *request.state);
                                          },
                                          {.backwards = true, .looked_at_max = looked_at_max, .scan = scan});
  for (Payment& each : page.data) each = shown(work, std::move(each));
  return page;
}

Payment handle(Work& work, const Get& request) { return shown(work, Rows<Payment>(work).get(request.id)); }

Payment handle(Work& work, const Resolve& request) {
  if (is_patient(work)) throw Failure(codes::forbidden);
  Payment payment = to_change(work, request.id);
  if (invoices::only_as_patient(work, matter_of(payment), work.permission())) throw Failure(codes::forbidden);
  if (payment.state != S::pending) {
    if (payment.state == request.state) return shown(work, std::move(payment));
    illegal_step(payment.state, word(request.state));
  }
  if (request.state == S::pending)
    throw Failure(codes::invalid, "/state", "enum.unknown", "say succeeded, failed or cancelled");
  return ended(work, std::move(payment), request.state);
}

Payment handle(Work& work, const Allocate& request) {
  if (is_patient(work)) throw Failure(codes::forbidden);
  Rows<Payment> rows(work);
  Payment payment = to_change(work, request.id);
  if (invoices::only_as_patient(work, matter_of(payment), work.permission())) throw Failure(codes::forbidden);
  if (payment.state != S::succeeded) illegal_step(payment.state, "allocated");
  const std::vector<Allocation> before = std::exchange(payment.allocations, request.allocations);
  Checker checker(work, payment);
  checker.check_allocations(before);
  checker.errors().refuse();
  Reallocation change(work, payment, before);
  change.require_deposit();
  kernel::require_named(request.revision);
  kernel::require_revision(payment.revision, request.revision);
  rows.update(payment, request.revision);
  change.post();
  return shown(work, std::move(payment));
}

}  // namespace medflow::inline v1::payments

MEDFLOW_HANDLE(medflow::payments::RecordPayment);
MEDFLOW_HANDLE(medflow::payments::List);
MEDFLOW_HANDLE(medflow::payments::Get);
MEDFLOW_HANDLE(medflow::payments::Resolve);
MEDFLOW_HANDLE(medflow::payments::Allocate);
