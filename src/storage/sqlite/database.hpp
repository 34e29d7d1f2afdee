// One database file: one writing connection, and a few reading ones that are opened when they are needed.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/readers_first.hpp"
#include "storage/sqlite/redo.hpp"
#include "storage/sqlite/transaction.hpp"

namespace medflow::inline v1::storage::sqlite {

/// What an engine and its databases share; it lives as long as any of them.
class Home;

/// A database's place in its engine, taken for as long as this lives.
class Place {
 public:
  Place(std::shared_ptr<Home> home, StoreName name);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  Home& home() const { return *home_; }

 private:
  std::shared_ptr<Home> home_;
  StoreName name_;
};

class SqliteDatabase final : public Database {
 public:
  /// Opens the file of `source`, which has content, and brings it up to date as the options say.
  SqliteDatabase(std::unique_ptr<Place> place, Source source, const OpenOptions& options);
  ~SqliteDatabase() override;
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  void read(Body body) override;
  void write(Body body) override;
  bool write_ahead(Body body) override;
  void sync() override;
  void maintain(bool idle) override;
  void scrub() override;

 private:
  class Reader;

  std::unique_ptr<Connection> connect(Connection::Mode mode) const;
  Connection& writer();
  void set_writer(std::unique_ptr<Connection> connection) noexcept;
  void transact(Body body, bool waits);
  bool uses_redo() const;
  void recover();
  void restore();
  void begin_redo(Connection& connection);
  void append(const SqliteTransaction& transaction);
  void commit_large();
  std::uint64_t redo_bytes_max() const;
  void begin_ahead(Connection& connection);
  void flush(Connection& connection);
  int commit_behind(Connection& connection);
  bool flush_is_due(bool idle) const;
  void show();
  void close_redo() noexcept;
  bool sync_writer() noexcept;
  bool settle_log();
  void heed(int code) noexcept;
  void note_synced(std::uint64_t commits) noexcept;
  void rollback(const SqliteTransaction& transaction) noexcept;
  void commit(Connection& connection);
  void reopen_after(int code) noexcept;
  void settle();
  void begin_moving();
  void end_moving() noexcept;
  std::unique_ptr<Connection> take_reader();
  void give_back(std::unique_ptr<Connection> connection) noexcept;
  void close_idle_readers() noexcept;

  std::unique_ptr<Place> place_;  // last to go
  Source source_;
  Tables tables_;
  std::vector<TableSql> sql_;

  ReadersFirst readers_first_{};
  std::mutex writing_;  // guards what follows
  std::unique_ptr<Connection> writer_;
  RedoLog redo_;
  Changes changes_{};           ///< of the batch that runs
  bool open_ = false;           ///< the writer is in a transaction, of batches that are committed ahead
  std::size_t behind_ = 0;      ///< bytes of the redo log that SQLite has not committed
  std::size_t behind_max_ = 0;  ///< how many there may be by now
  std::chrono::steady_clock::time_point flushed_at_{};
  bool unsettled_ = false;          ///< a commit failed, and the log has not been moved into the file since
  int log_pages_peak_ = 0;          ///< the length of the log's file, in pages
  int moved_pages_ = 0;             ///< how much of the log is in the database file
  int tried_pages_ = 0;             ///< the length of the log when moving was last begun
  std::size_t log_beginnings_ = 0;  ///< of the writer, when the last three were looked at
  std::thread mover_{};             ///< moves a long log into the file while batches go on
  std::atomic<bool> moving_ = false;
  int moved_by_mover_ = 0;  ///< the mover's until it has been joined

  std::atomic<bool> hidden_ = false;               ///< readers do not see all that has been committed
  std::atomic<std::thread::id> writing_thread_{};  ///< of who runs a batch that is committed ahead
  std::atomic<bool> log_ahead_ = false;            ///< SQLite's log has what is in no redo log, and has to be synced
  std::atomic<bool> log_unsynced_ = false;         ///< SQLite has committed without a wait since its log was synced
  std::atomic<bool> untrusted_ = false;            ///< unsettled, and what the log shows may not be on the disk

  std::mutex syncing_;  // of `writer_` too: it is replaced under both
  // What lies in the log at the opening counts as one commit.
  std::atomic<std::uint64_t> begun_ = 1;      ///< commits that readers may have seen
  std::atomic<std::uint64_t> committed_ = 1;  ///< commits so far
  std::atomic<std::uint64_t> synced_ = 0;     ///< so many of them are durable
  std::atomic<bool> broken_ = false;  ///< others have seen commits of which nobody knows whether they are durable

  std::mutex reading_;  // guards what follows
  std::condition_variable reader_back_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
  int readers_ = 0;  ///< open or being opened, idle or not
};

}  // namespace medflow::inline v1::storage::sqlite
