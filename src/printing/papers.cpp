#include <algorithm>
#include <optional>

#include "money/amounts.hpp"
#include "printing/paper.hpp"

namespace medflow::inline v1::printing {
namespace {

using money::decimal;

/// A whole number of 10^-`digits` as a decimal number with at least `places`: "1.5", "50.00".
std::string scaled(std::int64_t value, std::uint8_t digits, std::uint8_t places) {
  std::string text = decimal(value, {.exponent = digits});
  std::size_t surplus = 0;
  while (surplus + places < digits && text[text.size() - 1 - surplus] == '0') ++surplus;
  text.resize(text.size() - surplus);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string price(std::int64_t micro, const Currency& currency) { return scaled(micro, 6, currency.exponent); }
std::string quantity(std::int64_t quantity) { return scaled(quantity, 4, 0); }
std::string percent(std::uint32_t rate_micro) { return scaled(rate_micro, 4, 0) + " %"; }

std::string with_code(std::int64_t minor, const Currency& currency) {
  return decimal(minor, currency) + " " + std::string(currency.code());
}

/// Before an amount that others stand above: so their digits do, too.
std::string in_code(std::string label, const Currency& currency) { return label.append(" ").append(currency.code()); }

std::string tax_name(const std::string& code) { return code.empty() ? "-" : code; }

template <class Id>
std::string named(const std::vector<std::pair<Id, std::string>>& names, const Id& id) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& each) { return each.first == id; });
  return found == names.end() ? id.text() : found->second;
}

void add(std::vector<Paper::Fact>& facts, std::string name, std::string value) {
  if (!value.empty()) facts.push_back({std::move(name), std::move(value)});
}

Paper begun(const std::string& title, const Around& around) {
  return {.language = around.language, .issuer = around.issuer, .title = title, .footer = title};
}

Paper::Block taxes(const std::vector<invoices::Tax>& taxes, const Currency& currency) {
  Paper::Block block{
      .heading = "Tax", .columns = {"Tax code", "Rate", "On net", "Tax"}, .is_number = {false, true, true, true}};
  for (const invoices::Tax& each : taxes)
    block.rows.push_back({.cells = {tax_name(each.tax_code), percent(each.rate_micro), decimal(each.base, currency),
                                    decimal(each.amount, currency)}});
  return block;
}

struct Sums {
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t rounding = 0;
  std::int64_t total = 0;
};

Paper::Block totals(const Sums& sums, const Currency& currency) {
  Paper::Block block{.heading = "Total", .columns = {"", "Amount"}, .is_number = {false, true}};
  block.rows.push_back({.cells = {"Net", decimal(sums.net, currency)}});
  block.rows.push_back({.cells = {"Tax", decimal(sums.tax, currency)}});
  if (sums.rounding != 0) block.rows.push_back({.cells = {"Rounding", decimal(sums.rounding, currency)}});
  block.rows.push_back({.cells = {in_code("Total", currency), decimal(sums.total, currency)}, .strong = true});
  return block;
}

Paper::Block shares(std::string heading, const std::vector<invoices::PayerShare>& shares, std::int64_t patient_share,
                    const Currency& currency, const Around& around) {
  Paper::Block block{.heading = std::move(heading), .columns = {"Payer", "Amount"}, .is_number = {false, true}};
  for (const invoices::PayerShare& each : shares)
    block.rows.push_back({.cells = {named(around.payers, each.payer_id), decimal(each.amount, currency)}});
  block.rows.push_back({.cells = {"Patient", decimal(patient_share, currency)}});
  return block;
}

std::string title_of(const invoices::Invoice& invoice) {
  const std::string number = invoice.number.value_or("");
  switch (invoice.status) {
    case invoices::InvoiceStatus::draft:
      return "DRAFT of an invoice";
    case invoices::InvoiceStatus::discarded:
      return "DISCARDED DRAFT of an invoice";
    case invoices::InvoiceStatus::voided:
      return "Invoice " + number + " - VOID";
    case invoices::InvoiceStatus::issued:
      break;
  }
  return "Invoice " + number;
}

/// What has to be known before anything else is read of it.
std::string warning_of(const invoices::Invoice& invoice, const Zone& zone) {
  switch (invoice.status) {
    case invoices::InvoiceStatus::draft:
      return "DRAFT: this is no invoice. Nothing is to be paid.";
    case invoices::InvoiceStatus::discarded:
      return "DISCARDED DRAFT: this is no invoice. Nothing is to be paid.";
    case invoices::InvoiceStatus::voided: {
      std::string text = "VOID: this invoice was voided";
      if (invoice.ended_at) text.append(" on ").append(date_in(zone, *invoice.ended_at).text());
      text.append(". Nothing is to be paid.");
      if (!invoice.end_reason.empty()) text.append("\nReason: ").append(invoice.end_reason);
      return text;
    }
    case invoices::InvoiceStatus::issued:
      break;
  }
  return {};
}

