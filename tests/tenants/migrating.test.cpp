// TEN-5: every tenant has a version of its own, is brought to that of the build one by one, and can be read until then.
#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "medflow/testing/faulty_engine.hpp"
#include "medflow/testing/wrapped_engine.hpp"
#include "tests/support/child.hpp"
#include "tests/tenants/builds.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

const std::vector<std::string> slugs{"north", "south", "west"};

/// A deployment of this build with some hospitals, each with a receptionist and a patient.
struct Town {
  explicit Town(const std::shared_ptr<storage::Engine>& engine, std::shared_ptr<FakeClock> its_clock)
      : clock(std::move(its_clock)) {
    for (const std::string& slug : slugs) {
      Hospital hospital(test_options(engine, clock), clock, slug);
      hospital.add_patients(3);
      ids[slug] = hospital.tenant.id;
      desks[slug] = hospital.member(Role::receptionist).tokens.access_token;
      admins[slug] = hospital.member(Role::tenant_admin).tokens.access_token;
    }
  }

  std::shared_ptr<FakeClock> clock;
  std::map<std::string, TenantId> ids{};
  std::map<std::string, std::string> desks{};
  std::map<std::string, std::string> admins{};
};

/// Of who brings the platform's own tables to its version.
PlatformOptions migrating(std::shared_ptr<storage::Engine> engine, std::shared_ptr<FakeClock> clock) {
  PlatformOptions options = test_options(std::move(engine), std::move(clock));
  options.migrate = true;
  return options;
}

std::string write_in(const LaterBuild& build, const Town& town, const std::string& slug) {
  return code_of(build.as(town.admins.at(slug)).call(facilities::Create{.name = "New", .zone = {"Europe/London"}}));
}

/// What the desk sees: by list, by name, by identifier.
std::string seen(const LaterBuild& build, const Town& town, const std::string& slug) {
  const Session desk = build.as(town.desks.at(slug));
  std::string text;
  for (const auto& query :
       {patients::List{}, patients::List{.name = "okafor"}, patients::List{.identifier = "T100001"}}) {
    for (const auto& patient : must(desk.call(query)).data) text += patient.id.text() + ' ';
    text += '|';
  }
  return text;
}

bool intact(const LaterBuild& build, const Town& town, const std::string& slug) {
  return must(build.as(town.admins.at(slug)).call(audit::Verify{})).intact;
}

Result<tenants::Tenant> migrate(const LaterBuild& build, const Town& town, const std::string& slug) {
  return build.root().call(tenants::Migrate{.id = town.ids.at(slug)});
}

/// The table of that version can be used.
bool has_table(const LaterBuild& build, const Town& town, const std::string& slug, std::uint32_t later) {
  try {
    build.state().store(town.ids.at(slug))->data().write([&](storage::Transaction& transaction) {
      const storage::Cell row[] = {storage::Cell::of(1)};
      transaction.insert(LaterTables::table(later), row);
      transaction.erase(LaterTables::table(later), row);
    });
    return true;
  } catch (const storage::Fault&) {
    return false;
  }
}

/// Runs something at the n-th time that an engine opens a database to migrate it: before, or once that is done.
class Opening final : public WrappedEngine {
 public:
  using Hook = std::function<void(const storage::StoreName&, bool after)>;
  Opening(std::shared_ptr<storage::Engine> inner, Hook hook)
      : WrappedEngine(std::move(inner)), hook_(std::move(hook)) {}

  std::unique_ptr<storage::Database> open(const storage::StoreName& name,
                                          const storage::OpenOptions& options) override {
    if (options.migrate) hook_(name, false);
    auto database = WrappedEngine::open(name, options);
    if (options.migrate) hook_(name, true);
    return database;
  }

 private:
  Hook hook_;
};

}  // namespace

TEST_CASE("TEN-5: a tenant that is one version behind is read, not written, until it is migrated; all is there then") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Town town(engine, clock);
    std::string before;
    const LaterTables tables(1);
    {
      const LaterBuild build(migrating(engine, clock), tables);
      before = seen(build, town, "north");
      CHECK(before.find(' ') != std::string::npos);
      CHECK(write_in(build, town, "north") == "schema.outdated");
      CHECK(build.tick() == "");
      CHECK(intact(build, town, "north"));
      const auto row = must(build.root().call(tenants::Get{.id = town.ids.at("north")}));
      CHECK(row.schema_version + 1 == must(build.root().call(platforms::GetStatus{})).schema_version);

      const auto migrated = must(migrate(build, town, "north"));
      CHECK(migrated.schema_version == row.schema_version + 1);
      CHECK(seen(build, town, "north") == before);
      CHECK(write_in(build, town, "north") == "ok");
      CHECK(has_table(build, town, "north", 1));
      CHECK(intact(build, town, "north"));
      CHECK(must(migrate(build, town, "north")).revision == migrated.revision);  // nothing is left to do
      CHECK(write_in(build, town, "south") == "schema.outdated");                // each for itself
    }
    const LaterBuild again(migrating(engine, clock), tables);
    CHECK(write_in(again, town, "north") == "ok");
    CHECK(seen(again, town, "north") == before);
    CHECK(intact(again, town, "north"));
  }
}

