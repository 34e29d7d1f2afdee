#include "keys/sealed_copy.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "keys/key_store.hpp"
#include "medflow/error.hpp"
#include "tests/crypto/support.hpp"

using namespace medflow;
using crypto::testing::SeededRng;

namespace {

const Uuid tenant = crypto::testing::uuid_of(0x21);
constexpr Instant now{1'795'305'600'000'000};

/// A key store in memory, with some patient keys in it.
struct Keys {
  std::unique_ptr<storage::Engine> engine = storage::memory_engine();
  std::shared_ptr<RootKeyProvider> root = memory_root_key(crypto::testing::key_counting_from(0).view());
  std::shared_ptr<crypto::KeyArena> arena = crypto::KeyArena::create();
  SeededRng rng{7};

  std::unique_ptr<storage::Database> empty() const {
    engine->drop({.tenant = "one", .part = storage::Part::keys});
    return engine->create({.tenant = "one", .part = storage::Part::keys}, {.schema = &keys::key_schema()});
  }
  std::unique_ptr<storage::Database> again() const {
    return engine->open({.tenant = "one", .part = storage::Part::keys}, {.schema = &keys::key_schema()});
  }
  keys::KeyStore open() { return {again(), *root, tenant, arena, rng}; }
};

/// What a key store hands out, as text.
std::vector<std::string> shown(keys::KeyStore& store, std::uint64_t slots) {
  std::vector<std::string> all{crypto::testing::hex_of(store.tenant().id()),
                               crypto::testing::hex_of(store.own(crypto::purpose_access_tokens).view())};
  for (std::uint64_t slot = 1; slot <= slots; ++slot)
    all.push_back(crypto::testing::hex_of(store.patient_key(slot, now).view()));
  return all;
}

template <class Try>
std::string code_of(Try&& attempt) {
  try {
    attempt();
  } catch (const Failure& failure) {
    return std::string(failure.error.code.name);
  }
  return "none";
}

}  // namespace

TEST_CASE("SEC-6: a key store is lost, and comes back from its sealed copy by the recovery file and the root key") {
  Keys keys;
  keys::KeyStore::create(*keys.empty(), *keys.root, tenant, keys.rng);
  std::vector<std::string> before;
  {
    keys::KeyStore store = keys.open();
    for (int i = 0; i < 40; ++i) store.take_slot();
    before = shown(store, 40);
  }
  const crypto::RecoveryPair pair = crypto::make_recovery_pair(keys.rng);
  const std::string copy = keys::sealed_copy(*keys.again(), tenant, pair.recipient, now, keys.rng);
  for (const std::string& key : before) CHECK(copy.find(crypto::testing::bytes_from_hex(key)) == std::string::npos);

  const auto header = keys::copy_header(copy);
  REQUIRE(header);
  CHECK(header->tenant == tenant);
  CHECK(header->made_at == now);
  CHECK(header->recipient == pair.recipient);

  keys::restore_copy(copy, pair, tenant, *keys.empty());  // the old one is gone
  keys::KeyStore store = keys.open();
  CHECK(shown(store, 40) == before);
  CHECK(store.take_slot() > 40);
}

TEST_CASE(
    "SEC-6: a copy opens for nobody else, in no other tenant and with no byte changed, and leaves nothing behind") {
  Keys keys;
  keys::KeyStore::create(*keys.empty(), *keys.root, tenant, keys.rng);
  const crypto::RecoveryPair pair = crypto::make_recovery_pair(keys.rng);
  const std::string copy = keys::sealed_copy(*keys.again(), tenant, pair.recipient, now, keys.rng);
  const auto database = keys.empty();
  const auto restored = [&](const std::string& bytes) {
    return code_of([&] { keys::restore_copy(bytes, pair, tenant, *database); });
  };

  const crypto::RecoveryPair other = crypto::make_recovery_pair(keys.rng);
  CHECK(code_of([&] { keys::restore_copy(copy, other, tenant, *database); }) == "key.mismatch");
  CHECK(code_of([&] { keys::restore_copy(copy, pair, crypto::testing::uuid_of(9), *database); }) == "integrity");
  for (std::size_t i = 0; i < copy.size(); ++i) {
    std::string bytes = copy;
    bytes[i] = static_cast<char>(bytes[i] ^ 1);
    CAPTURE(i);
    const std::string code = restored(bytes);
    CHECK((code == "integrity" || code == "key.mismatch"));
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{8}, std::size_t{100}, copy.size() - 1})
    CHECK(restored(copy.substr(0, size)) == "integrity");
  CHECK_FALSE(keys::copy_header("MFKC"));
  CHECK(restored(copy) == "none");  // it was empty all the while
}
