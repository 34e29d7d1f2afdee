#include "storage/sqlite/transaction.hpp"

#include <string>
#include <string_view>

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
  each_leg(scan, connection_.sql(slot).order(index_of(*scan.table, scan.index)),
           [&](const Leg& leg) { return walk(scan, slot, leg, left, visit); });
}

Walk SqliteTransaction::walk(const Scan& scan, std::size_t slot, const Leg& leg, std::size_t& left, RowVisitor visit) {
  const Shape shape = shape_of(scan, leg);
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

void SqliteTransaction::insert(const Table& table, RowView row) {
  const auto slot = writable(table);
  check_row(table, row);
  Statement& statement = connection_.idle(connection_.statements(slot).insert, connection_.sql(slot).insert, nullptr);
  Noting noting{changes_};
  if (changes_ != nullptr) changes_->insert(slot, row);
  statement.bind(1, row);
  finish(statement, table);
  noting.keep();
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
  Noting noting{changes_};
  if (changes_ != nullptr) changes_->update(slot, row, expected);
  finish(statement, table);
  if (connection_.changes() == 0) throw Fault{FaultKind::revision, std::string{table.name}};
  noting.keep();
}

void SqliteTransaction::erase(const Table& table, Key key) {
  const auto slot = writable(table);
  check_key(table, key);
  check_erasable(table);
  Statement& statement = connection_.idle(connection_.statements(slot).erase, connection_.sql(slot).erase, nullptr);
  Noting noting{changes_};
  if (changes_ != nullptr) changes_->erase(slot, key);
  statement.bind(1, key);
  finish(statement, table);
  noting.keep();
}

// A savepoint within a savepoint of the same name is the one that the next two statements mean.
void SqliteTransaction::attempt(FunctionRef<void()> body) {
  require_life();
  if (!writing_) return body();
  if (const int code = connection_.run_kept(connection_.save, "SAVEPOINT attempt"); code != SQLITE_OK) die(code);
  const std::size_t before = changes_ != nullptr ? changes_->size() : 0;
  try {
    body();
  } catch (...) {
    if (!alive()) throw;
    if (const int code = connection_.run_kept(connection_.back, "ROLLBACK TO attempt"); code != SQLITE_OK) die(code);
    if (const int code = connection_.run_kept(connection_.release, "RELEASE attempt"); code != SQLITE_OK) die(code);
    if (changes_ != nullptr) changes_->cut(before);
    throw;
  }
  require_life();
  if (const int code = connection_.run_kept(connection_.release, "RELEASE attempt"); code != SQLITE_OK) die(code);
}

}  // namespace medflow::inline v1::storage::sqlite
