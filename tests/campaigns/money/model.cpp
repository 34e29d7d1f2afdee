#include "tests/campaigns/money/model.hpp"

#include <algorithm>

namespace medflow::campaign::naive {
namespace {

constexpr Amount million = 1'000'000;

std::string account_of(Method method) {
  switch (method) {
    case Method::cash:
      return "cash";
    case Method::card:
      return "card";
    case Method::bank:
      return "bank";
    case Method::mobile:
      return "mobile";
    case Method::payer:
      return "payer_remittance";
    case Method::deposit:
      break;
  }
  return "deposits";
}

}  // namespace

Amount Invoice::patient_share() const {
  Amount share = total;
  for (const auto& [party, amount] : asked.shares) share -= amount;
  return share;
}

Amount Invoice::owed(Party party) const {
  const auto found = parties.find(party);
  return found == parties.end() ? 0 : found->second.owed();
}

Amount Invoice::sum(Amount Standing::*part) const {
  Amount all = 0;
  for (const auto& [party, standing] : parties) all += standing.*part;
  return all;
}

Amount Invoice::balance() const {
  Amount all = 0;
  for (const auto& [party, standing] : parties) all += standing.owed();
  return all;
}

std::string Invoice::settlement() const {
  if (status != Status::issued) return "none";
  const Amount charged = sum(&Standing::charged);
  if (balance() == charged && charged > 0) return "unpaid";
  if (balance() > 0) return "partially_paid";
  if (sum(&Standing::written_off) > 0) return "written_off";
  if (charged > 0 && sum(&Standing::credited) == charged) return "credited";
  return "paid";
}

Amount Payment::allocated() const {
  Amount all = 0;
  for (const auto& [invoice, part] : allocations) all += part;
  return all;
}

Amount Payment::to(std::size_t invoice) const {
  for (const auto& [other, part] : allocations)
    if (other == invoice) return part;
  return 0;
}

Amount Model::divided(Wide dividend, Wide divisor) const {
  const Wide whole = dividend / divisor, rest = 2 * (dividend % divisor);
  const bool up = rest > divisor || (rest == divisor && (!terms_.half_even || whole % 2 == 1));
  return static_cast<Amount>(up ? whole + 1 : whole);
}

/// Largest remainder; of equal ones the first.
std::vector<Amount> Model::parted(Amount amount, const std::vector<Amount>& weights) const {
  Wide all = 0;
  for (const Amount weight : weights) all += weight;
  std::vector<Amount> parts(weights.size(), 0);
  if (all == 0) return parts;
  std::vector<Wide> rests;
  Amount left = amount;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    parts[i] = static_cast<Amount>(Wide{amount} * weights[i] / all);
    rests.push_back(Wide{amount} * weights[i] % all);
    left -= parts[i];
  }
  for (; left > 0; --left) {
    const auto most = std::max_element(rests.begin(), rests.end());
    ++parts[static_cast<std::size_t>(most - rests.begin())];
    *most = -1;
  }
  return parts;
}

