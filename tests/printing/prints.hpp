// What is printed, and what can be read of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/streams.hpp"
#include "tests/support/till.hpp"

namespace medflow::testing {

/// A paper as text or in another format.
template <class Op>
std::string printed(const Session& session, Op request, PrintFormat format = PrintFormat::text) {
  request.format = format;
  return read_all(must(session.call(std::move(request))));
}

/// The cells of a line, which stand two spaces or more apart.
inline std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  while (!line.empty()) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const auto end = line.find("  ");
    cells.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end, line.size()));
  }
  return cells;
}

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1);
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

/// "-12.50" as hundredths.
inline std::int64_t amount(std::string text) {
  const auto dot = text.find('.');
  if (dot == std::string::npos || text.size() != dot + 3) throw std::runtime_error("no amount: " + text);
  text.erase(dot, 1);
  return std::stoll(text);
}

/// The patient's invoice over a visit, ten pills and whatever `described` says, with 10.00 off and 40.00 of a payer's; issued.
inline invoices::Invoice bill(Till& till, std::string described = "Dressing") {
  auto pills = Till::line(till.pill, 10);
  pills.discount = Discount{.kind = DiscountKind::percent, .value = 100'000, .reason = "staff discount"};
  const invoices::NewLine own{
      .description = std::move(described), .quantity = 25'000, .price_micro = 3'333'333, .tax_code = "S"};
  return till.issue(till.draft({Till::line(till.visit, 2), pills, own},
                               {.discount = Discount{.kind = DiscountKind::fixed, .value = 1'000, .reason = "goodwill"},
                                .shares = {{.payer_id = till.payer.id, .amount = 4'000}}}));
}

}  // namespace medflow::testing
