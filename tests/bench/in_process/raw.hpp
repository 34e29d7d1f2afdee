// The measuring stick: what a program does that uses the engine's library by hand and does nothing else. The library is the one that
// MedFlow's engine loads, so both sides run the same code of SQLite or SQLCipher.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/sqlite/library.hpp"
#include "tests/bench/in_process/measure.hpp"

namespace medflow::bench {

/// The measuring stick of one engine.
class Raw {
 public:
  virtual ~Raw() = default;

  /// Fills it up to so many patients, without waiting for the disk.
  virtual void fill(std::uint64_t patients) = 0;
  /// Inserts a patient and an audit row, `batch` of them a commit.
  virtual Cost create(std::size_t count, std::size_t batch) = 0;
  /// Reads all columns of a patient drawn at random and appends an audit row, `batch` of them a commit.
  virtual Cost read(std::size_t count, std::size_t batch) = 0;
};

/// The same tables in PostgreSQL by libpq alone: statements prepared, values in binary, a batch in one round trip.
std::unique_ptr<Raw> raw_postgres(const std::string& url, bool audit_index);

/// A store of patients (20 columns, about 600 bytes, an integer key, three indexes that begin with one of ten tenants: record number,
/// creation, name) and of audit rows (about 200 bytes, appended; with an index by tenant, patient and time where asked for). WAL,
/// synchronous=FULL.
class RawStore final : public Raw {
 public:
  RawStore(storage::sqlite::LibraryKind kind, const std::string& file, bool audit_index, int cache_kib);
  ~RawStore() override;
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;

  void fill(std::uint64_t patients) override;
  Cost create(std::size_t count, std::size_t batch) override;
  Cost read(std::size_t count, std::size_t batch) override;

 private:
  void run(const std::string& sql);
  void give_key();
  sqlite3_stmt* prepare(const std::string& sql);
  void step(sqlite3_stmt* statement);
  void insert_patient();
  void insert_audit(std::int64_t patient, const char* action);
  void get(std::int64_t patient);
  std::uint64_t random();

  storage::sqlite::Library library_;
  bool encrypted_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt *insert_ = nullptr, *audit_ = nullptr, *get_ = nullptr, *begin_ = nullptr, *commit_ = nullptr;
  std::int64_t patients_ = 0;
  std::int64_t events_ = 0;
  std::size_t sink_ = 0;
  std::uint64_t random_ = 88172645463325252U;
};

}  // namespace medflow::bench
