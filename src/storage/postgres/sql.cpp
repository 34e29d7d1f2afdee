#include "storage/postgres/sql.hpp"

#include <algorithm>
#include <cassert>

#include "crypto/hash.hpp"

namespace medflow::inline v1::storage::postgres {
namespace {

// The server's numbers of its types, which never change.
constexpr unsigned type_bytea = 17;
constexpr unsigned type_bigint = 20;
constexpr unsigned type_text = 25;
constexpr unsigned type_uuid = 2950;
constexpr unsigned type_bytea_array = 1001;
constexpr unsigned type_text_array = 1009;
constexpr unsigned type_bigint_array = 1016;

constexpr std::size_t name_bytes_max = 63;
constexpr std::size_t cut_columns_max = 4;  // of an index: an entry has 2,704 bytes

unsigned type_of(CellKind kind) {
  if (kind == CellKind::integer) return type_bigint;
  return kind == CellKind::text ? type_text : type_bytea;
}

unsigned array_of(unsigned type) {
  if (type == type_bigint) return type_bigint_array;
  return type == type_text ? type_text_array : type_bytea_array;
}

std::string_view type_name(CellKind kind) {
  if (kind == CellKind::integer) return "bigint";
  return kind == CellKind::text ? "text COLLATE \"C\"" : "bytea";
}

std::string column(const Table& table, std::size_t position) { return quoted(table.columns[position].name); }

std::string table_name(std::string_view space, std::string_view table) { return quoted(space) + '.' + quoted(table); }

std::string place(std::size_t number) { return '$' + std::to_string(number); }

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

std::string columns(const Table& table, ColumnSet cut) {
  return joined(table.columns.size(), ", ", [&](std::size_t i) { return column(table, i); }) +
         (cut != 0 ? ", long_cells" : "");
}

std::string where_key(const Table& table, std::size_t first_place) {
  return "tenant_id = $1 AND " + joined(table.key_columns, " AND ", [&](std::size_t i) {
           return column(table, i) + " = " + place(first_place + i);
         });
}

std::vector<unsigned> types_of(const Table& table, std::size_t from, std::size_t to) {
  std::vector<unsigned> types{type_uuid};
  for (std::size_t i = from; i < to; ++i) types.push_back(type_of(table.columns[i].kind));
  return types;
}

bool nullable(const Table& table, const Index& index) {
  return std::any_of(index.columns.begin(), index.columns.end(),
                     [&](std::uint8_t position) { return table.columns[position].nullable; });
}

// Nulls come first in every order of ours; a column that has none keeps the server's own order, which its key has as well.
std::string ordered(const Table& table, std::uint8_t position, bool backwards = false) {
  if (!table.columns[position].nullable) return column(table, position) + (backwards ? " DESC" : "");
  return column(table, position) + (backwards ? " DESC NULLS LAST" : " NULLS FIRST");
}

std::string ordered(const Table& table, std::span<const std::uint8_t> positions, bool backwards = false) {
  return joined(positions.size(), ", ", [&](std::size_t i) { return ordered(table, positions[i], backwards); });
}

void check_cut_columns(const Table& table, std::span<const std::uint8_t> positions) {
  const auto cut = std::count_if(positions.begin(), positions.end(), [&](std::uint8_t position) {
    return table.columns[position].kind != CellKind::integer;
  });
  if (static_cast<std::size_t>(cut) > cut_columns_max)
    throw Fault{FaultKind::misuse, std::string{table.name}, "an index of more than four columns of text or bytes"};
}

std::string definition(const Table& table, std::size_t position) {
  const auto& declared = table.columns[position];
  return column(table, position) + ' ' + std::string{type_name(declared.kind)} + (declared.nullable ? "" : " NOT NULL");
}

std::string create_table(const Schema& schema, const Table& table) {
  std::string text = "CREATE TABLE " + table_name(schema.name, table.name) + " (tenant_id uuid NOT NULL, ";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!column_comes_later(schema, table, i)) text += definition(table, i) + ", ";
  }
  return text + "long_cells bytea, CONSTRAINT " + quoted(name_of(table, key_index)) + " PRIMARY KEY (tenant_id, " +
         joined(table.key_columns, ", ", [&](std::size_t i) { return column(table, i); }) + "))";
}

