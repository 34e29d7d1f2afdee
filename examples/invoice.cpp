// Money: a price list, an invoice that a sickness fund shares, a payment, a refund that two people agree to, and a ledger that proves itself.
#include <cstdio>

#include "medflow/medflow.hpp"
using namespace medflow;

namespace {

auto must(auto result) { return result.ok() ? std::move(*result) : throw Failure(result.error()); }

/// What moves money carries a key of the caller's own: sent again under the same key it has no further effect.
CallContext once(const char* key) { return {.idempotency_key = key}; }

Session join(const Platform& platform, const users::Invitation& invitation) {
  const Session visitor = platform.visit("general");
  must(visitor.call(auth::Register{.invitation = Secret(invitation.token), .password = Secret("violet tundra 47")}));
  const auto tokens =
      must(visitor.call(auth::Login{.email = *invitation.user.email, .password = Secret("violet tundra 47")}));
  return must(platform.authenticate(tokens.access_token));
}

void run(const Session& admin, const Session& clerk, const PatientId anna) {
  // What is charged, since when, and how it is taxed.
  const Date new_year = *Date::parse("2026-01-01");
  must(admin.call(tax_codes::Create{.code = "S", .name = "Standard", .rates = {{new_year, 200'000}}}));
  auto item = must(admin.call(prices::Create{.code = "XRAY", .name = "X-ray of the chest", .tax_code = "S"}));
  must(admin.call(
      prices::SetPrice{.id = item.id, .revision = item.revision, .price_micro = 125'500'000, .valid_from = new_year}));

  // A sickness fund pays what is above 20.00, up to 80.00 of each invoice.
  const auto fund = must(admin.call(payers::Create{.code = "FUND", .name = "Sickness fund"}));
  must(clerk.call(coverages::Create{.patient_id = anna,
                                    .payer_id = fund.id,
                                    .member_id = "A123456789",
                                    .valid_from = new_year,
                                    .limits = {.per_visit = 8'000},
                                    .copay = {.kind = coverages::CopayKind::fixed, .value = 2'000}}));

  // A draft becomes an invoice: it has a number without gaps, and does not change any more.
  const auto draft = must(clerk.call(invoices::Create{.patient_id = anna, .lines = {{.item_id = item.id}}}));
  auto invoice = must(clerk.call(invoices::Issue{.id = draft.id, .revision = draft.revision}, once("issue-1")));
  std::printf("%s: net %d, tax %d, total %d; the fund pays %d, the patient %d\n", invoice.number->c_str(),
              static_cast<int>(invoice.net), static_cast<int>(invoice.tax), static_cast<int>(invoice.total),
              static_cast<int>(invoice.shares.front().amount), static_cast<int>(invoice.patient_share));
  const auto edited = clerk.call(invoices::Update{.id = invoice.id, .revision = invoice.revision});
  std::printf("edited: %s\n", edited.error().code.name.data());

  // What is paid beyond what is owed is a deposit. The same call again is the same payment.
  const payments::RecordPayment cash{
      .patient_id = anna, .method = payments::PaymentMethod::cash, .amount = invoice.patient_share + 1'000};
  const auto paid = must(clerk.call(cash, once("pay-1")));
  const bool same = must(clerk.call(cash, once("pay-1"))).id == paid.id;
  std::printf("paid %d, of it on deposit %d; sent twice: %s\n", static_cast<int>(paid.amount),
              static_cast<int>(paid.unallocated), same ? "one payment" : "two");

  // A refund takes a second person.
  auto refund = must(clerk.call(
      refunds::Request{.payment_id = paid.id, .amount = 1'000, .reason = "paid more than was owed"}, once("back-1")));
  const auto own = clerk.call(refunds::Approve{.id = refund.id, .revision = refund.revision});
  refund = must(admin.call(refunds::Approve{.id = refund.id, .revision = refund.revision}));
  must(clerk.call(refunds::Complete{.id = refund.id, .revision = refund.revision}, once("back-2")));
  std::printf("approved by the one who asked: %s\n", own.error().code.name.data());

  // The ledger adds up, and says so itself.
  const auto balances = must(clerk.call(ledger::TrialBalance{}));
  const auto verified = must(clerk.call(ledger::Verify{}));
  invoice = must(clerk.call(invoices::Get{.id = invoice.id}));
  std::printf("still owed %d; debits are credits: %s; %d entries: %s\n", static_cast<int>(invoice.balance),
              balances.balanced ? "yes" : "no", static_cast<int>(verified.entries),
              verified.sound ? "sound" : "not sound");
}

}  // namespace

int main() {
  const auto platform = must(Platform::open({.engine = storage::memory_engine(),
                                             .root_key = memory_root_key(std::array<std::byte, 32>{std::byte{7}}),
                                             .create = true}));
  const Session root = platform.local_operator("invoice");
  const auto hospital = must(root.call(tenants::Provision{
      .slug = "general", .name = "General", .default_zone = {"Europe/Rome"}, .currency = *Currency::parse("EUR")}));
  const Session admin = join(platform, must(root.call(users::InviteFirstAdmin{hospital.id, "ada@example.org", "Ada"})));
  const auto facility = must(admin.call(facilities::List{})).data.front().id;
  const Session desk =
      join(platform, must(admin.call(users::Invite{"rita@example.org", "Rita", {Role::receptionist}, {facility}})));
  const Session clerk =
      join(platform, must(admin.call(users::Invite{"bert@example.org", "Bert", {Role::billing_clerk}, {facility}})));
  run(admin, clerk, must(desk.call(patients::Register{.names = {{.family = "Müller", .given = {"Anna"}}}})).id);
}
