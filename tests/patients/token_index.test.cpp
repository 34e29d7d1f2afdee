// The tokens of recent patients come into their table in slices; wherever that is broken off, everybody is found once.
#include "patients/token_index.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "kernel/store.hpp"

using namespace medflow;
using patients::TokenIndex;

namespace {

constexpr int everybody = 100;
constexpr std::size_t slice = 30;

PatientId patient(int number) {
  PatientId id;
  id.uuid.bytes[15] = static_cast<std::uint8_t>(number + 1);
  return id;
}

/// Every tenth patient shares the token of its ten: their telephone.
crypto::BlindToken token(int number) {
  crypto::BlindToken out{};
  out[0] = static_cast<std::byte>(number % 10 == 0 ? 0xFF : number);
  return out;
}

std::vector<PatientId> holders(const TokenIndex& index, storage::Transaction& transaction,
                               const crypto::BlindToken& of) {
  std::vector<PatientId> ids;
  index.find(transaction, of, [&](const PatientId& id) { ids.push_back(id); });
  std::sort(ids.begin(), ids.end());
  return ids;
}

/// Each patient once, from memory or from the table.
void check_found(const TokenIndex& index, storage::Transaction& transaction, int gone = -1) {
  std::vector<PatientId> sharing;
  for (int i = 0; i < everybody; ++i) {
    if (i == gone) continue;
    if (i % 10 == 0) sharing.push_back(patient(i));
    if (i % 10 != 0) CHECK(holders(index, transaction, token(i)) == std::vector<PatientId>{patient(i)});
  }
  CHECK(holders(index, transaction, token(0)) == sharing);
  if (gone >= 0 && gone % 10 != 0) CHECK(holders(index, transaction, token(gone)).empty());
}

struct World {
  std::shared_ptr<storage::Engine> engine = storage::memory_engine();
  std::unique_ptr<storage::Database> database =
      engine->create({.tenant = "north", .part = storage::Part::data}, {.schema = &kernel::data_schema(Realm::tenant)});
  TokenIndex index{};

  World() {
    index.load({});
    for (int i = 0; i < everybody; ++i) index.add(token(i), patient(i));
    index.committed();
  }
  TokenIndex::Merged merge(std::int64_t change) {
    TokenIndex::Merged merged;
    database->write([&](storage::Transaction& transaction) { merged = index.merge(transaction, change, slice); });
    index.committed();
    return merged;
  }
  void check(int gone = -1) const {
    database->read([&](storage::Transaction& transaction) { check_found(index, transaction, gone); });
  }
};

}  // namespace

TEST_CASE("PAT-4: tokens come into their table in slices, and it is marked complete with the last one") {
  World world;
  CHECK(world.index.merges(0, false));
  for (const std::size_t rows : {slice, slice, slice, std::size_t{10}}) {
    const auto merged = world.merge(7);
    CHECK(merged.rows == rows);
    CHECK(merged.mark.has_value() == (rows != slice));
    if (merged.mark) CHECK(*merged.mark == 7);
    world.check();
  }
  CHECK_FALSE(world.index.merges(0, false));
}

TEST_CASE("PAT-4: who comes and goes while a merge goes on is found, or is not, as ever") {
  World world;
  CHECK_FALSE(world.merge(7).mark);
  // One who is in the table by now or is not, and those at the ends of a chain; whoever comes is of the next merge.
  for (const int gone : {1, 99, 0, 50, 90}) {
    CAPTURE(gone);
    world.database->write([&](storage::Transaction& transaction) {
      world.index.remove(transaction, token(gone), patient(gone));
      check_found(world.index, transaction, gone);
      world.index.add(token(gone), patient(gone));
    });
    world.index.committed();
    world.check();
  }
  std::optional<std::int64_t> mark;
  for (int i = 0; i < 10 && !mark; ++i) mark = world.merge(8).mark;
  CHECK(mark == 7);  // what came after it began is not promised
  world.check();
}

TEST_CASE("PAT-4: a slice whose batch is rolled back is merged again") {
  for (const int before : {0, 1, 3}) {
    CAPTURE(before);
    World world;
    for (int i = 0; i < before; ++i) CHECK_FALSE(world.merge(7).mark);
    CHECK_THROWS_AS(world.database->write([&](storage::Transaction& transaction) {
      world.index.merge(transaction, 7, slice);
      throw std::runtime_error("power");
    }),
                    std::runtime_error);
    world.index.rolled_back();
    world.check();
    std::size_t rows = static_cast<std::size_t>(before) * slice;
    std::optional<std::int64_t> mark;
    for (int i = 0; i < 10 && !mark; ++i) {
      const auto merged = world.merge(9);
      rows += merged.rows;
      mark = merged.mark;
    }
    CHECK(mark == (before == 0 ? 9 : 7));
    CHECK(rows == everybody);  // the mark says so: a process that starts anew asks the table alone
    world.check();
  }
}

TEST_CASE("PAT-4: who is of the batch that brings a slice in finds, removes and adds as ever") {
  enum class End : std::uint8_t { committed, undone, rolled_back };
  for (const End end : {End::committed, End::undone, End::rolled_back}) {
    for (const int gone : {1, 99, 0, 50, 90}) {  // of the slice or not, and those at the ends of a chain
      CAPTURE(static_cast<int>(end));
      CAPTURE(gone);
      World world;
      TokenIndex& index = world.index;
      const auto member = [&](storage::Transaction& transaction) {
        index.remove(transaction, token(gone), patient(gone));
        check_found(index, transaction, gone);
        index.add(token(gone), patient(gone));
        check_found(index, transaction);
        index.remove(transaction, token(gone), patient(gone));
        check_found(index, transaction, gone);
      };
      const auto batch = [&](storage::Transaction& transaction) {
        index.merge(transaction, 7, slice);
        check_found(index, transaction);
        const auto before = index.position();
        if (end == End::undone) {
          CHECK_THROWS(transaction.attempt([&] {
            member(transaction);
            throw std::runtime_error("no");
          }));
          index.undo(before);
          check_found(index, transaction);
        } else {
          member(transaction);
        }
        if (end == End::rolled_back) throw std::runtime_error("power");
      };
      if (end == End::rolled_back) {
        CHECK_THROWS(world.database->write(batch));
        index.rolled_back();
      } else {
        world.database->write(batch);
        index.committed();
      }
      world.check(end == End::committed ? gone : -1);
      for (int i = 0; i < 10 && index.merges(0, false); ++i) world.merge(9);
      world.check(end == End::committed ? gone : -1);
    }
  }
}