// A unique index takes no key to tell rows apart. Where nulls are possible, and many of them, a second one puts their rows in order.
void create_index(std::string_view space, const Table& table, const Index& index, std::vector<std::string>& out) {
  const auto order = order_of(table, index.columns);
  check_cut_columns(table, order);
  const auto on = " ON " + table_name(space, table.name) + " (tenant_id, ";
  const std::string where = index.sparse ? " WHERE " + column(table, order.front()) + " IS NOT NULL" : "";
  if (!index.unique) {
    out.push_back("CREATE INDEX " + quoted(name_of(table, index.name)) + on + ordered(table, order) + ")" + where);
    return;
  }
  std::string unique =
      "CREATE UNIQUE INDEX " + quoted(name_of(table, index.name)) + on + ordered(table, index.columns) + ")";
  if (nullable(table, index)) {
    unique += " WHERE " + joined(index.columns.size(), " AND ",
                                 [&](std::size_t i) { return column(table, index.columns[i]) + " IS NOT NULL"; });
    out.push_back("CREATE INDEX " + quoted(name_of(table, std::string{index.name} + ".order")) + on +
                  ordered(table, order) + ")" + where);
  }
  out.push_back(std::move(unique));
}

std::string create_exclusion(std::string_view space, const Table& table, const Exclusion& exclusion) {
  const auto equal = joined(exclusion.equal.size(), "",
                            [&](std::size_t i) { return column(table, exclusion.equal[i]) + " WITH =, "; });
  const auto from = column(table, exclusion.from);
  const auto to = column(table, exclusion.to);
  return "ALTER TABLE " + table_name(space, table.name) + " ADD CONSTRAINT " + quoted(name_of(table, exclusion.name)) +
         " EXCLUDE USING gist (tenant_id WITH =, " + equal + "int8range(" + from + ", " + to + ") WITH &&) WHERE (" +
         from + " IS NOT NULL AND " + to + " IS NOT NULL)";
}

void forbid_changes(std::string_view space, const Table& table, std::vector<std::string>& out) {
  const auto on = " ON " + table_name(space, table.name);
  out.push_back("CREATE TRIGGER " + quoted(name_of(table, "append_only")) + " BEFORE UPDATE OR DELETE" + on +
                " FOR EACH ROW EXECUTE FUNCTION medflow.append_only()");
  out.push_back("CREATE TRIGGER " + quoted(name_of(table, "append_only.truncate")) + " BEFORE TRUNCATE" + on +
                " FOR EACH STATEMENT EXECUTE FUNCTION medflow.append_only()");
}

void create(const Schema& schema, const Table& table, std::string_view app, std::vector<std::string>& out) {
  out.push_back(create_table(schema, table));
  for (auto& sql : guard_sql(schema.name, table.name)) out.push_back(std::move(sql));
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    if (!index_comes_later(schema, table, i)) create_index(schema.name, table, table.indexes[i], out);
  }
  if (table.exclusion) out.push_back(create_exclusion(schema.name, table, *table.exclusion));
  if (table.append_only) forbid_changes(schema.name, table, out);
  out.push_back(grant_on(schema.name, table.name, table.append_only, app));
}

// Rows that were written before a column belonged to an index may hold values that are too long for one.
void add_index(const Schema& schema, const Table& table, const Index& index, std::vector<std::string>& out) {
  const auto name = table_name(schema.name, table.name);
  for (const auto position : index.columns) {
    if (table.columns[position].kind == CellKind::integer) continue;
    out.push_back("ALTER TABLE " + name + " ADD CONSTRAINT long_cells CHECK (octet_length(" + column(table, position) +
                  ") <= " + std::to_string(indexed_bytes_max) + " OR long_cells IS NOT NULL)");
    out.push_back("ALTER TABLE " + name + " DROP CONSTRAINT long_cells");
  }
  create_index(schema.name, table, index, out);
}

}  // namespace

const Statement& Book::of(std::string text, std::vector<unsigned> types) {
  const std::lock_guard lock{mutex_};
  if (const auto found = by_text_.find(text); found != by_text_.end()) return *found->second;
  const std::size_t id = statements_.size();
  const auto& added = statements_.emplace_back(
      Statement{.text = std::move(text), .types = std::move(types), .id = id, .name = "m" + std::to_string(id)});
  by_text_.emplace(added.text, &added);
  return added;
}

