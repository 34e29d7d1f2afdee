// A hospital where money moves: tax codes, prices, a payer, a patient, and calls that carry an idempotency key of their own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/clinic.hpp"

namespace medflow::testing {

/// Calls an operation that needs an idempotency key, under one that nobody has used, or under this one.
template <class Op>
Result<typename Op::Output> keyed(const Session& session, Op request, std::string key = {}) {
  static std::atomic<std::uint64_t> calls{0};
  if (key.empty()) key = "call-" + std::to_string(++calls);
  return session.call(std::move(request), {.idempotency_key = std::move(key)});
}

/// The clock stands at 2026-11-22, a Sunday. Its currency is GBP; tax codes S (20 %) and Z (0 %) hold since 2020;
/// item "VISIT" costs 50.00, untaxed, and "PILL" 1.50, taxed by S, both since 2020.
class Till : public Clinic {
 public:
  explicit Till(std::shared_ptr<storage::Engine> engine) : Clinic(std::move(engine)) {
    const auto rate = [](std::uint32_t micro) {
      return std::vector<tax_codes::Rate>{{.valid_from = day("2020-01-01"), .rate_micro = micro}};
    };
    must(admin().call(tax_codes::Create{.code = "S", .name = "Standard", .rates = rate(200'000)}));
    must(admin().call(tax_codes::Create{.code = "Z", .name = "Zero", .rates = rate(0)}));
    visit = add_item("VISIT", 50'000'000, "");
    pill = add_item("PILL", 1'500'000, "S");
    payer = must(admin().call(payers::Create{.code = "AOK", .name = "Sickness fund"}));
    patient = patients.at(0);
  }

  Session clerk() { return hospital.as(Role::billing_clerk); }

  prices::Item add_item(const std::string& code, std::int64_t price_micro, std::string tax_code) {
    auto item =
        must(admin().call(prices::Create{.code = code, .name = "Item " + code, .tax_code = std::move(tax_code)}));
    return must(admin().call(prices::SetPrice{
        .id = item.id, .revision = item.revision, .price_micro = price_micro, .valid_from = day("2020-01-01")}));
  }

  /// A line of an item, so many times.
  static invoices::NewLine line(const prices::Item& item, std::int64_t times = 1) {
    return {.item_id = item.id, .quantity = times * 10'000};
  }

  invoices::Invoice draft(std::vector<invoices::NewLine> lines, invoices::Create request = {}) {
    request.patient_id = patient.id;
    if (!request.facility_id) request.facility_id = hospital.home;
    request.lines = std::move(lines);
    return must(clerk().call(std::move(request)));
  }
  invoices::Invoice issue(const invoices::Invoice& draft) {
    return must(keyed(clerk(), invoices::Issue{.id = draft.id, .revision = draft.revision}));
  }
  /// An issued invoice over so many visits at 50.00.
  invoices::Invoice issued(std::int64_t visits = 1) { return issue(draft({line(visit, visits)})); }
  invoices::Invoice again(const InvoiceId& id) { return must(clerk().call(invoices::Get{.id = id})); }

  payments::RecordPayment paying(std::int64_t amount, std::vector<payments::Allocation> allocations = {}) const {
    return {.patient_id = patient.id,
            .facility_id = hospital.home,
            .method = payments::PaymentMethod::card,
            .amount = amount,
            .allocations = std::move(allocations)};
  }
  payments::Payment pay(std::int64_t amount, std::vector<payments::Allocation> allocations = {}) {
    return must(keyed(clerk(), paying(amount, std::move(allocations))));
  }

  prices::Item visit{};
  prices::Item pill{};
  payers::Payer payer{};
  patients::Patient patient{};
};

}  // namespace medflow::testing
