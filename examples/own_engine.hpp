// A storage engine of one's own: each database is a journal, a file that is only ever added to. What it says is kept in maps in
// memory; a transaction works on a copy of them and, when it ends well, becomes one record of the journal. Small on purpose: a
// scan looks at every row of its table.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "medflow/storage/engine.hpp"

namespace journal {

using namespace medflow::storage;

// ---- Rows ---------------------------------------------------------------------------------------------------------------

/// A cell that keeps its bytes. Ordered as the plug wants it: null first, integers by value, text and bytes by their bytes.
struct Value {
  CellKind kind = CellKind::null;
  std::int64_t integer = 0;
  std::string data{};
  friend auto operator<=>(const Value&, const Value&) = default;
  friend bool operator==(const Value&, const Value&) = default;
};
using Values = std::vector<Value>;

inline Value keep(const Cell& cell) { return {cell.kind, cell.integer, std::string(cell.data)}; }
inline Values keep(std::span<const Cell> cells) {
  Values values;
  for (const Cell& cell : cells) values.push_back(keep(cell));
  return values;
}
inline std::vector<Cell> borrow(const Values& values) {
  std::vector<Cell> cells;
  for (const Value& value : values) cells.push_back({value.kind, value.integer, value.data});
  return cells;
}

using Rows = std::map<Values, Values>;  // by key

/// What a database holds. A copy costs little: tables are shared until one of the copies changes them.
class State {
 public:
  std::vector<std::string> migrations{};

  const Rows& rows(std::uint16_t table) const {
    static const Rows none;
    const auto found = tables_.find(table);
    return found == tables_.end() ? none : *found->second;
  }
  Rows& change(std::uint16_t table) {
    std::shared_ptr<Rows>& rows = tables_[table];
    rows = rows ? std::make_shared<Rows>(*rows) : std::make_shared<Rows>();
    return *rows;
  }
  /// The same for the second and later changes of one transaction, when nobody else holds the copy.
  Rows& change_again(std::uint16_t table) {
    std::shared_ptr<Rows>& rows = tables_[table];
    return rows && rows.use_count() == 1 ? *rows : change(table);
  }
  const std::map<std::uint16_t, std::shared_ptr<Rows>>& tables() const { return tables_; }

