#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// "standard GBP 50000000 from 2020-01-01 to 2026-11-30", one a line.
std::string told(const prices::Item& item) {
  std::string text;
  for (const prices::Price& each : item.prices) {
    text += each.list + " " + std::string(each.currency.code()) + " " + std::to_string(each.price_micro) + " from " +
            each.valid_from.text();
    if (each.valid_to) text += " to " + each.valid_to->text();
    text += "\n";
  }
  return text;
}

prices::SetPrice set(const prices::Item& item, std::int64_t price_micro, std::string_view from) {
  return {.id = item.id, .revision = item.revision, .price_micro = price_micro, .valid_from = day(from)};
}

/// The price and the tax of one such item on a day, as an invoice finds them.
std::string charged(Till& till, const prices::Item& item, std::string_view on) {
  invoices::NewLine line = Till::line(item);
  line.service_date = day(on);
  line.description = "one of it";
  const auto drafted = till.clerk().call(
      invoices::Create{.patient_id = till.patient.id, .facility_id = till.hospital.home, .lines = {line}});
  if (!drafted.ok()) return fields_of(drafted);
  return std::to_string(drafted->lines[0].price_micro) + " " + std::to_string(drafted->lines[0].rate_micro);
}

}  // namespace

TEST_CASE("BIL-12: a price list keeps its history, and the price of the day of service is charged") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session admin = till.admin();
    auto item = till.visit;
    CHECK(told(item) == "standard GBP 50000000 from 2020-01-01\n");
    item = must(admin.call(set(item, 55'000'000, "2026-12-01")));
    prices::SetPrice other = set(item, 40'000'000, "2021-05-01");
    other.list = "staff";
    other.valid_to = day("2021-12-31");
    item = must(admin.call(other));
    other = set(item, 60'000'000, "2021-05-01");
    other.currency = Currency::parse("EUR");
    item = must(admin.call(other));
    const std::string all =
        "staff GBP 40000000 from 2021-05-01 to 2021-12-31\n"
        "standard EUR 60000000 from 2021-05-01\n"
        "standard GBP 50000000 from 2020-01-01 to 2026-11-30\n"
        "standard GBP 55000000 from 2026-12-01\n";
    CHECK(told(item) == all);
    CHECK(told(must(till.desk().call(prices::Get{.id = item.id}))) == all);
    CHECK(item.revision == 5);
    CHECK(charged(till, item, "2026-11-22") == "50000000 0");
    till.go_to("2026-12-02T09:00:00Z");
    CHECK(charged(till, item, "2026-11-30") == "50000000 0");
    CHECK(charged(till, item, "2026-12-01") == "55000000 0");
    CHECK(charged(till, item, "2019-12-31") == "/lines/0/price_micro:price.missing");
    CHECK(must(till.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-12: after the last day of a price there is none") {
  Till till{storage::memory_engine()};
  auto item = must(till.admin().call(prices::Create{.code = "CAMP", .name = "Campaign"}));
  prices::SetPrice november = set(item, 1'000'000, "2026-11-01");
  november.valid_to = day("2026-11-20");
  item = must(till.admin().call(november));
  CHECK(charged(till, item, "2026-11-20") == "1000000 0");
  CHECK(charged(till, item, "2026-11-21") == "/lines/0/price_micro:price.missing");
  // A price that begins after the end of the last one leaves that end where it is.
  item = must(till.admin().call(set(item, 2'000'000, "2026-11-22")));
  CHECK(told(item) == "standard GBP 1000000 from 2026-11-01 to 2026-11-20\nstandard GBP 2000000 from 2026-11-22\n");
  CHECK(charged(till, item, "2026-11-21") == "/lines/0/price_micro:price.missing");
}

TEST_CASE("BIL-12: what something did cost cannot be changed any more") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session admin = till.admin();
    const auto item = must(admin.call(set(till.visit, 55'000'000, "2026-12-01")));
    CHECK(code_of(admin.call(set(item, 1, "2026-12-01"))) == "price.history");
    CHECK(code_of(admin.call(set(item, 1, "2026-11-30"))) == "price.history");
    CHECK(code_of(admin.call(set(item, 1, "2019-01-01"))) == "price.history");
    prices::SetPrice request = set(item, 1, "2026-12-02");
    request.valid_to = day("2026-12-01");
    CHECK(fields_of(admin.call(request)) == "/valid_to:date.order");
    request = set(item, 1, "2026-12-02");
    request.revision = item.revision - 1;
    CHECK(code_of(admin.call(request)) == "conflict.revision");
    request.revision.reset();
    CHECK(code_of(admin.call(request)) == "precondition.required");
    request.revision = item.revision;
    request.price_micro = -1;
    CHECK(fields_of(admin.call(request)) == "/price_micro:number.out_of_range");
    request.price_micro = 1'000'000'000'000'001;
    CHECK(fields_of(admin.call(request)) == "/price_micro:number.out_of_range");
    request = set(item, 1, "2026-12-02");
    request.id = PriceItemId{item.id.uuid};
    request.id.uuid.bytes[15] ^= 1;
    CHECK(code_of(admin.call(request)) == "not_found");
    CHECK(code_of(till.clerk().call(set(item, 1, "2026-12-02"))) == "forbidden");
    CHECK(told(must(admin.call(prices::Get{.id = item.id}))) == told(item));
  }
}