TEST_CASE("TEN-5: what is further behind, or newer than the build, is not opened, and says which") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Town town(engine, clock);
    {
      const LaterTables tables(2);
      const LaterBuild build(migrating(engine, clock), tables);
      try {
        static_cast<void>(build.as(town.desks.at("north")));
        FAIL_CHECK("it was opened");
      } catch (const storage::Fault&) {
        const Error error = kernel::error_of(std::current_exception());
        CHECK(error.code.name == "schema.outdated");
        CHECK(error.kind() == Errc::unavailable);
      }
      must(migrate(build, town, "north"));
      CHECK(write_in(build, town, "north") == "ok");
      CHECK(has_table(build, town, "north", 1));
      CHECK(has_table(build, town, "north", 2));
      CHECK(intact(build, town, "north"));
    }
    // An older build, which has the platform's tables and none of the tenant's.
    const LaterTables older(1);
    const auto refused = Platform::open(test_options(engine, clock));
    CHECK(code_of(refused) == "schema.newer");
    CHECK(refused.error().kind() == Errc::unavailable);
    const auto code = [&](const std::string& slug) -> std::string {
      try {
        const kernel::Store one({.schemas = older.schemas(),
                                 .engine = engine,
                                 .root_key = migrating(engine, clock).root_key,
                                 .rng = system_rng(),
                                 .clock = clock,
                                 .arena = crypto::KeyArena::create(),
                                 .executor = std::make_shared<storage::CommitPool>(1)},
                                {.id = town.ids.at(slug)});
        return one.behind() ? "behind" : "ok";
      } catch (...) {
        return std::string(kernel::error_of(std::current_exception()).code.name);
      }
    };
    CHECK(code("north") == "schema.newer");
    CHECK(code("south") == "behind");
  }
}

TEST_CASE(
    "TEN-5: the platform's own tables are brought up to date by who opens it to migrate, and are read until then") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Town town(engine, clock);
    LaterTables tables(1);
    tables.with_platform(1);
    auto options = test_options(engine, clock);
    {
      const LaterBuild build(options, tables);
      CHECK(must(build.root().call(tenants::List{})).data.size() == slugs.size());
      CHECK(code_of(migrate(build, town, "north")) == "schema.outdated");
      CHECK(seen(build, town, "north").find(' ') != std::string::npos);
    }
    options.migrate = true;
    const LaterBuild build(options, tables);
    CHECK(code_of(migrate(build, town, "north")) == "ok");
    CHECK(must(build.root().call(audit::Verify{})).intact);
  }
}

TEST_CASE("TEN-5: the rest of a provisioning keeps nobody from a platform whose own tables are one version behind") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Town town(engine, clock);
    {
      const auto faults = std::make_shared<Faults>();
      const Platform platform =
          must(Platform::open(test_options(std::make_shared<FaultyEngine>(engine, faults), clock)));
      faults->script([dead = false](const StorageStep& step) mutable {
        dead = dead || step.call == StorageCall::create;
        if (dead) throw storage::Fault{storage::FaultKind::unavailable, "key", "made to fail"};
      });
      CHECK(code_of(platform.local_operator("test").call(tenants::Provision{.slug = "broken-off",
                                                                            .name = "Broken Off",
                                                                            .default_zone = {"Europe/London"},
                                                                            .currency = *Currency::parse("GBP")})) ==
            "store.unavailable");
      faults->clear();
    }
    clock->advance_s(11 * 60);  // of a shared engine only what is older is nobody's work
    LaterTables tables(1);
    tables.with_platform(1);
    {
      const LaterBuild build(test_options(engine, clock), tables);
      CHECK(must(build.root().call(tenants::List{})).data.size() == slugs.size() + 1);
      CHECK(seen(build, town, "north").find(' ') != std::string::npos);
    }
    const LaterBuild build(migrating(engine, clock), tables);
    CHECK(must(build.root().call(tenants::List{})).data.size() == slugs.size());
  }
}

TEST_CASE("TEN-5: what a host still holds of a tenant puts its migration off, and keeps nobody from reading") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Town town(engine, clock);
    const LaterTables tables(1);
    const LaterBuild build(migrating(engine, clock), tables);
    const std::string before = seen(build, town, "north");
    {
      const Session held = build.as(town.desks.at("north"));
      const auto refused = migrate(build, town, "north");
      CHECK(code_of(refused) == "tenant.in_use");
      CHECK(refused.error().code.retryable);
      CHECK(code_of(held.call(patients::List{})) == "unauthenticated");  // so that it is let go
      CHECK(seen(build, town, "north") == before);
      CHECK(write_in(build, town, "north") == "schema.outdated");
      CHECK(code_of(migrate(build, town, "south")) == "ok");
    }
    CHECK(code_of(migrate(build, town, "north")) == "ok");
    CHECK(seen(build, town, "north") == before);
    CHECK(write_in(build, town, "north") == "ok");
    CHECK(intact(build, town, "north"));
  }
}

