#include "audit/row_ledger.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "tests/audit/fixture.hpp"

using namespace medflow;
using namespace medflow::audit;
using namespace medflow::audit::testing;

namespace {

/// One event about one row; answers whether its revision was reported.
bool breaks(RowLedger& ledger, std::uint64_t id, std::uint64_t revision, bool removed = false) {
  Event event{.seq = revision * 10,
              .rows = {{.table = 30, .id = some_uuid(id), .revision = revision, .removed = removed}}};
  event.rows[0].seal.fill(static_cast<std::byte>(revision));
  bool broken = false;
  ledger.add(event, [&](const RowEntry& entry) {
    broken = true;
    CHECK(entry == event.rows[0]);
  });
  return broken;
}

}  // namespace

TEST_CASE("AUD-2: a row's revisions are 1, 2, 3 …") {
  RowLedger ledger;
  CHECK_FALSE(breaks(ledger, 1, 1));
  CHECK_FALSE(breaks(ledger, 1, 2));
  CHECK_FALSE(breaks(ledger, 2, 1));
  CHECK_FALSE(breaks(ledger, 1, 3));
  const auto* row = ledger.find(30, some_uuid(1));
  REQUIRE(row != nullptr);
  CHECK(row->revision == 3);
  CHECK(row->seq == 30);
  CHECK(row->seal[0] == std::byte{3});
}

TEST_CASE("AUD-2: a row that was put back and written again is seen") {
  RowLedger ledger;
  for (std::uint64_t revision = 1; revision <= 4; ++revision) CHECK_FALSE(breaks(ledger, 1, revision));
  SUBCASE("from the last revision but one") { CHECK(breaks(ledger, 1, 4)); }
  SUBCASE("from the first") { CHECK(breaks(ledger, 1, 2)); }
  SUBCASE("made anew") { CHECK(breaks(ledger, 1, 1)); }
  SUBCASE("with revisions left out") { CHECK(breaks(ledger, 1, 6)); }
  SUBCASE("after its removal") {
    CHECK_FALSE(breaks(ledger, 1, 5, true));
    CHECK(breaks(ledger, 1, 6));
  }
}

TEST_CASE("AUD-2: a removed row may be made anew") {
  RowLedger ledger;
  CHECK_FALSE(breaks(ledger, 1, 1));
  CHECK_FALSE(breaks(ledger, 1, 2, true));
  CHECK(ledger.find(30, some_uuid(1))->removed);
  CHECK_FALSE(breaks(ledger, 1, 1));
  CHECK_FALSE(ledger.find(30, some_uuid(1))->removed);
}

TEST_CASE("AUD-2: rows that should be there and are not are named") {
  RowLedger ledger;
  CHECK(ledger.find(30, some_uuid(1)) == nullptr);
  for (std::uint64_t id = 1; id <= 3'000; ++id) CHECK_FALSE(breaks(ledger, id, 1));
  CHECK_FALSE(breaks(ledger, 10, 2, true));
  CHECK(ledger.size() == 3'000);
  CHECK(ledger.find(31, some_uuid(1)) == nullptr);
  CHECK(ledger.find(30, some_uuid(3'001)) == nullptr);
  for (std::uint64_t id = 1; id <= 3'000; ++id)
    if (id != 10 && id != 77) REQUIRE(ledger.find(30, some_uuid(id))->id == some_uuid(id));
  std::vector<Uuid> missing;
  ledger.for_each_missing([&](const RowState& row) { missing.push_back(row.id); });
  CHECK(missing == std::vector{some_uuid(77)});
}

TEST_CASE("AUD-2: rows of two tables may have one id") {
  RowLedger ledger;
  Event event{
      .rows = {{.table = 30, .id = some_uuid(1), .revision = 1}, {.table = 31, .id = some_uuid(1), .revision = 1}}};
  int broken = 0;
  ledger.add(event, [&](const RowEntry&) { ++broken; });
  CHECK(broken == 0);
  CHECK(ledger.find(30, some_uuid(1)) != ledger.find(31, some_uuid(1)));
}