Paper::Block lines(const invoices::Invoice& invoice) {
  const Currency& currency = invoice.currency;
  Paper::Block block{.columns = {"No.", "Date", "Description", "Quantity", "Price", "Discount", "Net", "Tax"},
                     .is_number = {true, false, false, true, true, true, true, false}};
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const invoices::Line& line = invoice.lines[i];
    block.rows.push_back(
        {.cells = {std::to_string(i + 1), line.service_date.text(), line.description, quantity(line.quantity),
                   price(line.price_micro, currency), decimal(line.discount_amount, currency),
                   decimal(line.net, currency), tax_name(line.tax_code)}});
  }
  return block;
}

std::string_view spoken(payments::PaymentMethod method) {
  switch (method) {
    case payments::PaymentMethod::cash:
      return "Cash";
    case payments::PaymentMethod::card:
      return "Card";
    case payments::PaymentMethod::bank:
      return "Bank transfer";
    case payments::PaymentMethod::mobile:
      return "Mobile payment";
    case payments::PaymentMethod::payer:
      return "Remittance of the payer";
    case payments::PaymentMethod::deposit:
      return "Out of what was paid before";
  }
  return {};
}

/// Of a payment that did not, or not yet, come in.
std::string_view spoken(payments::PaymentState state) {
  switch (state) {
    case payments::PaymentState::pending:
      return "PENDING";
    case payments::PaymentState::failed:
      return "FAILED";
    case payments::PaymentState::cancelled:
      return "CANCELLED";
    case payments::PaymentState::succeeded:
      break;
  }
  return {};
}

std::string_view spoken(ledger::EntryKind kind) {
  switch (kind) {
    case ledger::EntryKind::invoice:
      return "Invoice";
    case ledger::EntryKind::invoice_void:
      return "Invoice voided";
    case ledger::EntryKind::credit_note:
      return "Credit note";
    case ledger::EntryKind::payment:
      return "Payment";
    case ledger::EntryKind::allocation:
      return "Payment allocated";
    case ledger::EntryKind::refund_approved:
      return "Refund agreed";
    case ledger::EntryKind::refund_completed:
      return "Refund paid out";
    case ledger::EntryKind::write_off:
      return "Write-off";
    case ledger::EntryKind::cash_variance:
      return "Cash difference";
  }
  return {};
}

std::optional<Money> of_currency(const std::vector<Money>& amounts, const Currency& currency) {
  const auto found =
      std::find_if(amounts.begin(), amounts.end(), [&](const Money& each) { return each.currency == currency; });
  return found == amounts.end() ? std::nullopt : std::optional(*found);
}

/// The account in one currency.
Paper::Block account(const reports::PatientStatement& statement, const Currency& currency) {
  Paper::Block block{.heading = "Account in " + std::string(currency.code()),
                     .columns = {"Date", "Entry", "Number", "Charged", "Paid or credited", "Balance"},
                     .is_number = {false, false, false, true, true, true}};
  std::int64_t balance = 0;
  for (const reports::StatementRow& row : statement.rows) {
    if (row.currency != currency) continue;
    if (block.rows.empty())
      if (const std::int64_t before = row.balance - row.debit + row.credit; before != 0)
        block.rows.push_back({.cells = {"", "Brought forward", "", "", "", decimal(before, currency)}});
    block.rows.push_back(
        {.cells = {row.day.text(), std::string(spoken(row.kind)), row.number,
                   row.debit == 0 ? "" : decimal(row.debit, currency),
                   row.credit == 0 ? "" : decimal(row.credit, currency), decimal(row.balance, currency)}});
    balance = row.balance;
  }
  if (const auto end = of_currency(statement.balances, currency)) balance = end->minor;
  block.rows.push_back(
      {.cells = {"", in_code("Balance", currency), "", "", "", decimal(balance, currency)}, .strong = true});
  block.text = balance > 0   ? "To be paid: " + with_code(balance, currency)
               : balance < 0 ? "In your favour: " + with_code(-balance, currency)
                             : "Nothing is to be paid.";
  if (const auto deposit = of_currency(statement.deposits, currency); deposit && deposit->minor != 0)
    block.text += "\nOf what was paid, not used yet: " + with_code(deposit->minor, currency);
  return block;
}

}  // namespace

Paper paper_of(const invoices::Invoice& invoice, const Around& around) {
  const bool is_issued = invoice.issue_date.has_value();
  Paper paper = begun(title_of(invoice), around);
  if (auto warning = warning_of(invoice, around.zone); !warning.empty())
    paper.blocks.push_back({.text = std::move(warning)});
  Paper::Block head;
  if (is_issued) add(head.facts, "Number", invoice.number.value_or(""));
  add(head.facts, "Date", is_issued ? invoice.issue_date->text() : "");
  add(head.facts, "To be paid by", invoice.due_date ? invoice.due_date->text() : "");
  add(head.facts, "Patient", around.patient);
  add(head.facts, "Currency", std::string(invoice.currency.code()));
  paper.blocks.push_back(std::move(head));
  paper.blocks.push_back(lines(invoice));
  if (invoice.tax_mode == TaxMode::inclusive)
    paper.blocks.back().text = "Prices and discounts include tax, net amounts do not.";
  if (!invoice.taxes.empty()) paper.blocks.push_back(taxes(invoice.taxes, invoice.currency));
  paper.blocks.push_back(
      totals({.net = invoice.net, .tax = invoice.tax, .rounding = invoice.rounding, .total = invoice.total},
             invoice.currency));
  if (!invoice.shares.empty())
    paper.blocks.push_back(shares("Who pays", invoice.shares, invoice.patient_share, invoice.currency, around));
  if (invoice.status == invoices::InvoiceStatus::issued && invoice.due_date)
    paper.blocks.push_back({.text = "Please pay by " + invoice.due_date->text() + " and name the number " +
                                    invoice.number.value_or("") + "."});
  return paper;
}

