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
// Rows of a table that wait before the server may begin on them: few at first, so that it has something to do while others are made; then
// twice as many each time, so that a statement's own cost is lost among theirs.
constexpr std::size_t inserted_rows_first = 16;
constexpr std::size_t inserted_rows_max = 512;
constexpr std::size_t inserted_bytes_max = std::size_t{256} << 10;

std::string conflicting(const Table& table, const std::string& constraint) {
  for (const auto& index : table.indexes) {
    if (index.unique && name_of(table, index.name) == constraint) return std::string{index.name};
  }
  return std::string{key_index};
}

bool is_conflict(const Fault& fault) {
  return fault.kind == FaultKind::unique || fault.kind == FaultKind::exclusion || fault.kind == FaultKind::revision;
}

std::string_view field(const PGresult* rows, int row, std::size_t column) {
  const int at = static_cast<int>(column);
  if (PQgetisnull(rows, row, at) != 0) return {};
  return {PQgetvalue(rows, row, at), static_cast<std::size_t>(PQgetlength(rows, row, at))};
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

void Foreseen::expect(const Statement& statement, std::string values, const TableSql& table,
                      std::optional<std::size_t> column) {
  OfStatement& of = of_[&statement];
  of.table = &table;
  of.column = column;
  of.answers.insert_or_assign(std::move(values), Kept{});
}

void Foreseen::keep(const Statement& statement, const std::string& values, Answer answer, int first, int count) {
  const auto of = of_.find(&statement);
  if (of == of_.end()) return;
  if (const auto expected = of->second.answers.find(values); expected != of->second.answers.end())
    expected->second = {.answer = std::move(answer), .first = first, .count = count};
}

Found Foreseen::find(const Statement& statement, const Values& values) const {
  const auto of = of_.find(&statement);
  if (of == of_.end()) return {};
  const auto found = of->second.answers.find(values.text());
  if (found == of->second.answers.end()) return {};
  return {.answer = found->second.answer.get(), .first = found->second.first, .count = found->second.count};
}

// Where the row may have been, or may come to be, among those of other scans is not worth finding out.
void Foreseen::forget(const TableSql& table, FunctionRef<std::string()> key,
                      FunctionRef<std::optional<std::string>(std::size_t)> begin_of) {
  for (auto& [statement, of] : of_) {
    if (of.table != &table || of.answers.empty()) continue;
    if (statement == table.get) {
      of.answers.erase(key());
      continue;
    }
    const auto begin = of.column ? begin_of(*of.column) : std::nullopt;
    const auto first = begin ? of.answers.lower_bound(*begin) : of.answers.begin();
    auto last = first;
    while (last != of.answers.end() && (!begin || last->first.starts_with(*begin))) ++last;
    of.answers.erase(first, last);
  }
}

// Gathers what is named, asks for it with few statements, and keeps the answers.
class PostgresTransaction::Asking final : public Foresight {
 public:
  explicit Asking(PostgresTransaction& transaction) : transaction_(transaction) {}
  virtual ~Asking() = default;  // nobody owns one by its base, whose destructor is protected

  void get(const Table& table, std::span<const Key> keys) override {
    TableSql& sql = transaction_.sql_.of(table);
    for (const auto& key : keys) {
      check_key(table, key);
      add(*sql.get, transaction_.values_of(key, sql), sql, {.statement = sql.get_many, .column = 0, .limit = 1});
    }
  }

  void scan(const Scan& scan) override {
    TableSql& sql = transaction_.sql_.of(*scan.table);
    const auto& order = sql.order(index_of(*scan.table, scan.index));
    check_scan(scan, order.size());
    const std::size_t wanted = std::min(scan.limit, rows_first);
    transaction_.each_question(scan, sql, wanted, [&](const Shape& shape, const Values& values) {
      add(sql.scan(shape), values, sql,
          {.statement = sql.scan_many(shape), .column = order.front(), .limit = static_cast<std::int64_t>(wanted)});
    });
  }

  bool empty() const { return alone_.empty() && together_.empty(); }

  void ask() {
    transaction_.send_rows();
    for (auto& group : together_) {
      Values values = group.cells.values(transaction_.tenant_);
      values.add_integer(group.many.limit);
      transaction_.queue(*group.many.statement, values, Purpose::read, group.asked.front().table->table);
      for (const auto& asked : group.asked) expect(asked);
    }
    for (const auto& asked : alone_) expect(asked);
    transaction_.leave();
  }

  void keep(Answers answers) {
    std::size_t next = 0;
    for (auto& asked : alone_) keep_all(asked, std::move(answers.rows[next++]));
    for (auto& group : together_) keep_each(group, std::move(answers.rows[next++]));
  }

 private:
  struct Asked {
    const Statement* statement;
    const TableSql* table;
    std::string values;
    std::optional<std::size_t> column{};  ///< whose one value is asked for
  };
  /// How questions that differ in one cell are asked together.
  struct Many {
    const Statement* statement;  ///< null where they are not
    std::size_t column;
    std::int64_t limit;
  };
  struct Group {
    Many many;
    ColumnArrays cells;
    std::vector<Asked> asked{};
  };

  void add(const Statement& statement, const Values& values, const TableSql& sql, const Many& many) {
    Asked asked{.statement = &statement, .table = &sql, .values = values.text()};
    if (many.statement != nullptr) asked.column = many.column;
    if (many.statement == nullptr) {
      transaction_.send_rows();
      transaction_.queue(statement, values, Purpose::read, sql.table);
      alone_.push_back(std::move(asked));
      return;
    }
    auto group = std::find_if(together_.begin(), together_.end(), [&](const Group& each) {
      return each.many.statement == many.statement && each.many.limit == many.limit;
    });
    if (group == together_.end())
      group = together_.insert(group, Group{.many = many, .cells = ColumnArrays{{sql.cell_types[many.column]}}});
    // Behind the tenant's id.
    group->cells.add_cell({values.pointers()[1], static_cast<std::size_t>(values.lengths()[1])});
    group->asked.push_back(std::move(asked));
  }

  void expect(const Asked& asked) {
    transaction_.foreseen_.expect(*asked.statement, asked.values, *asked.table, asked.column);
  }

  void keep_all(const Asked& asked, Result rows) {
    const int count = PQntuples(rows.get());
    transaction_.foreseen_.keep(*asked.statement, asked.values, std::move(rows), 0, count);
  }

  // The rows of a question come one after the other, and bear its number.
  void keep_each(const Group& group, Result rows) {
    const Foreseen::Answer answer = std::move(rows);
    const auto last = static_cast<std::size_t>(PQnfields(answer.get()) - 1);
    std::vector<Found> found(group.asked.size());
    for (int row = 0; row < PQntuples(answer.get()); ++row) {
      Found& of = found.at(static_cast<std::size_t>(integer_of(field(answer.get(), row, last))) - 1);
      if (of.count++ == 0) of.first = row;
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Asked& asked = group.asked[i];
      transaction_.foreseen_.keep(*asked.statement, asked.values, answer, found[i].first, found[i].count);
    }
  }

  PostgresTransaction& transaction_;
  std::vector<Asked> alone_{};
  std::vector<Group> together_{};
};

PostgresTransaction::PostgresTransaction(Connection& connection, const Frame& frame, SchemaSql& sql, const Uuid& tenant,
                                         bool writing)
    : connection_(connection), frame_(frame), sql_(sql), tenant_(tenant), writing_(writing) {}

PostgresTransaction::~PostgresTransaction() = default;

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

// What the connection throws ends the transaction.
template <class Use>
auto PostgresTransaction::or_die(Use use) {
  try {
    return use();
  } catch (const Fault& fault) {
    death_ = fault;
    throw;
  }
}

void PostgresTransaction::queue(const Statement& statement, const Values& values, Purpose purpose, const Table* table) {
  or_die([&] { connection_.queue(statement, values, purpose, table); });
}

void PostgresTransaction::leave() {
  or_die([&] { connection_.leave(); });
}

// The answers to what was foreseen, if they are yet to come. Whatever else there is to do, the server has before anybody waits.
void PostgresTransaction::collect() {
  if (!asking_) return;
  send_rows();
  send();
  Answers answers = or_die([&] { return connection_.collect(); });
  const auto asking = std::exchange(asking_, nullptr);
  if (answers.setback) fail(*answers.setback);
  asking->keep(std::move(answers));
}

Answers PostgresTransaction::exchange() {
  collect();
  return or_die([&] { return connection_.exchange(); });
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

Values PostgresTransaction::values_of(Key key, const TableSql& sql) const {
  Values values{key.size() + 1};
  values.add_uuid(tenant_);
  values.add_key(key, sql.cut);
  return values;
}

// One more question; null in its place until its answer is there.
void PostgresTransaction::ask(const Statement& statement, const Values& values, const TableSql& sql, Rows& rows) {
  collect();
  rows.all.push_back(foreseen_.empty() ? Found{} : foreseen_.find(statement, values));
  if (rows.all.back().answer != nullptr) return;
  send_rows();
  queue(statement, values, Purpose::read, sql.table);
}

// The answers to what was not foreseen, in one round trip.
void PostgresTransaction::await(Rows& rows) {
  const auto open = [](const Found& found) { return found.answer == nullptr; };
  if (std::none_of(rows.all.begin(), rows.all.end(), open)) return;
  Answers answers = exchange();
  if (answers.setback) fail(*answers.setback);
  rows.own = std::move(answers.rows);
  auto next = rows.own.begin();
  for (Found& found : rows.all) {
    if (!open(found)) continue;
    const PGresult* answer = (next++)->get();
    found = {.answer = answer, .first = 0, .count = PQntuples(answer)};
  }
}

void PostgresTransaction::get(const Table& table, std::span<const Key> keys, KeyVisitor visit) {
  require_life();
  auto& sql = sql_.of(table);
  for (const auto& key : keys) check_key(table, key);
  const Visiting inside{visiting_};
  RowReader reader{*sql.table, sql.cut};
  for (std::size_t from = 0; from < keys.size(); from += keys_at_once_max) {
    const auto part = keys.subspan(from, std::min(keys_at_once_max, keys.size() - from));
    Rows rows;
    for (const auto& key : part) ask(*sql.get, values_of(key, sql), sql, rows);
    await(rows);
    for (std::size_t i = 0; i < part.size(); ++i) {
      const Found& found = rows.all[i];
      if (found.count == 0) continue;
      visit(from + i, reader.read([&](std::size_t column) { return field(found.answer, found.first, column); }));
    }
  }
}

// What is asked for the first `wanted` rows of every leg of a scan.
template <class Take>
void PostgresTransaction::each_question(const Scan& scan, TableSql& sql, std::size_t wanted, Take take) {
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
    take(shape_of(scan, leg), values);
    return Walk::on;
  });
}

