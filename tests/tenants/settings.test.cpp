// What a tenant has set: who changed it, from what to what, and what it had shaped before.
#include <doctest/doctest.h>

#include "tests/support/events.hpp"
#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;

TEST_CASE("TEN-7: of each change it is told who made it and when, what holds now and what held before") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Hospital hospital = make_platform(TestEngine(name));
    const Session admin = hospital.as(Role::tenant_admin);
    hospital.configure({.no_show_block = 3U});
    hospital.clock->advance_s(60);
    const auto second = hospital.configure({.no_show_block = 5U});
    const auto revision = second.revision;
    CHECK(code_of(admin.call(settings::Update{.revision = revision - 1, .no_show_block = 7U})) == "conflict.revision");
    CHECK(fields_of(admin.call(settings::Update{.revision = revision, .country = std::string("XX")})) ==
          "/country:format.country");

    const auto history = must(admin.call(settings::History{}));
    REQUIRE(history.data.size() == 2);
    CHECK(history.data[0].no_show_block == 5);
    CHECK(history.data[1].no_show_block == 3);
    CHECK(history.data[0].updated_at == hospital.clock->now());
    CHECK(history.data[1].updated_at.plus_s(60) == hospital.clock->now());
    for (const auto& each : history.data) CHECK(each.updated_by == admin.user_id());
    CHECK(must(admin.call(settings::Get{})).no_show_block == 5);

    std::string told;
    for (const ReadEvent& each : events(hospital.as(Role::auditor))) {
      if (each.event.action != "settings.update") continue;
      told += each.text() + ";";
      CHECK(each.event.actor == admin.user_id().uuid);
    }
    CHECK(told ==
          "settings.update ok;settings.update ok;settings.update error conflict.revision;"
          "settings.update error invalid;");
  }
}

TEST_CASE("TEN-7: an invoice stays as it was issued, whatever the settings say by now") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Till till{TestEngine(name)};
    till.hospital.configure({.cash_rounding = 5U, .tax_mode = TaxMode::exclusive, .payment_terms_days = 14U});
    const auto before = till.issue(till.draft({medflow::testing::Till::line(till.pill, 3)}));
    CHECK(before.total == 540);
    till.hospital.configure({.invoice_prefix = std::string("NEW"),
                             .money_rounding = Rounding::half_even,
                             .cash_rounding = 10U,
                             .tax_mode = TaxMode::inclusive,
                             .payment_terms_days = 60U});
    const auto after = till.again(before.id);
    CHECK(after.revision == before.revision);
    CHECK(after.number == before.number);
    CHECK(after.tax_mode == TaxMode::exclusive);
    CHECK(after.rounding_mode == before.rounding_mode);
    CHECK(after.cash_rounding == 5);
    CHECK(after.total == before.total);
    CHECK(after.tax == before.tax);
    CHECK(after.due_date == before.due_date);
    CHECK(after.doc_hash == before.doc_hash);
    // The next one goes by what holds now.
    const auto next = till.issue(till.draft({medflow::testing::Till::line(till.pill, 3)}));
    CHECK(next.number->starts_with("NEW"));
    CHECK(next.total == 450);
    CHECK(next.due_date != before.due_date);
  }
}
