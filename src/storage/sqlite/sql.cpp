#include "storage/sqlite/sql.hpp"

#include <algorithm>
#include <cassert>
#include <string_view>

#include "storage/tables.hpp"

namespace medflow::inline v1::storage::sqlite {
namespace {

std::string quoted(std::string_view name) {
  assert(name.find('"') == std::string_view::npos && name.find('\'') == std::string_view::npos);
  return '"' + std::string{name} + '"';
}

// Index names are one space in SQLite, so an index carries its table's name; a point is in no table's name.
std::string quoted(const Table& table, std::string_view part) {
  return '"' + std::string{table.name} + '.' + std::string{part} + '"';
}

std::string column(const Table& table, std::size_t position) { return quoted(table.columns[position].name); }

// The texts that `make` gives for 0 … count-1, joined.
template <class Make>
std::string joined(std::size_t count, std::string_view separator, Make make) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += separator;
    out += make(i);
  }
  return out;
}

std::string columns(const Table& table) {
  return joined(table.columns.size(), ", ", [&](std::size_t i) { return column(table, i); });
}

std::string columns(const Table& table, std::span<const std::uint8_t> positions) {
  return joined(positions.size(), ", ", [&](std::size_t i) { return column(table, positions[i]); });
}

std::string where_key(const Table& table) {
  return joined(table.key_columns, " AND ", [&](std::size_t i) { return column(table, i) + " = ?"; });
}

std::string_view type_of(CellKind kind) {
  if (kind == CellKind::integer) return "INTEGER";
  return kind == CellKind::text ? "TEXT" : "BLOB";
}

// A single integer key is SQLite's own row number: rows that are added at the end then cost least.
bool keyed_by_number(const Table& table) {
  return table.key_columns == 1 && table.columns[0].kind == CellKind::integer;
}

// A row with sealed blocks takes a good part of a page. In a tree that is ordered by the key such rows stand in its inner pages too,
// six to a page: so they lie in the order in which they came, and the key is an index of its own. So do answers that are kept under a
// hash: each would come into the middle of a page, and move what is on it and on its neighbours.
constexpr std::size_t wide_columns_min = 10;
constexpr std::size_t kept_columns_min = 5;

bool is_wide(const Table& table) {
  if (table.key_columns != 1 || keyed_by_number(table) || table.exclusion) return false;
  const bool never_changes = !table.revision && table.columns.size() >= kept_columns_min;
  return table.columns.size() >= wide_columns_min || never_changes;
}

std::string definition(const Table& table, std::size_t position) {
  const auto& declared = table.columns[position];
  std::string text = column(table, position) + ' ' + std::string{type_of(declared.kind)};
  if (position == 0 && keyed_by_number(table)) text += " PRIMARY KEY";
  if (!declared.nullable) text += " NOT NULL";
  return text;
}

constexpr std::size_t near_column = 1;

// What an exclusion without an index of its own relies on, of the rows that take part in it.
std::string is_near(const Table& table, const Exclusion& exclusion) {
  assert(table.key_columns > near_column && exclusion.equal.front() == 0);
  const auto at = column(table, near_column);
  std::string text;
  const auto takes_no_part = [&](std::size_t position) {
    if (table.columns[position].nullable) text += column(table, position) + " IS NULL OR ";
  };
  std::for_each(exclusion.equal.begin(), exclusion.equal.end(), takes_no_part);
  takes_no_part(exclusion.from);
  takes_no_part(exclusion.to);
  const auto from = column(table, exclusion.from);
  const auto to = column(table, exclusion.to);
  return text + from + " <= " + at + " AND " + from + " >= " + at + " - " + std::to_string(exclusion.near->before) +
         " AND " + to + " > " + at + " AND " + to + " <= " + at + " + " + std::to_string(exclusion.near->after);
}

std::string create_table(const Schema& schema, const Table& table) {
  std::string text = "CREATE TABLE " + quoted(table.name) + " (";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (column_comes_later(schema, table, i)) continue;
    if (i > 0) text += ", ";
    text += definition(table, i);
  }
  if (keyed_by_number(table)) return text + ")";
  if (table.exclusion && table.exclusion->near) text += ", CHECK (" + is_near(table, *table.exclusion) + ")";
  return text + ", PRIMARY KEY (" + joined(table.key_columns, ", ", [&](std::size_t i) { return column(table, i); }) +
         (is_wide(table) ? "))" : ")) WITHOUT ROWID");
}