/// R7. False where a discount or the shares are above what there is.
bool Model::reckon(Invoice& invoice) const {
  constexpr Wide per_line = 10'000'000'000;  // ten-thousandths times millionths
  Wide scale = 1;
  for (int i = 0; i < terms_.exponents.at(static_cast<std::size_t>(invoice.asked.currency)); ++i) scale *= 10;
  std::vector<Amount> amounts, whole;
  Amount all = 0;
  for (const AskedLine& line : invoice.asked.lines) {
    const Wide exact = Wide{line.quantity} * line.price * scale;
    const Amount before = divided(exact, per_line);
    Amount after = before;
    if (line.off && line.off->percent) {
      if (line.off->value > million) return false;
      after = divided(exact * (million - line.off->value), per_line * million);
    } else if (line.off) {
      if (line.off->value > before) return false;
      after = divided(std::max<Wide>(0, exact - line.off->value * per_line), per_line);
    }
    whole.push_back(before);
    all += after;
    amounts.push_back(after);
  }
  if (invoice.asked.off) {
    const Off& off = *invoice.asked.off;
    if (off.value > (off.percent ? million : all)) return false;
    const Amount taken = off.percent ? divided(Wide{all} * off.value, million) : off.value;
    const auto parts = parted(taken, amounts);
    for (std::size_t i = 0; i < parts.size(); ++i) amounts[i] -= parts[i];
  }
  invoice.nets = amounts;
  invoice.offs.clear();
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    const Amount rate = terms_.inclusive ? rates.at(static_cast<std::size_t>(invoice.asked.lines[i].tax)) : 0;
    invoice.offs.push_back(divided(Wide{whole[i] - amounts[i]} * million, million + rate));
  }
  invoice.taxes.clear();
  invoice.net = invoice.tax = 0;
  for (int code = 0; code < static_cast<int>(rates.size()); ++code) {
    const Amount rate = rates.at(static_cast<std::size_t>(code));
    std::vector<std::size_t> lines;
    std::vector<Amount> of_lines;
    Amount base = 0, tax_by_line = 0;
    for (std::size_t i = 0; i < amounts.size(); ++i)
      if (invoice.asked.lines[i].tax == code) {
        lines.push_back(i);
        of_lines.push_back(amounts[i]);
        base += amounts[i];
        tax_by_line += divided(Wide{amounts[i]} * rate, million);
      }
    if (lines.empty()) continue;
    Amount tax = terms_.inclusive ? divided(Wide{base} * rate, million + rate) : divided(Wide{base} * rate, million);
    if (plant_ == "tax" && !terms_.inclusive) tax = tax_by_line;
    if (terms_.inclusive) {
      base -= tax;
      const auto nets = parted(base, of_lines);
      for (std::size_t i = 0; i < lines.size(); ++i) invoice.nets[lines[i]] = nets[i];
    }
    invoice.taxes[code] = {base, tax};
    invoice.net += base;
    invoice.tax += tax;
  }
  const Amount exact = invoice.net + invoice.tax;
  const bool by_coins = terms_.cash_rounding != 0 && invoice.asked.currency == 0;  // the hospital's own currency
  invoice.total = by_coins ? divided(exact, terms_.cash_rounding) * terms_.cash_rounding : exact;
  invoice.rounding = invoice.total - exact;
  return invoice.patient_share() >= 0;
}

std::string Model::draft(const AskedInvoice& asked) {
  Invoice invoice{.asked = asked};
  if (!reckon(invoice)) return "invalid";
  invoices.push_back(std::move(invoice));
  return "ok";
}

std::string Model::change(std::size_t at, std::uint64_t revision, const AskedInvoice& asked) {
  Invoice invoice = invoices.at(at);
  if (invoice.status != Status::draft) return "invoice.immutable";
  invoice.asked = asked;
  if (!reckon(invoice)) return "invalid";
  if (revision != invoice.revision) return "conflict.revision";
  ++invoice.revision;
  invoices[at] = std::move(invoice);
  return "ok";
}

std::string Model::issue(std::size_t at, std::uint64_t revision, int day) {
  Invoice& invoice = invoices.at(at);
  if (invoice.status != Status::draft) return "transition.illegal";
  if (revision != invoice.revision) return "conflict.revision";
  ++invoice.revision;
  invoice.status = Status::issued;
  invoice.due = day;
  const Currency currency = invoice.asked.currency;
  const auto charge = [&](Party party, Amount amount) {
    invoice.parties[party].charged += amount;
    receivable(party, currency, amount);
  };
  for (const auto& [party, amount] : invoice.asked.shares) charge(party, amount);
  charge(invoice.asked.patient, invoice.patient_share());
  debit("tax", currency, -invoice.tax);
  debit("rounding", currency, -invoice.rounding);
  for (std::size_t i = 0; i < invoice.nets.size(); ++i) earn(currency, invoice.nets[i], invoice.offs[i]);
  return "ok";
}

