// A hospital whose journal a test writes directly, whatever invoices and payments would post, and whose rows it may spoil.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "invoices/entities.hpp"
#include "kernel/rows.hpp"
#include "ledger/lines.hpp"
#include "ledger/posting.hpp"
#include "patients/registry.hpp"
#include "tests/jobs/house.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/streams.hpp"

namespace medflow::testing {

using ledger::Account;
using ledger::Entry;
using ledger::EntryKind;
using ledger::Posting;

inline Currency currency(std::string_view code) { return *Currency::parse(code); }

/// It begins on 2026-11-22 in London. Each entry is a second later than the one before.
class Book {
 public:
  explicit Book(std::shared_ptr<storage::Engine> engine) : house(std::move(engine), clock) {
    tenant = house.add("saint-mary");
    home = must(session().call(facilities::List{})).data.at(0).id;
  }

  Session session() const { return house.inside(tenant); }
  template <class Body>
  void write(Body&& body) const {
    house.write(tenant, std::forward<Body>(body));
  }
  /// What `body` makes of the journal.
  template <class Body>
  auto look(Body&& body) const {
    std::optional<decltype(body(std::declval<kernel::Work&>()))> found;
    write([&](kernel::Work& work) { found = body(work); });
    return *std::move(found);
  }
  /// Past everything that keeps the journal whole.
  void spoil(storage::Body body) const { house.store(tenant)->data().write(body); }

  Entry entry(EntryKind kind, std::string_view on, std::vector<Posting> postings, std::string_view in = "GBP") const {
    return {.day = day(on),
            .kind = kind,
            .currency = currency(in),
            .facility_id = home,
            .ref_id = {{1}},
            .postings = std::move(postings)};
  }
  Entry post(const Entry& entry) const {
    clock->advance_s(1);
    return look([&](kernel::Work& work) {
      Entry posted = entry;
      ledger::post(work, posted);
      return posted;
    });
  }

  PatientId add_patient() {
    const std::string family = "Quillfeather" + std::to_string(++patients_);
    return look([&](kernel::Work& work) {
      patients::Patient patient{.id = work.make_id<PatientId>(),
                                .names = {{.family = family}},
                                .sex_admin = patients::Sex::female,
                                .facilities = {home}};
      patients::create(work, patient, {"Europe/London"}, {});
      return patient.id;
    });
  }
  /// An issued invoice, of which nothing is posted yet.
  invoices::Invoice add_invoice(const PatientId& patient, std::string_view due, std::int64_t total = 100,
                                std::string_view in = "GBP") {
    const std::string number = "INV-2026-" + std::to_string(++invoices_);
    return look([&](kernel::Work& work) {
      const auto known = patients::known(work, patient, 0);
      invoices::Invoice invoice{.id = work.make_id<InvoiceId>(),
                                .number = number,
                                .status = invoices::InvoiceStatus::issued,
                                .patient_id = patient,
                                .facility_id = home,
                                .currency = currency(in),
                                .due_date = day(due),
                                .total = total};
      kernel::Rows<invoices::Invoice>(work).insert_for(known->subject, invoice);
      return invoice;
    });
  }

  ledger::Balances trial(std::optional<Date> from = {}, std::optional<Date> to = {}) const {
    return must(session().call(ledger::TrialBalance{.from = from, .to = to}));
  }
  ledger::VerifyReport verify() const { return must(session().call(ledger::Verify{})); }
  /// "balance_differs cash GBP 2026-11-22; …"
  std::string findings() const {
    std::string text;
    const auto report = verify();
    for (const auto& finding : report.findings)
      text += (text.empty() ? "" : "; ") + finding.problem + " " + finding.where;
    return report.sound == text.empty() ? text : "sound is wrong";
  }
  std::string csv(const reports::Export& request) const { return read_all(must(session().call(request))); }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  Builder house;
  TenantId tenant{};
  FacilityId home{};

 private:
  int patients_ = 0;
  int invoices_ = 0;
};

inline Posting debit(Account account, std::int64_t amount, Posting rest = {}) {
  rest.account = account;
  rest.debit = amount;
  return rest;
}
inline Posting credit(Account account, std::int64_t amount, Posting rest = {}) {
  rest.account = account;
  rest.credit = amount;
  return rest;
}

/// A balanced entry over a few accounts, on one of the last forty days of November.
inline Entry random_entry(const Book& book, Dice& dice) {
  static constexpr std::array currencies = {"GBP", "JPY", "TND"};
  const auto account = [&] { return static_cast<Account>(dice.below(std::size(Words<Account>::words))); };
  Entry entry{.day = Date::from_days(day("2026-10-21").days() + static_cast<std::int32_t>(dice.below(40))),
              .kind = static_cast<EntryKind>(dice.below(std::size(Words<EntryKind>::words))),
              .currency = currency(dice.of(currencies)),
              .facility_id = book.home,
              .ref_id = {{static_cast<std::uint8_t>(1 + dice.below(20))}}};
  std::int64_t left = 0;
  for (std::size_t i = 1 + dice.below(3); i > 0; --i) {
    const auto amount = static_cast<std::int64_t>(dice.below(1'000'000));
    left += amount;
    entry.postings.push_back(debit(account(), amount));
  }
  while (left > 0) {
    const std::int64_t amount =
        dice.one_in(2) ? left : static_cast<std::int64_t>(1 + dice.below(static_cast<std::size_t>(left)));
    entry.postings.push_back(credit(account(), amount));
    left -= amount;
  }
  const Uuid practitioner{{2, static_cast<std::uint8_t>(dice.below(3))}};
  for (Posting& posting : entry.postings)
    if (dice.one_in(2)) posting.practitioner_id = PractitionerId{practitioner};
  return entry;
}

}  // namespace medflow::testing
