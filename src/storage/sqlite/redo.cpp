#include "storage/sqlite/redo.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "crypto/codec.hpp"
#include "crypto/hash.hpp"
#include "crypto/seal.hpp"
#include "storage/cells.hpp"
#include "storage/tables.hpp"

namespace medflow::inline v1::storage::sqlite {
namespace {

constexpr std::string_view magic = "medflow redo\n";
constexpr char version = 1;
constexpr std::size_t size_bytes = 4;
constexpr std::size_t head_size = magic.size() + 1 + std::tuple_size_v<RedoPosition::Epoch>;
enum Kind : char { inserted = 'I', updated = 'U', erased = 'E' };

// Where a database says how it stands to its log: one row.
constexpr const char* find_position_table =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'medflow_redo'";
constexpr const char* make_position_table =
    "CREATE TABLE IF NOT EXISTS medflow_redo (epoch BLOB NOT NULL, records INTEGER NOT NULL)";
constexpr const char* get_position = "SELECT hex(epoch), records FROM medflow_redo";
constexpr const char* clear_position = "DELETE FROM medflow_redo";
constexpr const char* add_position = "INSERT INTO medflow_redo VALUES (?, 0)";
constexpr const char* set_records = "UPDATE medflow_redo SET records = ?";

constexpr std::size_t room_kept_max = std::size_t{1} << 20;  // of what a batch needed, for the next one

constexpr std::uint8_t no_revision = 0xFF;

std::string_view view(const RedoPosition::Epoch& epoch) { return {epoch.data(), epoch.size()}; }

crypto::SecureKey key_for(const Source& source) {
  const std::string_view page_key = source.key.empty() ? std::string_view{} : crypto::text_of(source.key.bytes());
  crypto::Digest key = crypto::blake2b_256({"medflow redo log", page_key});
  crypto::SecureKey owned{crypto::KeyView(key)};
  crypto::wipe(key);
  return owned;
}

/// A record's place: epoch | u64le number.
std::array<std::byte, 24> place_of(const RedoPosition::Epoch& epoch, std::uint64_t number) {
  std::array<std::byte, 24> place{};
  std::memcpy(place.data(), epoch.data(), epoch.size());
  std::memcpy(place.data() + epoch.size(), &number, sizeof number);
  return place;
}

// The SQL to write rows again is made from the log's own words: migrations may have added columns since.
std::string described(const Tables& tables) {
  std::string out;
  put_number(out, tables.size(), 2);
  for (std::size_t slot = 0; slot < tables.size(); ++slot) {
    const Table& table = tables[slot];
    put_text(out, table.name);
    put_number(out, table.key_columns, 1);
    put_number(out, table.revision.value_or(no_revision), 1);
    put_number(out, table.columns.size(), 1);
    for (const Column& column : table.columns) put_text(out, column.name);
  }
  return out;
}

}  // namespace

void Changes::clear() {
  if (bytes_.capacity() > room_kept_max)
    bytes_ = {};
  else
    bytes_.clear();
}

void Changes::begin(char kind, std::size_t slot) {
  bytes_.push_back(kind);
  put_number(bytes_, slot, 2);
}

void Changes::insert(std::size_t slot, RowView row) {
  begin(inserted, slot);
  put_cells(bytes_, row);
}

void Changes::update(std::size_t slot, RowView row, Revision expected) {
  begin(updated, slot);
  put_number(bytes_, expected, 8);
  put_cells(bytes_, row);
}

void Changes::erase(std::size_t slot, Key key) {
  begin(erased, slot);
  put_cells(bytes_, key);
}

/// The tables of a log, as it describes them, and their statements on the connection on which its rows are written again.
class RedoLog::Replayed {
 public:
  Replayed(Connection& connection, std::string description, const std::string& path)
      : connection_(connection), description_(std::move(description)), path_(path) {
    Reading in(description_);
    const auto count = static_cast<std::size_t>(in.number(2));
    for (std::size_t i = 0; i < count && in.whole(); ++i) describe(in);
    if (!in.whole()) refuse("the log describes no tables");
  }

