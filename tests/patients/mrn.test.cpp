// Numbers of a counter are taken on trust as long as none of another kind was ever given: then somebody could have one already.
#include "patients/mrn.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <vector>

#include "kernel/tables.hpp"
#include "patients/entities.hpp"
#include "patients/token_table.hpp"
#include "storage/entity.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/watched_engine.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

struct Notes {
  std::atomic<bool> earlier{false};                  ///< as before it was counted which kinds of numbers were given
  std::atomic<bool> refuses{false};                  ///< every patient's row
  std::atomic<int> searches{0};                      ///< for a token
  std::atomic<std::int64_t> year_min{0};             ///< what a year's counter is shown as at least
  std::atomic<std::int64_t> counter_max{INT64_MAX};  ///< what the counter of record numbers is shown as at most
};

class Watcher final : public WrappedTransaction {
 public:
  Watcher(storage::Transaction& inner, Notes& notes) : WrappedTransaction(inner), notes_(notes) {}
  void insert(const storage::Table& table, storage::RowView row) override {
    if (notes_.refuses && table.id == storage::layout_of<patients::Patient>().table().id)
      throw storage::Fault{storage::FaultKind::unique, "key"};
    if (!hidden(table, row)) WrappedTransaction::insert(table, row);
  }
  void update(const storage::Table& table, storage::RowView row, storage::Revision expected) override {
    if (!hidden(table, row)) WrappedTransaction::update(table, row, expected);
  }
  void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
    if (scan.table->id == patients::tokens_table.id) ++notes_.searches;
    if (scan.table->id != kernel::counters_table.id) return WrappedTransaction::scan(scan, visit);
    WrappedTransaction::scan(scan, [&](storage::RowView row) {
      std::vector<storage::Cell> cells(row.begin(), row.end());
      if (cells[0].data == "mrn") cells[2].integer = std::min(cells[2].integer, notes_.counter_max.load());
      if (cells[0].data.starts_with("mrn.20")) cells[2].integer = std::max(cells[2].integer, notes_.year_min.load());
      return visit(cells);
    });
  }

 private:
  bool hidden(const storage::Table& table, storage::RowView row) const {
    return notes_.earlier && table.id == kernel::counters_table.id && row[0].data == "mrn.kinds";
  }

  Notes& notes_;
};

using Watched = WatchedEngine<Watcher, Notes>;

patients::Register person(std::string mrn = {}) {
  return {.mrn = std::move(mrn), .names = {{.family = "Person", .given = {"Ann"}}}, .sex_admin = patients::Sex::female};
}

Session sign_in(const Platform& platform, const std::string& email) {
  const auto tokens = must(
      platform.visit("saint-mary").call(auth::Login{.email = email, .password = Hospital::secret(Hospital::password)}));
  return must(platform.authenticate(tokens.access_token));
}

std::string serial(const std::string& digits) { return "MF-" + digits + '-' + patients::luhn_digit(digits); }

}  // namespace

TEST_CASE("PAT-2: a number that was given by hand is not given again by a counter") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Hospital hospital = make_platform(TestEngine(name));
    const Session desk = hospital.as(Role::receptionist);
    CHECK(must(desk.call(person())).mrn == serial("00000001"));
    CHECK(must(desk.call(person())).mrn == serial("00000002"));
    hospital.configure({.mrn_strategy = settings::MrnStrategy::manual});
    CHECK(must(desk.call(person(serial("00000004")))).mrn == serial("00000004"));
    hospital.configure({.mrn_strategy = settings::MrnStrategy::serial});
    CHECK(must(desk.call(person())).mrn == serial("00000003"));
    CHECK(must(desk.call(person())).mrn == serial("00000005"));
  }
}

TEST_CASE("PAT-2: nor is one that was given by hand before anybody got a counter's") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Hospital hospital = make_platform(TestEngine(name));
    const Session desk = hospital.as(Role::receptionist);
    hospital.configure({.mrn_strategy = settings::MrnStrategy::manual});
    for (const char* const digits : {"00000002", "00000003", "00000004"}) must(desk.call(person(serial(digits))));
    hospital.configure({.mrn_strategy = settings::MrnStrategy::serial});
    CHECK(must(desk.call(person())).mrn == serial("00000001"));
    CHECK(must(desk.call(person())).mrn == serial("00000005"));
    CHECK(must(desk.call(person())).mrn == serial("00000006"));
  }
}

