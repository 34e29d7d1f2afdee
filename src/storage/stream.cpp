#include "storage/stream.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "storage/cells.hpp"
#include "storage/housekeeping.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view magic = "medflow rows\n";
constexpr char version = 1;
enum Mark : char { round_mark = 'N', table_mark = 'T', row_mark = 'R', sum_mark = 'S', end_mark = 'Z' };

constexpr std::size_t page_rows_max = 512;
constexpr std::size_t page_bytes_max = std::size_t{256} << 10;
constexpr std::size_t batch_rows_max = 1'024;
constexpr std::size_t batch_bytes_max = std::size_t{1} << 20;

[[noreturn]] void refuse(std::string_view table, const char* what) {
  throw Fault{FaultKind::corrupt, std::string(table), what};
}

void put_row(std::string& out, RowView row) {
  out.push_back(row_mark);
  put_cells(out, row);
}

std::string header_of(const Schema& schema) {
  std::string out(magic);
  out.push_back(version);
  put_text(out, schema.name);
  put_number(out, schema.migrations.size(), 4);
  for (const Migration& migration : schema.migrations) {
    put_number(out, migration.number, 4);
    put_text(out, migration.name);
  }
  return out;
}

/// Fills the cells of a row, which point into the bytes. False where it is not whole.
bool read_row(const Table& table, Reading& in, std::vector<Cell>& cells) {
  cells.clear();
  if (in.take(1) != std::string_view("R")) return false;
  return read_cells(table.name, table.columns.size(), in, cells);
}

bool follows(const Table& table, RowView last, RowView row) {
  for (std::size_t i = 0; i < table.key_columns; ++i)
    if (const int order = compare(last[i], row[i]); order != 0) return order < 0;
  return false;
}

std::string_view view(const crypto::Digest& digest) { return crypto::text_of(digest); }

void put_sum(std::string& out, const TableSum& sum) {
  out.push_back(sum_mark);
  put_number(out, sum.rows, 8);
  out += view(sum.digest);
}

}  // namespace

bool grows_at_end(const Table& table) {
  return table.append_only && table.key_columns == 1 && table.columns[0].kind == CellKind::integer;
}

TableSum TablePosition::sum(const Table& table) const {
  crypto::Blake2b256 so_far = hash;
  return {.table = std::string(table.name), .rows = rows, .digest = so_far.finish()};
}

RowsOut::RowsOut(Database& database, const Schema& schema, std::function<void(std::string_view)> sink)
    : database_(database), tables_(schema), sink_(std::move(sink)), positions_(tables_.size()) {
  emit_framed(header_of(schema));
}

void RowsOut::emit(std::string_view bytes) {
  if (sink_) sink_(bytes);
}

void RowsOut::emit_framed(std::string_view bytes) {
  frame_.update(crypto::bytes_of(bytes));
  emit(bytes);
}

void RowsOut::round(FunctionRef<bool(const Table&)> which) {
  emit_framed(std::string(1, round_mark));
  for (std::size_t slot = 0; slot < tables_.size(); ++slot)
    if (which(tables_[slot])) section(slot);
}

void RowsOut::section(std::size_t slot) {
  const Table& table = tables_[slot];
  TablePosition& position = positions_[slot];
  assert(!position.seen || grows_at_end(table));
  position.seen = true;
  std::string begin(1, table_mark);
  put_text(begin, table.name);
  emit_framed(begin);
  while (page(slot)) {
    position.hash.update(crypto::bytes_of(page_));
    emit(page_);
  }
  std::string sum;
  put_sum(sum, position.sum(table));
  emit_framed(sum);
}

/// False where there are no more rows.
bool RowsOut::page(std::size_t slot) {
  const Table& table = tables_[slot];
  TablePosition& position = positions_[slot];
  RowBuffer last;
  std::size_t rows = 0;
  database_.read([&](Transaction& transaction) {
    page_.clear();
    rows = 0;
    const Scan scan{.table = &table, .after = position.last.cells, .limit = page_rows_max};
    transaction.scan(scan, [&](RowView row) {
      put_row(page_, row);
      ++rows;
      last.copy(row.first(table.key_columns));
      return page_.size() < page_bytes_max;
    });
  });
  if (rows == 0) return false;
  position.rows += rows;
  position.last.copy(last.cells);
  return true;
}

void RowsOut::end() {
  std::string out(1, end_mark);
  frame_.update(crypto::bytes_of(out));
  out += view(frame_.finish());
  emit(out);
}

bool RowsOut::at_end(const Table& table) const {
  const TablePosition& position = positions_[tables_.slot(table)];
  bool more = false;
  database_.read([&](Transaction& transaction) {
    more = false;
    transaction.scan({.table = &table, .after = position.last.cells, .limit = 1}, [&](RowView) {
      more = true;
      return false;
    });
  });
  return !more;
}

std::vector<TableSum> RowsOut::sums() const {
  std::vector<TableSum> sums;
  for (std::size_t slot = 0; slot < tables_.size(); ++slot) sums.push_back(positions_[slot].sum(tables_[slot]));
  return sums;
}

RowsIn::RowsIn(Database& database, const Schema& schema)
    : database_(database), schema_(schema), tables_(schema), positions_(tables_.size()) {}

void RowsIn::take(std::string_view bytes) {
  pending_ += bytes;
  std::size_t at = 0;
  while (at < pending_.size()) {
    const std::size_t size = item(std::string_view(pending_).substr(at));
    if (size == 0) break;
    at += size;
  }
  pending_.erase(0, at);
}

