// An engine that lets somebody else call in the midst of a transaction: just behind the first scan of a table.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/watched_engine.hpp"

namespace medflow::testing {

/// What is done once, by another thread, when a table was scanned; the scan's transaction waits for it.
class Meanwhile {
 public:
  /// The next scan of the table of this name is the one.
  void set(std::string_view table, std::function<void()> then) {
    table_ = table;
    then_ = std::move(then);
    waits_ = true;
  }
  bool is_done() const { return !waits_; }

  void scanned(const storage::Table& table) {
    if (waits_ && table.name == table_ && waits_.exchange(false)) std::async(std::launch::async, then_).get();
  }

 private:
  std::atomic<bool> waits_{false};
  std::string table_{};
  std::function<void()> then_{};
};

class InterruptedScan final : public WrappedTransaction {
 public:
  InterruptedScan(storage::Transaction& inner, Meanwhile& meanwhile)
      : WrappedTransaction(inner), meanwhile_(meanwhile) {}
  void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
    WrappedTransaction::scan(scan, visit);
    meanwhile_.scanned(*scan.table);
  }

 private:
  Meanwhile& meanwhile_;
};

using InterruptedEngine = WatchedEngine<InterruptedScan, Meanwhile>;

}  // namespace medflow::testing
