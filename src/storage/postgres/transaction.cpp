#include "storage/postgres/transaction.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "storage/visiting.hpp"

namespace medflow::inline v1::storage::postgres {
namespace {

constexpr unsigned type_uuid = 2950;
constexpr unsigned type_text = 25;

constexpr std::size_t keys_at_once_max = 256;
constexpr std::size_t rows_first = 64;  // of a scan without a limit; then as many as the bytes allow
constexpr std::size_t rows_at_once_max = 2'048;
constexpr std::size_t bytes_at_once = std::size_t{4} << 20;

std::string conflicting(const Table& table, const std::string& constraint) {
  for (const auto& index : table.indexes) {
    if (index.unique && name_of(table, index.name) == constraint) return std::string{index.name};
  }
  return std::string{key_index};
}

bool is_conflict(const Fault& fault) {
  return fault.kind == FaultKind::unique || fault.kind == FaultKind::exclusion || fault.kind == FaultKind::revision;
}

std::string_view field(const Result& rows, int row, std::size_t column) {
  const int at = static_cast<int>(column);
  if (PQgetisnull(rows.get(), row, at) != 0) return {};
  return text_at(rows, row, at);
}

// A row's cells in the order of an index, with the data that they borrow.
class Position {
 public:
  void set(RowView row, std::span<const std::uint8_t> order) {
    kept_.clear();
    cells_.clear();
    for (const auto column : order) {
      Cell cell = row[column];
      if (!cell.is_null()) cell.data = kept_.emplace_back(cell.data);
      cells_.push_back(cell);
    }
  }
  std::span<const Cell> cells() const { return cells_; }

