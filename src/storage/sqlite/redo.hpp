// The redo log of a database file: what each batch wrote, row by row, before SQLite writes its pages.
//
// A commit of SQLite writes every page that was touched, thousands of bytes for a row of hundreds, and the next batch touches the same pages
// again. So batches that are committed ahead stay in one open transaction, and their rows are appended here; the sync of this file makes them
// durable. SQLite commits a few dozen of them together. After a crash the rows that SQLite lacks are written again from here.
//
// FILE-redo: "medflow redo\n" | version | epoch[16] | u32le size | sealed: the tables and their columns | records, each u32le size | sealed: rows.
// A record is sealed (crypto/seal.hpp) for its epoch and its number in it, so one that is torn, or was left by an earlier epoch, ends the log. The
// key comes from the page key. A plain file has none: its seals are checksums.
//
// The database says in which epoch its log is, and how many of its records it holds. The log begins anew, in a new epoch, once the
// database holds all of them durably.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.hpp"
#include "medflow/ports.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/vfs_file.hpp"

namespace medflow::inline v1::storage::sqlite {

/// What a transaction has written, in order.
class Changes {
 public:
  void insert(std::size_t slot, RowView row);
  void update(std::size_t slot, RowView row, Revision expected);
  void erase(std::size_t slot, Key key);

  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  std::string_view bytes() const { return bytes_; }
  /// Forgets what came after it had that size.
  void cut(std::size_t size) { bytes_.resize(size); }
  void clear();

 private:
  void begin(char kind, std::size_t slot);

  std::string bytes_{};
};

/// Takes back what has been noted since it was made, unless that is kept.
class Noting {
 public:
  explicit Noting(Changes* changes) : changes_(changes), before_(changes != nullptr ? changes->size() : 0) {}
  ~Noting() {
    if (changes_ != nullptr) changes_->cut(before_);
  }
  Noting(const Noting&) = delete;
  Noting& operator=(const Noting&) = delete;

  void keep() { changes_ = nullptr; }

 private:
  Changes* changes_;
  std::size_t before_;
};

/// Where a database stands in its log.
struct RedoPosition {
  using Epoch = std::array<char, 16>;

  Epoch epoch{};
  std::uint64_t records = 0;  ///< of the log, that are in the database
};

class RedoLog {
 public:
  RedoLog(const Source& source, const Tables& tables);

  /// Whether an epoch has begun, in which records can be appended.
  bool active() const { return active_; }
  const RedoPosition::Epoch& epoch() const { return epoch_; }
  std::uint64_t records() const { return records_; }
  std::uint64_t bytes() const { return end_; }

  /// Makes the file where it is missing. Fault `full` or `unavailable`.
  void prepare();
  RedoPosition::Epoch new_epoch() const;
  /// Begins an epoch that the database knows durably. Fault `full` or `unavailable`: the log is not active then.
  void begin(const RedoPosition::Epoch& epoch);

  /// Adds a record, durable after the next `sync`; SQLite's code. Where it fails the record may be there all the same, until `strike`.
  int append(const Changes& changes);
  /// Makes sure that a record which failed does not come back; false where that is not known.
  bool strike();
  int sync() { return file_.sync(); }

  /// Does again, in the transaction that is open on `connection`, what the log has beyond `position`; says how many records it
  /// has. Nothing where its epoch is another. Fault `corrupt` where its rows do not fit the database.
  std::uint64_t replay(Connection& connection, const RedoPosition& position);

  Fault fault_of(int code) const;

  /// Removes the file. Until an epoch begins the log is not active.
  int remove();

 private:
  class Replayed;

  std::string header(const RedoPosition::Epoch& epoch) const;
  void seal(const RedoPosition::Epoch& epoch, std::uint64_t number, std::string_view bytes, std::string& out) const;
  bool unseal(const RedoPosition::Epoch& epoch, std::uint64_t number, std::uint64_t& at, std::string& out) const;
  [[noreturn]] void fail(int code) const { throw fault_of(code); }

  std::string path_;
  const Tables& tables_;
  crypto::SecureKey key_;
  std::shared_ptr<Rng> rng_;
  VfsFile file_;
  std::atomic<bool> active_ = false;
  RedoPosition::Epoch epoch_{};
  std::uint64_t records_ = 0;
  std::uint64_t end_ = 0;  ///< of the last record
  std::string record_{};   ///< room for the next one
};

/// What the database says; nothing where it never had a log.
std::optional<RedoPosition> redo_position(Connection& connection);

/// Makes the database say so, in a transaction of its own or in the one that is open.
void set_redo_epoch(Connection& connection, const RedoPosition::Epoch& epoch);

/// The same for the number of records alone, in the open transaction; SQLite's code.
int set_redo_records(Connection& connection, std::uint64_t records);

}  // namespace medflow::inline v1::storage::sqlite
