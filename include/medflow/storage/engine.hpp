// The plug that a storage engine fills: an Engine opens Databases, a Database runs bodies in Transactions.
//
// For people who write a storage engine. This header carries a weaker promise than the rest of the public
// headers: it may change between minor versions, always with a note in the release.
//
// An engine does all of this or it is not an engine: there are no capability flags. The conformance suite
// (medflow/conformance) is run against every engine, a third party's included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/export.hpp"
#include "medflow/function_ref.hpp"
#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::storage {

/// One value of a row, borrowed: `data` points into memory that somebody else keeps.
struct Cell {
  CellKind kind = CellKind::null;
  std::int64_t integer = 0;
  std::string_view data{};

  static constexpr Cell null() { return {}; }
  static constexpr Cell of(std::int64_t value) { return {CellKind::integer, value, {}}; }
  static constexpr Cell text(std::string_view value) { return {CellKind::text, 0, value}; }
  static constexpr Cell bytes(std::string_view value) { return {CellKind::bytes, 0, value}; }

  constexpr bool is_null() const { return kind == CellKind::null; }
  friend constexpr bool operator==(const Cell&, const Cell&) = default;
};

/// All cells of a row, in the order of `Table::columns`.
using RowView = std::span<const Cell>;

/// The first cells of a row: as many as the table's `key_columns`.
using Key = std::span<const Cell>;

/// Rows start at revision 1; each update adds one.
using Revision = std::uint64_t;

/// Gets a row; the view is valid for the length of the call. Answer false to stop. A visitor may read in its transaction;
/// writing from within it is `misuse`.
using RowVisitor = FunctionRef<bool(RowView)>;

/// Gets the position of a key and its row. Keys without a row are passed over. The same holds for it as for a RowVisitor.
using KeyVisitor = FunctionRef<void(std::size_t, RowView)>;

/// What went wrong, as far as the kernel has to tell it apart.
enum class FaultKind : std::uint8_t {
  unique,     ///< a unique index (or "key") holds this row already; `Fault::name` is the index (any, where several do)
  exclusion,  ///< the table's exclusion holds an overlapping row; `Fault::name` is the exclusion
  revision,   ///< the row's revision is another than expected, or the row is gone; `Fault::name` is the table
  in_use,     ///< another process holds this data folder or file
  wrong_key,  ///< the page key does not open the file
  schema_newer,     ///< the database has a migration that this build does not know
  schema_outdated,  ///< the database lacks migrations and was opened without leave to migrate
  missing,          ///< no such database
  exists,           ///< `create` of a database that is there
  corrupt,          ///< the engine found its own file damaged
  full,             ///< no space left
  unavailable,      ///< anything else that keeps the engine from answering; nothing of the transaction took effect
  unknown_outcome,  ///< a commit neither succeeded nor failed for certain
  misuse,           ///< a call that breaks this header's rules, such as a write in a reading transaction
};

/// The one exception an engine throws. `name` is an index, table or file name; it never holds data.
class MEDFLOW_API Fault : public std::exception {
 public:
  Fault(FaultKind kind, std::string name, std::string detail = {});
  const char* what() const noexcept override { return text_.c_str(); }

  FaultKind kind;
  std::string name;
  std::string detail;

 private:
  std::string text_;
};

/// Which rows a scan visits: those of one named index (or "key") whose first columns equal `equal` and whose next
/// column lies between the bounds, in the index's order or backwards. The order is that of the index's columns and then
/// of those columns of the key that are not among them. Nulls come first and equal each other here; they lie between no bounds.
struct Scan {
  const Table* table = nullptr;
  std::string_view index = "key";
  std::span<const Cell> equal{};
  std::span<const Cell> after{};  ///< start strictly beyond this position: the cells of that order after `equal`
  std::optional<Cell> from{};     ///< inclusive lower bound of the column after `equal`; not null
  std::optional<Cell> to{};       ///< exclusive upper bound of that column; not null
  bool backwards = false;
  std::size_t limit = SIZE_MAX;
};

