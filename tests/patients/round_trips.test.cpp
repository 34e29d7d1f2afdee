// A page costs storage the same number of questions, whatever its size. Not counted is the head of the audit log, by which a process
// sees whether others were at work in a store that they share.
#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <string>

#include "audit/tables.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/watched_engine.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// What a tenant's databases are asked: the data's and the key store's.
using Questions = std::atomic<int>;

class CountedTransaction final : public WrappedTransaction {
 public:
  CountedTransaction(storage::Transaction& inner, Questions& questions)
      : WrappedTransaction(inner), questions_(questions) {}
  void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
    if (table.id != audit::head_table.id) ++questions_;
    WrappedTransaction::get(table, keys, visit);
  }
  void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
    ++questions_;
    WrappedTransaction::scan(scan, visit);
  }

 private:
  Questions& questions_;
};

using CountedEngine = WatchedEngine<CountedTransaction, Questions>;

patients::Register person(int i) {
  return {.names = {{.family = "Person", .given = {"Ann"}}},
          .sex_admin = patients::Sex::female,
          .identifiers = {{.system = "urn:test:national", .value = "N" + std::to_string(i)}},
          .phones = {{.e164 = "+442071234567"}}};  // everybody's
}

}  // namespace

TEST_CASE("PAT-5: a page is three questions to storage at most, whatever its size") {
  constexpr int everybody = 250;
  for (const std::string_view name : durable_engine_names) {
    CAPTURE(name);
    const TestEngine inner(name);
    const auto clock = std::make_shared<FakeClock>();
    std::string email;
    {
      Hospital hospital(test_options(inner, clock), clock);
      const Session desk = hospital.as(Role::receptionist);
      for (int i = 0; i < everybody; ++i) must(desk.call(person(i)));
      email = hospital.member(Role::receptionist).email;
    }
    for (const std::uint32_t limit : {20U, 200U}) {
      for (const bool by_name : {true, false}) {
        CAPTURE(limit);
        CAPTURE(by_name);
        // Opened anew, so that no key is at hand. What is read once for all, the name index or the tokens, is read first.
        const auto engine = std::make_shared<CountedEngine>(inner);
        const Platform platform = must(Platform::open(test_options(engine, clock)));
        const auto tokens =
            must(platform.visit("saint-mary")
                     .call(auth::Login{.email = email, .password = Hospital::secret(Hospital::password)}));
        const Session desk = must(platform.authenticate(tokens.access_token));
        if (by_name)
          CHECK(must(desk.call(patients::List{.name = "nobody"})).data.empty());
        else
          CHECK(must(desk.call(patients::List{.identifier = "N1000"})).data.empty());
        clock->advance_s(301);  // and no key is kept from that
        engine->notes = 0;
        patients::List list{.limit = limit};
        if (by_name) {
          list.name = "person";
          CHECK(must(desk.call(std::move(list))).data.size() == limit);
        } else {
          list.phone = "+442071234567";
          CHECK(must(desk.call(std::move(list))).data.size() == limit);
        }
        CHECK(engine->notes.load() <= 3);
        CHECK(engine->notes.load() >= 1);
      }
    }
  }
}