TEST_CASE("BIL-12: an item is one code's, is made once, and knows its tax code") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session admin = till.admin();
    CHECK(code_of(admin.call(prices::Create{.code = "VISIT", .name = "Another"})) == "price.code_taken");
    CHECK(fields_of(admin.call(prices::Create{.code = "X", .name = "X", .tax_code = "NONE"})) ==
          "/tax_code:tax_code.unknown");
    CHECK(fields_of(admin.call(prices::Create{})) == "/code:required /name:required");
    prices::Create again{.id = till.visit.id, .code = "VISIT", .name = "Item VISIT"};
    CHECK(must(admin.call(again)).revision == till.visit.revision);
    again.name = "Something else";
    CHECK(code_of(admin.call(again)) == "conflict.id_reused");
    prices::Update change{.id = till.pill.id,
                          .revision = till.pill.revision,
                          .name = "Tablet",
                          .tax_code = "NONE",
                          .category = "pharmacy"};
    CHECK(fields_of(admin.call(change)) == "/tax_code:tax_code.unknown");
    change.tax_code = "Z";
    const auto changed = must(admin.call(change));
    CHECK(changed.name == "Tablet");
    CHECK(changed.category == "pharmacy");
    CHECK(changed.tax_code == "Z");
    CHECK(told(changed) == told(till.pill));
    CHECK(code_of(admin.call(change)) == "conflict.revision");
    CHECK(must(till.desk().call(prices::List{.category = "pharmacy"})).data.size() == 1);
    CHECK(must(till.desk().call(prices::List{.active = false})).data.empty());
    change.revision = changed.revision;
    change.active = false;
    change.revision = must(admin.call(change)).revision;
    change.active.reset();  // nothing is said about it
    must(admin.call(change));
    CHECK(must(till.desk().call(prices::List{.active = false})).data.size() == 1);
    CHECK(must(till.desk().call(prices::List{.active = true})).data.size() == 1);
    CHECK(charged(till, changed, "2026-11-22") == "/lines/0/item_id:item.unknown");
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-12: pages of items walk over all of them, and a cursor belongs to its filter") {
  Till till{storage::memory_engine()};
  for (int i = 0; i < 5; ++i) till.add_item("ITEM-" + std::to_string(i), 1'000'000, "");
  std::vector<std::string> seen;
  prices::List list{.limit = 3};
  for (;;) {
    const auto page = must(till.desk().call(list));
    for (const auto& each : page.data) seen.push_back(each.code);
    if (!page.page.next) break;
    list.cursor = *page.page.next;
  }
  std::sort(seen.begin(), seen.end());  // the clock stands, so ids are in no order
  CHECK(seen == std::vector<std::string>{"ITEM-0", "ITEM-1", "ITEM-2", "ITEM-3", "ITEM-4", "PILL", "VISIT"});
  list.cursor = *must(till.desk().call(prices::List{.limit = 3})).page.next;
  list.active = true;
  CHECK(code_of(till.desk().call(list)) == "cursor.invalid");
}

