// The engine that keeps everything in memory: for tests, demonstrations and hosts that forget on purpose.
#include "medflow/storage/engine.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "storage/memory/order.hpp"
#include "storage/memory/state.hpp"
#include "storage/tables.hpp"
#include "storage/visiting.hpp"

namespace medflow::inline v1::storage {
namespace memory {
namespace {

// A database while it is closed as well as open.
struct Store {
  std::mutex writer;
  std::mutex mutex;  // guards what follows
  State state;
  std::vector<Applied> applied;
  bool open = false;
  bool ready = false;
};

class MemoryTransaction final : public Transaction {
 public:
  MemoryTransaction(State& state, const Tables& tables, bool writing)
      : state_(state), tables_(tables), writing_(writing) {}

  void get(const Table& table, std::span<const Key> keys, KeyVisitor visit) override {
    const auto& rows = state_[tables_.slot(table)].rows;
    const Visiting inside{visiting_};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      check_key(table, keys[i]);
      std::string encoded;
      append(encoded, keys[i]);
      if (const auto row = rows.find(encoded)) visit(i, row->view());
    }
  }

  void scan(const Scan& scan, RowVisitor visit) override {
    const auto& state = state_[tables_.slot(*scan.table)];
    check_scan(scan, order_of(*scan.table, scan.index).size());
    const Visiting inside{visiting_};
    memory::scan(state, scan, visit);
  }

  void insert(const Table& table, RowView row) override {
    check_row(table, row);
    memory::insert(changing(table), table, row);
  }

  void update(const Table& table, RowView row, Revision expected) override {
    check_row(table, row);
    check_updatable(table);
    memory::update(changing(table), table, row, expected);
  }

  void erase(const Table& table, Key key) override {
    check_key(table, key);
    check_erasable(table);
    memory::erase(changing(table), table, key);
  }

  void attempt(FunctionRef<void()> body) override {
    const State before = state_;
    try {
      body();
    } catch (...) {
      state_ = before;
      throw;
    }
  }

  bool alive() const override { return true; }

 private:
  TableState& changing(const Table& table) {
    check_writing(writing_, visiting_, table);
    return state_[tables_.slot(table)];
  }

  State& state_;
  const Tables& tables_;
  bool writing_;
  int visiting_ = 0;
};

class MemoryDatabase final : public Database {
 public:
  MemoryDatabase(std::shared_ptr<Store> store, const Schema& schema) : store_(std::move(store)), tables_(schema) {}
  ~MemoryDatabase() override {
    const std::lock_guard lock{store_->mutex};
    store_->open = false;
  }
  MemoryDatabase(const MemoryDatabase&) = delete;
  MemoryDatabase& operator=(const MemoryDatabase&) = delete;

  void read(Body body) override {
    State snapshot = committed();
    MemoryTransaction transaction{snapshot, tables_, false};
    body(transaction);
  }

  void write(Body body) override {
    const std::lock_guard writing{store_->writer};
    State next = committed();
    MemoryTransaction transaction{next, tables_, true};
    body(transaction);
    const std::lock_guard lock{store_->mutex};
    store_->state.swap(next);
  }

  void maintain(bool) override {}
  void scrub() override {}

  void prepare(const Schema& schema, bool migrate_it, const std::string& name) {
    State next = committed();
    auto applied = store_->applied;
    const auto rest = lacking(schema, applied, migrate_it, name);
    for (const auto& migration : rest) {
      migrate(next, tables_, schema, migration);
      applied.push_back({.number = migration.number, .name = std::string{migration.name}});
    }
    arrange(next, tables_);
    const std::lock_guard lock{store_->mutex};
    store_->state.swap(next);
    store_->applied.swap(applied);
    store_->ready = true;
  }

 private:
  State committed() {
    const std::lock_guard lock{store_->mutex};
    return store_->state;
  }

  std::shared_ptr<Store> store_;
  Tables tables_;
};

class MemoryEngine final : public Engine {
 public:
  std::string_view name() const override { return "memory"; }

  std::unique_ptr<Database> create(const StoreName& name, const OpenOptions& options) override {
    const auto key = text_of(name);
    const auto store = std::make_shared<Store>();
    store->open = true;
    {
      const std::lock_guard lock{mutex_};
      if (!stores_.emplace(key, Named{.name = name, .store = store}).second) throw Fault{FaultKind::exists, key};
    }
    auto database = std::make_unique<MemoryDatabase>(store, *options.schema);
    database->prepare(*options.schema, true, key);
    return database;
  }

  std::unique_ptr<Database> open(const StoreName& name, const OpenOptions& options) override {
    const auto key = text_of(name);
    auto database = std::make_unique<MemoryDatabase>(take(key), *options.schema);
    database->prepare(*options.schema, options.migrate, key);
    return database;
  }

  void drop(const StoreName& name) override {
    const auto key = text_of(name);
    const std::lock_guard lock{mutex_};
    const auto found = stores_.find(key);
    if (found == stores_.end()) return;
    if (is_open(*found->second.store)) throw Fault{FaultKind::in_use, key};
    stores_.erase(found);
  }

  std::vector<StoreName> list() override {
    const std::lock_guard lock{mutex_};
    std::vector<StoreName> names;
    for (const auto& [key, named] : stores_) names.push_back(named.name);
    return names;
  }

 private:
  struct Named {
    StoreName name{};
    std::shared_ptr<Store> store{};
  };

  static bool is_open(Store& store) {
    const std::lock_guard lock{store.mutex};
    return store.open;
  }

  std::shared_ptr<Store> take(const std::string& key) {
    const std::lock_guard lock{mutex_};
    const auto found = stores_.find(key);
    if (found == stores_.end()) throw Fault{FaultKind::missing, key};
    auto& store = *found->second.store;
    const std::lock_guard inner{store.mutex};
    if (store.open) throw Fault{FaultKind::in_use, key};
    if (!store.ready) throw Fault{FaultKind::missing, key};
    store.open = true;
    return found->second.store;
  }

  std::mutex mutex_;
  std::map<std::string, Named> stores_;
};

}  // namespace
}  // namespace memory

std::unique_ptr<Engine> memory_engine() { return std::make_unique<memory::MemoryEngine>(); }

}  // namespace medflow::inline v1::storage