/// Takes what is about to be read. Each answer serves until the transaction writes what it was read from.
class Foresight {
 public:
  virtual void get(const Table& table, std::span<const Key> keys) = 0;
  virtual void scan(const Scan& scan) = 0;

 protected:
  ~Foresight() = default;
};

/// One consistent view, in which writes become durable together.
class MEDFLOW_API Transaction {
 public:
  virtual ~Transaction() = default;

  /// Visits the rows of these keys, in the order of the keys; many at once is one round trip.
  virtual void get(const Table& table, std::span<const Key> keys, KeyVisitor visit) = 0;

  /// Visits the rows that `scan` names, in order, until `limit` or until the visitor answers false.
  virtual void scan(const Scan& scan, RowVisitor visit) = 0;

  /// Adds a row. A hit on a unique index or on the exclusion is thrown here or, after `defer_conflicts`, at the latest at the
  /// next read or at the end. Thrown here, it leaves the rest of the transaction as it was.
  virtual void insert(const Table& table, RowView row) = 0;

  /// Replaces the row with the same key if its revision is `expected`. Throws Fault `revision` where it is not. The new
  /// row brings its own revision.
  virtual void update(const Table& table, RowView row, Revision expected) = 0;

  /// Removes the row of this key; no row is no error.
  virtual void erase(const Table& table, Key key) = 0;

  /// From here on a conflict (`unique`, `exclusion`, `revision`) may be thrown late: by the next read whose answer is yet to come, at the
  /// end of an attempt or at the end, of whichever write it came from. It ends the transaction then, or the attempt. An engine whose
  /// server is a journey away sends writes along with what follows them; for others nothing changes.
  virtual void defer_conflicts() {}

  /// An engine whose server is a journey away runs `body`, which neither reads nor writes, and asks for all that it names at once,
  /// so that the same reads find their answers here. For others nothing happens, and nothing has to.
  virtual void foresee(FunctionRef<void(Foresight&)> /*body*/) {}

  /// Runs `body`; if it throws, undoes what it wrote (and only that) and passes the exception on.
  virtual void attempt(FunctionRef<void()> body) = 0;

  /// False once the engine has given the transaction up; nothing more may be run in it.
  virtual bool alive() const = 0;
};

using Body = FunctionRef<void(Transaction&)>;

/// One tenant's data, or its key store.
class MEDFLOW_API Database {
 public:
  virtual ~Database() = default;

  /// Runs `body` on a snapshot, taken at its first read or before, beside writers; where those write ahead, it may wait for some that are
  /// under way, and is never called from within it. Writing in it is `misuse`. An exception
  /// of the body passes through. An engine may end a reading that holds its files up (10 min) with `unavailable`.
  virtual void read(Body body) = 0;

  /// Runs `body` and makes its writes durable before it returns. Writers of one database are serial. If the body throws,
  /// nothing of it stays and the exception passes through. Throws `unavailable` or `full` if the engine could not commit, and
  /// `unknown_outcome` if it cannot tell; then the next call starts from whatever is durable. Never from within itself.
  virtual void write(Body body) = 0;

  /// As `write`, but returns as soon as the writes are committed. True: everybody sees them, and until `sync` a power cut may take
  /// them, the latest first. False: they are durable, as in an engine that does not say otherwise.
  virtual bool write_ahead(Body body) {
    write(body);
    return false;
  }

  /// Returns when everything that has been committed is durable; beside any other call. Throws `unknown_outcome` where it cannot
  /// tell: the database then answers `unavailable`, and an engine may want a new process to open it again.
  virtual void sync() {}

  /// Housekeeping that should not stand in a caller's way (a checkpoint of the log); called by the committer after it has answered a batch.
  /// Where `write_ahead` is true and the next batch is under way by then, it is called before the one after that. `idle` says that nobody waits.
  virtual void maintain(bool idle) = 0;

  /// Makes what was erased unreadable in the engine's own files, and returns when that is durable.
  virtual void scrub() = 0;
};

/// Which database of the engine: a tenant's data or its key store.
enum class Part : std::uint8_t { data, keys };

