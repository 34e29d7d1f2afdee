// What an engine holds, read beside a platform that has it open: to show that a call that failed left nothing behind.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "medflow/testing/wrapped_engine.hpp"

namespace medflow::testing {

/// All rows of all tables, by "<tenant>/<table>"; key stores are "<tenant>.keys/<table>".
using Dump = std::map<std::string, std::vector<std::string>>;

/// The names of the tables in which two dumps differ.
inline std::set<std::string> differences(const Dump& before, const Dump& after) {
  std::set<std::string> names;
  for (const Dump* dump : {&before, &after})
    for (const auto& [name, rows] : *dump) {
      const auto there = before.find(name), here = after.find(name);
      if (there == before.end() || here == after.end() || there->second != here->second) names.insert(name);
    }
  return names;
}

/// Knows the databases that are open. Put it below the engine that fails.
class DumpingEngine final : public WrappedEngine {
 public:
  using WrappedEngine::WrappedEngine;
  std::unique_ptr<storage::Database> create(const storage::StoreName& store,
                                            const storage::OpenOptions& options) override {
    return remember(WrappedEngine::create(store, options), store, options);
  }
  std::unique_ptr<storage::Database> open(const storage::StoreName& store,
                                          const storage::OpenOptions& options) override {
    return remember(WrappedEngine::open(store, options), store, options);
  }

  Dump dump() const {
    Dump dump;
    const std::lock_guard lock(open_->mutex);
    for (const auto& [name, one] : open_->databases)
      one.database->read([&, &name = name, &schema = *one.schema](storage::Transaction& transaction) {
        for (const storage::Migration& migration : schema.migrations)
          for (const storage::SchemaChange& change : migration.changes) {
            auto& rows = dump[name + "/" + std::string(change.table->name)];
            rows.clear();
            transaction.scan({.table = change.table}, [&](storage::RowView row) {
              rows.push_back(text_of(row));
              return true;
            });
          }
      });
    return dump;
  }

 private:
  struct One {
    storage::Database* database = nullptr;
    const storage::Schema* schema = nullptr;
  };
  struct Open {
    std::mutex mutex{};
    std::map<std::string, One> databases{};
  };
  class Known final : public WrappedDatabase {
   public:
    Known(std::unique_ptr<storage::Database> inner, std::shared_ptr<Open> open, std::string name)
        : WrappedDatabase(std::move(inner)), open_(std::move(open)), name_(std::move(name)) {}
    ~Known() override {
      const std::lock_guard lock(open_->mutex);
      open_->databases.erase(name_);
    }
    Known(const Known&) = delete;
    Known& operator=(const Known&) = delete;

   private:
    std::shared_ptr<Open> open_;
    std::string name_;
  };

  std::unique_ptr<storage::Database> remember(std::unique_ptr<storage::Database> database,
                                              const storage::StoreName& store, const storage::OpenOptions& options) {
    const std::string name = store.tenant + (store.part == storage::Part::keys ? ".keys" : "");
    auto known = std::make_unique<Known>(std::move(database), open_, name);
    const std::lock_guard lock(open_->mutex);
    open_->databases[name] = {.database = known.get(), .schema = options.schema};
    return known;
  }
  static std::string text_of(storage::RowView row) {
    std::string text;
    for (const storage::Cell& cell : row) {
      text += static_cast<char>('0' + static_cast<int>(cell.kind));
      text += std::to_string(cell.integer) + ":" + std::to_string(cell.data.size()) + ":";
      text += cell.data;
    }
    return text;
  }

  std::shared_ptr<Open> open_ = std::make_shared<Open>();
};

}  // namespace medflow::testing
