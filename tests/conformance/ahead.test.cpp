// The whole suite again, with each write committed ahead: what SQLite has not committed yet lies in the redo log.
#include "medflow/testing/wrapped_engine.hpp"
#include "tests/conformance/file_harness.hpp"
#include "tests/conformance/run_all.hpp"

namespace {

using namespace medflow::storage;
using medflow::conformance::FileHarness;
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
  keeps_every_promise_ahead<FileHarness<false, AheadEngine>>();
}
TEST_CASE("TEN-3, CAB-4: sqlcipher keeps every promise when each write is committed ahead") {
  keeps_every_promise_ahead<FileHarness<true, AheadEngine>>();
}