Paper paper_of(const credit_notes::CreditNote& note, std::string_view invoice_number, const Around& around) {
  const Currency& currency = note.currency;
  Paper paper = begun("Credit note " + note.number, around);
  Paper::Block head;
  add(head.facts, "Number", note.number);
  add(head.facts, "Date", note.issue_date.text());
  add(head.facts, "Corrects invoice", std::string(invoice_number));
  add(head.facts, "Patient", around.patient);
  add(head.facts, "Currency", std::string(currency.code()));
  add(head.facts, "Reason", note.reason);
  paper.blocks.push_back(std::move(head));
  Paper::Block credited{.columns = {"Line", "Description", "Net credited"}, .is_number = {true, false, true}};
  for (const credit_notes::CreditLine& each : note.lines)
    credited.rows.push_back(
        {.cells = {std::to_string(each.line),
                   each.line >= 1 && each.line <= around.lines.size() ? around.lines[each.line - 1] : "",
                   decimal(each.net, currency)}});
  if (!credited.rows.empty()) paper.blocks.push_back(std::move(credited));
  if (!note.taxes.empty()) paper.blocks.push_back(taxes(note.taxes, currency));
  paper.blocks.push_back(
      totals({.net = note.net, .tax = note.tax, .rounding = note.rounding, .total = note.total}, currency));
  if (!note.shares.empty())
    paper.blocks.push_back(shares("To whom it is credited", note.shares, note.patient_share, currency, around));
  return paper;
}

Paper paper_of(const payments::Payment& payment, const Around& around) {
  const Currency& currency = payment.currency;
  const std::string_view trouble = spoken(payment.state);
  std::string title = "Receipt " + payment.number;
  if (!trouble.empty()) title.append(" - ").append(trouble);
  Paper paper = begun(title, around);
  if (!trouble.empty())
    paper.blocks.push_back({.text = std::string(trouble) + ": this is no receipt, the money has not come in."});
  Paper::Block head;
  add(head.facts, "Number", payment.number);
  add(head.facts, "Received", date_in(around.zone, payment.received_at).text());
  add(head.facts, "From", payment.payer_id ? named(around.payers, *payment.payer_id) : around.patient);
  add(head.facts, "Paid by", std::string(spoken(payment.method)));
  add(head.facts, "Reference", payment.external_ref.value_or(""));
  add(head.facts, "Amount", with_code(payment.amount, currency));
  paper.blocks.push_back(std::move(head));
  if (payment.state != payments::PaymentState::succeeded) return paper;
  Paper::Block used{.heading = "For", .columns = {"Invoice", "Amount"}, .is_number = {false, true}};
  std::int64_t rest = payment.amount;
  for (const payments::Allocation& each : payment.allocations) {
    used.rows.push_back({.cells = {named(around.invoices, each.invoice_id), decimal(each.amount, currency)}});
    rest -= each.amount;
  }
  // What of a deposit is still there is told by the statement: no payment owns a part of it.
  if (rest != 0) used.rows.push_back({.cells = {"To the deposit", decimal(rest, currency)}});
  used.rows.push_back({.cells = {in_code("Total", currency), decimal(payment.amount, currency)}, .strong = true});
  if (around.paid_back != 0)
    used.rows.push_back({.cells = {"Of it paid back since", decimal(around.paid_back, currency)}});
  paper.blocks.push_back(std::move(used));
  return paper;
}

Paper paper_of(const reports::PatientStatement& statement, const Around& around, std::optional<Date> from,
               std::optional<Date> to) {
  Paper paper = begun("Statement of account", around);
  Paper::Block head;
  add(head.facts, "Patient", around.patient);
  add(head.facts, "From", from ? from->text() : "");
  add(head.facts, "To", to ? to->text() : "");
  if (!head.facts.empty()) paper.blocks.push_back(std::move(head));
  std::vector<Currency> currencies;
  const auto see = [&](const Currency& currency) {
    if (std::find(currencies.begin(), currencies.end(), currency) == currencies.end()) currencies.push_back(currency);
  };
  for (const Money& each : statement.balances) see(each.currency);
  for (const reports::StatementRow& each : statement.rows) see(each.currency);
  for (const Money& each : statement.deposits) see(each.currency);
  for (const Currency& currency : currencies) paper.blocks.push_back(account(statement, currency));
  if (currencies.empty()) paper.blocks.push_back({.text = "Nothing was charged and nothing was paid."});
  return paper;
}

}  // namespace medflow::inline v1::printing
