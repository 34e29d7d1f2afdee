// An engine each of whose transactions is watched, or disturbed, by an object of the test's.
#pragma once

#include <memory>
#include <utility>

#include "medflow/testing/wrapped_engine.hpp"

namespace medflow::testing {

/// `Watcher` is a WrappedTransaction that is made of the inner transaction and the engine's `notes`, which outlive it.
template <class Watcher, class Notes>
class WatchedEngine final : public WrappedEngine {
 public:
  using WrappedEngine::WrappedEngine;
  Notes notes{};

 private:
  class WatchedDatabase final : public WrappedDatabase {
   public:
    WatchedDatabase(std::unique_ptr<storage::Database> inner, Notes& notes)
        : WrappedDatabase(std::move(inner)), notes_(notes) {}
    void read(storage::Body body) override {
      WrappedDatabase::read([&](storage::Transaction& transaction) { watch(transaction, body); });
    }
    void write(storage::Body body) override {
      WrappedDatabase::write([&](storage::Transaction& transaction) { watch(transaction, body); });
    }

   private:
    void watch(storage::Transaction& transaction, storage::Body body) {
      Watcher watcher(transaction, notes_);
      body(watcher);
    }
    Notes& notes_;
  };
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                          const storage::StoreName&) override {
    return std::make_unique<WatchedDatabase>(std::move(database), notes);
  }
};

}  // namespace medflow::testing
