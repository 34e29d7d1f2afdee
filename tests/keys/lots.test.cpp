// Lots of key slots: who makes them, and when.
#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "keys/key_store.hpp"
#include "medflow/testing/ports.hpp"
#include "medflow/testing/wrapped_engine.hpp"
#include "tests/crypto/support.hpp"

using namespace medflow;

namespace {

const Uuid tenant = crypto::testing::uuid_of(0x21);
const storage::StoreName name{.tenant = "one", .part = storage::Part::keys};
const storage::OpenOptions options{.schema = &keys::key_schema()};

/// Counts what is written, and refuses it when it is told to.
class CountedEngine final : public testing::WrappedEngine {
 public:
  using WrappedEngine::WrappedEngine;
  std::atomic<int> writes{0};
  std::atomic<bool> full{false};

 private:
  class CountedDatabase final : public testing::WrappedDatabase {
   public:
    CountedDatabase(std::unique_ptr<storage::Database> inner, CountedEngine& engine)
        : WrappedDatabase(std::move(inner)), engine_(engine) {}
    void write(storage::Body body) override {
      if (engine_.full) throw storage::Fault{storage::FaultKind::full, "keys", "no room"};
      ++engine_.writes;
      WrappedDatabase::write(body);
    }

   private:
    CountedEngine& engine_;
  };
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                          const storage::StoreName&) override {
    return std::make_unique<CountedDatabase>(std::move(database), *this);
  }
};

struct House {
  CountedEngine engine{storage::memory_engine()};
  std::shared_ptr<RootKeyProvider> root = memory_root_key(crypto::testing::key_counting_from(0).view());
  std::shared_ptr<crypto::KeyArena> arena = crypto::KeyArena::create();
  crypto::testing::SeededRng rng{7};
  std::shared_ptr<testing::QueuedExecutor> aside = std::make_shared<testing::QueuedExecutor>();
  std::set<std::uint64_t> taken{};

  House() { keys::KeyStore::create(*engine.create(name, options), *root, tenant, rng); }
  std::unique_ptr<keys::KeyStore> open(std::shared_ptr<Executor> executor) {
    return std::make_unique<keys::KeyStore>(engine.open(name, options), *root, tenant, arena, rng, false,
                                            std::move(executor));
  }
  /// Takes so many, each of which is another than all before and has a key.
  void take(keys::KeyStore& store, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t slot = store.take_slot();
      REQUIRE(taken.insert(slot).second);
      store.patient_key(slot, {});
    }
  }
};

}  // namespace

TEST_CASE("SEC-1: a lot of slots is made aside before it is needed, and nobody waits for it") {
  House house;
  const auto store = house.open(house.aside);
  house.take(*store, 16 + 32 + 1);  // and the lot of 64 is begun
  CHECK(house.aside->run_all() == 0);
  house.engine.writes = 0;
  house.take(*store, 32);
  CHECK(house.engine.writes == 0);
  CHECK(house.aside->run_all() == 1);
  CHECK(house.engine.writes == 1);
  house.take(*store, 31 + 64);  // the rest of that lot, and half of the one that was made
  CHECK(house.engine.writes == 1);
  int made = 0;
  for (int part = 0; part < 200; ++part) {
    made += static_cast<int>(house.aside->run_all());
    house.take(*store, 32);
    CHECK(house.engine.writes == 1 + made);
  }
  CHECK(made > 5);
}

TEST_CASE("SEC-1: where no lot was made aside it is made at once, by whichever way comes first") {
  House house;
  {
    const auto store = house.open(house.aside);
    house.take(*store, 5'000);  // nobody runs what is asked for
    CHECK(house.aside->run_all() == 1);
    house.take(*store, 5'000);
  }
  const auto store = house.open(nullptr);
  house.take(*store, 2'000);
  CHECK(*house.taken.rbegin() < 16'000);  // what the first had left stays unused
}

TEST_CASE("SEC-1: a lot that cannot be made aside is made, or refused, when it is needed") {
  House house;
  const auto store = house.open(house.aside);
  house.take(*store, 16 + 32 + 40);
  house.engine.full = true;
  CHECK(house.aside->run_all() == 1);
  house.take(*store, 24);
  CHECK_THROWS_AS(store->take_slot(), storage::Fault);
  house.engine.full = false;
  house.take(*store, 2'000);
}

TEST_CASE("SEC-1: an executor that takes no work is no reason to hand out no slot") {
  class Closed final : public Executor {
   public:
    void post(std::function<void()>) override {
      ++asked;
      throw std::runtime_error("closed");
    }
    int asked = 0;
  };
  House house;
  const auto closed = std::make_shared<Closed>();
  const auto store = house.open(closed);
  house.take(*store, 2'000);
  CHECK(closed->asked == 5);  // for each lot from 64 on, but the last
}

TEST_CASE("SEC-1: a store may go before what it has asked for, and nothing is written there once it is to be copied") {
  House house;
  {
    const auto store = house.open(house.aside);
    house.take(*store, 16 + 32 + 40);
  }
  house.engine.writes = 0;
  CHECK(house.aside->run_all() == 1);
  CHECK(house.engine.writes == 0);
  const auto store = house.open(house.aside);
  house.take(*store, 16 + 32 + 40);
  store->database();
  house.engine.writes = 0;
  CHECK(house.aside->run_all() == 1);
  CHECK(house.engine.writes == 0);
  house.take(*store, 2'000);
}

TEST_CASE("SEC-1: lots are made aside while slots are taken and keys are read") {
  class Threads final : public Executor {
   public:
    ~Threads() override {
      for (auto& thread : threads_) thread.join();
    }
    void post(std::function<void()> work) override { threads_.emplace_back(std::move(work)); }

   private:
    std::vector<std::thread> threads_{};
  };
  House house;
  const auto aside = std::make_shared<Threads>();
  const auto store = house.open(aside);
  std::atomic<std::uint64_t> last{0};
  std::atomic<bool> over{false};
  std::thread reader([&] {
    while (!over)
      if (const std::uint64_t slot = last) store->patient_key(slot / 2 + 1, {});
  });
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t slot = store->take_slot();
    store->patient_key(slot, {});
    last = slot;
  }
  over = true;
  reader.join();
  CHECK(last == 10'000);
}
