#include "adapters/cli/demo_billing.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/cli/deployment.hpp"
#include "medflow/operations.hpp"

namespace medflow::cli {
namespace {

const Date beginning{2020, 1, 1};  ///< of prices, rates and coverages

struct Charged {
  const char* code;
  const char* name;
  std::int64_t price_micro;
  const char* tax_code;
};

constexpr Charged price_items[] = {
    {"CONSULT", "Consultation", 120'000'000, ""},  // the first
    {"XRAY-CHEST", "X-ray of the chest, two planes", 185'500'000, ""},
    {"CBC", "Complete blood count", 32'000'000, ""},
    {"CAST", "Cast of the forearm, material", 74'900'000, "S"},
    {"CRUTCHES", "Crutches, a pair", 39'000'000, "S"},
};

/// How far an invoice's patient has come with it.
enum class Paid : std::uint8_t { no, half, all, more };

struct Bill {
  std::size_t patient;
  std::int32_t days_ago;
  std::vector<const char*> codes;
  Paid paid = Paid::no;
  payments::PaymentMethod method = payments::PaymentMethod::card;
  bool is_covered = false;
};

/// Oldest first, as invoices are numbered. Each is due after 30 days.
std::vector<Bill> bills() {
  using payments::PaymentMethod;
  return {
      {0, 140, {"CONSULT", "XRAY-CHEST"}},  // overdue for more than 90 days
      {1, 112, {"CONSULT", "CBC"}, Paid::all},
      {2, 98, {"CAST", "CRUTCHES"}, Paid::half, PaymentMethod::bank},
      {3, 75, {"XRAY-CHEST"}, Paid::all, PaymentMethod::card, true},
      {4, 69, {"CONSULT", "CAST"}, Paid::half},
      {5, 48, {"CONSULT"}},
      {6, 33, {"CONSULT", "CBC", "XRAY-CHEST"}, Paid::half, PaymentMethod::card, true},
      {1, 20, {"CONSULT"}, Paid::all, PaymentMethod::cash},
      {7, 12, {"CBC"}, Paid::more, PaymentMethod::cash},
      {8, 5, {"CONSULT", "CRUTCHES"}, Paid::no, PaymentMethod::card, true},
      {0, 1, {"CONSULT", "CBC"}},
      {9, 0, {"CAST"}, Paid::all},
  };
}

/// Ids older than all others, so that a run that was broken off is continued by the next: the same call again answers what there is.
enum class Made : std::uint8_t { tax_code, item, payer, coverage, invoice, payment };

template <class Id>
Id id_of(Made what, std::size_t number) {
  Uuid id{};
  id.bytes[6] = 0x70;  // of version 7, of the first days of 1970
  id.bytes[8] = 0x80;
  id.bytes[14] = static_cast<std::uint8_t>(what);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return {id};
}

/// Makes calls at once, so that they become durable together, whichever comes first; their answers, in the order of the calls.
template <class Op>
std::vector<typename Op::Output> together(const Session& session, std::vector<Op> requests) {
  using Answer = Result<typename Op::Output>;
  std::vector<std::future<Answer>> futures;
  for (Op& request : requests) {
    CallContext context;
    if (Op::operation.key_required) context.idempotency_key = "demo-" + std::to_string(futures.size());
    const auto promise = std::make_shared<std::promise<Answer>>();
    futures.push_back(promise->get_future());
    session.submit(
        std::move(request), [promise](Answer answer) { promise->set_value(std::move(answer)); }, std::move(context));
  }
  std::vector<Answer> answers;
  for (auto& future : futures) answers.push_back(future.get());
  std::vector<typename Op::Output> outputs;
  for (Answer& answer : answers) outputs.push_back(must(std::move(answer)));
  return outputs;
}

class Books {
 public:
  Books(const Session& admin, const Session& clerk, const std::vector<patients::Patient>& patients, Date today)
      : admin_(admin), clerk_(clerk), patients_(patients), today_(today) {
    for (const auto& item : must(admin_.call(prices::List{.limit = page_limit_max})).data) items_[item.code] = item.id;
  }