  void write(std::string_view changes) {
    Reading in(changes);
    std::vector<Cell> cells;
    while (in.at() < changes.size()) {
      const char kind = in.take(1).front();
      const auto slot = static_cast<std::size_t>(in.number(2));
      if (slot >= tables_.size()) refuse("the log has a row of no table");
      Described& table = tables_[slot];
      const std::uint64_t expected = kind == updated ? in.number(8) : 0;
      const std::size_t count = kind == erased ? table.table.key_columns : table.columns.size();
      if (!read_cells(table.table.name, count, in, cells)) refuse("the log has half a row");
      if (kind == inserted)
        run(table.insert, table.sql->insert, cells, 0);
      else if (kind == updated)
        update(table, cells, expected);
      else
        run(table.erase, table.sql->erase, cells, 0);
    }
  }

 private:
  struct Described {
    Table table{};
    std::vector<Column> columns{};
    std::unique_ptr<TableSql> sql{};
    StatementList insert{}, update{}, erase{};
  };

  void describe(Reading& in) {
    Described& added = tables_.emplace_back();
    added.table.name = in.text("redo");
    added.table.key_columns = static_cast<std::uint8_t>(in.number(1));
    const auto revision = static_cast<std::uint8_t>(in.number(1));
    if (revision != no_revision) added.table.revision = revision;
    const auto columns = static_cast<std::size_t>(in.number(1));
    for (std::size_t i = 0; i < columns; ++i) added.columns.push_back({.name = in.text("redo")});
    added.table.columns = added.columns;
    if (!in.whole() || added.table.key_columns > columns || added.table.revision.value_or(0) >= columns)
      refuse("the log describes no table");
    added.sql = std::make_unique<TableSql>(added.table);
  }

  void update(Described& table, std::span<const Cell> row, std::uint64_t expected) {
    const std::size_t keys = table.table.key_columns;
    std::vector<Cell> bound(row.begin() + static_cast<std::ptrdiff_t>(keys), row.end());
    bound.insert(bound.end(), row.begin(), row.begin() + static_cast<std::ptrdiff_t>(keys));
    bound.push_back(Cell::of(static_cast<std::int64_t>(expected)));
    run(table.update, table.sql->update, bound, 1);
  }

  void run(StatementList& list, const std::string& sql, std::span<const Cell> cells, int changes_min) {
    Statement& statement = connection_.idle(list, sql, nullptr);
    const Use use{statement};
    statement.bind(1, cells);
    const int code = statement.step();
    if ((code & 0xFF) == SQLITE_CONSTRAINT) refuse("the log's rows do not fit the database");
    if (code != SQLITE_DONE) throw connection_.fault_of(code);
    if (connection_.changes() < changes_min) refuse("the log's rows do not fit the database");
  }

  [[noreturn]] void refuse(const char* what) const { throw Fault{FaultKind::corrupt, path_, what}; }

