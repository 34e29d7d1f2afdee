#include "audit/log.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>

#include "medflow/error.hpp"
#include "tests/audit/fixture.hpp"

using namespace medflow;
using namespace medflow::audit;
using namespace medflow::audit::testing;

namespace {

constexpr std::array creates{storage::SchemaChange{.table = &events_table},
                             storage::SchemaChange{.table = &tiles_table}, storage::SchemaChange{.table = &head_table}};
constexpr std::array migrations{storage::Migration{.number = 1, .name = "audit", .changes = creates}};
constexpr storage::Schema schema{.name = "audit", .migrations = migrations};

class AuditDatabase {
 public:
  AuditDatabase()
      : engine_(storage::memory_engine()), database_(engine_->create({.tenant = "t"}, {.schema = &schema})) {}
  storage::Database* operator->() { return database_.get(); }

 private:
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<storage::Database> database_;
};

struct Undo {};

Digest root_of(std::uint64_t size) {
  Tree tree;
  std::string bytes;
  for (std::uint64_t n = 0; n < size; ++n) {
    Event event = mixed_event(n);
    event.seq = n + 1;
    encode(event, bytes);
    tree.append(leaf_hash(bytes));
  }
  return tree.root();
}

std::uint64_t add(Log& log, storage::Transaction& tx) {
  Event event = mixed_event(log.last_seq());
  return log.append(tx, event);
}

void add_batch(AuditDatabase& database, Log& log, std::uint64_t count) {
  database->write([&](storage::Transaction& tx) {
    for (std::uint64_t i = 0; i < count; ++i) add(log, tx);
    log.finish(tx);
  });
  log.committed();
}

crypto::RowSeal seal_of(std::uint64_t size, const Digest& root, std::uint16_t version) {
  crypto::RowSeal seal{std::byte{static_cast<std::uint8_t>(version)}};
  for (std::size_t i = 2; i < seal.size(); ++i) seal[i] = root[i] ^ static_cast<std::byte>(size + version);
  return seal;
}

}  // namespace

TEST_CASE("AUD-1: events are numbered from 1 and lie in the store as they were hashed") {
  AuditDatabase database;
  Log log;
  database->write([&](storage::Transaction& tx) { log.open(tx); });
  CHECK(log.size() == 0);
  CHECK(log.last_seq() == 0);
  add_batch(database, log, 3);
  CHECK(log.size() == 3);
  CHECK(log.root() == root_of(3));
  std::int64_t next = 1;
  database->read([&](storage::Transaction& tx) {
    tx.scan({.table = &events_table}, [&](storage::RowView row) {
      Event event;
      CHECK(row[0].integer == next++);
      CHECK(decode(row[1].data, event));
      CHECK(event.seq == static_cast<std::uint64_t>(row[0].integer));
      return true;
    });
  });
  CHECK(next == 4);
}

