// Every call that reaches a storage engine, one step after the other: what the counting and the faulty engine look at.
//
// For tests alone; a weaker promise than the rest of the public headers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "medflow/testing/wrapped_engine.hpp"

namespace medflow::testing {

enum class StorageCall : std::uint8_t {
  create,
  open,
  drop,
  list,
  read,  ///< before the body of a reading transaction
  write,
  get,
  scan,
  midway,  ///< in a scan or get, after its first row and before its second
  insert,
  update,
  erase,
  attempt,
  commit,     ///< the body of a writing transaction has run
  committed,  ///< what it wrote is durable, and nobody knows yet
  maintain,
  scrub,
};
inline constexpr std::size_t storage_calls = static_cast<std::size_t>(StorageCall::scrub) + 1;

inline std::string_view word_of(StorageCall call) {
  static constexpr std::string_view words[storage_calls] = {
      "create", "open",   "drop",  "list",    "read",   "write",     "get",      "scan", "midway",
      "insert", "update", "erase", "attempt", "commit", "committed", "maintain", "scrub"};
  return words[static_cast<std::size_t>(call)];
}

/// One step; `store` and `table` are null where the call has none. Valid while the step lasts.
struct StorageStep {
  StorageCall call{};
  const storage::StoreName* store = nullptr;
  const storage::Table* table = nullptr;
};

/// Called before each step, on the thread that makes it. What it throws, the engine throws.
using StorageHook = std::function<void(const StorageStep&)>;

/// The kinds of fault that the interface allows at a step: what an honest engine may throw there.
inline std::span<const storage::FaultKind> faults_at(const StorageStep& step) {
  using enum storage::FaultKind;
  static constexpr storage::FaultKind opening[] = {unavailable, full, corrupt, in_use, wrong_key, schema_newer};
  static constexpr storage::FaultKind reading[] = {unavailable, corrupt};
  static constexpr storage::FaultKind writing[] = {unavailable, full, corrupt};
  static constexpr storage::FaultKind inserting[] = {unavailable, full, corrupt, unique};
  static constexpr storage::FaultKind claiming[] = {unavailable, full, corrupt, unique, exclusion};
  static constexpr storage::FaultKind updating[] = {unavailable, full, corrupt, revision, unique};
  static constexpr storage::FaultKind committing[] = {unavailable, full, corrupt, unknown_outcome, unique};
  static constexpr storage::FaultKind settled[] = {unknown_outcome};
  switch (step.call) {
    case StorageCall::create:
    case StorageCall::open:
      return opening;
    case StorageCall::read:
    case StorageCall::get:
    case StorageCall::scan:
    case StorageCall::midway:
    case StorageCall::list:
      return reading;
    case StorageCall::insert:
      return step.table != nullptr && step.table->exclusion ? std::span<const storage::FaultKind>(claiming) : inserting;
    case StorageCall::update:
      return updating;
    case StorageCall::commit:
      return committing;
    case StorageCall::committed:
      return settled;
    default:
      return writing;
  }
}

/// After one of these an engine has given the transaction up.
inline bool ends_transaction(storage::FaultKind kind) {
  using enum storage::FaultKind;
  return kind == unavailable || kind == full || kind == corrupt || kind == unknown_outcome;
}

/// Passes everything on, and calls a hook before each step. A transaction in which the hook has thrown a fault that ends it is not
/// alive afterwards and cannot be committed, whatever became of the exception: as it is with a real engine.
class SteppedEngine : public WrappedEngine {
 public:
  SteppedEngine(std::shared_ptr<storage::Engine> inner, StorageHook hook)
      : WrappedEngine(std::move(inner)), hook_(std::make_shared<const StorageHook>(std::move(hook))) {}