 private:
  std::map<std::uint16_t, std::shared_ptr<Rows>> tables_{};
};

// ---- The rules of a table -------------------------------------------------------------------------------------------------

[[noreturn]] inline void fail(FaultKind kind, std::string_view name) { throw Fault{kind, std::string(name)}; }

/// These columns of a row; nothing where one of them is null.
inline std::optional<Values> filled(const Values& row, std::span<const std::uint8_t> columns) {
  Values values;
  for (const std::uint8_t column : columns) {
    if (row[column].kind == CellKind::null) return {};
    values.push_back(row[column]);
  }
  return values;
}

inline bool overlap(const Exclusion& rule, const Values& a, const Values& b) {
  const auto group = filled(a, rule.equal);
  if (!group || group != filled(b, rule.equal)) return false;
  for (const Values* row : {&a, &b})
    if ((*row)[rule.from].kind == CellKind::null || (*row)[rule.to].kind == CellKind::null) return false;
  return a[rule.from] < b[rule.to] && b[rule.from] < a[rule.to];
}

/// Throws where the row may not stand among the others.
inline void check_rules(const Rows& rows, const Table& table, const Values& key, const Values& row) {
  for (const auto& [other_key, other] : rows) {
    if (other_key == key) continue;
    for (const Index& index : table.indexes) {
      if (!index.unique) continue;
      const auto cells = filled(row, index.columns);
      if (cells && cells == filled(other, index.columns)) fail(FaultKind::unique, index.name);
    }
    if (table.exclusion && overlap(*table.exclusion, row, other)) fail(FaultKind::exclusion, table.exclusion->name);
  }
}

/// The columns in whose order an index is walked.
inline std::vector<std::uint8_t> order_of(const Table& table, std::string_view name) {
  std::vector<std::uint8_t> order;
  if (name != "key") {
    const auto index =
        std::find_if(table.indexes.begin(), table.indexes.end(), [&](const Index& each) { return each.name == name; });
    if (index == table.indexes.end()) fail(FaultKind::misuse, name);
    order.assign(index->columns.begin(), index->columns.end());
  }
  for (std::uint8_t column = 0; column < table.key_columns; ++column)
    if (std::find(order.begin(), order.end(), column) == order.end()) order.push_back(column);
  return order;
}

inline Values project(const Values& row, const std::vector<std::uint8_t>& order) {
  Values values;
  for (const std::uint8_t column : order) values.push_back(row[column]);
  return values;
}

/// The rows of a scan, in its order.
inline std::vector<const Values*> find(const Rows& rows, const Scan& scan) {
  if ((scan.from && scan.from->is_null()) || (scan.to && scan.to->is_null())) fail(FaultKind::misuse, scan.table->name);
  const auto order = order_of(*scan.table, scan.index);
  const Values equal = keep(scan.equal), after = keep(scan.after);
  std::vector<std::pair<Values, const Values*>> found;
  for (const auto& [key, row] : rows) {
    Values position = project(row, order);
    if (!std::equal(equal.begin(), equal.end(), position.begin())) continue;
    position.erase(position.begin(), position.begin() + static_cast<std::ptrdiff_t>(equal.size()));
    const bool bounded = scan.from || scan.to;
    if (bounded && position[0].kind == CellKind::null) continue;
    if ((scan.from && position[0] < keep(*scan.from)) || (scan.to && position[0] >= keep(*scan.to))) continue;
    if (!after.empty() && (scan.backwards ? position >= after : position <= after)) continue;
    found.emplace_back(std::move(position), &row);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (scan.backwards) std::reverse(found.begin(), found.end());
  std::vector<const Values*> out;
  for (const auto& [position, row] : found)
    if (out.size() < scan.limit) out.push_back(row);
  return out;
}

// ---- The journal ----------------------------------------------------------------------------------------------------------

/// Builds and reads records: a row that was put, a key that was erased, a migration that was applied.
struct Record {
  enum Kind : char { put = 'P', erased = 'E', migrated = 'M' };

  static void number(std::string& out, std::uint64_t value) { out.append(reinterpret_cast<const char*>(&value), 8); }
  static void text(std::string& out, std::string_view value) {
    number(out, value.size());
    out += value;
  }
  static void change(std::string& out, Kind kind, std::uint16_t table, const Values& cells) {
    out += kind;
    number(out, table);
    number(out, cells.size());
    for (const Value& cell : cells) {
      number(out, static_cast<std::uint64_t>(cell.kind));
      number(out, static_cast<std::uint64_t>(cell.integer));
      text(out, cell.data);
    }
  }
  static std::uint64_t sum(std::string_view bytes) {  // FNV-1a: finds a torn end, not a forger
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
    return hash;
  }
  static std::uint64_t sum(std::uint64_t value) { return sum({reinterpret_cast<const char*>(&value), 8}); }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool more() const { return !bytes_.empty(); }
  char kind() { return take(1)[0]; }
  std::uint64_t number() {
    std::uint64_t value = 0;
    std::memcpy(&value, take(8).data(), 8);
    return value;
  }
  std::string text() { return std::string(take(number())); }
  Values cells() {
    Values cells(number());
    for (Value& cell : cells) {
      cell.kind = static_cast<CellKind>(number());
      cell.integer = static_cast<std::int64_t>(number());
      cell.data = text();
    }
    return cells;
  }
  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) fail(FaultKind::corrupt, "journal");
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

/// The key columns of each table, which a record does not repeat.
inline std::map<std::uint16_t, const Table*> tables_of(const Schema& schema) {
  std::map<std::uint16_t, const Table*> tables;
  for (const Migration& migration : schema.migrations)
    for (const SchemaChange& change : migration.changes) tables[change.table->id] = change.table;
  return tables;
}

/// What a migration does to the rows that are there.
inline void migrate(State& state, const Migration& migration) {
  for (const SchemaChange& change : migration.changes) {
    const Table& table = *change.table;
    if (change.add_column)
      for (auto& [key, row] : state.change(table.id))
        row.resize(std::max<std::size_t>(row.size(), *change.add_column + 1U));
    if (!change.add_index || !table.indexes[*change.add_index].unique) continue;
    const Index& index = table.indexes[*change.add_index];
    std::set<Values> seen;
    for (const auto& [key, row] : state.rows(table.id))
      if (const auto cells = filled(row, index.columns); cells && !seen.insert(*cells).second)
        fail(FaultKind::unique, index.name);
  }
  state.migrations.emplace_back(migration.name);
}

/// Takes one record's changes over. Needs no rules: they were kept when the record was written.
inline void replay(State& state, std::string_view record, const Schema& schema) {
  const auto tables = tables_of(schema);
  for (Reader reader(record); reader.more();) {
    const char kind = reader.kind();
    if (kind == Record::migrated) {
      const std::string name = reader.text();
      const std::size_t at = state.migrations.size();
      if (at >= schema.migrations.size() || schema.migrations[at].name != name) fail(FaultKind::schema_newer, name);
      migrate(state, schema.migrations[at]);
      continue;
    }
    const auto id = static_cast<std::uint16_t>(reader.number());
    Values cells = reader.cells();
    const auto table = tables.find(id);
    if (table == tables.end()) fail(FaultKind::corrupt, "journal");
    Rows& rows = state.change_again(id);
    if (kind == Record::erased) {
      rows.erase(cells);
    } else {
      Values key(cells.begin(), cells.begin() + table->second->key_columns);
      rows[std::move(key)] = std::move(cells);
    }
  }
}

/// A file that is new or has another name is there after a power cut once its folder is durable.
inline void sync_folder_of(const std::filesystem::path& path) {
  const int fd = ::open(std::filesystem::absolute(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool durable = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!durable) fail(FaultKind::unavailable, path.filename().string());
}

/// The file: records of (length, checksum of the length, checksum of the bytes, bytes). It is locked for as long as it is open.
class File {
 public:
  File(const std::filesystem::path& path, int flags)
      : path_(path), fd_(::open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0600)) {
    if (fd_ < 0)
      fail(errno == EEXIST   ? FaultKind::exists
           : errno == ENOENT ? FaultKind::missing
                             : FaultKind::unavailable,
           path.filename().string());
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
    ::close(fd_);
    fail(FaultKind::in_use, path.filename().string());
  }
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// All whole records, in order. A crash tears the last record alone, which nobody was told of: it is cut away, or the zeros that
  /// stand for it. Anything else that does not match is damage, and stays as it is.
  std::vector<std::string> read() {
    std::string all(static_cast<std::size_t>(std::filesystem::file_size(path_)), '\0');
    if (::pread(fd_, all.data(), all.size(), 0) != static_cast<ssize_t>(all.size()))
      fail(FaultKind::unavailable, name());
    std::vector<std::string> records;
    Reader reader(all);
    const auto is_zeros = [&] { return all.find_first_not_of('\0', all.size() - reader.left()) == std::string::npos; };
    while (reader.left() >= head_bytes && !is_zeros()) {
      const std::uint64_t size = reader.number(), size_sum = reader.number(), sum = reader.number();
      if (Record::sum(size) != size_sum) {
        if (!is_zeros()) fail(FaultKind::corrupt, name());
        break;
      }
      if (size > reader.left()) break;
      const std::string_view bytes = reader.take(size);
      if (Record::sum(bytes) != sum) {
        if (reader.more()) fail(FaultKind::corrupt, name());
        break;
      }
      records.emplace_back(bytes);
      size_ += static_cast<off_t>(head_bytes + size);
    }
    if (::ftruncate(fd_, size_) != 0) fail(FaultKind::unavailable, name());
    return records;
  }

  /// Durable when it returns. What fails is cut off again; where that fails too, nobody knows.
  void append(std::string_view bytes) {
    std::string record;
    Record::number(record, bytes.size());
    Record::number(record, Record::sum(bytes.size()));
    Record::number(record, Record::sum(bytes));
    record += bytes;
    const bool written = ::pwrite(fd_, record.data(), record.size(), size_) == static_cast<ssize_t>(record.size());
    const int why = errno;
    if (written && ::fdatasync(fd_) == 0) {
      size_ += static_cast<off_t>(record.size());
      return;
    }
    if (::ftruncate(fd_, size_) != 0 || ::fdatasync(fd_) != 0) fail(FaultKind::unknown_outcome, name());
    fail(why == ENOSPC ? FaultKind::full : FaultKind::unavailable, name());
  }
  /// In place of the file of that name.
  void rename(const std::filesystem::path& path) {
    std::filesystem::rename(path_, path);
    path_ = path;
  }
  std::string name() const { return path_.filename().string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  static constexpr std::size_t head_bytes = 24;

  std::filesystem::path path_;
  int fd_;
  off_t size_ = 0;
};

// ---- The plug -------------------------------------------------------------------------------------------------------------

class JournalTransaction final : public Transaction {
 public:
  JournalTransaction(State state, const std::map<std::uint16_t, const Table*>& tables, bool writes)
      : state_(std::move(state)), tables_(tables), writes_(writes) {}

  void get(const Table& table, std::span<const Key> keys, KeyVisitor visit) override {
    require(table);
    const State held = state_;
    const Visiting visiting{visits_};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto row = held.rows(table.id).find(keep(keys[i]));
      if (row != held.rows(table.id).end()) visit(i, borrow(row->second));
    }
  }
  void scan(const Scan& scan, RowVisitor visit) override {
    require(*scan.table);
    const State held = state_;
    const Visiting visiting{visits_};
    for (const Values* row : find(held.rows(scan.table->id), scan))
      if (!visit(borrow(*row))) return;
  }
  void insert(const Table& table, RowView cells) override {
    const Values row = writable(table, cells), key = key_of(table, row);
    if (state_.rows(table.id).contains(key)) fail(FaultKind::unique, "key");
    put(table, key, row);
  }
  void update(const Table& table, RowView cells, Revision expected) override {
    const Values row = writable(table, cells), key = key_of(table, row);
    if (table.append_only || !table.revision) fail(FaultKind::misuse, table.name);
    const auto there = state_.rows(table.id).find(key);
    if (there == state_.rows(table.id).end() ||
        there->second[*table.revision].integer != static_cast<std::int64_t>(expected))
      fail(FaultKind::revision, table.name);
    put(table, key, row);
  }
  void erase(const Table& table, Key key) override {
    require(table);
    if (!writes_ || visits_ > 0 || table.append_only) fail(FaultKind::misuse, table.name);
    const Values values = keep(key);
    if (!state_.rows(table.id).contains(values)) return;
    state_.change_again(table.id).erase(values);
    Record::change(changes_, Record::erased, table.id, values);
  }
  void attempt(medflow::FunctionRef<void()> body) override {
    const State before = state_;
    const std::size_t changes = changes_.size();
    try {
      body();
    } catch (...) {
      state_ = before;
      changes_.resize(changes);
      throw;
    }
  }
  bool alive() const override { return true; }

  const State& state() const { return state_; }
  const std::string& changes() const { return changes_; }

 private:
  struct Visiting {
    explicit Visiting(int& visits) : count(visits) { ++count; }
    ~Visiting() { --count; }
    int& count;
  };

  void require(const Table& table) const {
    if (!tables_.contains(table.id)) fail(FaultKind::misuse, table.name);
  }
  Values writable(const Table& table, RowView cells) const {
    require(table);
    if (!writes_ || visits_ > 0 || cells.size() != table.columns.size()) fail(FaultKind::misuse, table.name);
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (cells[i].is_null() ? !table.columns[i].nullable : cells[i].kind != table.columns[i].kind)
        fail(FaultKind::misuse, table.name);
    return keep(cells);
  }
  static Values key_of(const Table& table, const Values& row) { return {row.begin(), row.begin() + table.key_columns}; }
  void put(const Table& table, const Values& key, const Values& row) {
    check_rules(state_.rows(table.id), table, key, row);
    state_.change_again(table.id)[key] = row;
    Record::change(changes_, Record::put, table.id, row);
  }

  State state_;
  const std::map<std::uint16_t, const Table*>& tables_;
  const bool writes_;
  int visits_ = 0;
  std::string changes_{};
};

class JournalDatabase final : public Database {
 public:
  JournalDatabase(const std::filesystem::path& path, const OpenOptions& options, bool fresh)
      : tables_(tables_of(*options.schema)), file_(std::make_unique<File>(path, fresh ? O_CREAT | O_EXCL : 0)) {
    const auto records = file_->read();
    if (!fresh && records.empty()) fail(FaultKind::missing, file_->name());
    State state;
    for (const std::string& record : records) replay(state, record, *options.schema);
    std::string changes;
    for (const Migration& migration : options.schema->migrations.subspan(state.migrations.size())) {
      if (!fresh && !options.migrate) fail(FaultKind::schema_outdated, migration.name);
      migrate(state, migration);
      changes += Record::migrated;
      Record::text(changes, migration.name);
    }
    if (!changes.empty()) file_->append(changes);
    sync_folder_of(path);  // also of what was broken off before it came to that
    state_ = std::move(state);
  }

  void read(Body body) override {
    JournalTransaction transaction(snapshot(), tables_, false);
    body(transaction);
  }
  void write(Body body) override {
    const std::lock_guard writing(writer_);
    JournalTransaction transaction(snapshot(), tables_, true);
    body(transaction);
    if (transaction.changes().empty()) return;
    if (!durable_name_) fail(FaultKind::unavailable, file_->name());
    file_->append(transaction.changes());
    const std::lock_guard lock(mutex_);
    state_ = transaction.state();
  }
  void maintain(bool) override {}
  /// Writes the journal anew, without what is gone.
  void scrub() override {
    const std::lock_guard writing(writer_);
    const State state = snapshot();
    const std::filesystem::path path = file_->path();
    std::filesystem::path fresh_path = path;
    fresh_path += ".new";
    std::filesystem::remove(fresh_path);
    std::string all;
    for (const std::string& name : state.migrations) {
      all += Record::migrated;
      Record::text(all, name);
    }
    for (const auto& [table, rows] : state.tables())
      for (const auto& [key, row] : *rows) Record::change(all, Record::put, table, row);
    auto fresh = std::make_unique<File>(fresh_path, O_CREAT | O_EXCL);
    fresh->append(all);
    fresh->rename(path);
    file_ = std::move(fresh);
    durable_name_ = false;
    sync_folder_of(path);
    durable_name_ = true;
  }

 private:
  State snapshot() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }

  std::map<std::uint16_t, const Table*> tables_;
  std::mutex writer_{};
  mutable std::mutex mutex_{};  // guards the state
  State state_{};
  std::unique_ptr<File> file_;
  bool durable_name_ = true;  // otherwise a power cut may bring the journal back that was written anew
};

class JournalEngine final : public Engine {
 public:
  explicit JournalEngine(std::filesystem::path folder) : folder_(std::move(folder)) {
    if (std::filesystem::create_directories(folder_)) sync_folder_of(folder_);
  }

