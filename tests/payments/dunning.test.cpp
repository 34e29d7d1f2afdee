// Patients are told of invoices that are overdue: once for each step of the setting, and never of what they do not owe (BIL-14).
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/messages.hpp"
#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// A hospital that reminds 7 and 21 days after the due date, and a patient with an address.
class Office {
 public:
  explicit Office(std::string_view engine_name) : engine(engine_name), posted(engine) {
    hospital().configure({.dunning_days = std::vector<std::uint32_t>{7, 21}});
    patient = add_patient("hartwig.sonnenschein@example.org");
    posted.post();
  }

  Hospital& hospital() { return posted.hospital; }
  Session clerk() { return hospital().as(Role::billing_clerk); }

  PatientId add_patient(std::string email) {
    patients::Register request{.names = {{.family = "Sonnenschein", .given = {"Hartwig"}}},
                               .sex_admin = patients::Sex::male};
    request.birth = patients::Birth{.date = {1940, static_cast<std::uint8_t>(1 + patients_++ % 12), 3}};
    if (!email.empty()) request.emails = {std::move(email)};
    request.force = true;
    request.reason = "A namesake, seen in person";
    return must(hospital().as(Role::receptionist).call(std::move(request))).id;
  }

  /// Issued on the first day over 50.00, due on 2026-12-01.
  invoices::Invoice issued(std::optional<PatientId> whose = {}, std::vector<invoices::PayerShare> shares = {}) {
    const auto draft =
        must(clerk().call(invoices::Create{.patient_id = whose.value_or(patient),
                                           .facility_id = hospital().home,
                                           .lines = {{.description = "Psychotherapy", .price_micro = 50'000'000}},
                                           .shares = std::move(shares)}));
    return must(
        keyed(clerk(), invoices::Issue{.id = draft.id, .revision = draft.revision, .due_date = day("2026-12-01")}));
  }