  std::unique_ptr<storage::Database> create(const storage::StoreName& store,
                                            const storage::OpenOptions& options) override {
    (*hook_)({.call = StorageCall::create, .store = &store});
    return WrappedEngine::create(store, options);
  }
  std::unique_ptr<storage::Database> open(const storage::StoreName& store,
                                          const storage::OpenOptions& options) override {
    (*hook_)({.call = StorageCall::open, .store = &store});
    return WrappedEngine::open(store, options);
  }
  void drop(const storage::StoreName& store) override {
    (*hook_)({.call = StorageCall::drop, .store = &store});
    WrappedEngine::drop(store);
  }
  std::vector<storage::StoreName> list() override {
    (*hook_)({.call = StorageCall::list});
    return WrappedEngine::list();
  }

 protected:
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                          const storage::StoreName& store) override {
    return std::make_unique<SteppedDatabase>(std::move(database), store, hook_);
  }

 private:
  class SteppedTransaction final : public WrappedTransaction {
   public:
    SteppedTransaction(storage::Transaction& inner, const storage::StoreName& store, const StorageHook& hook)
        : WrappedTransaction(inner), store_(store), hook_(hook) {}
    void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
      step(StorageCall::get, &table);
      int row = 0;
      WrappedTransaction::get(table, keys, [&](std::size_t at, storage::RowView view) {
        if (++row == 2) step(StorageCall::midway, &table);
        visit(at, view);
      });
    }
    void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
      step(StorageCall::scan, scan.table);
      int row = 0;
      WrappedTransaction::scan(scan, [&](storage::RowView view) {
        if (++row == 2) step(StorageCall::midway, scan.table);
        return visit(view);
      });
    }
    void insert(const storage::Table& table, storage::RowView row) override {
      step(StorageCall::insert, &table);
      WrappedTransaction::insert(table, row);
    }
    void update(const storage::Table& table, storage::RowView row, storage::Revision expected) override {
      step(StorageCall::update, &table);
      WrappedTransaction::update(table, row, expected);
    }
    void erase(const storage::Table& table, storage::Key key) override {
      step(StorageCall::erase, &table);
      WrappedTransaction::erase(table, key);
    }
    void attempt(FunctionRef<void()> body) override {
      step(StorageCall::attempt, nullptr);
      WrappedTransaction::attempt(body);
    }
    bool alive() const override { return !given_up_ && WrappedTransaction::alive(); }

    void step(StorageCall call, const storage::Table* table) {
      if (given_up_) throw storage::Fault{storage::FaultKind::unavailable, {}, "the transaction was given up"};
      try {
        hook_({.call = call, .store = &store_, .table = table});
      } catch (const storage::Fault& fault) {
        given_up_ = ends_transaction(fault.kind);
        throw;
      }
    }

   private:
    const storage::StoreName& store_;
    const StorageHook& hook_;
    bool given_up_ = false;
  };

  class SteppedDatabase final : public WrappedDatabase {
   public:
    SteppedDatabase(std::unique_ptr<storage::Database> inner, storage::StoreName store,
                    std::shared_ptr<const StorageHook> hook)
        : WrappedDatabase(std::move(inner)), store_(std::move(store)), hook_(std::move(hook)) {}
    void read(storage::Body body) override {
      step(StorageCall::read);
      WrappedDatabase::read([&](storage::Transaction& inner) {
        SteppedTransaction transaction(inner, store_, *hook_);
        body(transaction);
      });
    }
    void write(storage::Body body) override {
      step(StorageCall::write);
      WrappedDatabase::write([&](storage::Transaction& inner) {
        SteppedTransaction transaction(inner, store_, *hook_);
        body(transaction);
        transaction.step(StorageCall::commit, nullptr);
      });
      step(StorageCall::committed);
    }
    void maintain(bool idle) override {
      step(StorageCall::maintain);
      WrappedDatabase::maintain(idle);
    }
    void scrub() override {
      step(StorageCall::scrub);
      WrappedDatabase::scrub();
    }

   private:
    void step(StorageCall call) { (*hook_)({.call = call, .store = &store_}); }

    storage::StoreName store_;
    std::shared_ptr<const StorageHook> hook_;
  };

  std::shared_ptr<const StorageHook> hook_;
};

}  // namespace medflow::testing
