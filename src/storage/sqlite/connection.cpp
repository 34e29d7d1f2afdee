#include "storage/sqlite/connection.hpp"

#include <array>

namespace medflow::inline v1::storage::sqlite {
namespace {

constexpr int busy_wait_ms = 5'000;

// A null pointer would be bound as null.
const char* pointer_of(std::string_view data) { return data.data() == nullptr ? "" : data.data(); }

int primary(int code) { return code & 0xFF; }

}  // namespace

Statement::Statement(const Library& library, sqlite3_stmt* statement, const Table* table)
    : library_(library), statement_(statement), table_(table), row_(table != nullptr ? table->columns.size() : 0) {}

Statement::~Statement() { library_.finalize(statement_); }

void Statement::bind(int first, std::span<const Cell> cells) {
  for (const auto& cell : cells) bind(first++, cell);
}

// The cells outlive the step, so SQLite need not copy them.
void Statement::bind(int position, const Cell& cell) {
  const auto length = static_cast<int>(cell.data.size());
  switch (cell.kind) {
    case CellKind::null:
      library_.bind_null(statement_, position);
      return;
    case CellKind::integer:
      library_.bind_int64(statement_, position, cell.integer);
      return;
    case CellKind::text:
      library_.bind_text(statement_, position, pointer_of(cell.data), length, SQLITE_STATIC);
      return;
    case CellKind::bytes:
      library_.bind_blob(statement_, position, pointer_of(cell.data), length, SQLITE_STATIC);
      return;
  }
}

Cell Statement::cell(int position, const Column& column) {
  // One question for the place of the value, which costs more than those about the value itself. Nobody else uses the connection.
  sqlite3_value* const value = library_.column_value(statement_, position);
  if (column.nullable && library_.value_type(value) == SQLITE_NULL) return Cell::null();
  if (column.kind == CellKind::integer) return Cell::of(library_.value_int64(value));
  const void* data = library_.value_blob(value);
  const auto size = static_cast<std::size_t>(library_.value_bytes(value));
  return {column.kind, 0,
          data == nullptr ? std::string_view{""} : std::string_view{static_cast<const char*>(data), size}};
}

RowView Statement::row() {
  for (std::size_t i = 0; i < row_.size(); ++i) row_[i] = cell(static_cast<int>(i), table_->columns[i]);
  return row_;
}

Connection::Connection(const Source& source, const Tables& tables, const std::vector<TableSql>& sql, Mode mode)
    : source_(source), tables_(tables), sql_(sql), statements_(tables.size()) {
  try {
    open(mode);
  } catch (...) {
    close();
    throw;
  }
}

Connection::~Connection() { close(); }

void Connection::close() noexcept {
  statements_.clear();
  for (auto* list : {&begin_writing, &begin_reading, &commit, &rollback, &save, &release, &back, &redo}) list->clear();
  source_.library->close_v2(db_);
  db_ = nullptr;
}

// The order matters: the key before anything else, the page size before the first read, the first read before the log mode.
void Connection::open(Mode mode) {
  const auto& options = *source_.options;
  const int flags = SQLITE_OPEN_NOMUTEX | (mode == Mode::reading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  const int opened =
      source_.library->open_v2(source_.file.c_str(), &db_, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (opened != SQLITE_OK) throw fault_of(opened);
  source_.library->extended_result_codes(db_, 1);
  source_.library->busy_timeout(db_, busy_wait_ms);
  if (!source_.key.empty()) give_key();
  first_read(mode);
  if (mode == Mode::moving) return;
  if (mode == Mode::writing) settle_writer();
  must("PRAGMA foreign_keys=ON");
  must("PRAGMA temp_store=MEMORY");
  const int data_cache = mode == Mode::writing ? options.cache_kib : options.readers_cache_kib;
  const int cache = source_.part == Part::data ? data_cache : options.keys_cache_kib;
  must("PRAGMA cache_size=-" + std::to_string(cache));
}

void Connection::give_key() {
  constexpr char digits[] = "0123456789abcdef";
  std::array<char, 2 * Secret::size + 3> text{'x', '\''};
  std::size_t at = 2;
  for (const auto byte : source_.key.bytes()) {
    text[at++] = digits[static_cast<unsigned>(byte) >> 4];
    text[at++] = digits[static_cast<unsigned>(byte) & 0xF];
  }
  text[at++] = '\'';
  const int code = source_.library->key_v2(db_, "main", text.data(), static_cast<int>(at));
  ::explicit_bzero(text.data(), text.size());
  if (code != SQLITE_OK) throw fault_of(code);
  must("PRAGMA cipher_page_size=4096");
}

// Who only moves pages needs none of the schema, which takes longer to read than most logs to move: the first page is enough.
void Connection::first_read(Mode mode) {
  const int code = run(mode == Mode::moving ? "PRAGMA schema_version" : "SELECT count(*) FROM sqlite_master");
  if (primary(code) == SQLITE_NOTADB && !source_.key.empty()) throw Fault{FaultKind::wrong_key, source_.file};
  if (code != SQLITE_OK) throw fault_of(code);
}

void Connection::settle_writer() {
  const auto& options = *source_.options;
  if (rows("PRAGMA journal_mode=WAL") != std::vector<std::vector<std::string>>{{"wal"}}) {
    throw Fault{FaultKind::unavailable, source_.file, "has no write-ahead log"};
  }
  must("PRAGMA schema_version");  // which opens the log
  sqlite3_file* const log = file_of(SQLITE_FCNTL_JOURNAL_POINTER);
  if (log == nullptr) throw Fault{FaultKind::unavailable, source_.file, "has no write-ahead log"};
  gathered_log_.stand_before(*log);
  must(options.synchronous == Synchronous::full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
  must("PRAGMA wal_autocheckpoint=0");
  must("PRAGMA secure_delete=ON");
  // Where pages leave the cache before their commit, leave it again, and are undone by a savepoint, SQLite 3.40 gives later pages
  // of that commit no checksums: it is read well, and lost with all after it at the next recovery. What a batch changes is in memory anyway.
  must("PRAGMA cache_spill=OFF");
  if (options.pages_max > 0) must("PRAGMA max_page_count=" + std::to_string(options.pages_max));
  source_.library->wal_hook(
      db_,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Connection*>(self)->log_pages_ = pages;
        return SQLITE_OK;
      },
      this);
}

int Connection::run_kept(StatementList& list, const char* sql) {
  if (list.empty()) idle(list, sql, nullptr);
  Statement& statement = *list.front();
  const int code = statement.step();
  statement.reset();
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

void Connection::must(const std::string& sql) {
  const int code = run(sql.c_str());
  if (code != SQLITE_OK) throw fault_of(code);
}

std::vector<std::vector<std::string>> Connection::rows(const std::string& sql) {
  const auto collect = [](void* out, int count, char** texts, char**) {
    std::vector<std::string> row;
    for (int i = 0; i < count; ++i) row.emplace_back(texts[i] == nullptr ? "" : texts[i]);
    static_cast<std::vector<std::vector<std::string>>*>(out)->push_back(std::move(row));
    return 0;
  };
  std::vector<std::vector<std::string>> out;
  const int code = source_.library->exec(db_, sql.c_str(), collect, &out, nullptr);
  if (code != SQLITE_OK) throw fault_of(code);
  return out;
}

Statement& Connection::idle(StatementList& list, const std::string& sql, const Table* table) {
  for (const auto& statement : list) {
    if (!statement->busy) return *statement;
  }
  sqlite3_stmt* prepared = nullptr;
  const int code = source_.library->prepare_v2(db_, sql.c_str(), static_cast<int>(sql.size()) + 1, &prepared, nullptr);
  if (code != SQLITE_OK) throw fault_of(code);
  list.push_back(std::make_unique<Statement>(*source_.library, prepared, table));
  return *list.back();
}

StatementList& Connection::scans_of(std::size_t slot, const Shape& shape) {
  auto& scans = statements_[slot].scans;
  for (auto& [known, list] : scans) {
    if (known == shape) return list;
  }
  scans.emplace_back(shape, StatementList{});
  return scans.back().second;
}

int Connection::checkpoint(int mode, int* moved) {
  int done = 0;
  const int code = source_.library->wal_checkpoint_v2(db_, nullptr, mode, nullptr, &done);
  if (code == SQLITE_OK && mode == SQLITE_CHECKPOINT_TRUNCATE) log_pages_ = 0;
  if (code == SQLITE_OK && moved != nullptr) *moved = done;
  return code;
}

void Connection::sync_in_pieces(int pages) {
  sqlite3_file* const database = file_of(SQLITE_FCNTL_FILE_POINTER);
  if (database == nullptr) throw Fault{FaultKind::unavailable, source_.file, "has no file"};
  synced_pieces_.stand_before(*database, pages);
}

int Connection::truncate_log_at_once() {
  source_.library->busy_timeout(db_, 0);
  const int code = checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  source_.library->busy_timeout(db_, busy_wait_ms);
  return code;
}

// Without the wait SQLite still syncs the log before it moves pages of it, and its header when it begins anew: a power cut takes the last
// commits, and never one from between others.
void Connection::wait_for_disk(bool waits) {
  if (waits_ == waits || source_.options->synchronous == Synchronous::off) return;
  must(waits ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  waits_ = waits;
}

// The open file of the database or of its log, or null.
sqlite3_file* Connection::file_of(int which) const {
  sqlite3_file* file = nullptr;
  const int code = source_.library->file_control(db_, "main", which, static_cast<void*>(&file));
  return code == SQLITE_OK && file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

int Connection::sync(int which) {
  sqlite3_file* const file = file_of(which);
  return file != nullptr ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : SQLITE_IOERR_FSYNC;
}

Fault Connection::fault_of(int code) const {
  const auto kind = primary(code) == SQLITE_FULL                                        ? FaultKind::full
                    : primary(code) == SQLITE_CORRUPT || primary(code) == SQLITE_NOTADB ? FaultKind::corrupt
                                                                                        : FaultKind::unavailable;
  return Fault{kind, source_.file, "SQLite error " + std::to_string(code)};
}

}  // namespace medflow::inline v1::storage::sqlite