struct StoreName {
  std::string tenant{};  ///< the tenant's id in text form, or "platform"
  Part part = Part::data;
};

struct OpenOptions {
  const Schema* schema = nullptr;  ///< has to outlive the database, with its tables
  /// Raw page key and salt, 48 bytes, for an engine that encrypts its files; empty for a key store, which holds only wrapped
  /// keys and is kept plain. Engines that do not encrypt ignore it.
  std::span<const std::byte> page_key{};
  /// Apply missing migrations. Without it, a database that lacks some is `schema_outdated`.
  bool migrate = true;
};

/// A way to keep databases. Thread-safe; a Database is thread-safe too. A database is open once at a time: a second
/// `open`, and `drop` of an open one, are `in_use`, unless the engine is `shared`. A tenant's name is 1 to 64 letters, digits, '-'
/// and '_'.
class MEDFLOW_API Engine {
 public:
  virtual ~Engine() = default;

  /// "memory", "sqlite", "sqlcipher", …
  virtual std::string_view name() const = 0;

  /// Whether several processes, or several platforms in one, may have the same databases open. Then `create`, too, is safe against
  /// others; `write` is serial among all of them, and its body sees the newest committed state from its first read on; and a `write`
  /// after an `unknown_outcome` begins only when that commit has succeeded or failed for good.
  virtual bool shared() const { return false; }

  /// Makes an empty database and applies all migrations. `exists` where it is there; one that was left half-made may have to
  /// be dropped first.
  virtual std::unique_ptr<Database> create(const StoreName& name, const OpenOptions& options) = 0;

  /// Opens a database that `create` made. `missing` where there is none, or one that was left half-made.
  virtual std::unique_ptr<Database> open(const StoreName& name, const OpenOptions& options) = 0;

  /// Removes a database with everything that belongs to it; none is no error. It must not be open.
  virtual void drop(const StoreName& name) = 0;

  /// The databases that are there, also half-made ones.
  virtual std::vector<StoreName> list() = 0;
};

/// An engine that keeps everything in this process's memory and forgets it at the end. It rolls back and checks
/// uniqueness like the others.
MEDFLOW_API std::unique_ptr<Engine> memory_engine();

/// An engine of one SQLite file per database below `folder`, not encrypted page by page (sealed blocks stay sealed).
/// Fails with Fault `in_use` where another process has the folder open.
MEDFLOW_API std::unique_ptr<Engine> sqlite_engine(std::string folder);

/// The same with every page of a tenant's data encrypted by SQLCipher under the tenant's page key.
MEDFLOW_API std::unique_ptr<Engine> sqlcipher_engine(std::string folder);

/// Where the engine for PostgreSQL keeps tenants apart.
enum class Isolation : std::uint8_t {
  shared,           ///< in the tables of one database, by their rows' `tenant_id` and row level security
  tenant_database,  ///< the same, but each tenant's rows lie in a database of its own on the same server
};

/// An engine over PostgreSQL 14 or later, which several processes may use at once, each with an engine of its own.
///
/// `url` is libpq's (`postgresql://USER:PASSWORD@HOST/DATABASE`); its role does the daily work under row level security. A superuser, a
/// role with BYPASSRLS and an owner of the tables are refused with `misuse`. `direct_url` names a migrator, who makes roles, tables and
/// indexes; without it, an engine over a database that is up to date can do all but `drop` and `scrub`. At most `connections_max` are
/// open at once. With a database for each tenant the one of the URL holds only the list of the others, the migrator needs CREATEDB, and
/// `create` always needs the migrator. Fails with `unavailable` where the server does not answer, and with `misuse` in a build without PostgreSQL.
///
/// Values of text and bytes in an index beyond 512 bytes are ordered by their first 512 bytes; text that is not UTF-8 follows all
/// that is. What was erased stays in the server's log and its archives until those expire.
MEDFLOW_API std::unique_ptr<Engine> postgres_engine(std::string url, std::string direct_url = {},
                                                    std::size_t connections_max = 16,
                                                    Isolation isolation = Isolation::shared);

}  // namespace medflow::inline v1::storage
