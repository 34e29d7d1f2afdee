// An engine in which rows, once a test names them, are read as if the disk had damaged them.
#pragma once

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "medflow/id.hpp"
#include "tests/support/watched_engine.hpp"

namespace medflow::testing {

using DamagedIds = std::set<Uuid>;

class DamagedReads final : public WrappedTransaction {
 public:
  DamagedReads(storage::Transaction& inner, const DamagedIds& damaged) : WrappedTransaction(inner), damaged_(damaged) {}
  void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
    WrappedTransaction::get(table, keys, [&](std::size_t at, storage::RowView row) {
      spoil(table, row, [&](storage::RowView seen) { visit(at, seen); });
    });
  }
  void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
    WrappedTransaction::scan(scan, [&](storage::RowView row) {
      bool goes_on = true;
      spoil(*scan.table, row, [&](storage::RowView seen) { goes_on = visit(seen); });
      return goes_on;
    });
  }

 private:
  /// What is longer than an id: seals, and what is sealed.
  template <class Visit>
  void spoil(const storage::Table& table, storage::RowView row, Visit&& visit) const {
    const bool named =
        table.revision && row[0].data.size() == sizeof(Uuid::bytes) &&
        std::any_of(damaged_.begin(), damaged_.end(), [&](const Uuid& id) { return id.view() == row[0].data; });
    if (!named) return visit(row);
    std::vector<std::string> texts(row.size());
    std::vector<storage::Cell> cells(row.begin(), row.end());
    for (std::size_t i = 1; i < cells.size(); ++i) {
      if (cells[i].kind != storage::CellKind::bytes || cells[i].data.size() <= sizeof(Uuid::bytes)) continue;
      texts[i] = cells[i].data;
      texts[i].back() = static_cast<char>(texts[i].back() ^ 1);
      cells[i].data = texts[i];
    }
    visit(storage::RowView(cells));
  }

  const DamagedIds& damaged_;
};

/// `notes` are the ids of the rows.
using DamagingEngine = WatchedEngine<DamagedReads, DamagedIds>;

}  // namespace medflow::testing
