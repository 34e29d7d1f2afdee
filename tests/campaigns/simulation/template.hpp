// The deployment that every seed starts from: made once, with its slow passwords, and poured into a fresh engine each time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "medflow/testing.hpp"

namespace medflow::campaign {

/// Everything that an engine in memory holds, as rows.
class Poured {
 public:
  /// Reads an engine whose databases are all closed.
  static Poured from(storage::Engine& engine);
  std::shared_ptr<storage::Engine> pour() const;

 private:
  struct Row {
    std::vector<std::string> bytes{};
    std::vector<storage::Cell> cells{};  ///< borrow from `bytes`
  };
  struct Table {
    const storage::Table* table = nullptr;
    std::vector<std::unique_ptr<Row>> rows{};
  };
  struct Store {
    storage::StoreName name{};
    const storage::Schema* schema = nullptr;
    std::vector<Table> tables{};
  };
  std::vector<Store> stores_{};
};

/// Somebody at work, with the tokens of the session that the template began.
struct Person {
  UserId id{};
  Role role{};
  std::string access{};
  std::string refresh{};
};

struct Template {
  Poured data{};
  std::vector<Person> people{};  ///< an administrator, two receptionists, a doctor, a nurse
  FacilityId home{};

  static Template make();
};

/// The same root key and the same cheap passwords for all; chance and executor are the seed's.
PlatformOptions options_of(std::shared_ptr<storage::Engine> engine, std::shared_ptr<Clock> clock,
                           std::shared_ptr<Rng> rng, std::shared_ptr<Executor> executor);

}  // namespace medflow::campaign