std::string Model::bill(const AskedInvoice& asked, int day) {
  const std::string drafted = draft(asked);
  if (drafted != "ok") return drafted;
  const std::string issued = issue(invoices.size() - 1, invoices.back().revision, day);
  invoices.back().revision = 1;  // it is made in one step
  return issued;
}

std::string Model::discard(std::size_t at, std::uint64_t revision) {
  Invoice& invoice = invoices.at(at);
  if (invoice.status != Status::draft) return "transition.illegal";
  if (revision != invoice.revision) return "conflict.revision";
  ++invoice.revision;
  invoice.status = Status::discarded;
  return "ok";
}

std::string Model::void_it(std::size_t at, std::uint64_t revision) {
  Invoice& invoice = invoices.at(at);
  if (invoice.status != Status::issued) return "transition.illegal";
  if (invoice.sum(&Standing::paid) != 0 || invoice.sum(&Standing::written_off) != 0 || !invoice.notes.empty())
    return "invoice.settled";
  if (revision != invoice.revision) return "conflict.revision";
  ++invoice.revision;
  invoice.status = Status::voided;
  const Currency currency = invoice.asked.currency;
  for (auto& [party, standing] : invoice.parties) {
    standing.credited = standing.charged;
    receivable(party, currency, -standing.charged);
  }
  debit("tax", currency, invoice.tax);
  debit("rounding", currency, invoice.rounding);
  for (std::size_t i = 0; i < invoice.nets.size(); ++i) earn(currency, -invoice.nets[i], -invoice.offs[i]);
  return "ok";
}

std::string Model::credit(std::size_t at, const std::vector<std::pair<std::size_t, Amount>>& asked) {
  Invoice& invoice = invoices.at(at);
  if (invoice.status != Status::issued) return "transition.illegal";
  std::vector<Amount> before(invoice.nets.size(), 0);
  std::map<Party, Amount> credited;
  Amount total_before = 0;
  for (const Note& note : invoice.notes) {
    for (const auto& [line, net] : note.lines) before[line] += net;
    for (const auto& [party, part] : note.parts) credited[party] += part;
    total_before += note.total;
  }
  Note note{.lines = asked};
  if (note.lines.empty())
    for (std::size_t i = 0; i < before.size(); ++i)
      if (before[i] < invoice.nets[i]) note.lines.emplace_back(i, invoice.nets[i] - before[i]);
  if (note.lines.empty()) return "invalid";
  std::vector<Amount> after = before;
  for (const auto& [line, net] : note.lines) {
    if (line >= after.size()) return "invalid";
    after[line] += net;
    if (after[line] > invoice.nets[line]) return "invalid";
    note.net += net;
  }
  // The tax of all that is credited by now, less that of what was credited before.
  for (const auto& [code, tax] : invoice.taxes) {
    Amount base_before = 0, base_after = 0;
    for (std::size_t i = 0; i < after.size(); ++i)
      if (invoice.asked.lines[i].tax == code) base_before += before[i], base_after += after[i];
    if (tax.first == 0 || base_after == base_before) continue;
    note.tax += divided(Wide{tax.second} * base_after, tax.first) - divided(Wide{tax.second} * base_before, tax.first);
  }
  const Amount left = invoice.total - total_before;
  note.total = after == invoice.nets ? left : std::min(note.net + note.tax, left);
  note.rounding = note.total - note.net - note.tax;
  std::vector<Amount> weights;
  for (const auto& [party, share] : invoice.asked.shares) weights.push_back(share - credited[party]);
  weights.push_back(invoice.patient_share() - credited[invoice.asked.patient]);
  const auto parts = parted(note.total, weights);
  for (std::size_t i = 0; i < invoice.asked.shares.size(); ++i)
    note.parts.emplace_back(invoice.asked.shares[i].first, parts[i]);
  note.parts.emplace_back(invoice.asked.patient, parts.back());
  const Currency currency = invoice.asked.currency;
  for (const auto& [party, part] : note.parts) {
    Standing& standing = invoice.parties[party];
    const Amount of_owed = std::min(part, standing.owed());
    const Amount of_given_up = std::min(part - of_owed, standing.written_off - standing.taken_back);
    const Amount rest = part - of_owed - of_given_up;
    standing.credited += of_owed;
    standing.taken_back += of_given_up;
    standing.surplus += rest;
    receivable(party, currency, -of_owed);
    debit("write_offs", currency, -of_given_up);
    to_deposit(party, currency, rest);
  }
  // Of the discounts of all that is credited by now, less those of what was credited before.
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i] == before[i]) continue;
    const Amount off = divided(Wide{invoice.offs[i]} * after[i], invoice.nets[i]) -
                       divided(Wide{invoice.offs[i]} * before[i], invoice.nets[i]);
    earn(currency, before[i] - after[i], -off);
  }
  debit("tax", currency, note.tax);
  debit("rounding", currency, note.rounding);
  invoice.notes.push_back(std::move(note));
  return "ok";
}