void RowsIn::end() const {
  if (state_ != State::ended || !pending_.empty()) refuse(schema_.name, "the stream is cut off");
}

/// How many bytes the first item has; 0 where it is not whole.
std::size_t RowsIn::item(std::string_view bytes) {
  if (state_ == State::header) return header(bytes);
  if (state_ == State::ended) refuse(schema_.name, "the stream goes on after its end");
  if (state_ == State::rows) return bytes[0] == row_mark ? row(bytes) : section_end(bytes);
  if (bytes[0] == table_mark) return section(bytes);
  if (bytes[0] == end_mark) return stream_end(bytes);
  if (bytes[0] != round_mark) refuse(schema_.name, "the stream is not as it was written");
  frame_.update(crypto::bytes_of(bytes.substr(0, 1)));
  next_slot_ = 0;
  ++round_;
  return 1;
}

std::size_t RowsIn::header(std::string_view bytes) {
  const std::string own = header_of(schema_);
  Reading in(bytes);
  const std::string_view kind = in.take(magic.size() + 1);
  if (in.whole() && kind != std::string_view(own).substr(0, kind.size())) refuse(schema_.name, "no stream of rows");
  const std::string_view name = in.text(schema_.name);
  const std::uint64_t migrations = in.number(4);
  if (!in.whole()) return 0;
  if (name != schema_.name) refuse(name, "the stream is of another schema");
  if (migrations > schema_.migrations.size()) throw Fault{FaultKind::schema_newer, std::string(name)};
  if (migrations < schema_.migrations.size()) throw Fault{FaultKind::schema_outdated, std::string(name)};
  if (bytes.size() < own.size()) return 0;
  if (!bytes.starts_with(own)) refuse(name, "the stream has other migrations");
  frame_.update(crypto::bytes_of(own));
  state_ = State::between;
  return own.size();
}

std::size_t RowsIn::section(std::string_view bytes) {
  Reading in(bytes.substr(1));
  const std::string_view name = in.text(schema_.name);
  if (!in.whole()) return 0;
  slot_ = 0;
  while (slot_ < tables_.size() && table().name != name) ++slot_;
  if (slot_ == tables_.size()) refuse(name, "the schema has no such table");
  TablePosition& position = positions_[slot_];
  const bool again = position.seen && !(grows_at_end(table()) && round_ > 1);
  if (round_ == 0 || slot_ < next_slot_ || again) refuse(name, "the stream is not in its order");
  if (!position.seen) require_empty(table());
  position.seen = true;
  next_slot_ = slot_ + 1;
  frame_.update(crypto::bytes_of(bytes.substr(0, 1 + in.at())));
  state_ = State::rows;
  return 1 + in.at();
}

void RowsIn::require_empty(const Table& table) {
  bool empty = true;
  database_.read([&](Transaction& transaction) {
    transaction.scan({.table = &table, .limit = 1}, [&](RowView) { return empty = false; });
  });
  if (!empty) throw Fault{FaultKind::exists, std::string(table.name), "the database is not empty"};
}

std::size_t RowsIn::row(std::string_view bytes) {
  Reading in(bytes);
  std::vector<Cell> cells;
  if (!read_row(table(), in, cells)) return 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Column& column = table().columns[i];
    if (cells[i].kind != column.kind && !(cells[i].is_null() && column.nullable))
      refuse(table().name, "the stream holds a cell of another kind");
  }
  TablePosition& position = positions_[slot_];
  if (position.rows > 0 && !follows(table(), position.last.cells, cells))
    refuse(table().name, "the rows are not in their order");
  position.last.copy(RowView(cells).first(table().key_columns));
  ++position.rows;
  position.hash.update(crypto::bytes_of(bytes.substr(0, in.at())));
  batch_ += bytes.substr(0, in.at());
  if (++batch_rows_ >= batch_rows_max || batch_.size() >= batch_bytes_max) flush();
  return in.at();
}

void RowsIn::flush() {
  if (batch_rows_ == 0) return;
  database_.write([&](Transaction& transaction) {
    Reading in(batch_);
    std::vector<Cell> cells;
    while (in.at() < batch_.size() && read_row(table(), in, cells)) transaction.insert(table(), cells);
  });
  batch_.clear();
  batch_rows_ = 0;
  keep_house(database_, false);
}

std::size_t RowsIn::section_end(std::string_view bytes) {
  Reading in(bytes);
  if (in.take(1) != std::string_view("S")) refuse(table().name, "the stream is not as it was written");
  static_cast<void>(in.number(8));
  static_cast<void>(in.take(std::tuple_size_v<crypto::Digest>));
  if (!in.whole()) return 0;
  std::string own;
  put_sum(own, positions_[slot_].sum(table()));
  if (!bytes.starts_with(own)) refuse(table().name, "the rows are not those that were read");
  frame_.update(crypto::bytes_of(own));
  flush();
  state_ = State::between;
  return own.size();
}

std::size_t RowsIn::stream_end(std::string_view bytes) {
  Reading in(bytes.substr(1));
  const std::string_view digest = in.take(std::tuple_size_v<crypto::Digest>);
  if (!in.whole()) return 0;
  frame_.update(crypto::bytes_of(bytes.substr(0, 1)));
  if (digest != view(frame_.finish())) refuse(schema_.name, "the stream is not as it was written");
  for (std::size_t slot = 0; slot < tables_.size(); ++slot)
    if (!positions_[slot].seen) refuse(tables_[slot].name, "the stream lacks a table");
  state_ = State::ended;
  return 1 + in.at();
}

}  // namespace medflow::inline v1::storage
