#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "invoices/entities.hpp"
#include "kernel/handler.hpp"
#include "ledger/balances.hpp"
#include "ledger/lines.hpp"
#include "money/amounts.hpp"
#include "patients/registry.hpp"
#include "payments/entities.hpp"

namespace medflow::inline v1::reports {

using kernel::Rows;
using kernel::Work;
using storage::Cell;
using storage::RowView;

namespace {

constexpr std::size_t rows_max = 10'000;
constexpr std::size_t rows_at_once = 500;

/// The order of a statement. Ids tell the millisecond; what comes in the same one is told as invoices are settled.
struct Order {
  Date day{};
  std::array<std::uint8_t, 6> at{};
  ledger::EntryKind kind{};
  JournalEntryId entry{};
  friend auto operator<=>(const Order&, const Order&) = default;
};

Order order_of(Date day, ledger::EntryKind kind, const JournalEntryId& entry) {
  Order order{.day = day, .kind = kind, .entry = entry};
  std::copy_n(entry.uuid.bytes.begin(), order.at.size(), order.at.begin());
  return order;
}

/// The sides of one entry that are the patient's.
using Moves = std::map<Order, StatementRow>;

/// What lies at the end, by currency.
using Sums = std::map<Currency, std::int64_t>;

void add(std::int64_t& to, std::int64_t amount) { to = money::sum(to, amount); }

void read(Work& work, const Statement& request, ledger::Account account, Moves& moves, Sums& sums) {
  const Cell equal[] = {Cell::bytes(request.patient_id.uuid.view()), Cell::text(word_of(account))};
  const std::string to = request.to ? ledger::end_of(*request.to) : std::string();
  storage::Scan scan{.table = &ledger::postings_table, .index = "postings_patient", .equal = equal};
  if (request.to) scan.to = Cell::text(to);
  work.transaction().scan(scan, [&](RowView row) {
    const auto day = Date::parse(row[ledger::posting_day].data);
    const auto currency = Currency::parse(row[ledger::posting_currency].data);
    const auto kind = ledger::from_word<ledger::EntryKind>(row[ledger::posting_kind].data);
    if (!day || !currency || !kind) throw Failure(codes::integrity);
    const std::int64_t debit = row[ledger::posting_debit].integer;
    const std::int64_t credit = row[ledger::posting_credit].integer;
    add(sums[*currency], debit - credit);
    const auto invoice = ledger::id_in<InvoiceId>(row[ledger::posting_invoice]);
    const JournalEntryId entry{ledger::uuid_in(row[ledger::posting_entry])};
    const auto [place, is_new] = moves.try_emplace(order_of(*day, *kind, entry));
    StatementRow& move = place->second;
    if (is_new) {
      move.day = *day;
      move.kind = *kind;
      move.currency = *currency;
      move.invoice_id = invoice;
    }
    const bool is_of_none = account == ledger::Account::refunds;  // what goes back out of an invoice is told of that
    if (!is_of_none && move.invoice_id != invoice) move.invoice_id.reset();
    add(move.debit, debit);
    add(move.credit, credit);
    return true;
  });
}

/// Adds balances; drops what is before the first day, and the earliest of too many.
std::vector<std::pair<JournalEntryId, StatementRow>> shown(const Moves& moves, const std::optional<Date>& from) {
  std::vector<std::pair<JournalEntryId, StatementRow>> rows;
  Sums sums;
  for (const auto& [key, move] : moves) {
    std::int64_t& sum = sums[move.currency];
    add(sum, move.debit - move.credit);
    if (from && move.day < *from) continue;
    rows.emplace_back(key.entry, move).second.balance = sum;
  }
  if (rows.size() > rows_max) rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(rows_max));
  return rows;
}

/// The numbers on papers. What a caller who reaches the patient reads here is on the patient's own papers.
class Numbers {
 public:
  explicit Numbers(Work& work) : work_(work) {}

  void want(ledger::EntryKind kind, const Uuid& ref) { wanted_[is(kind)].insert(ref); }
  std::string of(ledger::EntryKind kind, const Uuid& ref) const {
    const auto found = numbers_.find(ref);
    if (is(kind) != Paper::refund) return found == numbers_.end() ? std::string() : found->second;
    const auto payment = payments_.find(ref);
    return payment == payments_.end() ? std::string() : of(ledger::EntryKind::payment, payment->second);
  }

  void fetch() {
    each<refunds::Refund>(Paper::refund, [&](const refunds::Refund& one) {
      payments_[one.id.uuid] = one.payment_id.uuid;
      wanted_[Paper::receipt].insert(one.payment_id.uuid);
    });
    each<invoices::Invoice>(Paper::invoice, [&](const auto& one) { numbers_[one.id.uuid] = one.number.value_or(""); });
    each<credit_notes::CreditNote>(Paper::credit_note, [&](const auto& one) { numbers_[one.id.uuid] = one.number; });
    each<payments::Payment>(Paper::receipt, [&](const auto& one) { numbers_[one.id.uuid] = one.number; });
  }

