// Events to log, and a store whose rows a test may edit as somebody with the file in hand would.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "audit/log.hpp"
#include "audit/tables.hpp"
#include "medflow/audit.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::audit::testing {

using Random = std::mt19937_64;

inline Uuid some_uuid(std::uint64_t n) {
  Uuid id;
  id.bytes[0] = 1;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return id;
}

inline std::array<std::byte, 16> some_hash(std::uint8_t n) {
  std::array<std::byte, 16> out;
  out.fill(std::byte{n});
  return out;
}

/// What a read of one patient leaves behind.
inline Event read_event(std::uint64_t n) {
  return {.at = {1'800'000'000'000'000 + static_cast<std::int64_t>(n) * 1'000},
          .actor_kind = ActorKind::user,
          .actor = some_uuid(1 + n % 7),
          .session = some_uuid(100 + n % 9),
          .roles = 4,
          .action = "patients.get",
          .table = 30,
          .object = some_uuid(1'000 + n),
          .revision = 1 + n % 3,
          .patients = {some_uuid(1'000 + n)},
          .purpose = 1,
          .address_hash = some_hash(7),
          .user_agent_hash = some_hash(9),
          .request = some_uuid(50'000 + n),
          .count = 1};
}

/// An event of every shape: lists, refusals, writes, with and without detail. Rows get the revisions that follow.
inline Event mixed_event(std::uint64_t n) {
  static const std::string detail(64, '\x5a');
  Event event = read_event(n);
  switch (n % 5) {
    case 1:
      event.action = "patients.search";
      for (std::uint64_t i = 0; i < n % 20; ++i) event.patients.push_back(some_uuid(2'000 + i));
      event.detail = detail;
      break;
    case 2:
      event.outcome = Outcome::denied;
      event.error = "forbidden";
      event.patients.clear();
      break;
    case 3:
      event.action = "patients.update";
      event.rows.push_back({.table = 30, .id = some_uuid(7), .revision = n / 5 + 1, .removed = false});
      event.rows.back().seal.fill(static_cast<std::byte>(n));
      break;
    case 4:
      event.actor_kind = ActorKind::system;
      event.on_behalf_of = some_uuid(n);
      break;
    default:
      break;
  }
  return event;
}

struct OwnedCell {
  storage::CellKind kind{};
  std::int64_t integer = 0;
  std::string data{};
};
using OwnedRow = std::vector<OwnedCell>;
using OwnedKey = std::vector<std::int64_t>;
using Rows = std::map<OwnedKey, OwnedRow>;

/// Tables with whole numbers as keys, kept in plain sight.
class OpenStore final : public storage::Transaction {
 public:
  Rows& rows(const storage::Table& table) { return tables_[table.id]; }
  std::string& event(std::int64_t seq) { return rows(events_table).at({seq})[1].data; }
  std::string& hashes(std::int64_t level, std::int64_t place) { return rows(tiles_table).at({level, place})[2].data; }

  void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (const auto it = rows(table).find(key_of(keys[i])); it != rows(table).end()) visit(i, view_of(it->second));
  }

  void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
    auto& all = rows(*scan.table);
    auto low = key_of(scan.equal), high = low;
    if (scan.from) low.push_back(scan.from->integer);
    if (scan.to) high.push_back(scan.to->integer);
    const auto begin = all.lower_bound(low);
    auto end = all.end();
    if (scan.to) {
      end = all.lower_bound(high);
    } else if (!high.empty()) {
      ++high.back();
      end = all.lower_bound(high);
    }
    std::size_t left = scan.limit;
    if (scan.backwards) {
      for (auto it = end; it != begin && left > 0; --left)
        if (!visit(view_of((--it)->second))) return;
    } else {
      for (auto it = begin; it != end && left > 0; ++it, --left)
        if (!visit(view_of(it->second))) return;
    }
  }

  void insert(const storage::Table& table, storage::RowView row) override {
    const auto [it, added] = rows(table).try_emplace(key_of(row.first(table.key_columns)), own(row));
    if (!added) throw storage::Fault{storage::FaultKind::unique, "key"};
  }

  void update(const storage::Table& table, storage::RowView row, storage::Revision expected) override {
    auto& old = rows(table).at(key_of(row.first(table.key_columns)));
    if (old[*table.revision].integer != static_cast<std::int64_t>(expected))
      throw storage::Fault{storage::FaultKind::revision, std::string(table.name)};
    old = own(row);
  }

  void erase(const storage::Table& table, storage::Key key) override { rows(table).erase(key_of(key)); }
  void attempt(FunctionRef<void()> body) override { body(); }
  bool alive() const override { return true; }

 private:
  static OwnedKey key_of(std::span<const storage::Cell> cells) {
    OwnedKey out;
    for (const auto& cell : cells) out.push_back(cell.integer);
    return out;
  }
  static OwnedRow own(storage::RowView row) {
    OwnedRow out;
    for (const auto& cell : row) out.push_back({cell.kind, cell.integer, std::string(cell.data)});
    return out;
  }
  storage::RowView view_of(const OwnedRow& row) {
    // A visitor may read again while it holds a row, so each nesting has cells of its own.
    auto& cells = views_[next_view_++ % views_.size()];
    cells.clear();
    for (const auto& cell : row) cells.push_back({cell.kind, cell.integer, cell.data});
    return cells;
  }

  std::map<std::uint16_t, Rows> tables_{};
  std::array<std::vector<storage::Cell>, 4> views_{};
  std::size_t next_view_ = 0;
};

/// Appends events n … up to `size` in batches of `batch`.
template <class Make>
void fill(Log& log, storage::Transaction& tx, std::uint64_t size, std::uint64_t batch, Make make) {
  while (log.last_seq() < size) {
    for (std::uint64_t i = 0; i < batch && log.last_seq() < size; ++i) {
      Event event = make(log.last_seq());
      log.append(tx, event);
    }
    log.finish(tx);
    log.committed();
  }
}

}  // namespace medflow::inline v1::audit::testing