  void fill() {
    const auto all = bills();
    cover(all);
    const auto shift = clerk_.call(cash_shifts::Open{.opening = 10'000});
    if (!shift.ok() && shift.error().code.name != "cash_shift.open") throw Trouble(shift.error());
    std::vector<invoices::Create> drafts;
    for (const Bill& bill : all) drafts.push_back(draft_of(bill, drafts.size()));
    drafts.push_back(draft_of({2, 0, {"CONSULT", "XRAY-CHEST"}}, drafts.size()));
    const auto drafted = together(clerk_, std::move(drafts));
    std::vector<payments::RecordPayment> paid;
    for (std::size_t i = 0; i < all.size(); ++i) settle(all[i], issued(drafted[i], day_of(all[i])), paid);
    together(clerk_, std::move(paid));
  }

 private:
  PatientId patient_of(const Bill& bill) const { return patients_[bill.patient % patients_.size()].id; }
  Date day_of(const Bill& bill) const { return Date::from_days(today_.days() - bill.days_ago); }

  /// A payer, which pays four fifths of what its members are charged, up to 500.00.
  void cover(const std::vector<Bill>& bills) {
    const auto payer = must(admin_.call(payers::Create{.id = id_of<PayerId>(Made::payer, 0),
                                                       .code = "KEYSTONE",
                                                       .name = "Keystone Health Plan",
                                                       .address = "1 Keystone Plaza\nSpringfield",
                                                       .email = "claims@keystone.example"}));
    std::vector<coverages::Create> coverages;
    for (const Bill& bill : bills)
      if (bill.is_covered)
        coverages.push_back({.id = id_of<CoverageId>(Made::coverage, coverages.size()),
                             .patient_id = patient_of(bill),
                             .payer_id = payer.id,
                             .member_id = "KHP-" + std::to_string(1000 + bill.patient),
                             .valid_from = beginning,
                             .limits = {.per_visit = 50'000},
                             .copay = {.kind = coverages::CopayKind::percent, .value = 200'000}});
    together(clerk_, std::move(coverages));
  }

  invoices::Create draft_of(const Bill& bill, std::size_t number) const {
    invoices::Create request{.id = id_of<InvoiceId>(Made::invoice, number), .patient_id = patient_of(bill)};
    for (const char* code : bill.codes)
      request.lines.push_back({.item_id = items_.at(code), .service_date = day_of(bill)});
    if (bill.codes.size() > 2)
      request.lines.back().discount =
          Discount{.kind = DiscountKind::percent, .value = 100'000, .reason = "three services at once"};
    return request;
  }

  /// One by one, for numbers go with days.
  invoices::Invoice issued(const invoices::Invoice& draft, Date day) const {
    if (draft.status != invoices::InvoiceStatus::draft) return draft;
    return must(clerk_.call(invoices::Issue{.id = draft.id,
                                            .revision = draft.revision,
                                            .issue_date = day,
                                            .due_date = Date::from_days(day.days() + 30)},
                            {.idempotency_key = "demo-" + draft.id.text()}));
  }

  static void settle(const Bill& bill, const invoices::Invoice& invoice, std::vector<payments::RecordPayment>& paid) {
    if (bill.paid == Paid::no) return;
    const std::int64_t owed = bill.paid == Paid::half ? invoice.patient_share / 2 : invoice.patient_share;
    if (owed <= 0) return;  // of few patients some have several coverages
    payments::RecordPayment payment{.id = id_of<PaymentId>(Made::payment, paid.size()),
                                    .patient_id = invoice.patient_id,
                                    .method = bill.method,
                                    .amount = owed + (bill.paid == Paid::more ? 2'500 : 0),
                                    .allocations = {{.invoice_id = invoice.id, .amount = owed}}};
    if (bill.method == payments::PaymentMethod::card) payment.external_ref = "terminal-" + *invoice.number;
    paid.push_back(std::move(payment));
    if (bill.paid != Paid::all) return;
    for (const invoices::PayerShare& share : invoice.shares)
      paid.push_back({.id = id_of<PaymentId>(Made::payment, paid.size()),
                      .payer_id = share.payer_id,
                      .method = payments::PaymentMethod::payer,
                      .amount = share.amount,
                      .allocations = {{.invoice_id = invoice.id, .amount = share.amount}}});
  }

  const Session& admin_;
  const Session& clerk_;
  const std::vector<patients::Patient>& patients_;
  Date today_;
  std::map<std::string, PriceItemId, std::less<>> items_{};
};

}  // namespace

PriceItemId price_list(const Session& admin) {
  const auto there = must(admin.call(prices::List{.limit = page_limit_max})).data;
  if (!there.empty() && std::ranges::all_of(there, [](const prices::Item& one) { return !one.prices.empty(); }))
    return id_of<PriceItemId>(Made::item, 0);
  must(admin.call(tax_codes::Create{.id = id_of<TaxCodeId>(Made::tax_code, 0),
                                    .code = "S",
                                    .name = "Sales tax",
                                    .rates = {{.valid_from = beginning, .rate_micro = 82'500}}}));
  std::vector<prices::Create> items;
  for (const Charged& one : price_items)
    items.push_back({.id = id_of<PriceItemId>(Made::item, items.size()),
                     .code = one.code,
                     .name = one.name,
                     .tax_code = one.tax_code});
  std::vector<prices::SetPrice> prices;
  const auto made = together(admin, std::move(items));
  for (std::size_t i = 0; i < made.size(); ++i)
    if (made[i].prices.empty())
      prices.push_back({.id = made[i].id,
                        .revision = made[i].revision,
                        .price_micro = price_items[i].price_micro,
                        .valid_from = beginning});
  together(admin, std::move(prices));
  return made.front().id;
}

void fill_the_books(const Session& admin, const Session& clerk, const std::vector<patients::Patient>& patients,
                    Date today) {
  if (patients.empty() || !must(clerk.call(payments::List{.limit = 1})).data.empty()) return;
  Books(admin, clerk, patients, today).fill();
}

}  // namespace medflow::cli
