// A database as anybody else would open it: for tests that look behind an engine's back while it is closed.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/sqlite/library.hpp"

namespace medflow::testing {

class RawSqlite {
 public:
  /// `page_key` is for SQLCipher: its raw key and salt.
  RawSqlite(const storage::sqlite::Library& library, const std::string& file, std::span<const std::byte> page_key = {})
      : library_(library) {
    if (library_.open_v2(file.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK) {
      library_.close_v2(db_);
      throw std::runtime_error{"cannot open " + file};
    }
    if (!page_key.empty()) unlock(page_key);
  }
  ~RawSqlite() { library_.close_v2(db_); }
  RawSqlite(const RawSqlite&) = delete;
  RawSqlite& operator=(const RawSqlite&) = delete;

  int try_run(const std::string& sql) { return library_.exec(db_, sql.c_str(), nullptr, nullptr, nullptr); }
  void run(const std::string& sql) {
    if (try_run(sql) != SQLITE_OK) throw std::runtime_error{library_.errmsg(db_) + std::string{": "} + sql};
  }

  std::vector<std::vector<std::string>> rows(const std::string& sql) {
    const auto collect = [](void* out, int count, char** texts, char**) {
      std::vector<std::string> row;
      for (int i = 0; i < count; ++i) row.emplace_back(texts[i] == nullptr ? "" : texts[i]);
      static_cast<std::vector<std::vector<std::string>>*>(out)->push_back(row);
      return 0;
    };
    std::vector<std::vector<std::string>> out;
    if (library_.exec(db_, sql.c_str(), collect, &out, nullptr) != SQLITE_OK) {
      throw std::runtime_error{library_.errmsg(db_) + std::string{": "} + sql};
    }
    return out;
  }

  /// How SQLite would answer a query, step by step.
  std::string plan(const std::string& sql) {
    std::string text;
    for (const auto& row : rows("EXPLAIN QUERY PLAN " + sql)) text += row.back() + "\n";
    return text;
  }

 private:
  void unlock(std::span<const std::byte> page_key) {
    std::string key = "x'";
    for (const std::byte byte : page_key)
      for (const unsigned digit : {std::to_integer<unsigned>(byte) >> 4U, std::to_integer<unsigned>(byte) & 15U})
        key += "0123456789abcdef"[digit];
    key += "'";
    library_.key_v2(db_, "main", key.data(), static_cast<int>(key.size()));
    run("PRAGMA cipher_page_size=4096");
  }

  const storage::sqlite::Library library_;
  sqlite3* db_ = nullptr;
};

}  // namespace medflow::testing