TEST_CASE("BIL-12: a service is charged with an item that there is") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    services::Update update{.id = till.service.id,
                            .revision = till.service.revision,
                            .code = till.service.code,
                            .name = till.service.name,
                            .price_item_id = PriceItemId{till.service.id.uuid}};
    CHECK(fields_of(till.admin().call(update)) == "/price_item_id:item.unknown");
    CHECK(fields_of(till.admin().call(services::Create{
              .code = "C", .name = "C", .resources_needed = {}, .price_item_id = update.price_item_id})) ==
          "/resources_needed:required /price_item_id:item.unknown");
    update.price_item_id = till.visit.id;
    CHECK(must(till.admin().call(update)).price_item_id == till.visit.id);
  }
}

TEST_CASE("BIL-2: a rate begins on its day, and rates that hold or held stay as they are") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto rate = [](std::string_view from, std::uint32_t micro) {
      return tax_codes::Rate{.valid_from = day(from), .rate_micro = micro};
    };
    auto code = must(till.admin().call(tax_codes::Create{
        .code = "R", .name = "Reduced", .rates = {rate("2026-11-22", 50'000), rate("2021-01-01", 70'000)}}));
    REQUIRE(code.rates.size() == 2);
    CHECK(code.rates[0].rate_micro == 70'000);  // by their first days, however they were sent
    const auto change = [&](std::vector<tax_codes::Rate> rates) {
      return tax_codes::Update{.id = code.id, .revision = code.revision, .name = "Reduced", .rates = std::move(rates)};
    };
    const tax_codes::Rate first = code.rates[0];
    const tax_codes::Rate second = code.rates[1];
    CHECK(code_of(till.admin().call(change({first}))) == "tax_code.history");
    CHECK(code_of(till.admin().call(change({first, rate("2026-11-22", 60'000)}))) == "tax_code.history");
    CHECK(code_of(till.admin().call(change({first, rate("2026-01-01", 1), second}))) == "tax_code.history");
    CHECK(fields_of(till.admin().call(change({first, second, rate("2027-01-01", 1), rate("2027-01-01", 2)}))) ==
          "/rates/3/valid_from:rate.repeated");
    code = must(till.admin().call(change({rate("2026-11-23", 100'000), second, first})));
    code = must(till.admin().call(change({first, second, rate("2026-11-23", 90'000), rate("2027-01-01", 80'000)})));
    CHECK(code.rates.size() == 4);
    const auto item = till.add_item("MEAL", 1'000'000, "R");
    CHECK(charged(till, item, "2020-12-31") == "1000000 0");
    CHECK(charged(till, item, "2021-01-01") == "1000000 70000");
    CHECK(charged(till, item, "2026-11-21") == "1000000 70000");
    CHECK(charged(till, item, "2026-11-22") == "1000000 50000");
    till.go_to("2026-11-23T00:00:00Z");
    CHECK(charged(till, item, "2026-11-23") == "1000000 90000");
    CHECK(code_of(till.admin().call(change({first, second, rate("2026-11-23", 1)}))) == "tax_code.history");
    auto end = change(code.rates);
    end.active = false;
    end.revision = must(till.admin().call(end)).revision;
    end.active.reset();
    must(till.admin().call(end));
    CHECK(charged(till, item, "2026-11-23") == "/lines/0/tax_code:tax_code.unknown");
    CHECK(fields_of(till.admin().call(prices::Create{.code = "N", .name = "N", .tax_code = "R"})) ==
          "/tax_code:tax_code.unknown");
    // The item that has it is changed in other ways nevertheless.
    CHECK(code_of(till.admin().call(
              prices::Update{.id = item.id, .revision = item.revision, .name = "Meals", .tax_code = "R"})) == "ok");
    CHECK(must(till.desk().call(tax_codes::List{.active = true})).data.size() == 2);
    CHECK(must(till.desk().call(tax_codes::List{})).data.size() == 3);
    CHECK(must(till.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-2: a tax code is made once") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session admin = till.admin();
    CHECK(code_of(admin.call(tax_codes::Create{.code = "S", .name = "Another"})) == "tax_code.taken");
    tax_codes::Create request{.code = "E", .name = "Exempt"};
    const auto made = must(admin.call(request));
    request.id = made.id;
    CHECK(must(admin.call(request)).created_at == made.created_at);
    request.rates = {{.valid_from = day("2020-01-01")}};
    CHECK(code_of(admin.call(request)) == "conflict.id_reused");
    CHECK(code_of(till.desk().call(tax_codes::Create{.code = "F", .name = "F"})) == "forbidden");
    const std::vector<tax_codes::Rate> above = {{.valid_from = day("2020-01-01"), .rate_micro = 1'000'001}};
    CHECK(fields_of(admin.call(tax_codes::Create{.code = "F", .name = "F", .rates = above})) ==
          "/rates/0/rate_micro:number.out_of_range");
    CHECK(code_of(admin.call(tax_codes::Update{.id = {made.id.uuid}, .name = "X"})) == "precondition.required");
    CHECK(code_of(admin.call(tax_codes::Update{.id = made.id, .revision = 7, .name = "X"})) == "conflict.revision");
    CHECK(code_of(admin.call(tax_codes::Update{.id = {till.visit.id.uuid}, .revision = 1, .name = "X"})) ==
          "not_found");
  }
}

TEST_CASE("BIL-17: a rule is data: what it says is kept, and what cannot be is refused") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session admin = till.admin();
    fee_rules::Create request{.name = "Two visits in ten days",
                              .service_ids = {till.service.id, till.service.id},
                              .practitioner_ids = {till.doctor.id},
                              .visits = 2,
                              .days = 10,
                              .percent_micro = 500'000,
                              .valid_from = day("2026-01-01")};
    const auto made = must(admin.call(request));
    CHECK(made.kind == fee_rules::RuleKind::follow_up);
    CHECK(made.service_ids == std::vector<ServiceId>{till.service.id});
    CHECK(made.practitioner_ids == std::vector<PractitionerId>{till.doctor.id});
    CHECK(made.visits == 2);
    CHECK(made.days == 10);
    CHECK(made.percent_micro == 500'000);
    CHECK(made.active);
    request.id = made.id;
    CHECK(must(admin.call(request)).created_at == made.created_at);
    request.days = 11;
    CHECK(code_of(admin.call(request)) == "conflict.id_reused");

    const auto refused = [&](const fee_rules::Create& wrong) { return fields_of(admin.call(wrong)); };
    CHECK(refused({.name = "x"}) == "/days:required");
    CHECK(refused({.name = "x", .kind = fee_rules::RuleKind::exemption}) == "/age_from:required");
    CHECK(refused({.name = "x", .kind = fee_rules::RuleKind::exemption, .age_from = 65, .age_below = 65}) ==
          "/age_below:age.order");
    CHECK(refused({.name = "x", .days = 1, .valid_from = day("2026-02-01"), .valid_to = day("2026-01-31")}) ==
          "/valid_to:date.order");
    CHECK(refused({.name = "x", .days = 1, .percent_micro = 0}) == "/percent_micro:number.out_of_range");
    CHECK(refused({.name = "x", .visits = 101, .days = 731}) ==
          "/visits:number.out_of_range /days:number.out_of_range");
    CHECK(refused({.name = "x",
                   .service_ids = {till.service.id, {till.doctor.id.uuid}},
                   .practitioner_ids = {{till.service.id.uuid}},
                   .days = 1}) == "/service_ids/1:service.unknown /practitioner_ids/0:resource.unknown");
    CHECK(code_of(till.clerk().call(fee_rules::Create{.name = "x", .days = 1})) == "forbidden");

    const auto child = must(admin.call(fee_rules::Create{
        .name = "Children", .kind = fee_rules::RuleKind::exemption, .age_below = 14, .valid_to = day("2026-12-31")}));
    CHECK_FALSE(child.age_from);
    fee_rules::Update end{.id = made.id, .revision = made.revision, .name = made.name, .valid_to = day("2025-12-31")};
    CHECK(fields_of(admin.call(end)) == "/valid_to:date.order");
    end.valid_to = day("2026-06-30");
    end.active = false;
    const auto ended = must(admin.call(end));
    CHECK(ended.days == 10);
    CHECK(ended.valid_to == day("2026-06-30"));
    CHECK(code_of(admin.call(end)) == "conflict.revision");
    end.revision = ended.revision;
    end.active.reset();
    CHECK_FALSE(must(admin.call(end)).active);
    const auto ids = [&](std::optional<bool> active) {
      std::vector<FeeRuleId> found;
      for (const auto& each : must(till.desk().call(fee_rules::List{.active = active})).data) found.push_back(each.id);
      return found;
    };
    CHECK(ids({}) == std::vector<FeeRuleId>{std::min(made.id, child.id), std::max(made.id, child.id)});
    CHECK(ids(true) == std::vector<FeeRuleId>{child.id});
    CHECK(ids(false) == std::vector<FeeRuleId>{made.id});
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}
