// A transaction on one connection.
#pragma once

#include <chrono>
#include <optional>

#include "medflow/storage/engine.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/redo.hpp"
#include "storage/walk.hpp"

namespace medflow::inline v1::storage::sqlite {

/// Reads and writes in the transaction that is open on `connection`. Any error of SQLite that is no constraint ends it:
/// after some of them (a full disk, a failed write) SQLite has rolled back by itself, and a statement that followed would be
/// committed alone.
class SqliteTransaction final : public Transaction {
 public:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  /// `deadline` is for reading transactions. `changes` gets what a writing one writes.
  SqliteTransaction(Connection& connection, bool writing, Deadline deadline, Changes* changes = nullptr)
      : connection_(connection), writing_(writing), deadline_(deadline), changes_(changes) {}

  void get(const Table& table, std::span<const Key> keys, KeyVisitor visit) override;
  void scan(const Scan& scan, RowVisitor visit) override;
  void insert(const Table& table, RowView row) override;
  void update(const Table& table, RowView row, Revision expected) override;
  void erase(const Table& table, Key key) override;
  void attempt(FunctionRef<void()> body) override;
  bool alive() const override { return !death_; }

  /// What ended it.
  const std::optional<Fault>& death() const { return death_; }

 private:
  void require_life() const;
  void check_deadline();
  std::size_t writable(const Table& table) const;
  void finish(Statement& statement, const Table& table);
  [[noreturn]] void die(int code);
  [[noreturn]] void fail(int code, const Table& table);

  Walk walk(const Scan& scan, std::size_t slot, const Leg& leg, std::size_t& left, RowVisitor visit);

  Connection& connection_;
  bool writing_;
  Deadline deadline_;
  Changes* changes_;
  int visiting_ = 0;
  std::optional<Fault> death_{};
};

}  // namespace medflow::inline v1::storage::sqlite