Amount Model::deposit(Party party, Currency currency) const {
  const auto found = deposits.find({party, currency});
  return found == deposits.end() ? 0 : found->second;
}

void Model::to_deposit(Party party, Currency currency, Amount amount) {
  deposits[{party, currency}] += amount;
  debit("deposits", currency, -amount);
}

void Model::receivable(Party party, Currency currency, Amount amount) {
  debit(is_patient(party) ? "receivable_patient" : "receivable_payer", currency, amount);
}

void Model::earn(Currency currency, Amount net, Amount off) {
  debit("revenue", currency, -net - off);
  debit("discounts", currency, off);
}

std::vector<std::pair<std::size_t, Amount>> Model::oldest_first(Party party, Currency currency, Amount amount) const {
  std::vector<std::size_t> owing;
  for (std::size_t i = 0; i < invoices.size(); ++i)
    if (invoices[i].asked.currency == currency && invoices[i].owed(party) > 0) owing.push_back(i);
  std::sort(owing.begin(), owing.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(invoices[a].due, names_.at(a)) < std::pair(invoices[b].due, names_.at(b));
  });
  std::vector<std::pair<std::size_t, Amount>> allocations;
  constexpr std::size_t most = 200;
  for (const std::size_t i : owing) {
    if (amount == 0 || allocations.size() == most) break;
    const Amount part = std::min(amount, invoices[i].owed(party));
    allocations.emplace_back(i, part);
    amount -= part;
  }
  return allocations;
}

/// Whether the payment may go there: to invoices of its party and currency, no more than is owed, no more than there is.
bool Model::lead_to(const Payment& payment, const std::vector<std::pair<std::size_t, Amount>>& before) const {
  std::map<std::size_t, Amount> old(before.begin(), before.end());
  std::map<std::size_t, int> times;
  for (const auto& [at, part] : payment.allocations) {
    const Invoice& invoice = invoices.at(at);
    const bool is_theirs = is_patient(payment.party)
                               ? invoice.asked.patient == payment.party
                               : std::any_of(invoice.asked.shares.begin(), invoice.asked.shares.end(),
                                             [&](const auto& share) { return share.first == payment.party; });
    if (!is_theirs || invoice.asked.currency != payment.currency || ++times[at] > 1) return false;
    if (part > old[at] && part - old[at] > invoice.owed(payment.party)) return false;
  }
  if (payment.allocated() > payment.amount) return false;
  return payment.method != Method::payer || payment.allocated() == payment.amount;
}

