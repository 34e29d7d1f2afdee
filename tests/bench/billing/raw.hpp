// The measuring stick of invoices: what a program does that uses the engine's library by hand, with the tables that the peers have. No journal, no
// series, no balances.
#pragma once

#include <cstdint>
#include <string>

#include "storage/sqlite/library.hpp"
#include "tests/bench/in_process/measure.hpp"

namespace medflow::bench {

/// Invoices (an integer key, two indexes that begin with one of ten tenants: number, patient), their lines (indexed by invoice) and audit rows
/// (about 200 bytes, appended). WAL, synchronous=FULL.
class RawInvoices {
 public:
  RawInvoices(storage::sqlite::LibraryKind kind, const std::string& file, int cache_kib);
  ~RawInvoices();
  RawInvoices(const RawInvoices&) = delete;
  RawInvoices& operator=(const RawInvoices&) = delete;

  /// Inserts invoices of five lines, each with an audit row, `batch` of them a commit.
  Cost create(std::size_t count, std::size_t batch);

 private:
  void run(const std::string& sql);
  void give_key();
  sqlite3_stmt* prepare(const std::string& sql);
  void step(sqlite3_stmt* statement);
  void insert_invoice();
  void insert_line(std::int64_t number);
  void insert_audit();

  storage::sqlite::Library library_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt *invoice_ = nullptr, *line_ = nullptr, *audit_ = nullptr, *begin_ = nullptr, *commit_ = nullptr;
  std::int64_t invoices_ = 0;
};

}  // namespace medflow::bench