std::string quoted(std::string_view name) {
  assert(name.find('"') == std::string_view::npos && name.find('\0') == std::string_view::npos);
  return '"' + std::string{name} + '"';
}

std::string name_of(const Table& table, std::string_view part) {
  std::string name = std::string{table.name} + '.' + std::string{part};
  if (name.size() <= name_bytes_max) return name;
  constexpr std::string_view digits = "0123456789abcdef";
  const auto digest = crypto::sha256(name);
  name.resize(name_bytes_max - 17);
  name += '.';
  for (std::size_t i = 0; i < 8; ++i) {
    name += digits[std::to_integer<std::size_t>(digest[i]) >> 4U];
    name += digits[std::to_integer<std::size_t>(digest[i]) & 0xFU];
  }
  return name;
}

std::vector<std::string> guard_sql(std::string_view space, std::string_view table) {
  const auto name = table_name(space, table);
  // In a query of its own the setting is read once for a statement, and not for each of its rows.
  const std::string own = "(tenant_id = (SELECT nullif(current_setting('mf.tenant', true), '')::uuid))";
  return {"ALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY", "ALTER TABLE " + name + " FORCE ROW LEVEL SECURITY",
          "CREATE POLICY tenant ON " + name + " USING " + own + " WITH CHECK " + own};
}

std::string grant_on(std::string_view space, std::string_view table, bool append_only, std::string_view app) {
  return std::string{"GRANT SELECT, INSERT"} + (append_only ? "" : ", UPDATE, DELETE") + " ON " +
         table_name(space, table) + " TO " + quoted(app);
}

std::vector<std::string> sql_of(const Schema& schema, const Migration& migration, std::string_view app) {
  std::vector<std::string> out;
  for (const auto& change : migration.changes) {
    const auto& table = *change.table;
    if (change.add_column) {
      out.push_back("ALTER TABLE " + table_name(schema.name, table.name) + " ADD COLUMN " +
                    definition(table, *change.add_column));
    } else if (change.add_index) {
      add_index(schema, table, table.indexes[*change.add_index], out);
    } else {
      create(schema, table, app, out);
    }
  }
  return out;
}

TableSql::TableSql(Book& book, std::string_view space, const Table& its_table)
    : table(&its_table), cut(cut_columns(its_table)), book_(book), name_(table_name(space, its_table.name)) {
  const auto all = table->columns.size();
  const auto keys = std::size_t{table->key_columns};
  auto row_types = types_of(*table, 0, all);
  if (cut != 0) row_types.push_back(type_bytea);
  const auto key_types = types_of(*table, 0, keys);
  insert = &book.of("INSERT INTO " + name_ + " (tenant_id, " + columns(*table, cut) + ") VALUES (" +
                        joined(row_types.size(), ", ", [](std::size_t i) { return place(i + 1); }) + ")",
                    row_types);
  cell_types.assign(row_types.begin() + 1, row_types.end());
  std::vector<unsigned> array_types{type_uuid};
  for (const unsigned type : cell_types) array_types.push_back(array_of(type));
  insert_many =
      &book.of("INSERT INTO " + name_ + " (tenant_id, " + columns(*table, cut) + ") SELECT $1, * FROM unnest(" +
                   joined(cell_types.size(), ", ", [](std::size_t i) { return place(i + 2); }) + ")",
               array_types);
  get = &book.of("SELECT " + columns(*table, cut) + " FROM " + name_ + " WHERE " + where_key(*table, 2), key_types);
  if (keys == 1) get_many = of_many(0, {});
  erase = &book.of("DELETE FROM " + name_ + " WHERE " + where_key(*table, 2), key_types);
  if (table->revision) {
    auto types = types_of(*table, keys, all);
    std::string set =
        joined(all - keys, ", ", [&](std::size_t i) { return column(*table, keys + i) + " = " + place(2 + i); });
    if (cut != 0) {
      types.push_back(type_bytea);
      set += ", long_cells = " + place(types.size());
    }
    const auto key_at = types.size() + 1;
    types.insert(types.end(), key_types.begin() + 1, key_types.end());
    types.push_back(type_bigint);
    // A row that is not there must stop a transaction whose end may be under way already: a division by zero does.
    update = &book.of("WITH done AS (UPDATE " + name_ + " SET " + set + " WHERE " + where_key(*table, key_at) +
                          " AND " + column(*table, *table->revision) + " = " + place(types.size()) +
                          " RETURNING 1) SELECT 1 / count(*) FROM done",
                      types);
  }
  orders_.push_back(order_of(*table, std::span<const std::uint8_t>{}));
  for (const auto& index : table->indexes) orders_.push_back(order_of(*table, index.columns));
}

