#include "tests/conformance/run_all.hpp"
#include "tests/support/postgres_server.hpp"

namespace {

using namespace medflow::storage;

// Each in a database of its own: the tables of a schema are made once there, for all its stores.
template <Isolation isolation>
class PostgresHarness final : public medflow::conformance::Harness {
 public:
  PostgresHarness() { restart(); }

  Engine& engine() override { return *engine_; }
  void restart() override {
    engine_.reset();
    engine_ = make_postgres_engine(database_.options(isolation));
  }

 private:
  medflow::testing::PostgresDatabase database_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace

MEDFLOW_STORAGE_CONFORMANCE("postgresql", PostgresHarness<Isolation::shared>)
MEDFLOW_STORAGE_CONFORMANCE("postgresql with a database for each tenant", PostgresHarness<Isolation::tenant_database>)
