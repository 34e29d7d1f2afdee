// A transaction on one connection of the pool.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "medflow/storage/engine.hpp"
#include "storage/postgres/connection.hpp"

namespace medflow::inline v1::storage::postgres {

/// The statements around the work, the same for every store.
struct Frame {
  explicit Frame(Book& book);

  const Statement& begin_writing;
  const Statement& begin_reading;
  const Statement& writer;  ///< tenant, silence allowed
  const Statement& reader;  ///< tenant
  const Statement& lock;    ///< tenant
  const Statement& commit;
  const Statement& rollback;
  const Statement& reset;  ///< puts every setting of the session back; statements stay prepared
  const Statement& save;
  const Statement& release;
  const Statement& back;
};

/// Some rows of an answer.
struct Found {
  const PGresult* answer = nullptr;
  int first = 0;
  int count = 0;
};

/// Answers that were asked for beforehand, each by its statement and values, until what they were read from is written.
class Foreseen {
 public:
  using Answer = std::shared_ptr<const PGresult>;

  /// An answer is to come. `values` is their text. `column`: whose value they name behind the tenant, where that is all that tells which
  /// rows are meant.
  void expect(const Statement& statement, std::string values, const TableSql& table, std::optional<std::size_t> column);
  /// It has come, `count` rows from `first`; what was forgotten meanwhile stays so.
  void keep(const Statement& statement, const std::string& values, Answer answer, int first, int count);
  /// Null where there is none, or not yet. Valid until the next change here.
  Found find(const Statement& statement, const Values& values) const;
  /// The row of this key, in the text of a statement's values, is being written. `begin_of(column)` is how the values of a scan begin that
  /// asks for the row by this column; nothing where the row may have said something else before.
  void forget(const TableSql& table, FunctionRef<std::string()> key,
              FunctionRef<std::optional<std::string>(std::size_t)> begin_of);
  void clear() { of_.clear(); }
  bool empty() const { return of_.empty(); }

 private:
  struct Kept {
    Answer answer{};
    int first = 0;
    int count = 0;
  };
  struct OfStatement {
    const TableSql* table = nullptr;
    std::optional<std::size_t> column{};
    std::map<std::string, Kept> answers{};
  };
  std::unordered_map<const Statement*, OfStatement> of_{};
};

/// Reads and writes of one tenant in the transaction that was begun on `connection`. A write of its own waits for the server and
/// is undone alone where it breaks a rule; after `defer_conflicts`, writes queue, and rows for one table go there together.
class PostgresTransaction final : public Transaction {
 public:
  PostgresTransaction(Connection& connection, const Frame& frame, SchemaSql& sql, const Uuid& tenant, bool writing);
  ~PostgresTransaction() override;
  PostgresTransaction(const PostgresTransaction&) = delete;
  PostgresTransaction& operator=(const PostgresTransaction&) = delete;

  void get(const Table& table, std::span<const Key> keys, KeyVisitor visit) override;
  void scan(const Scan& scan, RowVisitor visit) override;
  void insert(const Table& table, RowView row) override;
  void update(const Table& table, RowView row, Revision expected) override;
  void erase(const Table& table, Key key) override;
  void defer_conflicts() override { deferred_ = true; }
  void foresee(FunctionRef<void(Foresight&)> body) override;
  void attempt(FunctionRef<void()> body) override;
  bool alive() const override { return !death_; }

  /// Nothing more is written: what waits is queued, so that only the commit is left.
  void finish() { send_rows(); }

  /// What ended it.
  const std::optional<Fault>& death() const { return death_; }

  /// The fault for what came back when it was committed.
  static Fault fault_of(const Setback& setback, const std::string& place);

 private:
  class Asking;

  /// Answers in the order of the questions, and those of them that are ours.
  struct Rows {
    std::vector<Found> all{};
    std::vector<Result> own{};
  };

  void require_life() const;
  TableSql& writable(const Table& table);
  void write(const Statement& statement, const Values& values, Purpose purpose, const Table& table);
  template <class Use>
  auto or_die(Use use);
  void leave();
  void collect();
  Answers exchange();
  [[noreturn]] void fail(const Setback& setback);
  void queue(const Statement& statement) { queue(statement, Values{0}, Purpose::control, nullptr); }
  void queue(const Statement& statement, const Values& values, Purpose purpose, const Table* table);
  void undo();
  void settle_queue();
  void send();
  void insert_later(TableSql& sql, RowView row);
  void send_rows(TableSql& sql, ColumnArrays& rows);
  void send_rows_of(const TableSql& sql);
  void send_rows();
  Values values_of(Key key, const TableSql& sql) const;
  void forget(Key key, const TableSql& sql);
  void forget_new(RowView row, const TableSql& sql);
  void ask(const Statement& statement, const Values& values, const TableSql& sql, Rows& rows);
  void await(Rows& rows);
  Rows ask_legs(const Scan& scan, TableSql& sql, std::size_t wanted);
  template <class Take>
  void each_question(const Scan& scan, TableSql& sql, std::size_t wanted, Take take);

  Connection& connection_;
  const Frame& frame_;
  SchemaSql& sql_;
  const Uuid& tenant_;
  bool writing_;
  bool deferred_ = false;
  int visiting_ = 0;
  int attempts_ = 0;  ///< that are running, one within the other
  Foreseen foreseen_{};
  std::unique_ptr<Asking> asking_{};  ///< whose answers are yet to come
  /// Rows of a table that are not queued yet, and how many may wait.
  struct Waiting {
    TableSql* table;
    ColumnArrays rows;
    std::size_t rows_max;
  };
  std::vector<Waiting> waiting_{};
  std::optional<Fault> broken_{};  ///< what ended the innermost attempt
  std::optional<Fault> death_{};
};

}  // namespace medflow::inline v1::storage::postgres
