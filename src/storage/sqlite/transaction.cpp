#include "storage/sqlite/transaction.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "storage/visiting.hpp"

namespace medflow::inline v1::storage::sqlite {
namespace {

constexpr int rows_between_deadline_checks = 512;

// SQLite names the columns, as "UNIQUE constraint failed: t.a, t.b".
std::string columns_text(const Table& table, const Index& index) {
  std::string text;
  for (const auto position : index.columns) {
    if (!text.empty()) text += ", ";
    text.append(table.name).append(".").append(table.columns[position].name);
  }
  return text;
}

std::string unique_index_of(const Table& table, std::string_view message) {
  const auto colon = message.find(": ");
  const auto columns = colon == std::string_view::npos ? std::string_view{} : message.substr(colon + 2);
  for (const auto& index : table.indexes) {
    if (index.unique && columns_text(table, index) == columns) return std::string{index.name};
  }
  return std::string{key_index};
}

// Where the position after which to start lies: its first cell and the bounds are of the same column.
enum class Place { before, inside, beyond };

Place place_of(const Scan& scan) {
  if (!scan.from && !scan.to) return Place::inside;
  const Cell& first = scan.after.front();
  const bool below = first.is_null() || (scan.from && compare(first, *scan.from) < 0);
  const bool above = scan.to && compare(first, *scan.to) >= 0;
  if (below) return scan.backwards ? Place::beyond : Place::before;
  if (above) return scan.backwards ? Place::before : Place::beyond;
  return Place::inside;
}

bool is_constraint(int code) { return (code & 0xFF) == SQLITE_CONSTRAINT; }

// The fault of a row that breaks a rule of its table; the transaction goes on.
Fault constraint_fault(int code, const Table& table, const std::string& message) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
      return Fault{FaultKind::unique, unique_index_of(table, message)};
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Fault{FaultKind::unique, std::string{key_index}};
    case SQLITE_CONSTRAINT_TRIGGER:
      if (table.exclusion && message == "exclusion")
        return Fault{FaultKind::exclusion, std::string{table.exclusion->name}};
      break;
    default:
      break;
  }
  return Fault{FaultKind::misuse, std::string{table.name}, "a row that the table does not take"};
}

}  // namespace

void SqliteTransaction::require_life() const {
  if (death_) throw Fault{*death_};
}

void SqliteTransaction::check_deadline() {
  if (!deadline_ || std::chrono::steady_clock::now() < *deadline_) return;
  death_.emplace(FaultKind::unavailable, connection_.file(), "a reading took too long");
  throw Fault{*death_};
}

std::size_t SqliteTransaction::writable(const Table& table) const {
  check_writing(writing_, visiting_, table);
  require_life();
  return connection_.tables().slot(table);
}

void SqliteTransaction::die(int code) {
  death_.emplace(connection_.fault_of(code));
  throw Fault{*death_};
}

void SqliteTransaction::fail(int code, const Table& table) {
  if (!is_constraint(code) || !connection_.in_transaction()) die(code);
  throw constraint_fault(code, table, connection_.message());
}

void SqliteTransaction::finish(Statement& statement, const Table& table) {
  const Use use{statement};
  const int code = statement.step();
  if (code != SQLITE_DONE) fail(code, table);
}

void SqliteTransaction::get(const Table& table, std::span<const Key> keys, KeyVisitor visit) {
  require_life();
  check_deadline();
  const auto slot = connection_.tables().slot(table);
  Statement& statement =
      connection_.idle(connection_.statements(slot).get, connection_.sql(slot).get, connection_.sql(slot).table);
  const Visiting inside{visiting_};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    check_key(table, keys[i]);
    const Use use{statement};
    statement.bind(1, keys[i]);
    const int code = statement.step();
    if (code == SQLITE_ROW)
      visit(i, statement.row());
    else if (code != SQLITE_DONE)
      die(code);
  }
}

void SqliteTransaction::scan(const Scan& scan, RowVisitor visit) {
  require_life();
  check_deadline();
  const auto slot = connection_.tables().slot(*scan.table);
  check_scan(scan, connection_.sql(slot).order(index_of(*scan.table, scan.index)).size());
  std::size_t left = scan.limit;
  if (left == 0) return;
  const Visiting inside{visiting_};
  if (scan.after.empty())
    walk(scan, slot, whole(scan), left, visit);
  else
    walk_after(scan, slot, left, visit);
}

Walk SqliteTransaction::walk(const Scan& scan, std::size_t slot, const Leg& leg, std::size_t& left, RowVisitor visit) {
  Shape shape{.index = index_of(*scan.table, scan.index),
              .equal = leg.equal.size(),
              .nulls = 0,
              .lower = leg.lower,
              .upper = leg.upper_cell != nullptr,
              .backwards = scan.backwards};
  for (std::size_t i = 0; i < leg.equal.size(); ++i) shape.nulls |= leg.equal[i].is_null() ? 1U << i : 0U;
  auto& list = connection_.scans_of(slot, shape);
  const auto& sql = connection_.sql(slot);
  Statement& statement =
      list.empty() || list.front()->busy ? connection_.idle(list, sql.scan(shape), sql.table) : *list.front();
  const Use use{statement};
  int position = 1;
  for (const auto& cell : leg.equal) {
    if (!cell.is_null()) statement.bind(position++, cell);
  }
  if (leg.lower_cell != nullptr) statement.bind(position++, *leg.lower_cell);
  if (leg.upper_cell != nullptr) statement.bind(position, *leg.upper_cell);
  for (int until_check = rows_between_deadline_checks;; --until_check) {
    const int code = statement.step();
    if (code == SQLITE_DONE) return Walk::on;
    if (code != SQLITE_ROW) die(code);
    if (!visit(statement.row()) || --left == 0) return Walk::done;
    if (until_check == 0) {
      check_deadline();
      until_check = rows_between_deadline_checks;
    }
  }
}

