// The public test kit (medflow/testing.hpp), and the engines of this build by name.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "medflow/testing/hospital.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::testing {

/// An engine with the place where it keeps its files. A name is "memory", "sqlite" or "sqlcipher".
class TestEngine {
 public:
  explicit TestEngine(std::string_view name) {
    if (name == "memory") {
      engine_ = storage::memory_engine();
    } else if (name == "sqlite") {
      engine_ = storage::sqlite_engine(folder_ / "data");
    } else if (name == "sqlcipher") {
      engine_ = storage::sqlcipher_engine(folder_ / "data");
    } else {
      throw std::invalid_argument("no such engine");
    }
  }
  operator std::shared_ptr<storage::Engine>() const { return engine_; }  // NOLINT(google-explicit-constructor)
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_{};
  std::shared_ptr<storage::Engine> engine_{};
};

inline constexpr std::string_view engine_names[] = {"memory", "sqlite", "sqlcipher"};

}  // namespace medflow::testing