// An index of a table without row numbers ends with its key by itself. One of a table with them is given the key, which orders what is alike in
// it: of a unique one that are rows with nulls, and what is unique then stands in a second index, without them. A sparse one leaves out what
// nobody looks for in it: its queries name its first column, by which SQLite knows that it serves them.
void create_index(const Table& table, const Index& index, std::vector<std::string>& out) {
  const auto create = [&](bool unique, const std::string& name, const std::string& on) {
    out.push_back(std::string{"CREATE "} + (unique ? "UNIQUE " : "") + "INDEX " + name + " ON " + quoted(table.name) +
                  " (" + on);
  };
  std::vector<std::string> present;
  for (const std::uint8_t position : index.columns)
    if (table.columns[position].nullable) present.push_back(column(table, position) + " IS NOT NULL");
  const bool orders_all = index.unique && present.empty();
  const bool leaves_out = index.sparse && table.columns[index.columns.front()].nullable;
  const std::string where = leaves_out ? " WHERE " + present.front() : "";
  if (!is_wide(table) || orders_all)
    return create(index.unique, quoted(table, index.name), columns(table, index.columns) + ")" + where);
  create(false, quoted(table, index.name), columns(table, order_of(table, index.columns)) + ")" + where);
  if (!index.unique) return;
  create(true, quoted(table, std::string{index.name} + ".unique"),
         columns(table, index.columns) + ") WHERE " +
             joined(present.size(), " AND ", [&](std::size_t i) { return present[i]; }));
}

std::string forbid(const Table& table, std::string_view verb, std::string_view name) {
  return "CREATE TRIGGER " + quoted(table, name) + " BEFORE " + std::string{verb} + " ON " + quoted(table.name) +
         " BEGIN SELECT RAISE(ABORT, 'append only'); END";
}

std::string exclusion_index(const Table& table, const Exclusion& exclusion) {
  std::vector<std::uint8_t> positions(exclusion.equal.begin(), exclusion.equal.end());
  positions.push_back(exclusion.from);
  positions.push_back(exclusion.to);
  return "CREATE INDEX " + quoted(table, exclusion.name) + " ON " + quoted(table.name) + " (" +
         columns(table, positions) + ")";
}

std::string takes_part(const Table& table, const Exclusion& exclusion) {
  const auto present = [&](std::size_t position) { return "NEW." + column(table, position) + " IS NOT NULL"; };
  std::string text = present(exclusion.from) + " AND " + present(exclusion.to);
  for (const auto position : exclusion.equal) text += " AND " + present(position);
  return text;
}

// The ranges that are there do not overlap, so of all that begin before the new row's end only the last can reach into it. Those that lie
// around a column of the key are in the order of it too, as far as they are of one group.
std::string last_before_end(const Table& table, const Exclusion& exclusion) {
  const auto from = column(table, exclusion.from);
  const auto to = column(table, exclusion.to);
  std::string text = "SELECT " + to + " FROM " + quoted(table.name) + " WHERE ";
  for (const auto position : exclusion.equal)
    text += column(table, position) + " = NEW." + column(table, position) + " AND ";
  std::string order = from;
  if (exclusion.near) {
    order = column(table, near_column);
    text += order + " > NEW." + from + " - " + std::to_string(exclusion.near->after) + " AND " + order + " < NEW." +
            to + " + " + std::to_string(exclusion.near->before) + " AND ";
  }
  const auto same_key = joined(table.key_columns, " AND ",
                               [&](std::size_t i) { return column(table, i) + " = NEW." + column(table, i); });
  return text + from + " < NEW." + to + " AND " + to + " IS NOT NULL AND NOT (" + same_key + ") ORDER BY " + order +
         " DESC LIMIT 1";
}

std::string exclusion_trigger(const Table& table, const Exclusion& exclusion, std::string_view verb) {
  return "CREATE TRIGGER " + quoted(table, std::string{exclusion.name} + '.' + std::string{verb}) + " BEFORE " +
         std::string{verb} + " ON " + quoted(table.name) + " WHEN " + takes_part(table, exclusion) +
         " BEGIN SELECT RAISE(FAIL, 'exclusion') WHERE (" + last_before_end(table, exclusion) + ") > NEW." +
         column(table, exclusion.from) + "; END";
}