  void pay(const invoices::Invoice& invoice) {
    must(keyed(clerk(), payments::RecordPayment{.patient_id = invoice.patient_id,
                                                .facility_id = hospital().home,
                                                .method = payments::PaymentMethod::card,
                                                .amount = 5'000,
                                                .allocations = {{.invoice_id = invoice.id, .amount = 5'000}}}));
  }

  payments::Payment deposit(const PatientId& whose, std::int64_t amount, std::optional<Currency> currency = {}) {
    return must(keyed(clerk(), payments::RecordPayment{.patient_id = whose,
                                                       .facility_id = hospital().home,
                                                       .method = payments::PaymentMethod::card,
                                                       .amount = amount,
                                                       .currency = currency,
                                                       .keep_as_deposit = true}));
  }

  void go_to(std::string_view instant) {
    hospital().clock->advance_s((at(instant).us - hospital().clock->now().us) / 1'000'000);
  }
  /// To whom something is sent by this moment.
  std::vector<std::string> at_time(std::string_view instant) {
    go_to(instant);
    std::vector<std::string> whom;
    for (int ticks = 0; ticks < 2; ++ticks)  // the first looks and sends, the second sends what is left
      for (const Message& message : posted.post()) {
        CHECK(message.kind == "invoice.dunning");
        text = message.subject + "\n" + message.text;
        whom.push_back(message.to);
      }
    std::sort(whom.begin(), whom.end());
    return whom;
  }

  TestEngine engine;
  Posted posted;
  PatientId patient{};
  std::string text{};  ///< of the last message

 private:
  int patients_ = 0;
};

using Texts = std::vector<std::string>;
const Texts nobody{};
const Texts them{"hartwig.sonnenschein@example.org"};

}  // namespace

TEST_CASE("BIL-14: a patient is told so many days after the due date as the setting says, once each") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Office office(name);
    const auto invoice = office.issued();
    CHECK(office.at_time("2026-12-07T10:00:00Z") == nobody);
    CHECK(office.at_time("2026-12-08T08:59:00Z") == nobody);
    CHECK(office.at_time("2026-12-08T09:00:00Z") == them);
    CHECK(office.at_time("2026-12-08T18:00:00Z") == nobody);
    CHECK(office.at_time("2026-12-09T09:00:00Z") == nobody);
    CHECK(office.at_time("2026-12-21T09:00:00Z") == nobody);
    CHECK(office.at_time("2026-12-22T09:00:00Z") == them);
    CHECK(office.at_time("2026-12-23T09:00:00Z") == nobody);
    CHECK(office.at_time("2027-02-20T09:00:00Z") == nobody);
    CHECK(office.at_time("2027-07-20T09:00:00Z") == nobody);  // when what was sent is forgotten
    // NOT-3: number, day and the hospital's name; neither whose it is, nor what for, nor how much.
    CHECK(office.text.find(*invoice.number + ", due 2026-12-01\n") != std::string::npos);
    CHECK(office.text.find("Saint Mary Hospital") != std::string::npos);
    for (const std::string_view secret : {"Hartwig", "Sonnenschein", "Psychotherapy", "50", "5000", "GBP"})
      CHECK(office.text.find(secret) == std::string::npos);
  }
}

TEST_CASE("BIL-14: of what is paid, or owed by a payer alone, nobody is told; nor where there is no address") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Office office(name);
    const auto paid = office.issued();
    office.pay(paid);
    const auto payer =
        must(office.hospital().as(Role::tenant_admin).call(payers::Create{.code = "AOK", .name = "Sickness fund"}));
    office.issued({}, {{.payer_id = payer.id, .amount = 5'000}});
    office.issued(office.add_patient(""));
    const auto voided = office.issued();
    must(office.clerk().call(
        invoices::Void{.id = voided.id, .revision = voided.revision, .reason = "Entered for somebody else"}));
    // A part that is owed is enough.
    office.issued(office.add_patient("second@example.org"), {{.payer_id = payer.id, .amount = 4'999}});
    CHECK(office.at_time("2026-12-08T09:00:00Z") == Texts{"second@example.org"});
    // Without the setting nobody is.
    office.hospital().configure({.dunning_days = std::vector<std::uint32_t>{}});
    CHECK(office.at_time("2026-12-22T09:00:00Z") == nobody);
  }
}

TEST_CASE("BIL-14: what is paid while the message waits is not told of") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Office office(name);
    const auto first = office.issued();
    const auto second = office.issued();
    office.posted.sender->answer = [](const Message&) { return Delivery::later; };
    CHECK(office.at_time("2026-12-08T09:00:00Z").size() == 2);  // the sender takes neither
    office.pay(first);
    office.posted.sender->answer = nullptr;
    CHECK(office.at_time("2026-12-08T19:00:00Z") == them);
    CHECK(office.text.find(*second.number) != std::string::npos);
    CHECK(office.at_time("2026-12-09T19:00:00Z") == nobody);
  }
}

TEST_CASE("BIL-14: nobody is told of what their deposit is enough for, in its currency and for all that is overdue") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Office office(name);
    office.issued();
    const auto enough = office.deposit(office.patient, 5'000);
    const PatientId in_euro = office.add_patient("euro@example.org");
    office.issued(in_euro);
    office.deposit(in_euro, 5'000, Currency::parse("EUR"));
    const PatientId twice = office.add_patient("twice@example.org");
    office.issued(twice);
    office.issued(twice);
    office.deposit(twice, 9'999);
    CHECK(office.at_time("2026-12-08T09:00:00Z") ==
          Texts{"euro@example.org", "twice@example.org", "twice@example.org"});
    // It is told of once the deposit is going back.
    const auto refund = must(keyed(
        office.clerk(), refunds::Request{.payment_id = enough.id, .amount = 1, .reason = "It was too much by that"}));
    must(office.hospital().as(Role::tenant_admin).call(refunds::Approve{.id = refund.id, .revision = refund.revision}));
    CHECK(office.at_time("2026-12-09T09:00:00Z") == them);
  }
}

TEST_CASE("BIL-14: nor where it comes while the message waits") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Office office(name);
    office.issued();
    office.posted.sender->answer = [](const Message&) { return Delivery::later; };
    CHECK(office.at_time("2026-12-08T09:00:00Z") == them);  // the sender does not take it
    office.deposit(office.patient, 5'000);
    office.posted.sender->answer = nullptr;
    CHECK(office.at_time("2026-12-08T19:00:00Z") == nobody);
  }
}

TEST_CASE("BIL-14: of the steps that were missed, because nothing ran, the last is told") {
  Office office("memory");
  office.issued();
  CHECK(office.at_time("2026-12-28T11:00:00Z") == them);
  CHECK(office.at_time("2026-12-29T11:00:00Z") == nobody);
}
