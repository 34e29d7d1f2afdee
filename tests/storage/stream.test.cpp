#include "storage/stream.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "medflow/conformance/harness.hpp"
#include "medflow/conformance/schema.hpp"
#include "tests/conformance/file_harness.hpp"

using namespace medflow;
using namespace medflow::conformance;

namespace {

class MemoryHarness final : public Harness {
 public:
  Engine& engine() override { return *engine_; }
  void restart() override {}

 private:
  std::unique_ptr<Engine> engine_ = memory_engine();
};

struct EngineKind {
  const char* name;
  std::unique_ptr<Harness> (*make)();
};

// Another engine is one more line.
constexpr EngineKind kinds[] = {{"memory", [] { return std::unique_ptr<Harness>(new MemoryHarness); }},
                                {"sqlite", [] { return std::unique_ptr<Harness>(new FileHarness<false>); }},
                                {"sqlcipher", [] { return std::unique_ptr<Harness>(new FileHarness<true>); }}};

constexpr auto any = [](const Table&) { return true; };

/// Random rows of the schema: nulls, empty and large cells, every byte.
class Rows {
 public:
  explicit Rows(std::uint64_t seed) : random_(seed) {}

  void fill(Database& database) {
    std::vector<Line> people_rows, entry_rows, claim_rows;
    std::set<std::string> ids;
    for (std::size_t i = upto(1'500); i > 0; --i) {
      const std::string id = bytes(upto(24));
      if (!ids.insert(id).second) continue;
      people_rows.push_back(person(id, maybe() ? std::optional(static_cast<std::int64_t>(random_())) : std::nullopt,
                                   maybe() ? std::optional<std::string>(text()) : std::nullopt,
                                   maybe() ? std::optional<std::string>(bytes(size())) : std::nullopt));
    }
    for (std::int64_t seq = static_cast<std::int64_t>(upto(1'200)); seq > 0; --seq)
      entry_rows.push_back(entry(seq, static_cast<std::int64_t>(upto(5)), bytes(size())));
    for (std::int64_t i = static_cast<std::int64_t>(upto(300)); i > 0; --i)
      claim_rows.push_back(claim(text(), i, maybe() ? std::optional<std::int64_t>(i) : std::nullopt, i, i + 1));
    insert(database, people::table, people_rows);
    insert(database, entries::table, entry_rows);
    insert(database, claims::table, claim_rows);
  }

  std::size_t upto(std::size_t most) { return random_() % (most + 1); }

 private:
  bool maybe() { return random_() % 2 == 0; }
  std::size_t size() { return random_() % 200 == 0 ? upto(400'000) : upto(40); }
  std::string bytes(std::size_t size) {
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(random_());
    return out;
  }
  std::string text() {
    std::string out(upto(12), ' ');
    for (char& c : out) c = static_cast<char>('a' + random_() % 26);
    return out;
  }

  std::mt19937_64 random_;
};

struct Written {
  std::string bytes{};
  std::vector<TableSum> sums{};
};

Written stream_of(Database& database) {
  Written written;
  RowsOut out(database, schema, [&](std::string_view bytes) { written.bytes += bytes; });
  out.round(any);
  out.end();
  written.sums = out.sums();
  return written;
}

std::vector<TableSum> sums_of(Database& database) {
  RowsOut out(database, schema);
  out.round(any);
  return out.sums();
}

std::vector<std::vector<Line>> content(Database& database) {
  std::vector<std::vector<Line>> all;
  database.read([&](Transaction& transaction) {
    for (const Table* table : {&people::table, &entries::table, &claims::table})
      all.push_back(rows(transaction, {.table = table}));
  });
  return all;
}

/// The kind of fault with which a stream is refused by an empty database; nothing where it is taken.
std::optional<FaultKind> refused(std::string_view stream) {
  MemoryHarness harness;
  const auto database = harness.create();
  const auto fault = fault_of([&] {
    RowsIn in(*database, schema);
    in.take(stream);
    in.end();
  });
  return fault ? std::optional(fault->first) : std::nullopt;
}

}  // namespace

TEST_CASE("TEN-3: random rows go from each engine to each other and are the same there, with the same digests") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    std::vector<std::vector<TableSum>> seen;
    for (const EngineKind& from : kinds) {
      CAPTURE(from.name);
      const auto source = from.make();
      const auto original = source->create();
      Rows(seed).fill(*original);
      const Written written = stream_of(*original);
      seen.push_back(written.sums);
      for (const EngineKind& to : kinds) {
        CAPTURE(to.name);
        const auto target = to.make();
        const auto copy = target->create();
        RowsIn in(*copy, schema);
        Rows pieces(seed);
        for (std::size_t at = 0; at < written.bytes.size();) {
          const std::size_t size = 1 + pieces.upto(at % 3 == 0 ? 7 : 70'000);
          in.take(std::string_view(written.bytes).substr(at, size));
          at += size;
        }
        in.end();
        CHECK(content(*copy) == content(*original));
        CHECK(sums_of(*copy) == written.sums);
        CHECK(stream_of(*copy).bytes == written.bytes);
      }
    }
    CHECK(std::all_of(seen.begin(), seen.end(), [&](const auto& sums) { return sums == seen.front(); }));
  }
}

TEST_CASE("TEN-3: a digest tells rows apart that differ in one cell, in its kind or in where it ends") {
  std::set<std::string> digests;
  const std::vector<std::vector<Line>> variants = {
      {},
      {person("a", 1, "b", "c")},
      {person("a", 2, "b", "c")},
      {person("a", {}, "b", "c")},
      {person("a", 1, "", "bc")},
      {person("a", 1, "bc", "")},
      {person("a", 1, "bc", {})},
      {person("a", 1, {}, "bc")},
      {person("a", 1, "b", "c"), person("b", 3, {}, {})},
  };
  for (const auto& variant : variants) {
    MemoryHarness harness;
    const auto database = harness.create();
    insert(*database, people::table, variant);
    const auto sum = sums_of(*database).front();
    CHECK(sum.rows == variant.size());
    digests.insert(std::string(crypto::text_of(sum.digest)));
  }
  CHECK(digests.size() == variants.size());
}

TEST_CASE("TEN-3: a stream that was cut off, edited, put in another order or made longer is refused") {
  MemoryHarness harness;
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "Ada", "x"), person("b", 2, "Bo"), person("c", {}, {})});
  insert(*database, entries::table, {entry(1, 1, "one"), entry(2, 1, "two")});
  const std::string whole = stream_of(*database).bytes;
  REQUIRE_FALSE(refused(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(refused(whole.substr(0, size)) == FaultKind::corrupt);
  }
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const unsigned bit : {0U, 3U, 7U}) {
      CAPTURE(at);
      std::string edited = whole;
      edited[at] = static_cast<char>(static_cast<unsigned char>(edited[at]) ^ (1U << bit));
      CHECK(refused(edited));
    }
  CHECK(refused(whole + "R") == FaultKind::corrupt);
  CHECK(refused(whole + whole) == FaultKind::corrupt);
  const std::size_t people_at = whole.find(std::string("T\x06\0\0\0people", 11));
  const std::size_t entries_at = whole.find(std::string("T\x07\0\0\0entries", 12));
  const std::size_t claims_at = whole.find(std::string("T\x06\0\0\0claims", 11));
  REQUIRE(people_at < entries_at);
  REQUIRE(entries_at < claims_at);
  const std::string people_part = whole.substr(people_at, entries_at - people_at);
  const std::string entries_part = whole.substr(entries_at, claims_at - entries_at);
  const std::string head = whole.substr(0, people_at), tail = whole.substr(claims_at);
  CHECK(refused(head + entries_part + people_part + tail) == FaultKind::corrupt);
  CHECK(refused(head + people_part + people_part + entries_part + tail) == FaultKind::corrupt);
  CHECK(refused(head + entries_part + tail) == FaultKind::corrupt);
}

TEST_CASE("TEN-3: a stream of another schema, and a database that holds something, are refused") {
  MemoryHarness harness;
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "Ada")});
  const std::string whole = stream_of(*database).bytes;
  MEDFLOW_CHECK_FAULT(exists, "people", [&] {
    RowsIn in(*database, schema);
    in.take(whole);
  }());
  for (const Schema* other : {&older_schema, &grown::schema}) {
    MemoryHarness target;
    const auto copy = target.engine().create(Harness::store, target.options(*other));
    const auto fault = fault_of([&] {
      RowsIn in(*copy, *other);
      in.take(whole);
    });
    REQUIRE(fault);
    CHECK(fault->first == (other == &older_schema ? FaultKind::schema_newer : FaultKind::schema_outdated));
  }
}

TEST_CASE("TEN-3: what is added to a table while it is copied follows in a later round, with one digest over all") {
  const auto is_entries = [](const Table& table) { return table.id == entries::table.id; };
  const auto from = kinds[1].make(), to = kinds[2].make();
  const auto source = from->create(), target = to->create();
  insert(*source, people::table, {person("a", 1, "Ada")});
  insert(*source, entries::table, {entry(1, 1, "one")});
  RowsIn in(*target, schema);
  RowsOut out(*source, schema, [&](std::string_view bytes) { in.take(bytes); });
  out.round(any);
  CHECK(out.at_end(entries::table));
  insert(*source, entries::table, {entry(2, 1, "two"), entry(3, 2, "three")});
  CHECK_FALSE(out.at_end(entries::table));
  CHECK(out.at_end(people::table));
  out.round(is_entries);
  out.end();
  in.end();
  CHECK(content(*target) == content(*source));
  CHECK(sums_of(*target) == out.sums());
  CHECK(sums_of(*source) == out.sums());
}