#ifdef MEDFLOW_TEST_ON_POSTGRESQL
TEST_CASE(
    "TEN-5: a tenant that another process has migrated is opened anew once nobody holds it, and read until then") {
  const EngineHome home("postgresql");
  const auto clock = std::make_shared<FakeClock>();
  const Town town(home.engine(), clock);
  const LaterTables tables(1);
  const LaterBuild one(migrating(home.engine(), clock), tables);
  const LaterBuild other(migrating(home.engine(), clock), tables);
  const std::string before = seen(other, town, "north");
  {
    const Session held = other.as(town.desks.at("north"));
    CHECK(code_of(migrate(one, town, "north")) == "ok");
    CHECK(other.tick() == "migrations tenant.in_use ");
    CHECK(seen(other, town, "north") == before);
    CHECK(write_in(other, town, "north") == "schema.outdated");
  }
  CHECK(other.tick() == "");
  CHECK(seen(other, town, "north") == before);
  CHECK(write_in(other, town, "north") == "ok");
  CHECK(intact(other, town, "north"));
}
#endif

TEST_CASE("TEN-5: a tenant whose migration fails keeps nobody else from theirs, and goes on where it was") {
  for (const std::string_view name : engine_names) {
    for (const storage::Part part : {storage::Part::keys, storage::Part::data}) {
      CAPTURE(name);
      CAPTURE(static_cast<int>(part));
      const TestEngine engine(name);
      const auto clock = std::make_shared<FakeClock>();
      const Town town(engine, clock);
      std::atomic<bool> ill = true;
      const auto failing = std::make_shared<Opening>(engine, [&](const storage::StoreName& store, bool after) {
        if (ill && !after && store.tenant == town.ids.at("south").text() && store.part == part)
          throw storage::Fault{storage::FaultKind::full, "south", "made to fail"};
      });
      const LaterTables tables(1);
      const LaterBuild build(migrating(failing, clock), tables);
      std::map<std::string, std::string> codes;
      std::vector<std::thread> threads;  // as `migrate --all -j3` does it
      for (const std::string& slug : slugs) codes[slug];
      for (const std::string& slug : slugs)
        threads.emplace_back([&, slug] { codes.at(slug) = code_of(migrate(build, town, slug)); });
      for (auto& thread : threads) thread.join();
      CHECK(codes == std::map<std::string, std::string>{{"north", "ok"}, {"south", "store.full"}, {"west", "ok"}});
      CHECK(write_in(build, town, "north") == "ok");
      CHECK(write_in(build, town, "south") == "schema.outdated");  // and read
      CHECK(seen(build, town, "south").find(' ') != std::string::npos);
      ill = false;
      CHECK(code_of(migrate(build, town, "south")) == "ok");
      for (const std::string& slug : slugs) {
        CHECK(write_in(build, town, slug) == "ok");
        CHECK(intact(build, town, slug));
      }
    }
  }
}

TEST_CASE("TEN-5: killed at any moment of migrating all tenants, the same again completes it") {
  constexpr int moments =
      2 * 2 * 3 + 1;  // before and after each of two databases of three tenants, and once not at all
  for (const std::string_view name : durable_engine_names) {
    for (int moment = 0; moment < moments; moment += 3) {
      CAPTURE(name);
      CAPTURE(moment);
      const EngineHome home(name);
      const auto clock = std::make_shared<FakeClock>();
      const Town town(home.engine(), clock);
      const LaterTables tables(1);
      const auto all = [&](const LaterBuild& build) {
        for (const std::string& slug : slugs)
          if (code_of(migrate(build, town, slug)) != "ok") return false;
        return true;
      };
      const int code = in_child([&]() -> int {
        int count = 0;
        const auto deadly = std::make_shared<Opening>(home.engine(), [&](const storage::StoreName& store, bool) {
          if (store.tenant != "platform" && count++ == moment) die_now();
        });
        const LaterBuild build(migrating(deadly, clock), tables);
        return all(build) ? 0 : 1;
      });
      CHECK(code == (moment < moments - 1 ? child_killed : 0));
      const LaterBuild build(migrating(home.engine(), clock), tables);
      for (const std::string& slug : slugs) CHECK(seen(build, town, slug).find(' ') != std::string::npos);
      CHECK(all(build));
      for (const std::string& slug : slugs) {
        CHECK(write_in(build, town, slug) == "ok");
        CHECK(has_table(build, town, slug, 1));
        CHECK(intact(build, town, slug));
        CHECK(must(build.root().call(tenants::Get{.id = town.ids.at(slug)})).schema_version ==
              build.state().schema_version());
      }
    }
  }
}
