// A till with what tests of payments ask of the books.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/till.hpp"

namespace medflow::testing {

inline constexpr std::string_view account_words[] = {
    "receivable_patient", "receivable_payer", "cash",         "card", "bank",    "mobile",
    "payer_remittance",   "deposits",         "refunds",      "tax",  "revenue", "discounts",
    "write_offs",         "rounding",         "cash_variance"};

class Desk : public Till {
 public:
  using Till::Till;

  /// "card 3000 deposits -500 …": what is not 0, debit − credit, in GBP and in the order of accounts.
  std::string books() {
    const auto balances = must(admin().call(ledger::TrialBalance{}));
    if (!balances.balanced) return "not balanced";
    std::string text;
    for (const ledger::AccountBalance& each : balances.accounts)
      if (each.balance != 0)
        text += (text.empty() ? "" : " ") + std::string(account_words[static_cast<std::size_t>(each.account)]) + " " +
                std::to_string(each.balance);
    return text;
  }

  /// The entries about this, oldest first: "payment: card +500 receivable_patient -500".
  std::vector<std::string> entries_about(const Uuid& ref) {
    std::vector<std::string> found;
    for (const ledger::Entry& entry : must(admin().call(ledger::ListEntries{.ref_id = ref})).data) {
      static constexpr std::string_view kinds[] = {"invoice",          "invoice_void", "credit_note",
                                                   "payment",          "allocation",   "refund_approved",
                                                   "refund_completed", "write_off",    "cash_variance"};
      std::string text(kinds[static_cast<std::size_t>(entry.kind)]);
      text += ":";
      for (const ledger::Posting& posting : entry.postings) {
        text.append(" ").append(account_words[static_cast<std::size_t>(posting.account)]);
        text += posting.debit > 0 ? " +" + std::to_string(posting.debit) : " -" + std::to_string(posting.credit);
      }
      found.push_back(std::move(text));
    }
    std::reverse(found.begin(), found.end());
    return found;
  }

  /// What the patient has on deposit, as a payment out of it would find: the books hold one patient's in these tests.
  std::int64_t on_deposit() {
    for (const ledger::AccountBalance& each : must(admin().call(ledger::TrialBalance{})).accounts)
      if (each.account == ledger::Account::deposits) return -each.balance;
    return 0;
  }

  invoices::Invoice issued_due(std::int64_t visits, std::string_view due) {
    const auto made = draft({line(visit, visits)});
    return must(keyed(clerk(), invoices::Issue{.id = made.id, .revision = made.revision, .due_date = day(due)}));
  }

  payments::Payment deposit(std::int64_t amount) {
    auto request = paying(amount);
    request.keep_as_deposit = true;
    return must(keyed(clerk(), std::move(request)));
  }

  payments::Payment read(const PaymentId& id) { return must(clerk().call(payments::Get{.id = id})); }

  Result<payments::Payment> allocate(const payments::Payment& payment, std::vector<payments::Allocation> to) {
    hospital.clock->advance_s(1);
    return clerk().call(
        payments::Allocate{.id = payment.id, .revision = payment.revision, .allocations = std::move(to)});
  }

  Result<refunds::Refund> ask_back(const payments::Payment& payment, std::int64_t amount,
                                   std::optional<InvoiceId> invoice = {}) {
    return keyed(
        clerk(),
        refunds::Request{
            .payment_id = payment.id, .invoice_id = invoice, .amount = amount, .reason = "Paid twice by mistake"});
  }
  // Entries of one moment have no order among them: each step here is a second later.
  Result<refunds::Refund> approve(const refunds::Refund& refund) {
    hospital.clock->advance_s(1);
    return admin().call(refunds::Approve{.id = refund.id, .revision = refund.revision});
  }
  Result<refunds::Refund> complete(const refunds::Refund& refund, bool failed = false) {
    hospital.clock->advance_s(1);
    return keyed(clerk(), refunds::Complete{.id = refund.id, .revision = refund.revision, .failed = failed});
  }

  std::size_t payments_there() { return must(clerk().call(payments::List{.limit = 200})).data.size(); }
};

/// The same in so many threads at once; the answers' codes, sorted.
template <class Call>
std::vector<std::string> at_once(std::size_t times, Call&& call) {
  std::vector<std::string> codes(times);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < times; ++i) threads.emplace_back([&, i] { codes[i] = call(i); });
  for (std::thread& thread : threads) thread.join();
  std::sort(codes.begin(), codes.end());
  return codes;
}

inline std::size_t how_many(const std::vector<std::string>& codes, std::string_view code) {
  return static_cast<std::size_t>(std::count(codes.begin(), codes.end(), code));
}

/// Each once, for a failure to tell.
inline std::string text_of(const std::vector<std::string>& codes) {
  std::string text;
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (i == 0 || codes[i] != codes[i - 1]) text += (text.empty() ? "" : " ") + codes[i];
  return text;
}

}  // namespace medflow::testing
