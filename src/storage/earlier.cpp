#include "storage/earlier.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "storage/entity.hpp"
#include "storage/tables.hpp"

namespace medflow::inline v1::storage {
namespace {

[[noreturn]] void outdated(const Table& table) { throw Fault{FaultKind::schema_outdated, std::string{table.name}}; }

std::uint8_t position_then(const EarlierTable& table, std::uint8_t now) {
  const auto at = std::find(table.place.begin(), table.place.end(), now);
  return static_cast<std::uint8_t>(at - table.place.begin());
}

std::vector<std::uint8_t> positions_then(const EarlierTable& table, std::span<const std::uint8_t> now) {
  std::vector<std::uint8_t> then;
  for (const std::uint8_t column : now) then.push_back(position_then(table, column));
  return then;
}

bool has_index(const Table& table, std::string_view index) {
  return index == key_index ||
         std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Index& one) { return one.name == index; });
}

/// A transaction of the database as it is, in which tables, rows and scans are those of now.
class EarlierTransaction final : public Transaction {
 public:
  EarlierTransaction(const EarlierSchema& earlier, Transaction& inner) : earlier_(earlier), inner_(inner) {}

  void get(const Table& table, std::span<const Key> keys, KeyVisitor visit) override {
    const EarlierTable* shape = earlier_.find(table);
    if (shape == nullptr) return;
    inner_.get(shape->then, keys, [&](std::size_t i, RowView row) {
      std::vector<Cell> cells;
      visit(i, widened(table, *shape, row, cells));
    });
  }

  void scan(const Scan& scan, RowVisitor visit) override {
    const EarlierTable* shape = earlier_.find(*scan.table);
    if (shape == nullptr) return;
    if (!has_index(shape->then, scan.index)) return scan_in_order(*shape, scan, visit);
    Scan then = scan;
    then.table = &shape->then;
    inner_.scan(then, [&](RowView row) {
      std::vector<Cell> cells;
      return visit(widened(*scan.table, *shape, row, cells));
    });
  }

  void insert(const Table& table, RowView row) override {
    const auto [shape, cells] = narrowed(table, row);
    inner_.insert(shape->then, cells);
  }

  void update(const Table& table, RowView row, Revision expected) override {
    const auto [shape, cells] = narrowed(table, row);
    inner_.update(shape->then, cells, expected);
  }

  void erase(const Table& table, Key key) override {
    if (const EarlierTable* shape = earlier_.find(table)) inner_.erase(shape->then, key);
  }

  void defer_conflicts() override { inner_.defer_conflicts(); }
  void attempt(FunctionRef<void()> body) override { inner_.attempt(body); }
  bool alive() const override { return inner_.alive(); }

 private:
  static RowView widened(const Table& table, const EarlierTable& shape, RowView row, std::vector<Cell>& cells) {
    if (shape.place.size() == table.columns.size()) return row;
    cells.assign(table.columns.size(), Cell::null());
    for (std::size_t i = 0; i < row.size(); ++i) cells[shape.place[i]] = row[i];
    return cells;
  }

  std::pair<const EarlierTable*, std::vector<Cell>> narrowed(const Table& table, RowView row) const {
    const EarlierTable* shape = earlier_.find(table);
    if (shape == nullptr) outdated(table);
    std::vector<Cell> cells;
    for (const std::uint8_t place : shape->place) cells.push_back(row[place]);
    const auto nulls = std::count_if(row.begin(), row.end(), [](const Cell& cell) { return cell.is_null(); });
    const auto kept = std::count_if(cells.begin(), cells.end(), [](const Cell& cell) { return cell.is_null(); });
    if (nulls - kept != static_cast<std::ptrdiff_t>(row.size() - cells.size())) outdated(table);
    return {shape, std::move(cells)};
  }

  /// Along an index that is not there yet.
  void scan_in_order(const EarlierTable& shape, const Scan& scan, RowVisitor visit) {
    const auto order = order_of(*scan.table, scan.index);
    check_scan(scan, order.size());
    std::deque<RowBuffer> kept;  // which do not move: their cells point into them
    std::vector<RowView> rows;
    inner_.scan({.table = &shape.then}, [&](RowView row) {
      std::vector<Cell> cells;
      const RowView wide = widened(*scan.table, shape, row, cells);
      if (!among(scan, order, wide)) return true;
      kept.emplace_back().copy(wide);
      rows.emplace_back(kept.back().cells);
      return true;
    });
    std::sort(rows.begin(), rows.end(), [&](RowView left, RowView right) {
      const int by = compared(order, left, right);
      return scan.backwards ? by > 0 : by < 0;
    });
    for (std::size_t i = 0; i < std::min(rows.size(), scan.limit); ++i)
      if (!visit(rows[i])) return;
  }