 private:
  std::deque<std::string> kept_{};
  std::vector<Cell> cells_{};
};

std::size_t bytes_of(RowView row) {
  std::size_t bytes = sizeof(Cell) * row.size();
  for (const auto& cell : row) bytes += cell.data.size();
  return bytes;
}

}  // namespace

Frame::Frame(Book& book)
    : begin_writing(book.of("BEGIN ISOLATION LEVEL READ COMMITTED")),
      begin_reading(book.of("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")),
      writer(book.of("SELECT pg_catalog.set_config('mf.tenant', $1, true), "
                     "pg_catalog.set_config('idle_in_transaction_session_timeout', $2, true)",
                     {type_text, type_text})),
      reader(book.of("SELECT pg_catalog.set_config('mf.tenant', $1, true)", {type_text})),
      lock(book.of("SELECT medflow.lock_store($1)", {type_uuid})),
      commit(book.of("COMMIT")),
      rollback(book.of("ROLLBACK")),
      reset(book.of("RESET ALL")),
      save(book.of("SAVEPOINT attempt")),
      release(book.of("RELEASE SAVEPOINT attempt")),
      back(book.of("ROLLBACK TO SAVEPOINT attempt")) {}

Fault PostgresTransaction::fault_of(const Setback& setback, const std::string& place) {
  const auto& state = setback.refusal.state;
  if (setback.table != nullptr) {
    const Table& table = *setback.table;
    if (state == "23505") return Fault{FaultKind::unique, conflicting(table, setback.refusal.constraint)};
    if (state == "23P01" && table.exclusion) return Fault{FaultKind::exclusion, std::string{table.exclusion->name}};
    if (state == "22012" && setback.purpose == Purpose::update)
      return Fault{FaultKind::revision, std::string{table.name}};
  }
  return postgres::fault_of(setback.refusal, setback.table == nullptr ? place : std::string{setback.table->name});
}

void PostgresTransaction::require_life() const {
  if (death_) throw Fault{*death_};
  if (broken_) throw Fault{*broken_};
}

TableSql& PostgresTransaction::writable(const Table& table) {
  check_writing(writing_, visiting_, table);
  require_life();
  return sql_.of(table);
}

void PostgresTransaction::queue(const Statement& statement, const Values& values, Purpose purpose, const Table* table) {
  try {
    connection_.queue(statement, values, purpose, table);
  } catch (const Fault& fault) {
    death_ = fault;
    throw;
  }
}

Answers PostgresTransaction::exchange() {
  try {
    return connection_.exchange();
  } catch (const Fault& fault) {
    death_ = fault;
    throw;
  }
}

// The server runs nothing more, unless an attempt can be undone.
void PostgresTransaction::fail(const Setback& setback) {
  const Fault fault = fault_of(setback, connection_.place());
  if (attempts_ > 0 && is_conflict(fault))
    broken_ = fault;
  else
    death_ = fault;
  throw Fault{fault};
}

void PostgresTransaction::get(const Table& table, std::span<const Key> keys, KeyVisitor visit) {
  require_life();
  auto& sql = sql_.of(table);
  for (const auto& key : keys) check_key(table, key);
  const Visiting inside{visiting_};
  RowReader reader{*sql.table, sql.cut};
  for (std::size_t from = 0; from < keys.size(); from += keys_at_once_max) {
    const auto part = keys.subspan(from, std::min(keys_at_once_max, keys.size() - from));
    for (const auto& key : part) {
      Values values{key.size() + 1};
      values.add_uuid(tenant_);
      values.add_key(key, sql.cut);
      queue(*sql.get, values, Purpose::read, sql.table);
    }
    const Answers answers = exchange();
    if (answers.setback) fail(*answers.setback);
    for (std::size_t i = 0; i < part.size(); ++i) {
      const Result& row = answers.rows[i];
      if (PQntuples(row.get()) == 0) continue;
      visit(from + i, reader.read([&](std::size_t column) { return field(row, 0, column); }));
    }
  }
}

// Asks for the first `wanted` rows of every leg of a scan, in one round trip.
std::vector<Result> PostgresTransaction::ask_legs(const Scan& scan, TableSql& sql, std::size_t wanted) {
  const auto& order = sql.order(index_of(*scan.table, scan.index));
  each_leg(scan, order, [&](const Leg& leg) {
    Values values{leg.equal.size() + 4};
    values.add_uuid(tenant_);
    const auto add = [&](const Cell& cell, std::size_t at) { values.add(cell, contains(sql.cut, order[at])); };
    for (std::size_t i = 0; i < leg.equal.size(); ++i) {
      if (!leg.equal[i].is_null()) add(leg.equal[i], i);
    }
    if (leg.lower_cell != nullptr) add(*leg.lower_cell, leg.equal.size());
    if (leg.upper_cell != nullptr) add(*leg.upper_cell, leg.equal.size());
    values.add_integer(static_cast<std::int64_t>(wanted));
    queue(sql.scan(shape_of(scan, leg)), values, Purpose::read, sql.table);
    return Walk::on;
  });
  Answers answers = exchange();
  if (answers.setback) fail(*answers.setback);
  return std::move(answers.rows);
}

void PostgresTransaction::scan(const Scan& scan, RowVisitor visit) {
  require_life();
  auto& sql = sql_.of(*scan.table);
  const auto& order = sql.order(index_of(*scan.table, scan.index));
  check_scan(scan, order.size());
  const Visiting inside{visiting_};
  RowReader reader{*sql.table, sql.cut};
  Position position;
  Scan part = scan;
  std::size_t left = scan.limit;
  for (std::size_t wanted = std::min(left, rows_first); wanted > 0;) {
    const auto legs = ask_legs(part, sql, wanted);
    std::size_t visited = 0, bytes = 0;
    for (const auto& rows : legs) {
      for (int at = 0; at < PQntuples(rows.get()) && visited < wanted; ++at) {
        const RowView row = reader.read([&](std::size_t column) { return field(rows, at, column); });
        if (++visited == wanted) position.set(row, std::span{order}.subspan(scan.equal.size()));
        bytes += bytes_of(row);
        if (!visit(row)) return;
      }
    }
    if (visited < wanted) return;
    left -= visited;
    part.after = position.cells();
    wanted = std::min({left, rows_at_once_max, std::max<std::size_t>(1, bytes_at_once * visited / bytes)});
  }
}

void PostgresTransaction::write(const Statement& statement, const Values& values, Purpose purpose, const Table& table) {
  if (deferred_) return queue(statement, values, purpose, &table);
  queue(frame_.save);
  queue(statement, values, purpose, &table);
  queue(frame_.release);
  const Answers answers = exchange();
  if (!answers.setback) return;
  const Fault fault = fault_of(*answers.setback, connection_.place());
  if (!is_conflict(fault) && fault.kind != FaultKind::misuse) fail(*answers.setback);
  undo();
  throw Fault{fault};
}

// Back to the last savepoint, and rid of it. One within another of the same name is the one that is meant.
void PostgresTransaction::undo() {
  queue(frame_.back);
  queue(frame_.release);
  const Answers answers = exchange();
  if (answers.setback) fail(*answers.setback);
}

// Whether what is queued breaks a rule is of no account any more: it is undone.
void PostgresTransaction::settle_queue() {
  const Answers answers = exchange();
  if (answers.setback && !is_conflict(fault_of(*answers.setback, connection_.place()))) fail(*answers.setback);
}

void PostgresTransaction::insert(const Table& table, RowView row) {
  auto& sql = writable(table);
  check_row(table, row);
  Values values{row.size() + 2};
  values.add_uuid(tenant_);
  values.add_row(row, sql.cut);
  write(*sql.insert, values, Purpose::write, *sql.table);
}

void PostgresTransaction::update(const Table& table, RowView row, Revision expected) {
  auto& sql = writable(table);
  check_row(table, row);
  check_updatable(table);
  Values values{row.size() + 3};
  values.add_uuid(tenant_);
  values.add_rest(row, table.key_columns, sql.cut);
  values.add_key(row.first(table.key_columns), sql.cut);
  values.add_integer(static_cast<std::int64_t>(expected));
  write(*sql.update, values, Purpose::update, *sql.table);
}

void PostgresTransaction::erase(const Table& table, Key key) {
  auto& sql = writable(table);
  check_key(table, key);
  check_erasable(table);
  Values values{key.size() + 1};
  values.add_uuid(tenant_);
  values.add_key(key, sql.cut);
  write(*sql.erase, values, Purpose::write, *sql.table);
}

// Both ends wait for the server, so that what was written before is not taken for the attempt's, nor what is written in it for
// what follows.
void PostgresTransaction::attempt(FunctionRef<void()> body) {
  require_life();
  if (!writing_) return body();
  queue(frame_.save);
  if (const Answers answers = exchange(); answers.setback) fail(*answers.setback);
  ++attempts_;
  try {
    body();
    require_life();
    queue(frame_.release);
    if (const Answers answers = exchange(); answers.setback) fail(*answers.setback);
  } catch (...) {
    --attempts_;
    if (death_) throw;
    if (!broken_) settle_queue();
    broken_.reset();
    undo();
    throw;
  }
  --attempts_;
}

}  // namespace medflow::inline v1::storage::postgres