SqliteTransaction::Leg SqliteTransaction::whole(const Scan& scan) {
  return {.equal = scan.equal,
          .lower = scan.from ? Lower::inclusive : Lower::none,
          .lower_cell = scan.from ? &*scan.from : nullptr,
          .upper_cell = scan.to ? &*scan.to : nullptr};
}

// The rows whose last of these cells is passed, the ones before it being equal.
SqliteTransaction::Leg SqliteTransaction::beyond(const Scan& scan, std::span<const Cell> cells) {
  const bool outermost = cells.size() == scan.equal.size() + 1;
  const Cell& cell = cells.back();
  Leg leg{.equal = cells.first(cells.size() - 1), .lower = Lower::none, .lower_cell = nullptr, .upper_cell = nullptr};
  if (scan.backwards) {
    leg.upper_cell = &cell;
    if (outermost && scan.from) leg.lower = Lower::inclusive, leg.lower_cell = &*scan.from;
  } else {
    leg.lower = cell.is_null() ? Lower::not_null : Lower::exclusive;
    leg.lower_cell = cell.is_null() ? nullptr : &cell;
    if (outermost && scan.to) leg.upper_cell = &*scan.to;
  }
  return leg;
}

// What lies beyond (a, b, c) is, in order: (a, b, beyond c), (a, beyond b), (beyond a). Each is a plain range of the index,
// where a comparison of rows would not be: it finds no nulls, and the old planner reads the whole group of a. Backwards, the
// nulls of a column come after all its values.
void SqliteTransaction::walk_after(const Scan& scan, std::size_t slot, std::size_t& left, RowVisitor visit) {
  const Place place = place_of(scan);
  if (place == Place::before) walk(scan, slot, whole(scan), left, visit);
  if (place != Place::inside) return;
  std::vector<Cell> cells(scan.equal.begin(), scan.equal.end());
  cells.insert(cells.end(), scan.after.begin(), scan.after.end());
  const auto& order = connection_.sql(slot).order(index_of(*scan.table, scan.index));
  for (; cells.size() > scan.equal.size(); cells.pop_back()) {
    if (scan.backwards && cells.back().is_null()) continue;
    if (walk(scan, slot, beyond(scan, cells), left, visit) == Walk::done) return;
    const bool bounded = cells.size() == scan.equal.size() + 1 && (scan.from || scan.to);
    if (!scan.backwards || bounded || !scan.table->columns[order[cells.size() - 1]].nullable) continue;
    cells.back() = Cell::null();
    const Leg nulls{.equal = cells, .lower = Lower::none, .lower_cell = nullptr, .upper_cell = nullptr};
    if (walk(scan, slot, nulls, left, visit) == Walk::done) return;
  }
}

void SqliteTransaction::insert(const Table& table, RowView row) {
  const auto slot = writable(table);
  check_row(table, row);
  Statement& statement = connection_.idle(connection_.statements(slot).insert, connection_.sql(slot).insert, nullptr);
  statement.bind(1, row);
  finish(statement, table);
}

void SqliteTransaction::update(const Table& table, RowView row, Revision expected) {
  const auto slot = writable(table);
  check_row(table, row);
  check_updatable(table);
  Statement& statement = connection_.idle(connection_.statements(slot).update, connection_.sql(slot).update, nullptr);
  const auto rest = row.subspan(table.key_columns);
  const auto key_at = static_cast<int>(rest.size()) + 1;
  statement.bind(1, rest);
  statement.bind(key_at, row.first(table.key_columns));
  statement.bind(key_at + table.key_columns, Cell::of(static_cast<std::int64_t>(expected)));
  finish(statement, table);
  if (connection_.changes() == 0) throw Fault{FaultKind::revision, std::string{table.name}};
}

void SqliteTransaction::erase(const Table& table, Key key) {
  const auto slot = writable(table);
  check_key(table, key);
  check_erasable(table);
  Statement& statement = connection_.idle(connection_.statements(slot).erase, connection_.sql(slot).erase, nullptr);
  statement.bind(1, key);
  finish(statement, table);
}

// A savepoint within a savepoint of the same name is the one that the next two statements mean.
void SqliteTransaction::attempt(FunctionRef<void()> body) {
  require_life();
  if (!writing_) return body();
  if (const int code = connection_.run_kept(connection_.save, "SAVEPOINT attempt"); code != SQLITE_OK) die(code);
  try {
    body();
  } catch (...) {
    if (!alive()) throw;
    if (const int code = connection_.run_kept(connection_.back, "ROLLBACK TO attempt"); code != SQLITE_OK) die(code);
    if (const int code = connection_.run_kept(connection_.release, "RELEASE attempt"); code != SQLITE_OK) die(code);
    throw;
  }
  require_life();
  if (const int code = connection_.run_kept(connection_.release, "RELEASE attempt"); code != SQLITE_OK) die(code);
}

}  // namespace medflow::inline v1::storage::sqlite
