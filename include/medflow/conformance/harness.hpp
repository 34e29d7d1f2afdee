// What the conformance suite needs of an engine: where to find it, and how to close and reopen it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "medflow/conformance/check.hpp"
#include "medflow/conformance/schema.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::conformance {

/// One engine under test, over a place of its own which is empty at first and cleared at the end.
class Harness {
 public:
  virtual ~Harness() = default;

  virtual Engine& engine() = 0;

  /// Ends the engine's process, as far as that can be played: afterwards `engine()` is a new one over what the old one kept.
  virtual void restart() = 0;

  /// The key to a tenant's data, for an engine that encrypts.
  virtual std::span<const std::byte> page_key() const { return {}; }

  OpenOptions options(const Schema& its_schema = schema, bool migrate = true) const {
    return {.schema = &its_schema, .page_key = page_key(), .migrate = migrate};
  }

  std::unique_ptr<Database> create() { return engine().create(store, options()); }
  std::unique_ptr<Database> open() { return engine().open(store, options()); }

  inline static const StoreName store{.tenant = "north", .part = Part::data};
};

/// A row as a test writes and compares it: it owns its strings.
class Line {
 public:
  struct Value {
    CellKind kind = CellKind::null;
    std::int64_t integer = 0;
    std::string data{};
    friend auto operator<=>(const Value&, const Value&) = default;
  };

  Line() = default;
  explicit Line(RowView row) {
    for (const auto& cell : row) values_.push_back({cell.kind, cell.integer, std::string{cell.data}});
  }
  Line(std::initializer_list<Cell> cells) : Line(RowView{cells.begin(), cells.size()}) {}

  std::vector<Cell> cells() const {
    std::vector<Cell> out;
    for (const auto& value : values_) out.push_back({value.kind, value.integer, value.data});
    return out;
  }
  const Value& operator[](std::size_t column) const { return values_[column]; }
  Value& operator[](std::size_t column) { return values_[column]; }
  std::size_t size() const { return values_.size(); }
  friend auto operator<=>(const Line&, const Line&) = default;

 private:
  std::vector<Value> values_;
};

inline Line person(std::string_view id, std::optional<std::int64_t> number, std::optional<std::string_view> name,
                   std::optional<std::string_view> note = {}, std::int64_t revision = 1) {
  return {Cell::bytes(id), number ? Cell::of(*number) : Cell::null(), name ? Cell::text(*name) : Cell::null(),
          note ? Cell::bytes(*note) : Cell::null(), Cell::of(revision)};
}

inline Line entry(std::int64_t seq, std::int64_t kind, std::string_view body) {
  return {Cell::of(seq), Cell::of(kind), Cell::bytes(body)};
}

inline Line claim(std::string_view resource, std::int64_t id, std::optional<std::int64_t> lane, std::int64_t from,
                  std::optional<std::int64_t> to, std::int64_t revision = 1) {
  return {Cell::text(resource),
          Cell::of(id),
          lane ? Cell::of(*lane) : Cell::null(),
          Cell::of(from),
          to ? Cell::of(*to) : Cell::null(),
          Cell::of(revision)};
}

inline void insert(Transaction& transaction, const Table& table, const Line& line) {
  const auto cells = line.cells();
  transaction.insert(table, cells);
}

inline void update(Transaction& transaction, const Table& table, const Line& line, Revision expected) {
  const auto cells = line.cells();
  transaction.update(table, cells, expected);
}

inline void erase(Transaction& transaction, const Table& table, const Line& line) {
  const auto cells = line.cells();
  transaction.erase(table, Key{cells}.first(table.key_columns));
}

inline std::optional<Line> get(Transaction& transaction, const Table& table, std::initializer_list<Cell> key) {
  const Key keys[] = {Key{key.begin(), key.size()}};
  std::optional<Line> found;
  transaction.get(table, keys, [&](std::size_t, RowView row) { found = Line{row}; });
  return found;
}

inline std::vector<Line> rows(Transaction& transaction, const Scan& scan) {
  std::vector<Line> out;
  transaction.scan(scan, [&](RowView row) {
    out.emplace_back(row);
    return true;
  });
  return out;
}

/// The first column of each row, as text; an integer in digits.
inline std::vector<std::string> firsts(Transaction& transaction, const Scan& scan, std::size_t column = 0) {
  std::vector<std::string> out;
  for (const auto& line : rows(transaction, scan)) {
    out.push_back(line[column].kind == CellKind::integer ? std::to_string(line[column].integer) : line[column].data);
  }
  return out;
}

/// The same in a transaction of its own.
inline std::vector<std::string> firsts(Database& database, const Scan& scan, std::size_t column = 0) {
  std::vector<std::string> out;
  database.read([&](Transaction& transaction) { out = firsts(transaction, scan, column); });
  return out;
}

inline void insert(Database& database, const Table& table, const std::vector<Line>& lines) {
  database.write([&](Transaction& transaction) {
    for (const auto& line : lines) insert(transaction, table, line);
  });
}

/// The fault that `body` throws, none where it throws nothing.
template <class Body_>
std::optional<std::pair<FaultKind, std::string>> fault_of(Body_ body) {
  try {
    body();
  } catch (const Fault& fault) {
    return std::pair{fault.kind, fault.name};
  }
  return {};
}

inline std::pair<FaultKind, std::string> fault(FaultKind kind, std::string_view name) {
  return {kind, std::string{name}};
}

using Texts = std::vector<std::string>;

}  // namespace medflow::conformance

/// The call throws a Fault of this kind and name.
#define MEDFLOW_CHECK_FAULT(kind, name, ...)                                                 \
  MEDFLOW_CHECK(::medflow::conformance::fault_of([&] { static_cast<void>(__VA_ARGS__); }) == \
                ::medflow::conformance::fault(::medflow::storage::FaultKind::kind, name))
#define MEDFLOW_CHECK_FAULT_KIND(expected, ...)                                                                        \
  do {                                                                                                                 \
    const auto medflow_caught = ::medflow::conformance::fault_of([&] { static_cast<void>(__VA_ARGS__); });             \
    MEDFLOW_CHECK(medflow_caught && medflow_caught->first == ::medflow::storage::FaultKind::expected && #__VA_ARGS__); \
  } while (false)