// In one round trip.
PostgresTransaction::Rows PostgresTransaction::ask_legs(const Scan& scan, TableSql& sql, std::size_t wanted) {
  Rows rows;
  each_question(scan, sql, wanted,
                [&](const Shape& shape, const Values& values) { ask(sql.scan(shape), values, sql, rows); });
  await(rows);
  return rows;
}

void PostgresTransaction::foresee(FunctionRef<void(Foresight&)> body) {
  require_life();
  collect();
  send();  // what was queued is under way while it is found out what else there is to ask
  auto asking = std::make_unique<Asking>(*this);
  body(*asking);
  if (asking->empty()) return;
  asking->ask();
  asking_ = std::move(asking);
  if (attempts_ > 0) collect();  // what an attempt meets belongs to it: nothing is under way where it ends
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
    for (const Found& found : legs.all) {
      for (int at = found.first; at < found.first + found.count && visited < wanted; ++at) {
        const RowView row = reader.read([&](std::size_t column) { return field(found.answer, at, column); });
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

void PostgresTransaction::send() {
  or_die([&] { connection_.send(); });
}

// Rows for one table go there together: a statement each would cost more than all else that is done for them.
void PostgresTransaction::insert_later(TableSql& sql, RowView row) {
  auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& each) { return each.table == &sql; });
  if (found == waiting_.end())
    found = waiting_.insert(found, Waiting{.table = &sql,
                                           .rows = ColumnArrays{sql.cell_types},
                                           .rows_max = asking_ ? inserted_rows_max : inserted_rows_first});
  ColumnArrays& rows = found->rows;
  rows.add(row, sql.cut);
  if (rows.rows() < found->rows_max && rows.bytes() < inserted_bytes_max) return;
  found->rows_max = std::min(2 * found->rows_max, inserted_rows_max);
  send_rows(sql, rows);
  send();
}

void PostgresTransaction::send_rows(TableSql& sql, ColumnArrays& rows) {
  if (rows.rows() == 0) return;
  queue(*sql.insert_many, rows.values(tenant_), Purpose::write, sql.table);
  rows.clear();
}

void PostgresTransaction::send_rows_of(const TableSql& sql) {
  for (Waiting& each : waiting_)
    if (each.table == &sql) send_rows(*each.table, each.rows);
}

void PostgresTransaction::send_rows() {
  for (Waiting& each : waiting_) send_rows(*each.table, each.rows);
}

// Back to the last savepoint, and rid of it. One within another of the same name is the one that is meant.
void PostgresTransaction::undo() {
  foreseen_.clear();
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

void PostgresTransaction::forget(Key key, const TableSql& sql) {
  foreseen_.forget(
      sql, [&] { return values_of(key, sql).text(); }, [](std::size_t) { return std::nullopt; });
}

void PostgresTransaction::forget_new(RowView row, const TableSql& sql) {
  foreseen_.forget(
      sql, [&] { return values_of(row.first(sql.table->key_columns), sql).text(); },
      [&](std::size_t column) {
        Values values{2};
        values.add_uuid(tenant_);
        values.add(row[column], contains(sql.cut, column));
        return std::optional{values.text()};
      });
}

void PostgresTransaction::insert(const Table& table, RowView row) {
  auto& sql = writable(table);
  check_row(table, row);
  forget_new(row, sql);
  if (deferred_) return insert_later(sql, row);
  Values values{row.size() + 2};
  values.add_uuid(tenant_);
  values.add_row(row, sql.cut);
  write(*sql.insert, values, Purpose::write, *sql.table);
}

void PostgresTransaction::update(const Table& table, RowView row, Revision expected) {
  auto& sql = writable(table);
  check_row(table, row);
  check_updatable(table);
  forget(row.first(table.key_columns), sql);
  send_rows_of(sql);
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
  forget(key, sql);
  send_rows_of(sql);
  write(*sql.erase, values_of(key, sql), Purpose::write, *sql.table);
}

// Both ends wait for the server, so that what was written before is not taken for the attempt's, nor what is written in it for
// what follows.
void PostgresTransaction::attempt(FunctionRef<void()> body) {
  require_life();
  if (!writing_) return body();
  send_rows();
  queue(frame_.save);
  if (const Answers answers = exchange(); answers.setback) fail(*answers.setback);
  ++attempts_;
  try {
    body();
    require_life();
    send_rows();
    queue(frame_.release);
    if (const Answers answers = exchange(); answers.setback) fail(*answers.setback);
  } catch (...) {
    --attempts_;
    if (death_) throw;
    waiting_.clear();
    if (!broken_) settle_queue();
    broken_.reset();
    undo();
    throw;
  }
  --attempts_;
}

}  // namespace medflow::inline v1::storage::postgres
