// The public test kit (medflow/testing.hpp), and the engines of this build by name.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "medflow/testing/hospital.hpp"
#include "tests/support/temporary_folder.hpp"
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
#include "tests/support/postgres_engine.hpp"
#endif

namespace medflow::testing {

#ifdef MEDFLOW_TEST_ON_POSTGRESQL
inline constexpr std::string_view engine_names[] = {"memory", "sqlite", "sqlcipher", "postgresql"};
/// Those that keep what they have beyond the end of a process.
inline constexpr std::string_view durable_engine_names[] = {"sqlite", "sqlcipher", "postgresql"};
/// One of each kind, where all would take long.
inline constexpr std::string_view engine_kinds[] = {"memory", "sqlite", "postgresql"};
#else
inline constexpr std::string_view engine_names[] = {"memory", "sqlite", "sqlcipher"};
inline constexpr std::string_view durable_engine_names[] = {"sqlite", "sqlcipher"};
inline constexpr std::string_view engine_kinds[] = {"memory", "sqlite"};
#endif

/// Where engines keep their files, one after the other, or a database of their own. The name is one of `engine_names`.
class EngineHome {
 public:
  explicit EngineHome(std::string_view name) : name_(name) {
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    if (name == "postgresql") database_ = prepared_database();
#endif
  }
  /// Of what the one before has left.
  std::shared_ptr<storage::Engine> engine() const {
    if (name_ == "memory") return storage::memory_engine();
    if (name_ == "sqlite") return storage::sqlite_engine(folder_ / "data");
    if (name_ == "sqlcipher") return storage::sqlcipher_engine(folder_ / "data");
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    if (name_ == "postgresql") return engine_of(database_);
#endif
    throw std::invalid_argument("no such engine");
  }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  std::string name_;
  TemporaryFolder folder_{};
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
  std::shared_ptr<PostgresDatabase> database_{};
#endif
};

/// One engine and its home, which may go before it.
class TestEngine {
 public:
  explicit TestEngine(std::string_view name) : home_(name), engine_(home_.engine()) {}
  operator std::shared_ptr<storage::Engine>() const { return engine_; }  // NOLINT(google-explicit-constructor)
  const TemporaryFolder& folder() const { return home_.folder(); }

 private:
  EngineHome home_;
  std::shared_ptr<storage::Engine> engine_;
};

}  // namespace medflow::testing
