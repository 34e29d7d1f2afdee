#include "ledger/csv.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "ledger/ledger.fields.hpp"
#include "ledger/words.hpp"
#include "money/amounts.hpp"

namespace medflow::inline v1::reports {
namespace {

using ledger::word_of;
using money::decimal;

bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char one) { return one >= '0' && one <= '9'; });
  };
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return digits(text);
  return digits(text.substr(0, point)) && digits(text.substr(point + 1));
}

/// Their wide forms are taken for the same in some languages.
bool is_formula(std::string_view text) {
  static constexpr std::array<std::string_view, 11> begins = {"=",  "+",      "-",      "@",      "\t",    "\r",
                                                              "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
  return !is_number(text) &&
         std::any_of(begins.begin(), begins.end(), [&](std::string_view one) { return text.starts_with(one); });
}

void add_row(std::string& csv, std::initializer_list<std::string> cells) {
  bool first = true;
  for (const std::string& cell : cells) {
    if (!first) csv += ',';
    first = false;
    csv += csv_cell(cell);
  }
  csv += "\r\n";
}

template <class I>
std::string text_of(const std::optional<I>& id) {
  return id ? id->uuid.text() : std::string();
}

}  // namespace

std::string csv_cell(std::string_view text) {
  std::string cell(is_formula(text) ? "'" : "");
  cell += text;
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char one : cell) {
    if (one == '"') quoted += '"';
    quoted += one;
  }
  return quoted + '"';
}

std::string balances_csv(const ledger::Balances& balances) {
  std::string csv;
  add_row(csv, {"account", "currency", "debit", "credit", "balance"});
  for (const ledger::AccountBalance& one : balances.accounts)
    add_row(csv, {std::string(word_of(one.account)), std::string(one.currency.code()), decimal(one.debit, one.currency),
                  decimal(one.credit, one.currency), decimal(one.balance, one.currency)});
  return csv;
}

std::string revenue_csv(const RevenueReport& report) {
  std::string csv;
  add_row(csv, {"key", "name", "currency", "gross", "discounts", "net"});
  for (const RevenueRow& one : report.rows)
    add_row(csv, {one.key, one.name, std::string(one.currency.code()), decimal(one.gross, one.currency),
                  decimal(one.discounts, one.currency), decimal(one.net, one.currency)});
  return csv;
}

std::string aging_csv(const AgingReport& report) {
  std::string csv;
  add_row(csv, {"payer_id", "patient_id", "currency", "not_due", "days_1_30", "days_31_60", "days_61_90",
                "days_over_90", "total"});
  for (const AgingRow& one : report.rows) {
    const auto amount = [&](std::int64_t minor) { return decimal(minor, one.currency); };
    add_row(csv, {text_of(one.payer_id), text_of(one.patient_id), std::string(one.currency.code()), amount(one.not_due),
                  amount(one.days_1_30), amount(one.days_31_60), amount(one.days_61_90), amount(one.days_over_90),
                  amount(one.total)});
  }
  return csv;
}

std::string statement_csv(const PatientStatement& statement) {
  std::string csv;
  add_row(csv, {"day", "kind", "number", "invoice_id", "currency", "debit", "credit", "balance"});
  for (const StatementRow& one : statement.rows)
    add_row(csv, {one.day.text(), std::string(word_of(one.kind)), one.number, text_of(one.invoice_id),
                  std::string(one.currency.code()), decimal(one.debit, one.currency), decimal(one.credit, one.currency),
                  decimal(one.balance, one.currency)});
  const auto add_sums = [&](const char* what, const std::vector<Money>& sums) {
    for (const Money& one : sums)
      add_row(csv, {"", what, "", "", std::string(one.currency.code()), "", "", decimal(one.minor, one.currency)});
  };
  add_sums("balance", statement.balances);
  add_sums("deposit", statement.deposits);
  return csv;
}

}  // namespace medflow::inline v1::reports
