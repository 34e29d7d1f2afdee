// OPS: many tenants, of which few are open at once.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "medflow/testing/faulty_engine.hpp"
#include "medflow/testing/wrapped_engine.hpp"
#include "tests/support/messages.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// Counts the tenants' databases that are open, and the most that were at once.
class Meter final : public WrappedEngine {
 public:
  explicit Meter(std::shared_ptr<storage::Engine> inner) : WrappedEngine(std::move(inner)) {}
  int open_now() const { return *open_; }
  int most() const { return *most_; }

 protected:
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                          const storage::StoreName& name) override {
    if (name.tenant == "platform") return database;
    return std::make_unique<Metered>(std::move(database), open_, most_);
  }

 private:
  using Count = std::shared_ptr<std::atomic<int>>;
  class Metered final : public WrappedDatabase {
   public:
    Metered(std::unique_ptr<storage::Database> inner, Count open, const Count& most)
        : WrappedDatabase(std::move(inner)), open_(std::move(open)) {
      const int now = ++*open_;
      for (int known = *most; known < now && !most->compare_exchange_weak(known, now);) {
      }
    }
    ~Metered() override { --*open_; }
    Metered(const Metered&) = delete;

   private:
    Count open_;
  };

  Count open_ = std::make_shared<std::atomic<int>>(0);
  Count most_ = std::make_shared<std::atomic<int>>(0);
};

constexpr std::size_t open_max = 3;
constexpr int each = 2;  // databases of a tenant

/// Houses of one platform that keeps three of them open.
struct Street {
  Street(std::string_view engine_name, std::size_t houses) : engine(engine_name) {
    PlatformOptions options = test_options(std::make_shared<FaultyEngine>(meter, faults), clock);
    options.open_tenants_max = open_max;
    options.messages = sender;
    options.access_ttl_s = 86'400;
    platform.emplace(must(Platform::open(std::move(options))));
    for (std::size_t i = 0; i < houses; ++i) add("house-" + std::to_string(i));
  }

  void add(const std::string& slug) {
    const Session root = platform->local_operator("test");
    const auto tenant = must(root.call(tenants::Provision{
        .slug = slug, .name = slug, .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")}));
    const auto invitation =
        must(root.call(users::InviteFirstAdmin{.id = tenant.id, .email = "a@example.org", .display_name = "A"}));
    must(platform->visit(slug).call(
        auth::Register{.invitation = Secret(invitation.token), .password = Secret(std::string(Hospital::password))}));
    slugs.push_back(slug);
    tokens.push_back(must(platform->visit(slug).call(auth::Login{.email = "a@example.org",
                                                                 .password = Secret(std::string(Hospital::password))}))
                         .access_token);
  }
  Session at(std::size_t house) const { return must(platform->authenticate(tokens[house])); }
  std::ptrdiff_t resets() const {
    return std::count_if(sender->messages.begin(), sender->messages.end(),
                         [](const Message& message) { return message.kind == "auth.reset"; });
  }

  TestEngine engine;
  std::shared_ptr<Meter> meter = std::make_shared<Meter>(engine);
  std::shared_ptr<Faults> faults = std::make_shared<Faults>();
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<RecordingSender> sender = std::make_shared<RecordingSender>();
  std::optional<Platform> platform{};
  std::vector<std::string> slugs{};
  std::vector<std::string> tokens{};
};

}  // namespace

TEST_CASE("OPS-4: of many tenants few are open, whoever asks for them; tokens, names and numbers go on") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    constexpr std::size_t houses = 8;
    Street street(name, houses);
    CHECK(street.meter->most() <= static_cast<int>(open_max) * each + each);  // one is made beside them
    std::vector<std::atomic<int>> made(houses);
    const auto work = [&](unsigned seed) {
      std::mt19937 random(seed);
      for (int i = 0; i < 25; ++i) {
        const std::size_t house = random() % houses;
        const Session admin = street.at(house);
        const std::string family = "Family" + std::to_string(seed) + std::to_string(i);
        must(admin.call(facilities::Create{.name = family, .zone = {"Europe/London"}}));
        ++made[house];
      }
    };
    std::vector<std::thread> threads;
    for (unsigned seed = 0; seed < 3; ++seed) threads.emplace_back(work, seed);
    for (auto& thread : threads) thread.join();
    // Each thread holds one, and may be opening another.
    CHECK(street.meter->most() <= static_cast<int>(open_max + 3) * each);
    for (std::size_t house = 0; house < houses; ++house) {
      const Session admin = street.at(house);
      CHECK(must(admin.call(facilities::List{.limit = page_limit_max})).data.size() ==
            static_cast<std::size_t>(made[house]) + 1);
      CHECK(must(admin.call(audit::Verify{})).intact);
    }
    CHECK(street.meter->open_now() <= static_cast<int>(open_max) * each);
    const auto clock_now = street.clock->now();
    CHECK(street.platform->tick(clock_now).empty());
  }
}

