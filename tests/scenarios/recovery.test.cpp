// The recipient of key store copies (SEC-6): unset it shows, set it stays, and nobody replaces it unseen.
#include "medflow/recovery.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/router.hpp"
#include "medflow/testing/faulty_engine.hpp"
#include "tests/support/events.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

struct Recipient {
  RecoveryRecipient told{};
  std::string last() const { return told.fingerprint.substr(told.fingerprint.size() - 9); }
};

Recipient new_recipient(const TemporaryFolder& folder, std::uint64_t seed) {
  SeededRng rng(seed);
  return {create_recovery_file(folder / ("recovery-" + std::to_string(seed)), rng)};
}

platforms::SetRecovery setting(const Recipient& to, std::optional<std::uint64_t> revision = {}) {
  return {.revision = revision, .public_key = to.told.public_key, .confirmation = to.last()};
}

std::string readyz(Platform& platform) {
  http::Router router(platform, {});
  std::string body;
  router.handle({.method = "GET", .target = "/readyz"}, [&](http::Answer answer) {
    http::Response response = std::move(answer).render();
    CHECK(response.status == 200);
    body = response.body;
  });
  return body;
}

template <class T>
std::string pointed_at(const Result<T>& answer) {
  return answer.ok() || answer.error().fields.empty() ? "" : answer.error().fields[0].pointer;
}

}  // namespace

TEST_CASE("SEC-6: without a recovery recipient the platform says so, and with one that nothing is sealed to it yet") {
  const TemporaryFolder folder;
  const TestEngine engine("sqlite");
  auto clock = std::make_shared<FakeClock>();
  const PlatformOptions options = test_options(engine, clock);
  const Recipient first = new_recipient(folder, 1);
  {
    Hospital hospital(options, clock);
    CHECK(readyz(hospital.platform) == R"({"status":"degraded","degradations":["recovery.unset"]})");
    auto status = must(hospital.root().call(platforms::GetStatus{}));
    CHECK(status.degradations == std::vector<std::string>{"recovery.unset"});
    CHECK_FALSE(status.recovery);

    const auto set = must(hospital.root().call(setting(first)));
    CHECK(set.revision == 1);
    CHECK(set.fingerprint == first.told.fingerprint);
    CHECK(readyz(hospital.platform) == R"({"status":"degraded","degradations":["recovery.uncopied"]})");
    status = must(hospital.root().call(platforms::GetStatus{}));
    CHECK(status.degradations == std::vector<std::string>{"recovery.uncopied"});
    REQUIRE(status.recovery);
    CHECK(status.recovery->public_key == first.told.public_key);
  }
  Platform again = must(Platform::open(options));
  CHECK(readyz(again) == R"({"status":"degraded","degradations":["recovery.uncopied"]})");
}

TEST_CASE("SEC-6: a recipient is replaced by who knows of the one before, and each time leaves an event") {
  const TemporaryFolder folder;
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session root = hospital.root();
  const Recipient first = new_recipient(folder, 1);
  const Recipient second = new_recipient(folder, 2);
  must(root.call(setting(first)));
  CHECK(code_of(root.call(setting(second))) == "precondition.required");
  CHECK(code_of(root.call(setting(second, 7))) == "conflict.revision");
  const auto replaced = must(root.call(setting(second, 1)));
  CHECK(replaced.revision == 2);
  CHECK(must(root.call(platforms::GetStatus{})).recovery->fingerprint == second.told.fingerprint);
  std::vector<std::string> told;
  for (const ReadEvent& event : events(root))
    if (event.event.action == "platform.set_recovery") told.push_back(event.text());
  CHECK(told == std::vector<std::string>{"platform.set_recovery ok",
                                         "platform.set_recovery error precondition.required",
                                         "platform.set_recovery error conflict.revision", "platform.set_recovery ok"});
}

TEST_CASE("SEC-6: a recipient that nobody has looked at, or that keeps no secret, is refused") {
  const TemporaryFolder folder;
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session root = hospital.root();
  const Recipient first = new_recipient(folder, 1);
  auto unseen = setting(first);
  unseen.confirmation = new_recipient(folder, 2).last();
  CHECK(pointed_at(root.call(unseen)) == "/confirmation");
  for (const std::string& key : {std::string(64, '0'), "01" + std::string(62, '0'), std::string(64, 'x')}) {
    auto useless = setting(first);
    useless.public_key = key;
    CHECK(pointed_at(root.call(useless)) == "/public_key");
  }
  CHECK(hospital.platform.degradations() == std::vector<std::string>{"recovery.unset"});
  CHECK(code_of(hospital.as(Role::tenant_admin).call(setting(first))) == "forbidden");
}

TEST_CASE("SEC-6: a platform of which one part was taken away is refused by name, and keeps the other part") {
  for (const std::string_view name : {"sqlite", "sqlcipher"}) {
    for (const std::string part : {"data.db", "keys.db"}) {
      CAPTURE(name);
      CAPTURE(part);
      const EngineHome home(name);
      const auto clock = std::make_shared<FakeClock>();
      const auto open = [&] { return Platform::open(test_options(home.engine(), clock)); };
      { const Hospital hospital(test_options(home.engine(), clock), clock); }
      const std::string file = home.folder() / ("data/platform/" + part);
      const std::string away = home.folder() / "away";
      std::filesystem::rename(file, away);
      for (int i = 0; i < 2; ++i) {
        const auto refused = open();
        REQUIRE(code_of(refused) == "store.unavailable");
        const std::string told = part == "data.db" ? "/platform/data.db" : "the key store of platform";
        CHECK(refused.error().detail.find(told) != std::string::npos);
      }
      std::filesystem::rename(away, file);
      const Platform again = must(open());
      CHECK(must(again.local_operator("test").call(tenants::List{})).data.size() == 1);
      CHECK(must(again.local_operator("test").call(audit::Verify{})).intact);
    }
  }
}

TEST_CASE("SEC-6: a platform whose making was broken off at any step is made by the next start") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    constexpr std::uint64_t steps_max = 300;
    std::uint64_t n = 1;
    for (; n < steps_max; ++n) {
      CAPTURE(n);
      const TestEngine engine(name);
      const auto clock = std::make_shared<FakeClock>();
      const auto faults = std::make_shared<Faults>();
      faults->die_at_step(n);
      { const auto broken = Platform::open(test_options(std::make_shared<FaultyEngine>(engine, faults), clock)); }
      if (faults->count() == 0) break;
      const Platform platform = must(Platform::open(test_options(engine, clock)));
      const Session root = platform.local_operator("test");
      CHECK(must(root.call(tenants::List{})).data.empty());
      CHECK(must(root.call(audit::Verify{})).intact);
    }
    CHECK(n > 10);
    CHECK(n < steps_max);
  }
}
