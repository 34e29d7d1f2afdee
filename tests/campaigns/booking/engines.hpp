// The engines that are booked on: one whose rows the oracle reads beside the platform, and the planted bugs.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "appointments/entities.hpp"
#include "medflow/testing/wrapped_engine.hpp"
#include "tests/campaigns/peephole.hpp"
#include "tests/support/planted_engines.hpp"

namespace medflow::campaign {

/// The claims without what keeps two of them apart.
inline const storage::Table& unguarded_claims() {
  static const storage::Table table = [] {
    storage::Table copy = appointments::claims_table;
    copy.exclusion.reset();
    return copy;
  }();
  return table;
}

/// Read, then insert: whoever books reads the claims as they were up to so many looks before, and nothing but the table's exclusion sees
/// that they have changed since; with `guarded` false there is none.
class StaleClaims final : public testing::WrappedDatabase {
 public:
  static constexpr unsigned looks = 150;

  StaleClaims(std::unique_ptr<storage::Database> inner, bool guarded)
      : WrappedDatabase(std::move(inner)), guarded_(guarded) {}
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& inner) {
      Stale transaction(inner, *this);
      body(transaction);
    });
  }

 private:
  using Row = storage::PackedRow;

  class Stale final : public testing::WrappedTransaction {
   public:
    Stale(storage::Transaction& inner, StaleClaims& owner) : WrappedTransaction(inner), owner_(owner) {}
    void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
      if (scan.table->id != appointments::claims_table.id) return WrappedTransaction::scan(scan, visit);
      if (owner_.looked_++ % looks == 0) look_anew();
      const auto calendar = scan.equal[0].data;
      auto row = std::lower_bound(owner_.rows_.begin(), owner_.rows_.end(), calendar,
                                  [](const Row& one, std::string_view id) { return one.cells()[0].data < id; });
      for (; row != owner_.rows_.end() && row->cells()[0].data == calendar; ++row) {
        const std::int64_t start = row->cells()[1].integer;
        const bool wanted = (!scan.from || start >= scan.from->integer) && (!scan.to || start < scan.to->integer);
        if (wanted && !visit(row->cells())) return;
      }
    }
    void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
      WrappedTransaction::get(owner_.table(table), keys, visit);
    }
    void insert(const storage::Table& table, storage::RowView row) override {
      WrappedTransaction::insert(owner_.table(table), row);
    }
    void erase(const storage::Table& table, storage::Key key) override {
      WrappedTransaction::erase(owner_.table(table), key);
    }
    void foresee(FunctionRef<void(storage::Foresight&)> /*body*/) override {}

   private:
    void look_anew() {
      owner_.rows_.clear();
      WrappedTransaction::scan({.table = &owner_.table(appointments::claims_table)}, [&](storage::RowView row) {
        owner_.rows_.emplace_back(row);
        return true;
      });
    }

    StaleClaims& owner_;
  };

  const storage::Table& table(const storage::Table& asked) const {
    return !guarded_ && asked.id == appointments::claims_table.id ? unguarded_claims() : asked;
  }

  const bool guarded_;
  unsigned looked_ = 0;
  std::vector<Row> rows_{};
};

/// The inner engine is given a schema without the exclusion.
class Unguarded final : public testing::WrappedEngine {
 public:
  using WrappedEngine::WrappedEngine;
  std::unique_ptr<storage::Database> create(const storage::StoreName& store,
                                            const storage::OpenOptions& options) override {
    return WrappedEngine::create(store, without(options));
  }
  std::unique_ptr<storage::Database> open(const storage::StoreName& store,
                                          const storage::OpenOptions& options) override {
    return WrappedEngine::open(store, without(options));
  }

 private:
  struct Copy {
    std::vector<std::vector<storage::SchemaChange>> changes{};
    std::vector<storage::Migration> migrations{};
    storage::Schema schema{};
  };

  storage::OpenOptions without(storage::OpenOptions options) {
    Copy& copy = copies_[options.schema];
    if (copy.migrations.empty()) {
      for (const storage::Migration& migration : options.schema->migrations) {
        auto& changes = copy.changes.emplace_back(migration.changes.begin(), migration.changes.end());
        for (storage::SchemaChange& change : changes)
          if (change.table->id == appointments::claims_table.id) change.table = &unguarded_claims();
      }
      for (std::size_t i = 0; i < copy.changes.size(); ++i) {
        storage::Migration migration = options.schema->migrations[i];
        migration.changes = copy.changes[i];
        copy.migrations.push_back(migration);
      }
      copy.schema = {.name = options.schema->name, .migrations = copy.migrations};
    }
    options.schema = &copy.schema;
    return options;
  }

  std::map<const storage::Schema*, Copy> copies_{};
};

/// The engine with a bug, and with the oracle's view below it: "read-then-insert", "second-line" (the same, but the table keeps its
/// exclusion) or "lost-cancel" (every third change of a visit is acknowledged and forgotten). Anything else is no bug.
inline std::shared_ptr<storage::Engine> with_bug(std::shared_ptr<storage::Engine> inner, Peephole& peephole,
                                                 const std::string& bug) {
  using Database = std::unique_ptr<storage::Database>;
  if (bug == "read-then-insert") inner = std::make_shared<Unguarded>(std::move(inner));
  auto open = std::make_shared<OpenEngine>(std::move(inner), peephole);
  const auto with = [&]<class Make>(Make make) -> std::shared_ptr<storage::Engine> {
    return std::make_shared<testing::PlantedEngine<Make>>(std::move(open), std::move(make));
  };
  if (bug == "read-then-insert")
    return with([](Database data) -> Database { return std::make_unique<StaleClaims>(std::move(data), false); });
  if (bug == "second-line")
    return with([](Database data) -> Database { return std::make_unique<StaleClaims>(std::move(data), true); });
  if (bug == "lost-cancel")
    return with([](Database data) -> Database {
      return std::make_unique<testing::LosesUpdates>(std::move(data), "appointments");
    });
  return open;
}

}  // namespace medflow::campaign
