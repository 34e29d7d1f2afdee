// An engine around another one that passes everything on: derive from these to watch or to disturb.
//
// For tests alone; a weaker promise than the rest of the public headers.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "medflow/storage/engine.hpp"

namespace medflow::testing {

class WrappedTransaction : public storage::Transaction {
 public:
  explicit WrappedTransaction(storage::Transaction& inner) : inner_(inner) {}
  void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
    inner_.get(table, keys, visit);
  }
  void scan(const storage::Scan& scan, storage::RowVisitor visit) override { inner_.scan(scan, visit); }
  void insert(const storage::Table& table, storage::RowView row) override { inner_.insert(table, row); }
  void update(const storage::Table& table, storage::RowView row, storage::Revision expected) override {
    inner_.update(table, row, expected);
  }
  void erase(const storage::Table& table, storage::Key key) override { inner_.erase(table, key); }
  void defer_conflicts() override { inner_.defer_conflicts(); }
  void foresee(FunctionRef<void(storage::Foresight&)> body) override { inner_.foresee(body); }
  void attempt(FunctionRef<void()> body) override { inner_.attempt(body); }
  bool alive() const override { return inner_.alive(); }

 private:
  storage::Transaction& inner_;
};

/// Every write comes through `write`, and is durable when that returns. Who wants the inner engine's commits ahead of their sync overrides
/// `write_ahead` and `sync` too.
class WrappedDatabase : public storage::Database {
 public:
  explicit WrappedDatabase(std::unique_ptr<storage::Database> inner) : inner_(std::move(inner)) {}
  void read(storage::Body body) override { inner_->read(body); }
  void write(storage::Body body) override { inner_->write(body); }
  void maintain(bool idle) override { inner_->maintain(idle); }
  void scrub() override { inner_->scrub(); }

 protected:
  bool inner_write_ahead(storage::Body body) { return inner_->write_ahead(body); }
  void inner_sync() { inner_->sync(); }

 private:
  std::unique_ptr<storage::Database> inner_;
};

class WrappedEngine : public storage::Engine {
 public:
  explicit WrappedEngine(std::shared_ptr<storage::Engine> inner) : inner_(std::move(inner)) {}
  std::string_view name() const override { return inner_->name(); }
  bool shared() const override { return inner_->shared(); }
  std::unique_ptr<storage::Database> create(const storage::StoreName& store,
                                            const storage::OpenOptions& options) override {
    return wrap(inner_->create(store, options), store);
  }
  std::unique_ptr<storage::Database> open(const storage::StoreName& store,
                                          const storage::OpenOptions& options) override {
    return wrap(inner_->open(store, options), store);
  }
  void drop(const storage::StoreName& store) override { inner_->drop(store); }
  std::vector<storage::StoreName> list() override { return inner_->list(); }

 protected:
  /// What is given out in the place of a database of the inner engine.
  virtual std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                                  const storage::StoreName&) {
    return database;
  }

 private:
  std::shared_ptr<storage::Engine> inner_;
};

}  // namespace medflow::testing
