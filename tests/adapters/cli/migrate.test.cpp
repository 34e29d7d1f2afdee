// `medflow migrate`: all tenants at once, each with its own outcome, and the same command goes on.
#include "storage/sqlite/migrate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "kernel/outside.hpp"
#include "medflow/medflow.hpp"
#include "tenants/entities.hpp"
#include "tests/adapters/cli/process.hpp"
#include "tests/support/raw_sqlite.hpp"

using namespace medflow;
using namespace medflow::tests;

namespace {

/// Three tenants, as far as their own tables go those of this version; the directory knows of none.
struct Town {
  Home home{};
  std::vector<std::string> ids{};

  Town() {
    create_root_key_file(home / "root.key", *system_rng());
    const auto state = std::make_shared<kernel::PlatformState>(PlatformOptions{
        .engine = storage::sqlite_engine(home / "data"), .root_key = file_root_key(home / "root.key"), .create = true});
    state->open();
    const Session root(state->operator_session("test"));
    for (const char* slug : {"east", "north", "west"}) {
      const auto made = root.call(tenants::Provision{
          .slug = slug, .name = slug, .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")});
      REQUIRE(made.ok());
      ids.push_back(made->id.text());
    }
    forget_versions(*state);
    state->close();
  }

  Ran run(std::vector<std::string> words) const {
    words.insert(words.begin(), "migrate");
    return Process(home, words,
                   {{"DATABASE_URL", "sqlite:" + (home / "data")},
                    {"MEDFLOW_ROOT_KEY_FILE", home / "root.key"},
                    {"MEDFLOW_CHECKPOINT_DIR", "none"}})
        .wait();
  }

  /// As a later version leaves a store.
  void make_newer(std::size_t tenant) const {
    testing::RawSqlite raw(storage::sqlite::load_library(storage::sqlite::LibraryKind::sqlite),
                           home / ("data/" + ids[tenant] + "/data.db"));
    std::string future = "INSERT INTO ";
    future.append(storage::sqlite::migrations_table).append(" VALUES (99, 'of the future')");
    raw.run(future);
  }

 private:
  static void forget_versions(kernel::PlatformState& state) {
    const auto session = state.operator_session("test");
    kernel::CallFrame frame{.session = session.get(),
                            .store = state.platform().get(),
                            .row = find_operation("tenants.list"),
                            .now = state.clock().now()};
    kernel::Outside(frame).write_in(*state.platform(), [](kernel::Work& work) {
      kernel::Rows<tenants::Tenant> rows(work);
      std::vector<tenants::Tenant> all;
      rows.scan({}, [&](tenants::Tenant tenant) {
        all.push_back(std::move(tenant));
        return true;
      });
      for (auto& tenant : all) {
        tenant.schema_version = 0;
        rows.update(tenant, tenant.revision);
      }
    });
  }
};

bool has(const Ran& ran, const std::string& text) { return (ran.out + ran.err).find(text) != std::string::npos; }

}  // namespace

TEST_CASE(
    "TEN-5, CLI-2: migrate --all says what became of each tenant; one that fails stops nobody, and the exit code "
    "tells") {
  const Town town;
  const Ran looked = town.run({"--all", "--dry-run"});
  CHECK(looked.exit == 0);
  for (const char* slug : {"east", "north", "west"}) CHECK(has(looked, std::string(slug) + ": behind at 0"));

  town.make_newer(1);
  const Ran first = town.run({"--all", "-j8", "--json"});
  CHECK(first.exit == 1);
  CHECK(has(first, R"({"tenant":"east","outcome":"migrated","from":0,"to":1,)"));
  CHECK(has(first, R"({"tenant":"west","outcome":"migrated","from":0,"to":1,)"));
  CHECK(has(first, R"({"tenant":"north","outcome":"failed","from":0,"to":0,"code":"schema.newer",)"));
  CHECK(has(first, "1 of 3 tenants could not be migrated"));

  const Ran second = town.run({"--all"});
  CHECK(second.exit == 1);
  CHECK(has(second, "east: current at 1"));
  CHECK(has(second, "north: failed (schema.newer"));
  CHECK(town.run({"--tenant", "west"}).exit == 0);
}

TEST_CASE("TEN-5, CLI-2: migrate wants to be told whom, and says who is not there") {
  const Town town;
  CHECK(town.run({}).exit == 2);
  CHECK(town.run({"--all", "--tenant", "east"}).exit == 2);
  const Ran nobody = town.run({"--tenant", "nobody"});
  CHECK(nobody.exit == 3);
  CHECK(has(nobody, "nobody: there is no such tenant"));
}