// The limit keeps the inner query what it is alone, with the plan that it has alone.
const Statement* TableSql::of_many(std::size_t position, const std::string& order) const {
  const auto of_cell = "SELECT " + columns(*table, cut) + " FROM " + name_ + " WHERE tenant_id = $1 AND " +
                       column(*table, position) + " = asked.cell" + order + " LIMIT $3";
  return &book_.of("SELECT found.*, asked.number FROM unnest($2) WITH ORDINALITY AS asked (cell, number), LATERAL (" +
                       of_cell + ") AS found",
                   {type_uuid, array_of(type_of(table->columns[position].kind)), type_bigint});
}

// The statement of a shape: made once.
template <class Make>
const Statement* TableSql::kept(Scans& scans, const Shape& shape, Make make) {
  const std::lock_guard lock{mutex_};
  const auto found = std::find_if(scans.begin(), scans.end(), [&](const auto& scan) { return scan.first == shape; });
  return found != scans.end() ? found->second : scans.emplace_back(shape, make()).second;
}

const Statement* TableSql::scan_many(const Shape& shape) {
  if (shape.equal != 1 || shape.nulls != 0 || shape.lower != Lower::none || shape.upper) return nullptr;
  return kept(scans_many_, shape, [&] { return of_many(order(shape.index).front(), order_text(shape)); });
}

const Statement& TableSql::scan(const Shape& shape) {
  return *kept(scans_, shape, [&] {
    std::vector<unsigned> types{type_uuid};
    auto text = scan_text(shape, types);
    return &book_.of(std::move(text), types);
  });
}

std::string TableSql::scan_text(const Shape& shape, std::vector<unsigned>& types) const {
  const auto& by = order(shape.index);
  std::string text = "SELECT " + columns(*table, cut) + " FROM " + name_ + " WHERE tenant_id = $1";
  const auto compare = [&](std::size_t at, std::string_view sign) {
    types.push_back(type_of(table->columns[by[at]].kind));
    text += " AND " + column(*table, by[at]) + std::string{sign} + place(types.size());
  };
  for (std::size_t i = 0; i < shape.equal; ++i) {
    if (((shape.nulls >> i) & 1U) != 0)
      text += " AND " + column(*table, by[i]) + " IS NULL";
    else
      compare(i, " = ");
  }
  if (shape.lower == Lower::inclusive) compare(shape.equal, " >= ");
  if (shape.lower == Lower::exclusive) compare(shape.equal, " > ");
  if (shape.lower == Lower::not_null) text += " AND " + column(*table, by[shape.equal]) + " IS NOT NULL";
  if (shape.upper) compare(shape.equal, " < ");
  text += order_text(shape);
  types.push_back(type_bigint);
  return text + " LIMIT " + place(types.size());
}

std::string TableSql::order_text(const Shape& shape) const {
  if (names_one_row(*table, shape)) return {};
  const auto& by = order(shape.index);
  const bool whole = shape.index < 0 || !table->indexes[static_cast<std::size_t>(shape.index)].unique ||
                     nullable(*table, table->indexes[static_cast<std::size_t>(shape.index)]);
  const auto length = whole ? by.size() : table->indexes[static_cast<std::size_t>(shape.index)].columns.size();
  return " ORDER BY " + ordered(*table, std::span{by}.first(length), shape.backwards);
}

SchemaSql::SchemaSql(Book& book, const Schema& schema) : tables(schema) {
  for (std::size_t slot = 0; slot < tables.size(); ++slot) list.emplace_back(book, schema.name, tables[slot]);
}

}  // namespace medflow::inline v1::storage::postgres