void Model::take_in(const Payment& payment) {
  if (payment.method == Method::deposit)
    to_deposit(payment.party, payment.currency, -payment.amount);
  else
    debit(account_of(payment.method), payment.currency, payment.amount);
  for (const auto& [at, part] : payment.allocations) {
    invoices[at].parties[payment.party].paid += part;
    receivable(payment.party, payment.currency, -part);
  }
  to_deposit(payment.party, payment.currency, payment.amount - payment.allocated());
}

std::string Model::pay(Payment payment, bool keep_as_deposit) {
  const bool of_patient = is_patient(payment.party);
  if (of_patient && payment.method == Method::payer) return "invalid";
  if (!of_patient && payment.method != Method::payer && payment.method != Method::bank &&
      payment.method != Method::deposit)
    return "invalid";
  const bool is_there = payment.method == Method::cash || payment.method == Method::deposit;
  if (payment.state == State::pending && is_there) return "invalid";
  if (payment.allocations.empty() && of_patient && !keep_as_deposit)
    payment.allocations = oldest_first(payment.party, payment.currency, payment.amount);
  if (!lead_to(payment, {})) return "invalid";
  if (payment.method == Method::deposit &&
      (deposit(payment.party, payment.currency) < payment.amount || payment.allocated() < payment.amount))
    return "invalid";
  if (payment.method == Method::cash)
    for (std::size_t i = 0; i < shifts.size(); ++i)
      if (shifts[i].open && shifts[i].currency == payment.currency) payment.shift = i;
  if (payment.state == State::succeeded) take_in(payment);
  payments.push_back(std::move(payment));
  return "ok";
}

std::string Model::resolve(std::size_t at, State state) {
  Payment& payment = payments.at(at);
  if (payment.state != State::pending) return payment.state == state ? "ok" : "transition.illegal";
  if (state == State::pending) return "invalid";
  ++payment.revision;
  payment.state = state;
  auto asked = std::exchange(payment.allocations, {});
  if (state != State::succeeded) return "ok";
  for (const auto& [invoice, part] : asked)
    if (const Amount owed = std::min(part, invoices.at(invoice).owed(payment.party)); owed > 0)
      payment.allocations.emplace_back(invoice, owed);
  take_in(payment);
  return "ok";
}

/// What this payment, as it is changed, and the others of its party say that they hold of an invoice.
Amount Model::held(std::size_t invoice, std::size_t at, const Payment& changed) const {
  Amount all = 0;
  for (std::size_t i = 0; i < payments.size(); ++i) {
    const Payment& payment = i == at ? changed : payments[i];
    if (payment.party != changed.party || payment.state != State::succeeded) continue;
    Amount there = payment.to(invoice), left = payment.amount;
    for (const Refund& refund : refunds) {
      if (refund.payment != i || refund.state == RefundState::requested || refund.state == RefundState::rejected)
        continue;
      left -= refund.amount;
      if (refund.invoice == invoice) there -= refund.amount;
    }
    all += std::max<Amount>(0, std::min(there, left));
  }
  return all;
}

