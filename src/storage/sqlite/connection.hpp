// One connection to one database file, with its prepared statements.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "medflow/storage/engine.hpp"
#include "storage/sqlite/gathered_log.hpp"
#include "storage/sqlite/library.hpp"
#include "storage/sqlite/options.hpp"
#include "storage/sqlite/secret.hpp"
#include "storage/sqlite/sql.hpp"
#include "storage/sqlite/synced_pieces.hpp"
#include "storage/tables.hpp"

namespace medflow::inline v1::storage::sqlite {

/// A prepared statement and room for the row that it is at.
class Statement {
 public:
  Statement(const Library& library, sqlite3_stmt* statement, const Table* table);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Binds cells from position `first` (1 is the first) on. They must live until the statement is reset.
  void bind(int first, std::span<const Cell> cells);
  void bind(int position, const Cell& cell);

  int step() { return library_.step(statement_); }
  void reset() { library_.reset(statement_); }

  /// The row after a step that found one; valid until the next step or reset.
  RowView row();

  bool busy = false;  ///< somebody reads from it; see Connection::idle

 private:
  Cell cell(int position, const Column& column);

  const Library& library_;
  sqlite3_stmt* statement_;
  const Table* table_;
  std::vector<Cell> row_;
};

/// Marks a statement as in use, and resets it at the end.
class Use {
 public:
  explicit Use(Statement& statement) : statement_(statement) { statement_.busy = true; }
  ~Use() {
    statement_.reset();
    statement_.busy = false;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  Statement& statement_;
};

/// The statements of one text. Usually one; more where a visitor asks the same question again.
using StatementList = std::vector<std::unique_ptr<Statement>>;

struct TableStatements {
  StatementList insert{};
  StatementList get{};
  StatementList update{};
  StatementList erase{};
  std::vector<std::pair<Shape, StatementList>> scans{};
};

/// What the connections of one database have in common.
struct Source {
  const Library* library = nullptr;
  const SqliteOptions* options = nullptr;
  std::string file{};
  Part part = Part::data;
  Secret key{};  ///< empty for a file in plain
};

/// A connection; used by one thread at a time.
class Connection {
 public:
  /// `moving`: only moves pages of the log.
  enum class Mode { writing, reading, moving };

  /// Opens the file, gives the key and reads. Fault `wrong_key`, `corrupt` or `unavailable`, naming the file.
  Connection(const Source& source, const Tables& tables, const std::vector<TableSql>& sql, Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a statement without values; SQLite's extended code.
  int run(const char* sql) { return source_.library->exec(db_, sql, nullptr, nullptr, nullptr); }

  /// The same, kept prepared. `sql` is a literal.
  int run_kept(StatementList& list, const char* sql);

  /// Runs it, and throws where it fails.
  void must(const std::string& sql);

  /// The rows of a query without values, as texts.
  std::vector<std::vector<std::string>> rows(const std::string& sql);

  /// A statement of this list that nobody uses, prepared now if there is none.
  Statement& idle(StatementList& list, const std::string& sql, const Table* table);
  StatementList& scans_of(std::size_t slot, const Shape& shape);

  bool in_transaction() const { return source_.library->get_autocommit(db_) == 0; }
  int changes() const { return source_.library->changes(db_); }
  std::string message() const { return source_.library->errmsg(db_); }
  const std::string& file() const { return source_.file; }

  /// Moves the log into the database file; SQLite's code. `log_pages()` is 0 after a truncation. Where it succeeds, `moved` becomes the
  /// number of the log's pages that are in the file now.
  int checkpoint(int mode, int* moved = nullptr);

  /// From now on, once: whenever so many pages were written into the database file it is synced.
  void sync_in_pieces(int pages);

  /// Moves and truncates it where no reader is in the way, and waits for none; SQLite's code.
  int truncate_log_at_once();

  /// Whether a commit waits until the disk has it. Not within a transaction.
  void wait_for_disk(bool waits);
  bool waits() const { return waits_; }

  /// Waits until the disk has the database file, or the log; SQLite's code.
  int sync_file() { return sync(SQLITE_FCNTL_FILE_POINTER); }
  int sync_log() { return sync(SQLITE_FCNTL_JOURNAL_POINTER); }

  /// The length of the log after the last commit, in pages.
  int log_pages() const { return log_pages_; }

  /// How often the log has begun anew on this connection, as far as it can be told.
  std::size_t log_beginnings() const { return gathered_log_.beginnings(); }

  /// The fault for an error of SQLite that is no constraint.
  Fault fault_of(int code) const;

  const Tables& tables() const { return tables_; }
  const TableSql& sql(std::size_t slot) const { return sql_[slot]; }
  TableStatements& statements(std::size_t slot) { return statements_[slot]; }

  StatementList begin_writing{}, begin_reading{}, commit{}, rollback{}, save{}, release{}, back{}, redo{};

 private:
  void open(Mode mode);
  void give_key();
  void first_read(Mode mode);
  void settle_writer();
  sqlite3_file* file_of(int which) const;
  int sync(int which);
  void close() noexcept;

  const Source& source_;
  const Tables& tables_;
  const std::vector<TableSql>& sql_;
  GatheredLog gathered_log_{};    ///< of who writes
  SyncedPieces synced_pieces_{};  ///< of who moves
  sqlite3* db_ = nullptr;
  int log_pages_ = 0;
  bool waits_ = true;  ///< for the disk, at each commit
  std::vector<TableStatements> statements_;
};

}  // namespace medflow::inline v1::storage::sqlite