  Connection& connection_;
  const std::string description_;  // the names point into it
  const std::string& path_;
  std::deque<Described> tables_{};
};

RedoLog::RedoLog(const Source& source, const Tables& tables)
    : path_(source.file + "-redo"),
      tables_(tables),
      key_(key_for(source)),
      rng_(system_rng()),
      file_(*source.library, source.options->vfs, path_) {}

Fault RedoLog::fault_of(int code) const {
  const auto kind = (code & 0xFF) == SQLITE_FULL ? FaultKind::full : FaultKind::unavailable;
  return Fault{kind, path_, "SQLite error " + std::to_string(code)};
}

void RedoLog::seal(const RedoPosition::Epoch& epoch, std::uint64_t number, std::string_view bytes,
                   std::string& out) const {
  put_number(out, crypto::sealed_size(bytes.size()), size_bytes);
  crypto::seal(key_, {}, place_of(epoch, number), bytes, *rng_, out);
}

// What is at `at`, which goes on behind it; false where that is not what was sealed for this place.
bool RedoLog::unseal(const RedoPosition::Epoch& epoch, std::uint64_t number, std::uint64_t& at,
                     std::string& out) const {
  std::string sealed;
  if (const int code = file_.read(at, size_bytes, sealed); code != SQLITE_OK) fail(code);
  Reading in(sealed);
  const auto size = static_cast<std::size_t>(in.number(size_bytes));
  std::uint64_t end = 0;
  if (const int code = file_.size(end); code != SQLITE_OK) fail(code);
  if (!in.whole() || size == 0 || size > end - at - size_bytes) return false;
  if (const int code = file_.read(at + size_bytes, size, sealed); code != SQLITE_OK) fail(code);
  out.clear();
  if (crypto::open(key_, place_of(epoch, number), sealed, out) != crypto::OpenResult::ok) return false;
  at += size_bytes + size;
  return true;
}

std::string RedoLog::header(const RedoPosition::Epoch& epoch) const {
  std::string out(magic);
  out.push_back(version);
  out += view(epoch);
  seal(epoch, 0, described(tables_), out);
  return out;
}

void RedoLog::prepare() {
  if (file_.is_open()) return;
  if (const int code = file_.open(true); code != SQLITE_OK) fail(code);
}

RedoPosition::Epoch RedoLog::new_epoch() const {
  RedoPosition::Epoch epoch{};
  rng_->fill(std::as_writable_bytes(std::span(epoch)));
  return epoch;
}

void RedoLog::begin(const RedoPosition::Epoch& epoch) {
  active_ = false;
  const std::string bytes = header(epoch);
  if (const int code = file_.write(bytes, 0); code != SQLITE_OK) fail(code);
  epoch_ = epoch;
  records_ = 0;
  end_ = bytes.size();
  active_ = true;
}

int RedoLog::append(const Changes& changes) {
  if (record_.capacity() > room_kept_max) record_ = {};
  record_.clear();
  seal(epoch_, records_ + 1, changes.bytes(), record_);
  if (const int code = file_.write(record_, end_); code != SQLITE_OK) return code;
  ++records_;
  end_ += record_.size();
  return SQLITE_OK;
}

bool RedoLog::strike() {
  const std::string none(size_bytes, '\0');
  return file_.write(none, end_) == SQLITE_OK && file_.sync() == SQLITE_OK;
}

std::uint64_t RedoLog::replay(Connection& connection, const RedoPosition& position) {
  if (!file_.is_open()) {
    if (!file_.exists()) return 0;
    if (const int code = file_.open(false); code != SQLITE_OK) fail(code);
  }
  std::string bytes;
  if (const int code = file_.read(0, head_size, bytes); code != SQLITE_OK) fail(code);
  std::string_view head = bytes;
  const std::string own = std::string(magic) + version;
  if (head.size() < head_size || !head.starts_with(own) || head.substr(own.size()) != view(position.epoch)) return 0;
  std::uint64_t at = head_size;
  if (!unseal(position.epoch, 0, at, bytes)) return 0;
  Replayed replayed(connection, bytes, path_);
  std::uint64_t number = 0;
  while (unseal(position.epoch, number + 1, at, bytes)) {
    ++number;
    if (number > position.records) replayed.write(bytes);
  }
  return number;
}

int RedoLog::remove() {
  active_ = false;
  return file_.remove();
}

std::optional<RedoPosition> redo_position(Connection& connection) {
  if (connection.rows(find_position_table).empty()) return std::nullopt;
  const auto rows = connection.rows(get_position);
  if (rows.empty()) return std::nullopt;
  RedoPosition position{.records = std::stoull(rows[0][1])};
  const auto bytes = std::as_writable_bytes(std::span(position.epoch));
  if (!crypto::from_hex(rows[0][0], bytes)) throw Fault{FaultKind::corrupt, connection.file()};
  return position;
}

void set_redo_epoch(Connection& connection, const RedoPosition::Epoch& epoch) {
  connection.must(make_position_table);
  connection.must(clear_position);
  StatementList list;
  Statement& statement = connection.idle(list, add_position, nullptr);
  const Use use{statement};
  statement.bind(1, Cell::bytes(view(epoch)));
  if (const int code = statement.step(); code != SQLITE_DONE) throw connection.fault_of(code);
}

int set_redo_records(Connection& connection, std::uint64_t records) {
  Statement& statement = connection.idle(connection.redo, set_records, nullptr);
  const Use use{statement};
  statement.bind(1, Cell::of(static_cast<std::int64_t>(records)));
  const int code = statement.step();
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

}  // namespace medflow::inline v1::storage::sqlite
