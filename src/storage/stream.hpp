// One row stream: the rows of a database, still sealed, as bytes, and back into an empty database of any engine. A move of a tenant, its
// archive and its backup are made of it.
//
// A stream begins with the schema's name and migrations. Then come rounds of sections, one a table, in the order of the schema: the
// rows by their key, and how many they are with the BLAKE2b-256 over them. A table that grows at its end alone may come again in
// a later round, with what was added; its count and digest go over all of it. The last bytes are a digest over all of these.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.hpp"
#include "medflow/function_ref.hpp"
#include "medflow/storage/engine.hpp"
#include "storage/entity.hpp"
#include "storage/tables.hpp"

namespace medflow::inline v1::storage {

/// What has gone by of a table; the same whatever engine the rows lie in.
struct TableSum {
  std::string table{};
  std::uint64_t rows = 0;
  crypto::Digest digest{};

  friend bool operator==(const TableSum&, const TableSum&) = default;
};

/// Whether rows are only ever added to this table, each behind the last one: by a number that counts them.
bool grows_at_end(const Table& table);

/// How far a stream has come in one table.
struct TablePosition {
  bool seen = false;
  std::uint64_t rows = 0;
  RowBuffer last{};  ///< the key of the last row
  crypto::Blake2b256 hash{};

  TableSum sum(const Table& table) const;
};

/// Reads a database as a stream. What does not change while it is read comes out as one consistent state; each page is a snapshot of its
/// own, so no reader holds the engine up. Keeps one page in memory, or one row where that is larger.
class RowsOut {
 public:
  /// `sink` gets the bytes, valid for the call; without one they are only summed up.
  RowsOut(Database& database, const Schema& schema, std::function<void(std::string_view)> sink = {});

  /// The sections of those tables that `which` names.
  void round(FunctionRef<bool(const Table&)> which);
  /// The end of the stream, after which nothing comes.
  void end();

  /// Whether nothing lies beyond what has come out of this table.
  bool at_end(const Table& table) const;
  std::vector<TableSum> sums() const;

 private:
  void section(std::size_t slot);
  bool page(std::size_t slot);
  void emit(std::string_view bytes);
  void emit_framed(std::string_view bytes);

  Database& database_;
  Tables tables_;
  std::function<void(std::string_view)> sink_;
  std::vector<TablePosition> positions_;
  std::string page_{};
  crypto::Blake2b256 frame_{};
};

/// Writes a stream into an empty database, in batches. Whatever is no whole stream, as it was read, is refused with Fault `corrupt`, at
/// the latest by `end`; of another schema with `schema_newer`, `schema_outdated` or `corrupt`; where the database is not empty with
/// `exists`. What has been written until then is the caller's to drop.
class RowsIn {
 public:
  RowsIn(Database& database, const Schema& schema);

  /// The next bytes, in pieces of any size.
  void take(std::string_view bytes);
  /// Throws where the stream has not come to its end.
  void end() const;

 private:
  enum class State : std::uint8_t { header, between, rows, ended };

  std::size_t item(std::string_view bytes);
  std::size_t header(std::string_view bytes);
  std::size_t section(std::string_view bytes);
  std::size_t row(std::string_view bytes);
  std::size_t section_end(std::string_view bytes);
  std::size_t stream_end(std::string_view bytes);
  void require_empty(const Table& table);
  void flush();
  const Table& table() const { return tables_[slot_]; }

  Database& database_;
  const Schema& schema_;
  Tables tables_;
  std::vector<TablePosition> positions_;
  State state_ = State::header;
  std::size_t slot_ = 0;
  std::size_t next_slot_ = 0;  ///< the first that may come in this round
  std::uint64_t round_ = 0;
  std::string pending_{};  ///< bytes of an item that is not whole yet
  std::string batch_{};    ///< whole rows that are not written yet
  std::size_t batch_rows_ = 0;
  crypto::Blake2b256 frame_{};
};

}  // namespace medflow::inline v1::storage