/// What was refunded out of an invoice stays there; what a credit note has made a deposit lies there already, and is what is taken off first.
std::string Model::allocate(std::size_t at, std::uint64_t revision,
                            const std::vector<std::pair<std::size_t, Amount>>& allocations) {
  Payment changed = payments.at(at);
  if (changed.state != State::succeeded) return "transition.illegal";
  const auto before = std::exchange(changed.allocations, allocations);
  if (!lead_to(changed, before)) return "invalid";
  std::map<std::size_t, Amount> moves;  // above 0: more of it is paid
  Amount taken = 0, given = 0, gone = 0;
  for (const auto& [invoice, old] : before) {
    const Amount now = changed.to(invoice);
    if (now >= old) continue;
    Amount back = 0;
    for (const Refund& refund : refunds)
      if (refund.payment == at && refund.invoice == invoice && refund.state != RefundState::rejected)
        back += refund.amount;
    if (now < back) return "invalid";
    const Standing& standing = invoices[invoice].parties[changed.party];
    const Amount usable = std::max<Amount>(0, standing.paid - standing.surplus);
    const Amount amount = std::clamp<Amount>(usable - held(invoice, at, changed), 0, old - now);
    moves[invoice] -= amount;
    taken += amount;
  }
  for (const auto& [invoice, now] : changed.allocations) {
    Amount old = 0;
    for (const auto& [other, part] : before)
      if (other == invoice) old = part;
    if (now <= old) continue;
    moves[invoice] += now - old;
    given += now - old;
  }
  for (const Refund& refund : refunds)
    if (refund.payment == at && refund.invoice == none && refund.state != RefundState::rejected) gone += refund.amount;
  if (given > taken &&
      (given - taken > deposit(changed.party, changed.currency) || changed.allocated() > changed.amount - gone))
    return "payment.deposit_used";
  if (revision != changed.revision) return "conflict.revision";
  for (const auto& [invoice, move] : moves) {
    invoices[invoice].parties[changed.party].paid += move;
    receivable(changed.party, changed.currency, -move);
  }
  to_deposit(changed.party, changed.currency, taken - given);
  ++changed.revision;
  payments[at] = std::move(changed);
  return "ok";
}

Amount Model::refunded(std::size_t payment) const {
  Amount all = 0;
  for (const Refund& refund : refunds)
    if (refund.payment == payment && refund.state != RefundState::rejected) all += refund.amount;
  return all;
}

/// What others take of the payment, of its part for the invoice and of where the money lies now is not left.
Amount Model::left_for(const Refund& refund, std::size_t except) const {
  const Payment& payment = payments.at(refund.payment);
  const bool of_invoice = refund.invoice != none;
  Amount of_payment = payment.amount;
  Amount of_part = of_invoice ? payment.to(refund.invoice) : payment.amount;
  Amount lies = deposit(payment.party, payment.currency);
  if (of_invoice) {
    const auto& parties = invoices.at(refund.invoice).parties;
    const auto standing = parties.find(payment.party);
    lies = standing == parties.end() ? 0 : std::max<Amount>(0, standing->second.paid - standing->second.surplus);
  }
  for (std::size_t i = 0; i < refunds.size(); ++i) {
    const Refund& other = refunds[i];
    if (i == except || other.state == RefundState::rejected) continue;
    const Payment& its = payments[other.payment];
    if (other.payment == refund.payment) {
      of_payment -= other.amount;
      if (of_invoice && other.invoice == refund.invoice) of_part -= other.amount;
    }
    if (other.state == RefundState::requested && its.party == payment.party && its.currency == payment.currency &&
        other.invoice == refund.invoice)
      lies -= other.amount;
  }
  return std::min({of_payment, of_part, lies});
}

std::string Model::ask_refund(const Refund& refund) {
  const Payment& payment = payments.at(refund.payment);
  if (!is_patient(payment.party) || payment.method == Method::deposit) return "invalid";
  if (refund.method == Method::payer || refund.method == Method::deposit) return "invalid";
  if (payment.state != State::succeeded) return "transition.illegal";
  if (refund.invoice != none) {
    const Invoice& invoice = invoices.at(refund.invoice);
    if (invoice.asked.patient != payment.party) return "refund.exceeds";  // as if there were none
    const Status status = invoice.status;
    if (status == Status::voided || status == Status::discarded) return "refund.invoice_ended";
  }
  if (refund.amount > left_for(refund, none)) return "refund.exceeds";
  refunds.push_back(refund);
  return "ok";
}