  static int compared(const std::vector<std::uint8_t>& order, RowView left, RowView right) {
    for (const std::uint8_t column : order)
      if (const int by = compare(left[column], right[column]); by != 0) return by;
    return 0;
  }

  static bool among(const Scan& scan, const std::vector<std::uint8_t>& order, RowView row) {
    const std::size_t equal = scan.equal.size();
    for (std::size_t i = 0; i < equal; ++i)
      if (compare(row[order[i]], scan.equal[i]) != 0) return false;
    if (scan.from || scan.to) {
      const Cell& cell = row[order[equal]];
      if (cell.is_null() || (scan.from && compare(cell, *scan.from) < 0) || (scan.to && compare(cell, *scan.to) >= 0))
        return false;
    }
    for (std::size_t i = 0; i < scan.after.size(); ++i) {
      const int by = compare(row[order[equal + i]], scan.after[i]);
      if (by != 0) return scan.backwards ? by < 0 : by > 0;
    }
    return scan.after.empty();
  }

  const EarlierSchema& earlier_;
  Transaction& inner_;
};

class EarlierDatabase final : public Database {
 public:
  EarlierDatabase(std::unique_ptr<const EarlierSchema> earlier, std::unique_ptr<Database> inner)
      : earlier_(std::move(earlier)), inner_(std::move(inner)) {}

  void read(Body body) override {
    inner_->read([&](Transaction& transaction) {
      EarlierTransaction wide{*earlier_, transaction};
      body(wide);
    });
  }
  void write(Body body) override {
    inner_->write([&](Transaction& transaction) {
      EarlierTransaction wide{*earlier_, transaction};
      body(wide);
    });
  }
  void maintain(bool idle) override { inner_->maintain(idle); }
  void scrub() override { inner_->scrub(); }

 private:
  std::unique_ptr<const EarlierSchema> earlier_;  // outlives the database
  std::unique_ptr<Database> inner_;
};

}  // namespace

EarlierSchema::EarlierSchema(const Schema& now, std::size_t migrations) {
  for (const Migration& migration : now.migrations.first(migrations)) {
    auto& changes = changes_.emplace_back();
    for (const SchemaChange& change : migration.changes) {
      if (find(*change.table) == nullptr) add_table(now, *change.table, migrations);
      const EarlierTable& table = tables_.at(change.table->id);
      SchemaChange& then = changes.emplace_back(SchemaChange{.table = &table.then});
      if (change.add_column) then.add_column = position_then(table, *change.add_column);
      if (change.add_index)
        then.add_index = static_cast<std::uint8_t>(index_of(table.then, change.table->indexes[*change.add_index].name));
    }
    migrations_.push_back({.number = migration.number, .name = migration.name, .changes = changes});
  }
  schema_ = {.name = now.name, .migrations = migrations_};
}

void EarlierSchema::add_table(const Schema& now, const Table& table, std::size_t migrations) {
  const Schema missing{.name = now.name, .migrations = now.migrations.subspan(migrations)};
  EarlierTable& made = tables_[table.id];
  made.then = table;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto place = static_cast<std::uint8_t>(i);
    if (column_comes_later(missing, table, place)) continue;
    made.columns.push_back(table.columns[i]);
    made.place.push_back(place);
  }
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    if (index_comes_later(missing, table, i)) continue;
    Index& index = made.indexes.emplace_back(table.indexes[i]);
    index.columns = made.positions.emplace_back(positions_then(made, index.columns));
  }
  if (table.exclusion) {
    made.then.exclusion->equal = made.positions.emplace_back(positions_then(made, table.exclusion->equal));
    made.then.exclusion->from = position_then(made, table.exclusion->from);
    made.then.exclusion->to = position_then(made, table.exclusion->to);
  }
  if (table.revision) made.then.revision = position_then(made, *table.revision);
  made.then.columns = made.columns;
  made.then.indexes = made.indexes;
}

const EarlierTable* EarlierSchema::find(const Table& now) const {
  const auto found = tables_.find(now.id);
  return found == tables_.end() ? nullptr : &found->second;
}

std::unique_ptr<Database> as_of_now(std::unique_ptr<const EarlierSchema> earlier, std::unique_ptr<Database> database) {
  return std::make_unique<EarlierDatabase>(std::move(earlier), std::move(database));
}

Opened open_unmigrated(Engine& engine, const StoreName& name, OpenOptions options) {
  options.migrate = false;
  const Schema& now = *options.schema;
  try {
    return {.database = engine.open(name, options)};
  } catch (const Fault& fault) {
    if (fault.kind != FaultKind::schema_outdated || now.migrations.size() < 2) throw;
  }
  auto earlier = std::make_unique<const EarlierSchema>(now, now.migrations.size() - 1);
  options.schema = &earlier->schema();
  auto database = engine.open(name, options);
  return {.database = as_of_now(std::move(earlier), std::move(database)), .behind = true};
}

}  // namespace medflow::inline v1::storage
