#include "invoices/credit.hpp"

#include <algorithm>

#include "money/amounts.hpp"

namespace medflow::inline v1::credit_notes {

using invoices::Invoice;
using invoices::PayerShare;
using kernel::FieldErrors;
using kernel::item_pointer;

namespace {

/// How much of the net of each line is credited by now.
std::vector<std::int64_t> credited_of(const Invoice& invoice, const std::vector<CreditNote>& notes) {
  std::vector<std::int64_t> credited(invoice.lines.size());
  for (const CreditNote& note : notes)
    for (const CreditLine& line : note.lines) credited.at(line.line - 1) += line.net;
  return credited;
}

std::vector<CreditLine> all_that_is_left(const Invoice& invoice, const std::vector<std::int64_t>& credited) {
  std::vector<CreditLine> left;
  for (std::size_t i = 0; i < credited.size(); ++i)
    if (credited[i] < invoice.lines[i].net)
      left.push_back({.line = static_cast<std::uint32_t>(i + 1), .net = invoice.lines[i].net - credited[i]});
  return left;
}

bool in_group(const invoices::Line& line, const invoices::Tax& tax) {
  return line.tax_code == tax.tax_code && line.rate_micro == tax.rate_micro;
}

/// The part of a tax that falls to so much of its base.
std::int64_t tax_on(const invoices::Tax& tax, std::int64_t base, Rounding rounding) {
  if (tax.base == 0) return 0;
  return money::quotient(money::Wide{tax.amount} * base, tax.base, rounding);
}

void reckon_taxes(const Invoice& invoice, const std::vector<std::int64_t>& credited, CreditNote& note) {
  for (const invoices::Tax& tax : invoice.taxes) {
    std::int64_t before = 0;
    std::int64_t now = 0;
    for (std::size_t i = 0; i < invoice.lines.size(); ++i)
      if (in_group(invoice.lines[i], tax)) before += credited[i];
    for (const CreditLine& line : note.lines)
      if (in_group(invoice.lines[line.line - 1], tax)) now += line.net;
    if (now == 0) continue;
    const std::int64_t amount =
        tax_on(tax, before + now, invoice.rounding_mode) - tax_on(tax, before, invoice.rounding_mode);
    note.taxes.push_back({.tax_code = tax.tax_code, .rate_micro = tax.rate_micro, .base = now, .amount = amount});
    note.tax += amount;
  }
}

/// What is left of each payer's share, and of the patient's.
std::vector<std::int64_t> left_of_shares(const Invoice& invoice, const std::vector<CreditNote>& before) {
  std::vector<std::int64_t> left;
  for (const PayerShare& share : invoice.shares) left.push_back(share.amount);
  left.push_back(invoice.patient_share);
  for (const CreditNote& note : before) {
    for (std::size_t i = 0; i < note.shares.size(); ++i) left.at(i) -= note.shares[i].amount;
    left.back() -= note.patient_share;
  }
  return left;
}

}  // namespace

void reckon(const Invoice& invoice, const std::vector<CreditNote>& before, const std::vector<CreditLine>& lines,
            CreditNote& note, FieldErrors& errors) {
  const std::vector<std::int64_t> credited = credited_of(invoice, before);
  std::vector<std::int64_t> after = credited;
  note.lines = lines.empty() ? all_that_is_left(invoice, credited) : lines;
  if (note.lines.empty()) return errors.add("/lines", "credit.exceeds", "nothing is left to credit");
  bool wrong = false;
  for (std::size_t i = 0; i < note.lines.size(); ++i) {
    const CreditLine& line = note.lines[i];
    if (line.line == 0 || line.line > invoice.lines.size()) {
      errors.add(item_pointer("/lines", i, "line"), "line.unknown", "the invoice has no such line");
      wrong = true;
    } else if (line.net > invoice.lines[line.line - 1].net - after[line.line - 1]) {
      errors.add(item_pointer("/lines", i, "net"), "credit.exceeds", "not so much is left of the line");
      wrong = true;
    } else {
      after[line.line - 1] += line.net;
    }
  }
  if (wrong) return;
  for (const CreditLine& line : note.lines) note.net += line.net;
  reckon_taxes(invoice, credited, note);
  std::int64_t total_before = 0;
  for (const CreditNote& each : before) total_before += each.total;
  const std::int64_t left = invoice.total - total_before;
  const bool is_last = std::equal(after.begin(), after.end(), invoice.lines.begin(), invoice.lines.end(),
                                  [](std::int64_t sum, const invoices::Line& line) { return sum == line.net; });
  note.total = is_last ? left : std::min(note.net + note.tax, left);
  note.rounding = note.total - note.net - note.tax;
  const std::vector<std::int64_t> parts = money::distribute(note.total, left_of_shares(invoice, before));
  for (std::size_t i = 0; i < invoice.shares.size(); ++i) {
    note.shares.push_back(invoice.shares[i]);
    note.shares.back().amount = parts[i];
  }
  note.patient_share = parts.back();
}

std::vector<std::int64_t> discounts_taken_back(const Invoice& invoice, const std::vector<std::int64_t>& posted,
                                               const std::vector<CreditNote>& before, const CreditNote& note) {
  const std::vector<std::int64_t> credited = credited_of(invoice, before);
  const std::vector<std::int64_t> now = credited_of(invoice, {note});
  std::vector<std::int64_t> taken(invoice.lines.size());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (now[i] == 0) continue;
    const auto of_net = [&](std::int64_t net) {
      return money::quotient(money::Wide{posted[i]} * net, invoice.lines[i].net, invoice.rounding_mode);
    };
    taken[i] = of_net(credited[i] + now[i]) - of_net(credited[i]);
  }
  return taken;
}

}  // namespace medflow::inline v1::credit_notes