std::string Model::approve_refund(std::size_t at, std::uint64_t revision) {
  Refund& refund = refunds.at(at);
  const bool again = refund.state == RefundState::failed;
  if (!again && refund.state != RefundState::requested) return "transition.illegal";
  if (!again && refund.amount > left_for(refund, at)) return "refund.exceeds";
  if (revision != refund.revision) return "conflict.revision";
  ++refund.revision;
  refund.state = RefundState::approved;
  if (again) return "ok";
  const Payment& payment = payments.at(refund.payment);
  debit("refunds", payment.currency, -refund.amount);
  if (refund.invoice == none) {
    to_deposit(payment.party, payment.currency, -refund.amount);
  } else {
    if (plant_ != "refund") invoices[refund.invoice].parties[payment.party].paid -= refund.amount;
    receivable(payment.party, payment.currency, refund.amount);
  }
  return "ok";
}

std::string Model::reject_refund(std::size_t at, std::uint64_t revision) {
  Refund& refund = refunds.at(at);
  if (refund.state != RefundState::requested) return "transition.illegal";
  if (revision != refund.revision) return "conflict.revision";
  ++refund.revision;
  refund.state = RefundState::rejected;
  return "ok";
}

std::string Model::complete_refund(std::size_t at, std::uint64_t revision, bool failed) {
  Refund& refund = refunds.at(at);
  if (refund.state != RefundState::approved) return "transition.illegal";
  if (revision != refund.revision) return "conflict.revision";
  ++refund.revision;
  refund.state = failed ? RefundState::failed : RefundState::completed;
  if (failed) return "ok";
  const Currency currency = payments.at(refund.payment).currency;
  debit("refunds", currency, refund.amount);
  debit(account_of(refund.method), currency, -refund.amount);
  if (refund.method == Method::cash)
    for (std::size_t i = 0; i < shifts.size(); ++i)
      if (shifts[i].open && shifts[i].currency == currency) refund.shift = i;
  return "ok";
}

std::string Model::ask_write_off(const WriteOff& write_off) {
  const Invoice& invoice = invoices.at(write_off.invoice);
  if (invoice.status != Status::issued) return "transition.illegal";
  if (invoice.owed(write_off.party) < write_off.amount) return "invalid";
  write_offs.push_back(write_off);
  return "ok";
}

std::string Model::decide_write_off(std::size_t at, std::uint64_t revision, bool agree) {
  WriteOff& write_off = write_offs.at(at);
  if (write_off.state != WriteOffState::requested) return "transition.illegal";
  Invoice& invoice = invoices.at(write_off.invoice);
  if (agree && (invoice.status != Status::issued || invoice.owed(write_off.party) < write_off.amount))
    return "invoice.settled";
  if (revision != write_off.revision) return "conflict.revision";
  ++write_off.revision;
  write_off.state = agree ? WriteOffState::approved : WriteOffState::rejected;
  if (!agree) return "ok";
  invoice.parties[write_off.party].written_off += write_off.amount;
  debit("write_offs", invoice.asked.currency, write_off.amount);
  receivable(write_off.party, invoice.asked.currency, -write_off.amount);
  return "ok";
}

std::string Model::open_shift(Currency currency, Amount opening) {
  for (const Shift& shift : shifts)
    if (shift.open && shift.currency == currency) return "cash_shift.open";
  shifts.push_back({.currency = currency, .opening = opening});
  return "ok";
}

Amount Model::expected(std::size_t shift) const {
  Amount amount = shifts.at(shift).opening;
  for (const Payment& payment : payments)
    if (payment.shift == shift && payment.state == State::succeeded) amount += payment.amount;
  for (const Refund& refund : refunds)
    if (refund.shift == shift && refund.state == RefundState::completed) amount -= refund.amount;
  return amount;
}

std::string Model::close_shift(std::size_t at, std::uint64_t revision, Amount counted) {
  Shift& shift = shifts.at(at);
  if (!shift.open) return "transition.illegal";
  if (revision != shift.revision) return "conflict.revision";
  ++shift.revision;
  shift.open = false;
  shift.expected = expected(at);
  shift.variance = counted - shift.expected;
  debit("cash", shift.currency, shift.variance);
  debit("cash_variance", shift.currency, -shift.variance);
  return "ok";
}

}  // namespace medflow::campaign::naive
