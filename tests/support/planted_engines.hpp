// Engines with a bug built in, for tests that must find it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/tables.hpp"
#include "medflow/testing/wrapped_engine.hpp"
#include "storage/entity.hpp"

namespace medflow::testing {

/// A row that keeps its bytes.
inline void keep_row(storage::RowBuffer& copy, storage::RowView row) {
  for (storage::Cell cell : row) {
    if (!cell.data.empty()) cell.data = copy.text() = cell.data;
    copy.cells.push_back(cell);
  }
}

/// Audit events are written in a second transaction, after the commit of what they tell of.
class AuditOutside final : public WrappedDatabase {
 public:
  using WrappedDatabase::WrappedDatabase;
  void write(storage::Body body) override {
    std::deque<storage::RowBuffer> late;
    WrappedDatabase::write([&](storage::Transaction& transaction) {
      late.clear();
      Deferring deferring(transaction, late);
      body(deferring);
    });
    if (late.empty()) return;
    WrappedDatabase::write([&](storage::Transaction& transaction) {
      for (const auto& row : late) transaction.insert(audit::events_table, row.cells);
    });
  }

 private:
  class Deferring final : public WrappedTransaction {
   public:
    Deferring(storage::Transaction& inner, std::deque<storage::RowBuffer>& late)
        : WrappedTransaction(inner), late_(late) {}
    void insert(const storage::Table& table, storage::RowView row) override {
      if (table.id != audit::events_table.id) return WrappedTransaction::insert(table, row);
      keep_row(late_.emplace_back(), row);
    }

   private:
    std::deque<storage::RowBuffer>& late_;
  };
};

/// Every third update of a table is acknowledged and forgotten.
class LosesUpdates final : public WrappedDatabase {
 public:
  LosesUpdates(std::unique_ptr<storage::Database> inner, std::string table)
      : WrappedDatabase(std::move(inner)), table_(std::move(table)) {}
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& inner) {
      Losing transaction(inner, *this);
      body(transaction);
    });
  }

 private:
  class Losing final : public WrappedTransaction {
   public:
    Losing(storage::Transaction& inner, LosesUpdates& owner) : WrappedTransaction(inner), owner_(owner) {}
    void update(const storage::Table& table, storage::RowView row, storage::Revision expected) override {
      if (table.name == owner_.table_ && ++owner_.updates_ % 3 == 0) return;
      WrappedTransaction::update(table, row, expected);
    }

   private:
    LosesUpdates& owner_;
  };

  std::string table_;
  std::uint64_t updates_ = 0;
};

/// Rows that were written are kept beside the database and answer `get`; what was rolled back is not forgotten.
class StaleCache final : public WrappedDatabase {
 public:
  StaleCache(std::unique_ptr<storage::Database> inner, std::string table)
      : WrappedDatabase(std::move(inner)), table_(std::move(table)) {}
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& inner) {
      Caching transaction(inner, *this);
      body(transaction);
    });
  }

 private:
  using Rows = std::map<std::string, storage::RowBuffer>;
  class Caching final : public WrappedTransaction {
   public:
    Caching(storage::Transaction& inner, StaleCache& owner) : WrappedTransaction(inner), owner_(owner) {}
    void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
      if (table.name != owner_.table_) return WrappedTransaction::get(table, keys, visit);
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto cached = owner_.rows_.find(std::string(keys[i][0].data));
        if (cached != owner_.rows_.end())
          visit(i, cached->second.cells);
        else
          WrappedTransaction::get(table, keys.subspan(i, 1), [&](std::size_t, storage::RowView row) { visit(i, row); });
      }
    }
    void update(const storage::Table& table, storage::RowView row, storage::Revision expected) override {
      WrappedTransaction::update(table, row, expected);
      if (table.name != owner_.table_) return;
      owner_.rows_.erase(std::string(row[0].data));
      keep_row(owner_.rows_[std::string(row[0].data)], row);
    }

   private:
    StaleCache& owner_;
  };

  std::string table_;
  Rows rows_{};
};

/// A walk that begins behind a position leaves out the first row there.
class SkipsAtCursor final : public WrappedDatabase {
 public:
  using WrappedDatabase::WrappedDatabase;
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& inner) {
      Skipping transaction(inner);
      body(transaction);
    });
  }

 private:
  class Skipping final : public WrappedTransaction {
   public:
    using WrappedTransaction::WrappedTransaction;
    void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
      bool skip = !scan.after.empty();
      WrappedTransaction::scan(scan, [&](storage::RowView row) {
        if (std::exchange(skip, false)) return true;
        return visit(row);
      });
    }
  };
};

/// Wraps the data of hospitals, not the platform's nor any keys.
template <class Make>
class PlantedEngine final : public WrappedEngine {
 public:
  PlantedEngine(std::shared_ptr<storage::Engine> inner, Make make)
      : WrappedEngine(std::move(inner)), make_(std::move(make)) {}

 protected:
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                          const storage::StoreName& store) override {
    if (store.part != storage::Part::data || store.tenant == "platform") return database;
    return make_(std::move(database));
  }

 private:
  Make make_;
};

/// The planted bugs by name, for simulations and campaigns.
inline constexpr std::string_view planted_bugs[] = {"lost-update", "audit-outside", "stale-cache", "revocation-lost",
                                                    "cursor-skips"};

/// The engine with this bug, or the engine itself where it is none of them.
inline std::shared_ptr<storage::Engine> planted(std::shared_ptr<storage::Engine> inner, std::string_view bug) {
  using Database = std::unique_ptr<storage::Database>;
  const auto with = [&]<class Make>(Make make) -> std::shared_ptr<storage::Engine> {
    return std::make_shared<PlantedEngine<Make>>(std::move(inner), std::move(make));
  };
  if (bug == "lost-update")
    return with([](Database data) -> Database { return std::make_unique<LosesUpdates>(std::move(data), "patients"); });
  if (bug == "audit-outside")
    return with([](Database data) -> Database { return std::make_unique<AuditOutside>(std::move(data)); });
  if (bug == "stale-cache")
    return with([](Database data) -> Database { return std::make_unique<StaleCache>(std::move(data), "patients"); });
  if (bug == "revocation-lost")
    return with([](Database data) -> Database { return std::make_unique<LosesUpdates>(std::move(data), "sessions"); });
  if (bug == "cursor-skips")
    return with([](Database data) -> Database { return std::make_unique<SkipsAtCursor>(std::move(data)); });
  return inner;
}

}  // namespace medflow::testing