  std::string_view name() const override { return "journal"; }
  std::unique_ptr<Database> create(const StoreName& store, const OpenOptions& options) override {
    return std::make_unique<JournalDatabase>(path_of(store), options, true);
  }
  std::unique_ptr<Database> open(const StoreName& store, const OpenOptions& options) override {
    return std::make_unique<JournalDatabase>(path_of(store), options, false);
  }
  void drop(const StoreName& store) override {
    const auto path = path_of(store);
    if (!std::filesystem::exists(path)) return;
    const File held(path, 0);  // `in_use` where it is open
    std::filesystem::remove(path);
    sync_folder_of(path);
  }
  std::vector<StoreName> list() override {
    std::vector<StoreName> stores;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const auto& path = entry.path();
      if (path.extension() == ".data") stores.push_back({.tenant = path.stem().string(), .part = Part::data});
      if (path.extension() == ".keys") stores.push_back({.tenant = path.stem().string(), .part = Part::keys});
    }
    return stores;
  }

 private:
  std::filesystem::path path_of(const StoreName& store) const {
    static constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    const std::string& tenant = store.tenant;
    if (tenant.empty() || tenant.size() > 64 || tenant.find_first_not_of(plain) != std::string::npos)
      fail(FaultKind::misuse, "store");
    return folder_ / (tenant + (store.part == Part::data ? ".data" : ".keys"));
  }

  std::filesystem::path folder_;
};

}  // namespace journal
