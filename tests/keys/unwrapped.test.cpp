// Patient keys that were unwrapped lately.
#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "keys/key_store.hpp"
#include "medflow/testing/counting_engine.hpp"
#include "tests/crypto/support.hpp"

using namespace medflow;
using namespace medflow::testing;

TEST_CASE(
    "SEC-1: unwrapped keys stay at hand for five minutes, of many more patients than there is room for at first") {
  constexpr std::uint64_t patients = 36'000;  // more than are kept wrapped
  constexpr Instant start{1'000'000};
  const auto engine = std::make_shared<CountingEngine>(storage::memory_engine());
  const auto root = memory_root_key(crypto::testing::key_counting_from(0).view());
  const Uuid tenant = crypto::testing::uuid_of(0x21);
  crypto::testing::SeededRng rng{7};
  const storage::StoreName name{.tenant = "one", .part = storage::Part::keys};
  const storage::OpenOptions options{.schema = &keys::key_schema()};
  keys::KeyStore::create(*engine->create(name, options), *root, tenant, rng);
  {
    keys::KeyStore maker(engine->open(name, options), *root, tenant, crypto::KeyArena::create(), rng);
    for (std::uint64_t i = 0; i < patients; ++i) maker.take_slot();
  }

  keys::KeyStore store(engine->open(name, options), *root, tenant, crypto::KeyArena::create(), rng);
  std::vector<crypto::SecureKey> known;
  const auto readings_of_all = [&](Instant now) {
    const auto before = engine->counts().of(StorageCall::read);
    for (std::uint64_t slot = 1; slot <= patients; ++slot) {
      crypto::SecureKey key = store.patient_key(slot, now);
      if (known.size() < slot)
        known.push_back(std::move(key));
      else
        REQUIRE(crypto::constant_time_equal(key.view(), known[slot - 1].view()));
    }
    return engine->counts().of(StorageCall::read) - before;
  };
  CHECK(readings_of_all(start) > 0);
  CHECK(readings_of_all(start.plus_s(300)) == 0);
  store.forget_expired(start.plus_s(300));
  CHECK(readings_of_all(start.plus_s(300)) == 0);
  store.forget_expired(start.plus_s(361));
  CHECK(readings_of_all(start.plus_s(361)) > 0);
  CHECK(readings_of_all(start.plus_s(661)) == 0);
  CHECK(readings_of_all(start.plus_s(662)) > 0);
}