TEST_CASE("AUD-2: a log goes on where it ended, about the edges of the tiles") {
  for (const std::uint64_t size :
       std::initializer_list<std::uint64_t>{0, 1, 2, 254, 255, 256, 257, 511, 512, 513, 1'000}) {
    INFO("size " << size);
    AuditDatabase database;
    {
      Log log;
      while (log.last_seq() < size) add_batch(database, log, std::min<std::uint64_t>(size - log.last_seq(), 100));
    }
    Log again;
    database->read([&](storage::Transaction& tx) { again.open(tx); });
    CHECK(again.size() == size);
    CHECK(again.last_seq() == size);
    CHECK(again.root() == root_of(size));
    add_batch(database, again, 300);
    CHECK(again.root() == root_of(size + 300));
    Log third;
    database->read([&](storage::Transaction& tx) { third.open(tx); });
    CHECK(third.root() == again.root());
  }
}

TEST_CASE("AUD-2: a log goes on where it ended, about the edge of a tile of tiles") {
  OpenStore store;
  Log log;
  Tree whole;
  std::string bytes;
  const std::set<std::uint64_t> sizes{65'279, 65'280, 65'281, 65'535, 65'536, 65'537, 65'792, 65'793};
  const auto make = [&](std::uint64_t n) {
    Event event = read_event(n);
    event.seq = n + 1;
    encode(event, bytes);
    whole.append(leaf_hash(bytes));
    return event;
  };
  for (const auto size : sizes) {
    INFO("size " << size);
    fill(log, store, size, 512, make);
    Log again;
    again.open(store);
    CHECK(again.size() == size);
    CHECK(again.root() == whole.root());
    CHECK(log.root() == whole.root());
    log.open(store);
  }
}

TEST_CASE("AUD-4: a batch that is rolled back leaves neither events nor numbers") {
  AuditDatabase database;
  Log log;
  add_batch(database, log, 250);
  const auto root = log.root();
  CHECK_THROWS_AS(database->write([&](storage::Transaction& tx) {
    for (int i = 0; i < 20; ++i) add(log, tx);
    CHECK(log.last_seq() == 270);
    log.finish(tx);
    throw Undo{};
  }),
                  Undo);
  CHECK(log.size() == 250);
  log.rolled_back();
  CHECK(log.last_seq() == 250);
  CHECK(log.root() == root);
  add_batch(database, log, 20);
  CHECK(log.root() == root_of(270));
}

TEST_CASE("AUD-4: a member that is undone leaves its batch's other events, also across the edge of a tile") {
  for (const std::uint64_t before : std::initializer_list<std::uint64_t>{0, 200, 255, 256}) {
    for (const int undone : {1, 60, 300}) {
      INFO("before " << before << ", undone " << undone);
      AuditDatabase database;
      Log log;
      if (before > 0) add_batch(database, log, before);
      database->write([&](storage::Transaction& tx) {
        add(log, tx);
        const auto mark = log.mark();
        CHECK_THROWS_AS(tx.attempt([&] {
          for (int i = 0; i < undone; ++i) add(log, tx);
          throw Undo{};
        }),
                        Undo);
        log.undo(mark);
        add(log, tx);
        log.finish(tx);
      });
      log.committed();
      CHECK(log.size() == before + 2);
      CHECK(log.root() == root_of(before + 2));
      add_batch(database, log, 300);
      Log again;
      database->read([&](storage::Transaction& tx) { again.open(tx); });
      CHECK(again.root() == root_of(before + 302));
    }
  }
}

TEST_CASE("AUD-4: a batch without events writes no head") {
  OpenStore store;
  Log log;
  log.finish(store);
  log.committed();
  CHECK(store.rows(head_table).empty());
  fill(log, store, 5, 5, mixed_event);
  const auto revision = store.rows(head_table).at({0})[1].integer;
  log.finish(store);
  log.committed();
  CHECK(store.rows(head_table).at({0})[1].integer == revision);
}

TEST_CASE("AUD-4: an event that cannot be stored gets no number") {
  OpenStore store;
  Log log;
  fill(log, store, 255, 255, mixed_event);
  Event event = mixed_event(0);
  SUBCASE("the event itself") { event.error = event.outcome == Outcome::ok ? "wrong" : ""; }
  SUBCASE("its row") { store.rows(events_table)[{256}] = {}; }
  SUBCASE("the tile that it fills") { store.rows(tiles_table)[{0, 0}] = {}; }
  SUBCASE("the entry of that tile") { store.rows(tiles_table)[{1, 0}] = {}; }
  const auto root = log.root();
  CHECK_THROWS_AS(log.append(store, event), std::exception);
  CHECK(log.last_seq() == 255);
  log.rolled_back();
  CHECK(log.root() == root);
}

TEST_CASE("AUD-2: a log whose end was tampered with does not open") {
  const auto seal = [](std::uint64_t size, const Digest& root, std::optional<std::uint16_t> version) {
    return seal_of(size, root, version.value_or(2));
  };
  OpenStore store;
  Log log(seal);
  fill(log, store, 600, 64, mixed_event);
  auto& head = store.rows(head_table).at({0});
  bool opens = false;
  SUBCASE("untouched") { opens = true; }
  SUBCASE("sealed under an older key") {
    const auto old = seal_of(600, log.root(), 1);
    head[4].data.assign(reinterpret_cast<const char*>(old.data()), old.size());
    opens = true;
  }
  SUBCASE("an event of the tail edited") { store.event(555)[9] ^= 1; }
  SUBCASE("the last event dropped") { store.rows(events_table).erase({600}); }
  SUBCASE("an event of the tail dropped") { store.rows(events_table).erase({520}); }
  SUBCASE("an event added") { store.rows(events_table)[{601}] = store.rows(events_table).at({600}); }
  SUBCASE("an entry edited") { store.hashes(1, 1)[0] ^= 1; }
  SUBCASE("an entry dropped") { store.rows(tiles_table).erase({1, 0}); }
  SUBCASE("an entry cut short") { store.hashes(1, 1).pop_back(); }
  SUBCASE("the head's size edited") { head[2].integer = 599; }
  SUBCASE("the head's size edited beyond all bounds") { head[2].integer = INT64_MAX; }
  SUBCASE("the head's root edited") { head[3].data[0] ^= 1; }
  SUBCASE("the head's root cut short") { head[3].data.pop_back(); }
  SUBCASE("the head's seal edited") { head[4].data[5] ^= 1; }
  SUBCASE("the head's seal taken away") { head[4] = {}; }
  SUBCASE("the head dropped") { store.rows(head_table).clear(); }
  Log again(seal);
  if (opens) {
    again.open(store);
    CHECK(again.root() == log.root());
    return;
  }
  CHECK_THROWS_AS(again.open(store), Failure);
  CHECK(again.size() == 0);
}

TEST_CASE("AUD-2: a log that was written anew without the key does not open, however well it fits") {
  OpenStore store;
  Log forged;
  fill(forged, store, 300, 64, mixed_event);
  Log log([](std::uint64_t size, const Digest& root, std::optional<std::uint16_t>) { return seal_of(size, root, 1); });
  CHECK_THROWS_AS(log.open(store), Failure);
}
