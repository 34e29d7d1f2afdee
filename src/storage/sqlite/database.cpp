#include "storage/sqlite/database.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "storage/sqlite/home.hpp"
#include "storage/sqlite/migrate.hpp"

namespace medflow::inline v1::storage::sqlite {
namespace {

constexpr std::size_t behind_min = std::size_t{16} << 10;  // after a batch that failed SQLite commits that often again
// While the log is moved SQLite commits that many times as late, if it can: then all of the log is moved, and it begins anew.
constexpr std::size_t held_back_max = 4;
constexpr std::chrono::milliseconds idle_flush_every{20};  // SQLite commits when nobody waits, so often at most

constexpr int move_pages = 300;      // of log are worth a thread
constexpr int piece_pages_min = 16;  // moved between two syncs, each of which delays the sync of a commit beside it
constexpr int piece_pages_max = 500;
constexpr int pieces_max = 6;        // so many are enough within these bounds, or the log grows faster than it is moved
constexpr int finish_pages = 3'000;  // a log this long is moved to its end, so that it begins anew
constexpr int few_pages = 300;       // so few of them may be moved between two batches
// So long a log is moved to its end at once, and all wait for that: tenths of a second. In bursts, as when an index is merged, it is written twice as
// fast as it is moved, and this is what it takes up of them.
constexpr int longest_pages = 16'000;
constexpr int truncate_pages = 20'000;  // a log file this long is cut when nobody waits

std::vector<TableSql> sql_for(const Tables& tables) {
  std::vector<TableSql> sql;
  for (std::size_t slot = 0; slot < tables.size(); ++slot) sql.emplace_back(tables[slot]);
  return sql;
}

}  // namespace

Place::Place(std::shared_ptr<Home> home, StoreName name) : home_(std::move(home)), name_(std::move(name)) {
  home_->take(home_->folder.file_of(name_));
}

Place::~Place() { home_->give_back(home_->folder.file_of(name_)); }

/// A reading connection, held for one transaction.
class SqliteDatabase::Reader {
 public:
  explicit Reader(SqliteDatabase& database) : database_(database), connection_(database.take_reader()) {}
  ~Reader() { database_.give_back(std::move(connection_)); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Connection& connection() { return *connection_; }
  void discard() { connection_.reset(); }

 private:
  SqliteDatabase& database_;
  std::unique_ptr<Connection> connection_;
};

SqliteDatabase::SqliteDatabase(std::unique_ptr<Place> place, Source source, const OpenOptions& options)
    : place_(std::move(place)),
      source_(std::move(source)),
      tables_(*options.schema),
      sql_(sql_for(tables_)),
      writer_(connect(Connection::Mode::writing)),
      redo_(source_, tables_) {
  const auto applied = applied_migrations(*writer_);
  if (applied.empty()) throw Fault{FaultKind::missing, source_.file};
  if (source_.part == Part::data) recover();
  for (const auto& migration : lacking(*options.schema, applied, options.migrate, source_.file)) {
    apply(*writer_, *options.schema, migration);
  }
  // What is in the log may be in memory alone, or as pages that an earlier process could not sync and that look as if they were.
  log_unsynced_ = true;
  const int code = writer_->truncate_log_at_once();
  heed(code);
  if (code != SQLITE_OK) return;
  log_unsynced_ = false;
  note_synced(1);
  redo_.remove();  // where it cannot be, it says nothing new
}

// The writer closes last: only it can move the log into the file, and SQLite removes the log then. Where the disk may not have the log, that
// would be the end of the file: SQLite knows the log's pages in memory alone, and would move whatever stands there now. So the writer stays open
// and the file taken, until another process reads the log, and believes only what it can check.
SqliteDatabase::~SqliteDatabase() {
  end_moving();
  close_idle_readers();
  close_redo();
  set_writer(nullptr);
  if (!broken_) return;
  static_cast<void>(writer_.release());  // NOLINT(bugprone-unused-return-value)
  static_cast<void>(place_.release());   // NOLINT(bugprone-unused-return-value)
}

std::unique_ptr<Connection> SqliteDatabase::connect(Connection::Mode mode) const {
  return std::make_unique<Connection>(source_, tables_, sql_, mode);
}

Connection& SqliteDatabase::writer() {
  if (broken_) throw Fault{FaultKind::unavailable, source_.file, "a sync failed"};
  if (!writer_) set_writer(connect(Connection::Mode::writing));
  if (unsettled_) settle();
  if (!open_ && hidden_) restore();
  return *writer_;
}

// Who waits in `sync` has the old one. What it committed and nobody has synced yet is synced before it goes; where that fails it stays.
void SqliteDatabase::set_writer(std::unique_ptr<Connection> connection) noexcept {
  const std::lock_guard lock{syncing_};
  if (writer_ && synced_ < committed_ && !sync_writer()) return;
  if (writer_ && log_unsynced_.exchange(false) && writer_->sync_log() != SQLITE_OK) broken_ = true;
  if (broken_ && writer_) return;
  writer_ = std::move(connection);
  log_beginnings_ = 0;
}

// A commit shows before SQLite returns from it, so what is begun counts: its pages are in the log by the time that anybody sees it.
void SqliteDatabase::sync() {
  const std::uint64_t wanted = begun_;
  if (synced_ >= wanted || source_.options->synchronous == Synchronous::off) return;
  const std::lock_guard lock{syncing_};
  if (synced_ >= wanted || (!writer_ && !redo_.active()))
    return;  // with those of somebody else, or as the writer went, whose commit had failed
  if (!sync_writer()) throw Fault{FaultKind::unknown_outcome, source_.file, "a sync failed"};
}

// Under `syncing_`, of a redo log or a writer that is there. Once it has failed it is not tried again: it would not hear of the failure.
bool SqliteDatabase::sync_writer() noexcept {
  const std::uint64_t with = committed_;
  const bool log_too = writer_ && (!redo_.active() || log_ahead_);
  if (log_too) log_unsynced_ = false;
  if (broken_ || (redo_.active() && redo_.sync() != SQLITE_OK) || (log_too && writer_->sync_log() != SQLITE_OK)) {
    broken_ = true;
    return false;
  }
  note_synced(with);
  return true;
}

// Before pages of SQLite's log are moved, which would hear of a failure in the place of the next sync. False where it has failed: then nothing
// may be moved any more, and another process finds the rest in the redo log.
bool SqliteDatabase::settle_log() {
  const std::lock_guard lock{syncing_};
  if (log_unsynced_.exchange(false) && writer_->sync_log() != SQLITE_OK) broken_ = true;
  return !broken_;
}

// Of a moving that could not sync: done again it would succeed, and what it had written may be gone.
void SqliteDatabase::heed(int code) noexcept {
  if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) broken_ = true;
}

void SqliteDatabase::note_synced(std::uint64_t commits) noexcept {
  std::uint64_t known = synced_;
  while (known < commits && !synced_.compare_exchange_weak(known, commits)) {
  }
}

void SqliteDatabase::read(Body body) {
  if (untrusted_ || broken_) throw Fault{FaultKind::unavailable, source_.file, "a sync failed"};
  show();
  Reader reader{*this};
  Connection& connection = reader.connection();
  if (const int code = connection.run_kept(connection.begin_reading, "BEGIN"); code != SQLITE_OK)
    throw connection.fault_of(code);
  const auto deadline = std::chrono::steady_clock::now() + source_.options->reading_max;
  SqliteTransaction transaction{connection, false, deadline};
  const auto end = [&] {
    if (connection.run_kept(connection.commit, "COMMIT") != SQLITE_OK || !transaction.alive()) reader.discard();
  };
  const auto settle_seen = [&] {  // nobody is told of what a power cut may still take
    try {
      sync();
    } catch (const Fault& fault) {
      throw Fault{FaultKind::unavailable, fault.name, "a sync failed"};
    }
  };
  try {
    body(transaction);
  } catch (...) {
    end();
    settle_seen();
    throw;
  }
  const auto death = transaction.death();
  end();
  settle_seen();
  if (death) throw Fault{*death};
}

void SqliteDatabase::write(Body body) { transact(body, true); }

bool SqliteDatabase::write_ahead(Body body) {
  const bool waits = source_.options->synchronous == Synchronous::off;
  if (waits || !uses_redo()) {
    transact(body, waits);
    return !waits;
  }
  const auto lock = readers_first_.lock_to_write(writing_);
  Connection& connection = writer();
  begin_redo(connection);
  begin_ahead(connection);
  changes_.clear();
  SqliteTransaction transaction{connection, true, {}, &changes_};
  writing_thread_ = std::this_thread::get_id();
  try {
    body(transaction);
    writing_thread_ = std::thread::id{};
    if (!transaction.alive()) throw Fault{*transaction.death()};
  } catch (...) {
    writing_thread_ = std::thread::id{};
    if (!changes_.empty() || !transaction.alive()) rollback(transaction);
    throw;
  }
  if (changes_.size() > 4 * redo_bytes_max())
    commit_large();
  else if (!changes_.empty())
    append(transaction);
  return true;
}

std::uint64_t SqliteDatabase::redo_bytes_max() const {
  return static_cast<std::uint64_t>(source_.options->redo_kib_max) << 10;
}

bool SqliteDatabase::uses_redo() const { return source_.part == Part::data && source_.options->behind_kib_max > 0; }

// What an earlier process made durable in the redo log, and SQLite has not: written again, and committed. It does not count as behind then.
void SqliteDatabase::recover() {
  const auto position = redo_position(*writer_);
  if (!position) return;
  writer_->must("BEGIN IMMEDIATE");
  try {
    const std::uint64_t records = redo_.replay(*writer_, *position);
    if (records > position->records && set_redo_records(*writer_, records) != SQLITE_OK)
      throw Fault{FaultKind::unavailable, source_.file, "cannot be recovered"};
    writer_->must("COMMIT");
  } catch (...) {
    if (writer_->in_transaction()) writer_->run("ROLLBACK");
    throw;
  }
}

// The same for what SQLite has rolled back or lost of this process's batches.
void SqliteDatabase::restore() {
  begin_ahead(*writer_);
  try {
    const auto position = redo_position(*writer_);
    if (!position || position->epoch != redo_.epoch() || redo_.replay(*writer_, *position) < redo_.records())
      throw Fault{FaultKind::corrupt, source_.file, "has lost its redo log"};
  } catch (...) {
    open_ = false;
    set_writer(nullptr);
    throw;
  }
  if (const int code = commit_behind(*writer_); code != SQLITE_OK) {
    const Fault fault = writer_->fault_of(code);
    set_writer(nullptr);
    unsettled_ = true;
    throw fault;
  }
  behind_ = 0;
  hidden_ = false;
}

// What the redo log has is in SQLite's log before, and that on the disk: the redo log can be written over from its start.
void SqliteDatabase::begin_redo(Connection& connection) {
  if (redo_.active() && redo_.bytes() < redo_bytes_max()) return;
  flush(connection);
  redo_.prepare();
  const auto epoch = redo_.new_epoch();
  connection.wait_for_disk(true);
  connection.must("BEGIN IMMEDIATE");
  try {
    set_redo_epoch(connection, epoch);
  } catch (...) {
    set_writer(nullptr);
    throw;
  }
  commit(connection);
  log_unsynced_ = false;
  note_synced(++committed_);
  redo_.begin(epoch);
}

// The transaction in which batches are committed ahead, if it is not open.
void SqliteDatabase::begin_ahead(Connection& connection) {
  if (open_) return;
  connection.wait_for_disk(false);
  if (const int code = connection.run_kept(connection.begin_writing, "BEGIN IMMEDIATE"); code != SQLITE_OK)
    throw connection.fault_of(code);
  open_ = true;
}

// Of a batch that is too large for the redo log. It is durable at the end: a record that follows may build on it.
void SqliteDatabase::commit_large() {
  log_ahead_ = true;
  ++begun_;
  hidden_ = true;
  try {
    flush(*writer_);
  } catch (...) {
    --begun_;
    log_ahead_ = false;
    if (open_) {
      open_ = false;
      set_writer(nullptr);
    }
    throw Fault{FaultKind::unknown_outcome, source_.file, "a large commit failed"};
  }
  ++committed_;
  sync();
  log_ahead_ = false;
}

void SqliteDatabase::append(const SqliteTransaction& transaction) {
  int code = SQLITE_OK;
  try {
    code = redo_.append(changes_);
  } catch (...) {
    rollback(transaction);
    throw;
  }
  if (code != SQLITE_OK) {
    {
      const std::lock_guard lock{syncing_};
      const bool cut_short = (code & 0xFF) == SQLITE_FULL;  // and so none already
      if (!cut_short && !redo_.strike()) broken_ = true;
    }
    rollback(transaction);
    if (broken_) throw Fault{FaultKind::unknown_outcome, source_.file, "the redo log failed"};
    throw redo_.fault_of(code);
  }
  behind_ += changes_.size();
  hidden_ = true;
  ++begun_;
  ++committed_;
}

// SQLite commits what is in the redo log, without a wait: the redo log has it until SQLite's own log is on the disk.
void SqliteDatabase::flush(Connection& connection) {
  if (!open_) return;
  if (const int code = commit_behind(connection); code != SQLITE_OK) {
    const Fault fault = connection.fault_of(code);
    reopen_after(code);
    throw fault;
  }
  if (!hidden_) return;
  const auto most = static_cast<std::size_t>(source_.options->behind_kib_max) << 10;
  behind_max_ = std::min(most, std::max(behind_min, 2 * behind_max_));
  behind_ = 0;
  hidden_ = false;
  flushed_at_ = std::chrono::steady_clock::now();
}

int SqliteDatabase::commit_behind(Connection& connection) {
  if (hidden_) log_unsynced_ = true;
  int code = hidden_ ? set_redo_records(connection, redo_.records()) : SQLITE_OK;
  if (code == SQLITE_OK) code = connection.run_kept(connection.commit, "COMMIT");
  if (hidden_) log_unsynced_ = true;  // again: who synced meanwhile has not seen all of it
  open_ = false;
  if (code == SQLITE_OK) log_pages_peak_ = std::max(log_pages_peak_, connection.log_pages());
  return code;
}

bool SqliteDatabase::flush_is_due(bool idle) const {
  const bool held_back = moving_ && behind_ < held_back_max * behind_max_;
  return (behind_ >= behind_max_ && !held_back) ||
         (idle && std::chrono::steady_clock::now() - flushed_at_ >= idle_flush_every);
}

// For who is about to read on another connection.
void SqliteDatabase::show() {
  if (writing_thread_.load() == std::this_thread::get_id())
    throw Fault{FaultKind::misuse, source_.file, "a reading within a writing"};
  if (!hidden_) return;
  const ReadersFirst::Asking asking{readers_first_};
  const std::lock_guard lock{writing_};
  try {
    flush(writer());
  } catch (const Fault&) {
    if (hidden_) throw;  // else it was written again, and committed
  }
}

void SqliteDatabase::close_redo() noexcept {
  if (broken_ || !uses_redo()) return;
  try {
    if (!hidden_ && !redo_.active()) return;
    flush(writer());
    if (!settle_log()) return;
    const int code = writer_->truncate_log_at_once();
    heed(code);
    if (code != SQLITE_OK) return;
    note_synced(committed_);
    redo_.remove();
  } catch (...) {
    if (writer_) settle_log();  // the redo log stays, for who opens the database next
  }
}

void SqliteDatabase::transact(Body body, bool waits) {
  const std::lock_guard lock{writing_};
  Connection& connection = writer();
  flush(connection);
  connection.wait_for_disk(waits);
  if (const int code = connection.run_kept(connection.begin_writing, "BEGIN IMMEDIATE"); code != SQLITE_OK) {
    throw connection.fault_of(code);
  }
  SqliteTransaction transaction{connection, true, {}};
  try {
    body(transaction);
    if (!transaction.alive()) throw Fault{*transaction.death()};
  } catch (...) {
    rollback(transaction);
    throw;
  }
  commit(connection);
  const std::uint64_t with = ++committed_;
  if (!waits) return;
  if (synced_ + 1 >= with)
    note_synced(with);
  else
    sync();  // a commit that changed nothing has synced nothing either
}

// After an error of the disk the connection's pages are not to be trusted, so the next writer begins with a new one.
void SqliteDatabase::rollback(const SqliteTransaction& transaction) noexcept {
  open_ = false;
  behind_max_ = 0;
  if (writer_->in_transaction()) writer_->run("ROLLBACK");
  const bool sound = transaction.alive() || transaction.death()->kind == FaultKind::full;
  if (!sound || writer_->in_transaction()) set_writer(nullptr);
}

void SqliteDatabase::commit(Connection& connection) {
  ++begun_;
  if (!connection.waits()) log_unsynced_ = true;
  const int code = connection.run_kept(connection.commit, "COMMIT");
  if (!connection.waits()) log_unsynced_ = true;  // again: who synced meanwhile has not seen all of it
  if (code == SQLITE_OK) {
    log_pages_peak_ = std::max(log_pages_peak_, connection.log_pages());
    return;
  }
  --begun_;
  reopen_after(code);
  throw Fault{FaultKind::unknown_outcome, source_.file, "SQLite error " + std::to_string(code)};
}

// The log may end in pages of the failed commit which the disk has or has not. Closing and moving the log into the file
// decides that: what is in the file afterwards is durable, and nothing is left that could come back after a crash.
void SqliteDatabase::reopen_after(int code) noexcept {
  const bool unsynced = code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
  if (unsynced && log_unsynced_) broken_ = true;  // it may have been their sync, and a second one would not say so
  end_moving();
  close_idle_readers();
  set_writer(nullptr);
  unsettled_ = true;
  untrusted_ = unsynced;
  try {
    writer();
  } catch (const std::exception&) {
    set_writer(nullptr);  // tried again by the next write
  }
}

void SqliteDatabase::settle() {
  if (const int code = writer_->checkpoint(SQLITE_CHECKPOINT_TRUNCATE); code != SQLITE_OK) {
    if (log_unsynced_) heed(code);
    throw writer_->fault_of(code);
  }
  log_unsynced_ = false;
  unsettled_ = false;
  untrusted_ = false;
  log_pages_peak_ = moved_pages_ = tried_pages_ = 0;
}

// On a connection of its own, beside the batches. It only begins while the log holds pages that were not moved, so that the writer cannot
// begin the log anew under it: SQLite before 3.51.3 would take pages of the new log for moved ones.
void SqliteDatabase::begin_moving() {
  moving_ = true;
  moved_by_mover_ = 0;
  try {
    const int piece_pages = std::clamp((tried_pages_ - moved_pages_) / pieces_max, piece_pages_min, piece_pages_max);
    mover_ = std::thread([this, piece_pages] {
      place_->home().affinity.apply();
      try {
        const auto connection = connect(Connection::Mode::moving);
        connection->sync_in_pieces(piece_pages);
        int code = broken_ ? SQLITE_ABORT : connection->checkpoint(SQLITE_CHECKPOINT_PASSIVE, &moved_by_mover_);
        if (code == SQLITE_OK) code = connection->sync_file();
        if (code != SQLITE_OK) moved_by_mover_ = 0;
        heed(code);
      } catch (const std::exception&) {  // the writer meets the same trouble, and tells of it
      }
      moving_ = false;
    });
  } catch (const std::system_error&) {
    moving_ = false;  // no thread is to be had
  }
}

void SqliteDatabase::end_moving() noexcept {
  if (!mover_.joinable()) return;
  mover_.join();
  moved_pages_ = std::max(moved_pages_, moved_by_mover_);
}

// Moving a long log takes as long as dozens of batches, and the log begins anew only where all of it was moved. So it is moved beside the
// batches, and what is left of a long one by the writer, between two of them. A reader may hold the moving up: it is not tried at
// every commit then. A disk that fails says so once for each descriptor: so the log is synced before the writer moves pages, which would hear it
// and keep it from the next sync.
void SqliteDatabase::maintain(bool idle) {
  const std::lock_guard lock{writing_};
  if (!writer_ || unsettled_ || broken_) return;
  Connection& connection = writer();
  if (open_ && !flush_is_due(idle)) return;
  flush(connection);
  if (idle && log_pages_peak_ > truncate_pages) {
    end_moving();
    if (!settle_log()) return;
    const int code = writer_->truncate_log_at_once();
    heed(code);
    if (code == SQLITE_OK) log_pages_peak_ = moved_pages_ = tried_pages_ = 0;
    if (code == SQLITE_BUSY)
      moved_pages_ = tried_pages_ = writer_->log_pages();  // a reader is at its end: it may all be moved
  }
  const int pages = writer_->log_pages();
  if (moving_ && pages < longest_pages) return;
  end_moving();
  const bool anew = connection.log_beginnings() != log_beginnings_ || pages < tried_pages_;
  log_beginnings_ = connection.log_beginnings();
  if (anew) moved_pages_ = tried_pages_ = 0;
  if (pages <= moved_pages_) return;
  const bool many = pages - tried_pages_ >= few_pages;
  if ((pages >= longest_pages && many) || (pages >= finish_pages && pages - moved_pages_ <= few_pages)) {
    tried_pages_ = pages;
    if (!settle_log()) return;
    heed(writer_->checkpoint(SQLITE_CHECKPOINT_PASSIVE, &moved_pages_));
  } else if (pages - tried_pages_ >= move_pages || (pages >= finish_pages && many)) {
    tried_pages_ = pages;
    begin_moving();
  }
}

void SqliteDatabase::scrub() {
  const std::lock_guard lock{writing_};
  end_moving();
  Connection& connection = writer();
  flush(connection);
  sync();
  if (!settle_log()) throw Fault{FaultKind::unavailable, source_.file, "a sync failed"};
  const int code = connection.checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  heed(code);
  if (code != SQLITE_OK) throw connection.fault_of(code);
  log_pages_peak_ = moved_pages_ = tried_pages_ = 0;
  Folder::sync_log(source_.file);
  const std::lock_guard no_sync{syncing_};
  note_synced(committed_);
  if (redo_.remove() != SQLITE_OK) throw Fault{FaultKind::unavailable, source_.file, "the redo log cannot be removed"};
}

std::unique_ptr<Connection> SqliteDatabase::take_reader() {
  std::unique_lock lock{reading_};
  reader_back_.wait(lock, [&] { return !idle_readers_.empty() || readers_ < source_.options->readers_max; });
  if (!idle_readers_.empty()) {
    auto connection = std::move(idle_readers_.back());
    idle_readers_.pop_back();
    return connection;
  }
  ++readers_;
  lock.unlock();
  try {
    return connect(Connection::Mode::reading);
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

void SqliteDatabase::give_back(std::unique_ptr<Connection> connection) noexcept {
  const std::lock_guard lock{reading_};
  if (connection)
    idle_readers_.push_back(std::move(connection));
  else
    --readers_;
  reader_back_.notify_one();
}

void SqliteDatabase::close_idle_readers() noexcept {
  const std::lock_guard lock{reading_};
  readers_ -= static_cast<int>(idle_readers_.size());
  idle_readers_.clear();
  reader_back_.notify_all();
}

}  // namespace medflow::inline v1::storage::sqlite
