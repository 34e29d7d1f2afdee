// A clinic whose messages a test reads, and rows of it that do not open any more.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "medflow/testing/messages.hpp"
#include "medflow/testing/wrapped_engine.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/storage_dump.hpp"

namespace medflow::testing {

/// The patients have addresses; what was due when it was made is sent.
class Outgoing {
 public:
  explicit Outgoing(std::shared_ptr<storage::Engine> engine) : clinic(make(std::move(engine))) {
    for (std::size_t i = 0; i < clinic.patients.size(); ++i)
      must(clinic.desk().call(patients::Patch{.id = clinic.patients[i].id,
                                              .revision = clinic.patients[i].revision,
                                              .emails = std::vector<std::string>{address(i)}}));
    tick();
    sender->messages.clear();
  }

  static std::string address(std::size_t patient) { return std::to_string(patient) + "@example.org"; }
  /// To whom something was sent since the last time.
  std::vector<std::string> told() {
    std::vector<std::string> whom;
    for (const Message& message : std::exchange(sender->messages, {})) whom.push_back(message.to);
    return whom;
  }
  void tick() {
    for (const auto& trouble : clinic.hospital.platform.tick(clinic.now())) throw std::runtime_error(trouble.task);
  }
  FakeClock& clock() { return *clinic.hospital.clock; }

  std::shared_ptr<RecordingSender> sender = std::make_shared<RecordingSender>();
  Clinic clinic;

 private:
  Hospital make(std::shared_ptr<storage::Engine> engine) const {
    auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(std::move(engine), clock);
    options.messages = sender;
    return Hospital(std::move(options), std::move(clock));
  }
};

/// How many messages of this kind the outbox holds in this state.
inline int stored(const DumpingEngine& engine, std::string_view kind, std::string_view state) {
  int count = 0;
  for (const auto& [table, rows] : engine.dump())
    for (const std::string& row : rows)
      if (row.find(kind) != std::string::npos && row.find(state) != std::string::npos) ++count;
  return count;
}

/// Rows of one table whose seal does not match: those that hold these bytes in a column.
class Damage {
 public:
  void spoil(const storage::Layout& layout, const Uuid& holding) {
    const std::lock_guard lock(mutex_);
    layout_ = &layout;
    holding_ = holding;
  }
  void heal() {
    const std::lock_guard lock(mutex_);
    layout_ = nullptr;
  }
  /// Shows the row as it is read now.
  template <class Visit>
  auto show(const storage::Table& table, storage::RowView row, Visit&& visit) {
    std::vector<storage::Cell> cells(row.begin(), row.end());
    std::string seal;
    {
      const std::lock_guard lock(mutex_);
      if (layout_ != nullptr && table.id == layout_->table().id && holds(row)) {
        seal = std::string(row[layout_->seal()].data);
        seal.front() ^= 1;
        cells[layout_->seal()] = storage::Cell::bytes(seal);
      }
    }
    return visit(storage::RowView(cells));
  }

 private:
  bool holds(storage::RowView row) const {
    for (const storage::Cell& cell : row)
      if (cell.data == holding_.view()) return true;
    return false;
  }

  std::mutex mutex_{};
  const storage::Layout* layout_ = nullptr;
  Uuid holding_{};
};

class DamagedEngine final : public WrappedEngine {
 public:
  DamagedEngine(std::shared_ptr<storage::Engine> inner, std::shared_ptr<Damage> damage)
      : WrappedEngine(std::move(inner)), damage_(std::move(damage)) {}

 private:
  class Reading final : public WrappedTransaction {
   public:
    Reading(storage::Transaction& inner, Damage& damage) : WrappedTransaction(inner), damage_(damage) {}
    void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
      WrappedTransaction::get(table, keys, [&](std::size_t at, storage::RowView row) {
        damage_.show(table, row, [&](storage::RowView shown) { visit(at, shown); });
      });
    }
    void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
      WrappedTransaction::scan(scan, [&](storage::RowView row) {
        return damage_.show(*scan.table, row, [&](storage::RowView shown) { return visit(shown); });
      });
    }

   private:
    Damage& damage_;
  };
  class Connection final : public WrappedDatabase {
   public:
    Connection(std::unique_ptr<storage::Database> inner, std::shared_ptr<Damage> damage)
        : WrappedDatabase(std::move(inner)), damage_(std::move(damage)) {}
    void read(storage::Body body) override {
      WrappedDatabase::read([&](storage::Transaction& inner) {
        Reading reading(inner, *damage_);
        body(reading);
      });
    }
    void write(storage::Body body) override {
      WrappedDatabase::write([&](storage::Transaction& inner) {
        Reading reading(inner, *damage_);
        body(reading);
      });
    }

   private:
    std::shared_ptr<Damage> damage_;
  };

  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> inner,
                                          const storage::StoreName&) override {
    return std::make_unique<Connection>(std::move(inner), damage_);
  }

  std::shared_ptr<Damage> damage_;
};

}  // namespace medflow::testing