TEST_CASE("PAT-2: a counter's numbers are looked up at first, and then taken on trust, each counter's") {
  const TestEngine inner("sqlite");
  const auto engine = std::make_shared<Watched>(inner);
  const auto clock = std::make_shared<FakeClock>();
  Hospital hospital(test_options(engine, clock), clock);
  const Session desk = hospital.as(Role::receptionist);
  const auto searches = [&](int registrations) {
    engine->notes.searches = 0;
    for (int i = 0; i < registrations; ++i) must(desk.call(person()));
    return engine->notes.searches.load();
  };
  CHECK(searches(32) == 32);
  CHECK(searches(40) == 0);
  hospital.configure({.mrn_strategy = settings::MrnStrategy::year_serial});
  CHECK(searches(32) == 32);
  CHECK(searches(40) == 0);
  hospital.configure({.mrn_strategy = settings::MrnStrategy::facility_serial});
  CHECK(searches(40) == 40);
  hospital.configure({.mrn_strategy = settings::MrnStrategy::serial});
  CHECK(searches(40) == 40);  // a facility's mark may be part of a prefix
}

TEST_CASE("PAT-2: a counter that was set back behind our back gives nobody's number again") {
  for (const std::string_view name : durable_engine_names) {
    for (const std::int64_t set_back : {2, 19}) {
      CAPTURE(name);
      CAPTURE(set_back);
      const TestEngine inner(name);
      const auto engine = std::make_shared<Watched>(inner);
      const auto clock = std::make_shared<FakeClock>();
      std::set<std::string> numbers;
      std::string email;
      const auto register_some = [&](const Session& desk, int count) {
        for (int i = 0; i < count; ++i) CHECK(numbers.insert(must(desk.call(person())).mrn).second);
      };
      {
        Hospital hospital(test_options(engine, clock), clock);
        const Session desk = hospital.as(Role::receptionist);
        register_some(desk, 20);
        engine->notes.refuses = true;
        for (int i = 0; i < 20; ++i) CHECK_FALSE(desk.call(person()).ok());  // each tried twice: 40 numbers are lost
        engine->notes.refuses = false;
        register_some(desk, 10);
        CHECK(*numbers.rbegin() == serial("00000070"));
        email = hospital.member(Role::receptionist).email;
      }
      engine->notes.counter_max = set_back;
      const Platform platform = must(Platform::open(test_options(engine, clock)));
      register_some(sign_in(platform, email), 60);
    }
  }
}

TEST_CASE("PAT-2: in a hospital of before nobody's number is taken on trust") {
  for (const std::string_view name : durable_engine_names) {
    CAPTURE(name);
    const TestEngine inner(name);
    const auto engine = std::make_shared<Watched>(inner);
    engine->notes.earlier = true;
    const auto clock = std::make_shared<FakeClock>();
    std::string email;
    {
      Hospital hospital(test_options(engine, clock), clock);
      hospital.configure({.mrn_strategy = settings::MrnStrategy::manual});
      must(hospital.as(Role::receptionist).call(person(serial("00000036"))));
      hospital.configure({.mrn_strategy = settings::MrnStrategy::serial});
      email = hospital.member(Role::receptionist).email;
    }
    engine->notes.earlier = false;
    const Platform platform = must(Platform::open(test_options(engine, clock)));
    const Session desk = sign_in(platform, email);
    for (int i = 1; i < 36; ++i) must(desk.call(person()));
    CHECK(must(desk.call(person())).mrn == serial("00000037"));
  }
}

TEST_CASE("PAT-2: numbers of a year that have become longer than a year's are looked up: a serial could be alike") {
  const TestEngine inner("sqlite");
  const auto engine = std::make_shared<Watched>(inner);
  const auto clock = std::make_shared<FakeClock>();
  std::string email;
  {
    Hospital hospital(test_options(engine, clock), clock);
    hospital.configure({.mrn_strategy = settings::MrnStrategy::year_serial});
    must(hospital.as(Role::receptionist).call(person()));
    email = hospital.member(Role::receptionist).email;
  }
  engine->notes.year_min = 999'960;
  const Platform platform = must(Platform::open(test_options(engine, clock)));
  const Session desk = sign_in(platform, email);
  engine->notes.searches = 0;
  for (int i = 0; i < 39; ++i) must(desk.call(person()));
  CHECK(engine->notes.searches == 32);
  for (int i = 0; i < 5; ++i) must(desk.call(person()));
  CHECK(engine->notes.searches == 32 + 5);
}