void create(const Schema& schema, const Table& table, std::vector<std::string>& out) {
  out.push_back(create_table(schema, table));
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    if (!index_comes_later(schema, table, i)) create_index(table, table.indexes[i], out);
  }
  if (table.exclusion) {
    if (!table.exclusion->near) out.push_back(exclusion_index(table, *table.exclusion));
    out.push_back(exclusion_trigger(table, *table.exclusion, "INSERT"));
    out.push_back(exclusion_trigger(table, *table.exclusion, "UPDATE"));
  }
  if (table.append_only) {
    out.push_back(forbid(table, "UPDATE", "append_only.update"));
    out.push_back(forbid(table, "DELETE", "append_only.delete"));
  }
}

// The least value of a column that is no null, so that "not null" is a range that an index can begin at.
std::string_view least_of(CellKind kind) {
  if (kind == CellKind::integer) return "-9223372036854775808";
  return kind == CellKind::text ? "''" : "x''";
}

std::string lower_of(const Table& table, std::size_t position, Lower lower) {
  const auto name = column(table, position);
  if (lower == Lower::inclusive) return name + " >= ?";
  if (lower == Lower::exclusive) return name + " > ?";
  return name + " >= " + std::string{least_of(table.columns[position].kind)};
}

// An index is named in every query: SQLite refuses the statement rather than read the table another way.
std::string source(const Table& table, int index) {
  if (index >= 0)
    return quoted(table.name) + " INDEXED BY " + quoted(table, table.indexes[static_cast<std::size_t>(index)].name);
  if (keyed_by_number(table)) return quoted(table.name) + " NOT INDEXED";
  return quoted(table.name) + " INDEXED BY " + quoted("sqlite_autoindex_" + std::string{table.name} + "_1");
}

}  // namespace

std::vector<std::string> sql_of(const Schema& schema, const Migration& migration) {
  std::vector<std::string> out;
  for (const auto& change : migration.changes) {
    const auto& table = *change.table;
    if (change.add_column) {
      out.push_back("ALTER TABLE " + quoted(table.name) + " ADD COLUMN " + definition(table, *change.add_column));
    } else if (change.add_index) {
      create_index(table, table.indexes[*change.add_index], out);
    } else {
      create(schema, table, out);
    }
  }
  return out;
}

TableSql::TableSql(const Table& its_table) : table(&its_table) {
  const auto name = quoted(table->name);
  const auto place = [](std::size_t) { return std::string{"?"}; };
  // What a row breaks is found out before anything of it is changed, so there is nothing to undo where it fails. By itself SQLite would be ready
  // to, for updates up to 3.15, SQLCipher's, and where there are triggers: with a copy, encrypted, of every page that is changed.
  insert = "INSERT OR FAIL INTO " + name + " (" + columns(*table) + ") VALUES (" +
           joined(table->columns.size(), ", ", place) + ")";
  get = "SELECT " + columns(*table) + " FROM " + name + " WHERE " + where_key(*table);
  erase = "DELETE FROM " + name + " WHERE " + where_key(*table);
  if (table->revision) {
    const auto first = table->key_columns;
    const auto set = [&](std::size_t i) { return column(*table, first + i) + " = ?"; };
    update = "UPDATE OR FAIL " + name + " SET " + joined(table->columns.size() - first, ", ", set) + " WHERE " +
             where_key(*table) + " AND " + column(*table, *table->revision) + " = ?";
  }
  orders.push_back(order_of(*table, std::span<const std::uint8_t>{}));
  for (const auto& index : table->indexes) orders.push_back(order_of(*table, index.columns));
}

std::string TableSql::scan(const Shape& shape) const {
  const auto& by = order(shape.index);
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < shape.equal; ++i) {
    const bool null = ((shape.nulls >> i) & 1U) != 0;
    terms.push_back(column(*table, by[i]) + (null ? " IS NULL" : " = ?"));
  }
  if (shape.lower != Lower::none) terms.push_back(lower_of(*table, by[shape.equal], shape.lower));
  if (shape.upper) terms.push_back(column(*table, by[shape.equal]) + " < ?");
  std::string text = "SELECT " + columns(*table) + " FROM " + source(*table, shape.index);
  if (!terms.empty()) text += " WHERE " + joined(terms.size(), " AND ", [&](std::size_t i) { return terms[i]; });
  const auto rest = by.size() - shape.equal;
  if (rest == 0 || names_one_row(*table, shape)) return text;  // SQLite 3.15 would set up a sort for its one row
  const auto direction = shape.backwards ? " DESC" : "";
  return text + " ORDER BY " +
         joined(rest, ", ", [&](std::size_t i) { return column(*table, by[shape.equal + i]) + direction; });
}

}  // namespace medflow::inline v1::storage::sqlite
