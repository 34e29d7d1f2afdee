// The whole suite again, with each write committed ahead: what SQLite has not committed yet lies in the redo log.
#include "medflow/testing/wrapped_engine.hpp"
#include "tests/conformance/file_harness.hpp"
#include "tests/conformance/run_all.hpp"

namespace {

using namespace medflow::storage;
using medflow::testing::WrappedDatabase;
using medflow::testing::WrappedEngine;

class AheadDatabase final : public WrappedDatabase {
 public:
  using WrappedDatabase::WrappedDatabase;
  void write(Body body) override {
    inner_write_ahead(body);
    inner_sync();
  }
};

class AheadEngine final : public WrappedEngine {
 public:
  using WrappedEngine::WrappedEngine;

 protected:
  std::unique_ptr<Database> wrap(std::unique_ptr<Database> database, const StoreName&) override {
    return std::make_unique<AheadDatabase>(std::move(database));
  }
};

template <bool encrypted>
class AheadHarness final : public medflow::conformance::Harness {
 public:
  AheadHarness() { restart(); }

  Engine& engine() override { return *engine_; }
  void restart() override {
    engine_.reset();
    engine_ = std::make_unique<AheadEngine>(make_sqlite_engine({.folder = folder_ / "data", .encrypted = encrypted}));
  }
  std::span<const std::byte> page_key() const override { return key_; }

 private:
  medflow::testing::TemporaryFolder folder_;
  std::array<std::byte, 48> key_{std::byte{0x5B}, std::byte{0x02}};
  std::unique_ptr<Engine> engine_;
};

/// Without the promise whose writer waits for a reader: where something is ahead, that reader waits for the writer.
template <class AnyHarness>
void keeps_every_promise_ahead() {
  for (const auto& one : medflow::conformance::cases) {
    if (one.run == medflow::conformance::readers_see_what_is_committed) continue;
    INFO(one.sentence);
    AnyHarness harness;
    CHECK_NOTHROW(one.run(harness));
  }
}

}  // namespace

TEST_CASE("TEN-3, CAB-4: sqlite keeps every promise when each write is committed ahead") {
  keeps_every_promise_ahead<AheadHarness<false>>();
}
TEST_CASE("TEN-3, CAB-4: sqlcipher keeps every promise when each write is committed ahead") {
  keeps_every_promise_ahead<AheadHarness<true>>();
}