 private:
  enum class Paper : std::uint8_t { none, invoice, credit_note, receipt, refund };

  static Paper is(ledger::EntryKind kind) {
    using K = ledger::EntryKind;
    switch (kind) {
      case K::invoice:
      case K::invoice_void:
      case K::write_off:
        return Paper::invoice;
      case K::credit_note:
        return Paper::credit_note;
      case K::payment:
      case K::allocation:
        return Paper::receipt;
      case K::refund_approved:
      case K::refund_completed:
        return Paper::refund;
      case K::cash_variance:
        break;
    }
    return Paper::none;
  }

  template <class T, class Take>
  void each(Paper paper, Take take) {
    std::vector<decltype(T::id)> ids;
    const auto read = [&] {
      for (const T& one : Rows<T>(work_).get_many_unchecked(ids, 0)) take(one);
      ids.clear();
    };
    for (const Uuid& id : wanted_[paper]) {
      ids.push_back({id});
      if (ids.size() == rows_at_once) read();
    }
    read();
  }

  Work& work_;
  std::map<Paper, std::set<Uuid>> wanted_{};
  std::map<Uuid, Uuid> payments_{};  ///< of refunds
  std::map<Uuid, std::string> numbers_{};
};

void add_numbers(Work& work, std::vector<std::pair<JournalEntryId, StatementRow>>& rows) {
  std::map<Uuid, Uuid> refs;
  std::vector<JournalEntryId> ids;
  const auto read = [&] {
    for (const ledger::Entry& entry : Rows<ledger::Entry>(work).get_many(ids)) refs[entry.id.uuid] = entry.ref_id;
    ids.clear();
  };
  for (const auto& row : rows) {
    ids.push_back(row.first);
    if (ids.size() == rows_at_once) read();
  }
  read();
  // A write-off has no number of its own.
  const auto ref_of = [&](const JournalEntryId& id, const StatementRow& row) {
    if (row.kind == ledger::EntryKind::write_off && row.invoice_id) return row.invoice_id->uuid;
    const auto found = refs.find(id.uuid);
    return found == refs.end() ? Uuid{} : found->second;
  };
  Numbers numbers(work);
  for (const auto& [id, row] : rows) numbers.want(row.kind, ref_of(id, row));
  numbers.fetch();
  for (auto& [id, row] : rows) row.number = numbers.of(row.kind, ref_of(id, row));
}

/// Whether the caller reads what a patient owes, and not only bills of services that they gave.
bool reaches(const Work& work, const patients::Patient& patient) {
  const kernel::Actor& actor = work.actor();
  if (actor.kind == audit::ActorKind::system) return true;
  const auto ways = work.access().ways(work.permission());
  return std::any_of(ways.begin(), ways.end(), [&](const kernel::Granted& way) {
    if (way.scope == Scope::own) return way.condition != "own services" && actor.patient_id == patient.id;
    if (way.scope == Scope::facility || way.scope == Scope::care) return patients::known_at_own(actor, patient);
    return way.scope == Scope::all || way.scope == Scope::metadata;
  });
}

}  // namespace

PatientStatement statement_of(Work& work, const Statement& request) {
  work.about(request.patient_id.uuid);
  const auto known = patients::known(work, request.patient_id, 0);
  if (!known || known->patient.deleted_at || !reaches(work, known->patient)) throw Failure(codes::not_found);
  work.concerns(request.patient_id);
  ledger::require_order(request.from, request.to);
  Moves moves;
  Sums all;
  Sums deposited;
  read(work, request, ledger::Account::receivable_patient, moves, all);
  read(work, request, ledger::Account::refunds, moves, all);
  read(work, request, ledger::Account::deposits, moves, deposited);
  auto rows = shown(moves, request.from);
  add_numbers(work, rows);

  PatientStatement statement{.patient_id = request.patient_id};
  for (auto& row : rows) statement.rows.push_back(std::move(row.second));
  for (const auto& [currency, sum] : deposited) {
    add(all[currency], sum);
    if (sum != 0) statement.deposits.push_back({.minor = -sum, .currency = currency});
  }
  for (const auto& [currency, sum] : all) statement.balances.push_back({.minor = sum, .currency = currency});
  work.event().count = static_cast<std::uint32_t>(statement.rows.size());
  return statement;
}

PatientStatement handle(Work& work, const Statement& request) { return statement_of(work, request); }

}  // namespace medflow::inline v1::reports

MEDFLOW_HANDLE(medflow::reports::Statement);