TEST_CASE("USR-5: the last use of a session is not forgotten with its tenant's closing") {
  Street street("sqlite", open_max + 2);
  const auto use = [&](std::size_t house) {
    const auto session = street.platform->authenticate(street.tokens[house]);
    return session.ok() ? code_of(session->call(facilities::List{})) : code_of(session);
  };
  street.clock->advance_s(14 * 60);  // staff may be idle for 15 minutes
  for (std::size_t house = 0; house < street.tokens.size(); ++house) CHECK(use(house) == "ok");
  REQUIRE(street.meter->open_now() ==
          static_cast<int>(open_max) * each);  // the first ones were closed, and no tick came
  street.clock->advance_s(14 * 60);
  CHECK(use(0) == "ok");
  street.clock->advance_s(16 * 60);
  CHECK(use(0) == "unauthenticated");
}

TEST_CASE("OPS-4: a tenant that somebody works in stays open, and one that waits for a message is opened for it") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Street street(name, open_max + 3);
    const Session held = street.at(0);
    must(held.call(facilities::List{}));
    must(street.platform->visit(street.slugs[1]).call(auth::RequestReset{.email = "a@example.org"}));
    for (std::size_t house = 2; house < street.tokens.size(); ++house)
      must(street.at(house).call(facilities::List{}));  // closes the one with the message
    CHECK(code_of(held.call(facilities::List{})) == "ok");
    CHECK(street.resets() == 0);
    for (int tick = 0; tick < 10 && street.resets() == 0; ++tick)
      CHECK(street.platform->tick(street.clock->now()).empty());
    CHECK(street.resets() == 1);
    CHECK(street.meter->open_now() <= static_cast<int>(open_max + 1) * each);
  }
}

TEST_CASE("OPS-3: what waits in a tenant is not forgotten where storage fails while that is closed") {
  for (const std::string_view name : engine_kinds) {
    for (const StorageCall fails : {StorageCall::write, StorageCall::read}) {
      CAPTURE(name);
      CAPTURE(word_of(fails));
      Street street(name, open_max + 3);
      const auto tick = [&] { CHECK(street.platform->tick(street.clock->now()).empty()); };
      for (std::size_t i = 0; i < 2 * street.slugs.size(); ++i) tick();  // each was looked into once since the start
      const Session root = street.platform->local_operator("test");
      const std::string id = must(root.call(tenants::List{.slug = street.slugs[1]})).data.at(0).id.text();
      street.clock->advance_s(60);
      must(street.at(1).call(facilities::List{}));  // its last use is to be written
      must(street.platform->visit(street.slugs[1]).call(auth::RequestReset{.email = "a@example.org"}));
      street.faults->script([&](const StorageStep& step) {
        if (step.call == fails && step.store != nullptr && step.store->tenant == id)
          throw storage::Fault{storage::FaultKind::unavailable, "key", "made to fail"};
      });
      for (std::size_t house = 2; house < street.tokens.size(); ++house)
        must(street.at(house).call(facilities::List{}));
      REQUIRE(street.faults->count() > 0);  // it was closed
      street.faults->clear();
      CHECK(street.resets() == 0);
      street.clock->advance_s(30);
      for (int i = 0; i < 10 && street.resets() == 0; ++i) tick();
      CHECK(street.resets() == 1);
    }
  }
}

TEST_CASE("OPS-4: a platform keeps at least one tenant open") {
  const TestEngine engine("memory");
  auto options = test_options(engine, std::make_shared<FakeClock>());
  options.open_tenants_max = 0;
  const auto opened = Platform::open(std::move(options));
  CHECK(fields_of(opened) == "/open_tenants_max:invalid");
}

TEST_CASE("DOC-2: a platform that should take files of types that nobody knows is not opened") {
  const TestEngine engine("memory");
  const auto opened_with = [&](std::vector<std::string> types, std::uint64_t size_max) {
    auto options = test_options(engine, std::make_shared<FakeClock>());
    options.file_types = std::move(types);
    options.max_file_size = size_max;
    return fields_of(Platform::open(std::move(options)));
  };
  CHECK(opened_with({"pdf", "exe"}, 5 << 20) == "/file_types:invalid");
  CHECK(opened_with({"PDF"}, 0) == "/max_file_size:invalid /file_types:invalid");
  CHECK(opened_with({"pdf"}, (1ULL << 30) + 1) == "/max_file_size:invalid");
}
