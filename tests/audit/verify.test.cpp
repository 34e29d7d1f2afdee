#include "audit/verify.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/audit/fixture.hpp"

using namespace medflow;
using namespace medflow::audit;
using namespace medflow::audit::testing;

namespace {

LogReport check(OpenStore& store, const VerifyOptions& options = {}) {
  return verify(
      store, [](const Event&, std::string_view) {}, options);
}

OpenStore honest(std::uint64_t size) {
  OpenStore store;
  Log log;
  fill(log, store, size, 50, mixed_event);
  return store;
}

bool has(const LogReport& report, std::string_view kind, std::uint64_t seq) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [&](const Finding& finding) { return finding.kind == kind && finding.seq == seq; });
}

/// Damage to this event was placed: exactly in a full tile, and at least in the tail where it lies there.
bool placed(const LogReport& report, std::uint64_t seq) {
  const auto tail = report.size / 256 * 256 + 1;
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    return finding.seq == seq || (seq >= tail && finding.seq >= tail);
  });
}

/// All rows from `seq` on move by one number.
void shift(Rows& events, std::int64_t seq, std::int64_t by) {
  std::vector<OwnedRow> moved;
  for (auto it = events.lower_bound({seq}); it != events.end(); it = events.erase(it)) moved.push_back(it->second);
  for (auto& row : moved) {
    row[0].integer += by;
    events[{row[0].integer}] = row;
  }
}

/// Does one thing to the store that no honest program does; answers the events by which it must be found, each of them.
std::vector<std::uint64_t> tamper(OpenStore& store, std::int64_t size, Random& random) {
  auto& events = store.rows(events_table);
  const auto pick = [&](std::int64_t limit) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
  };
  const auto seq = 1 + pick(size);
  const auto found_at = static_cast<std::uint64_t>(seq);
  auto other = 1 + pick(size - 1);
  if (other >= seq) ++other;
  auto& bytes = store.event(seq);
  const auto place = random() % bytes.size();
  switch (random() % 11) {
    case 0:
      bytes[place] ^= static_cast<char>(1 << random() % 8);
      return {found_at};
    case 1:
      events.erase({seq});
      return {found_at};
    case 2:
      std::swap(bytes, store.event(other));
      return {found_at, static_cast<std::uint64_t>(other)};
    case 3:
      bytes = store.event(other);
      return {found_at};
    case 4:
      bytes.resize(place);
      return {found_at};
    case 5:
      bytes += '\0';
      return {found_at};
    case 6: {
      auto row = events.at({other});
      row[0].integer = seq;
      shift(events, seq, 1);
      events[{seq}] = row;
      return {found_at, static_cast<std::uint64_t>(size) + 1};
    }
    case 7:
      events.erase({seq});
      if (seq == size) return {found_at};
      shift(events, seq + 1, -1);
      return {found_at, static_cast<std::uint64_t>(size)};
    case 8: {  // the tail is cut off
      events.erase(events.lower_bound({seq}), events.end());
      return {found_at};
    }
    case 9: {  // whole events, one of them with another's number
      Event event;
      const auto from = store.event(other);
      REQUIRE(decode(from, event));
      event.seq = found_at;
      encode(event, bytes);
      return {found_at};
    }
    default:
      bytes.insert(place, 1, bytes[place]);
      return {found_at};
  }
}

}  // namespace

TEST_CASE("AUD-2: an honest log is intact at every size about the edges of the tiles") {
  for (const std::uint64_t size :
       std::initializer_list<std::uint64_t>{0, 1, 2, 49, 50, 51, 255, 256, 257, 511, 512, 513, 1'000}) {
    INFO("size " << size);
    OpenStore store;
    Log log;
    fill(log, store, size, 50, mixed_event);
    std::uint64_t next = 1;
    const auto report = verify(store, [&](const Event& event, std::string_view stored) {
      CHECK(event.seq == next++);
      CHECK(stored == store.event(static_cast<std::int64_t>(event.seq)));
    });
    CHECK(report.intact());
    CHECK(report.findings.empty());
    CHECK(report.events == size);
    CHECK(report.size == size);
    CHECK(report.root == log.root());
    CHECK(report.clock_steps == 0);
    CHECK(next == size + 1);
  }
}

TEST_CASE("AUD-2: an honest log of 66,000 events is intact, and an edit above its tiles of tiles is found") {
  OpenStore store;
  Log log;
  fill(log, store, 66'000, 512, read_event);
  CHECK(check(store).intact());
  store.hashes(2, 0)[3] ^= 1;
  CHECK(has(check(store), "tree", 1));
}

TEST_CASE("AUD-2: each flipped bit of an event is found and placed") {
  const auto original = honest(258);
  for (const std::int64_t seq : {2, 256, 258}) {
    auto store = original;
    auto& bytes = store.event(seq);
    for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
      bytes[i / 8] ^= static_cast<char>(1 << i % 8);
      const auto report = check(store);
      bytes[i / 8] ^= static_cast<char>(1 << i % 8);
      INFO("event " << seq << ", bit " << i);
      REQUIRE_FALSE(report.intact());
      REQUIRE(placed(report, static_cast<std::uint64_t>(seq)));
    }
    CHECK(check(store).intact());
  }
}

TEST_CASE("AUD-2: 10,000 random edits, drops, swaps, repetitions, cuts and insertions are all found and placed") {
  Random random(3);
  const OpenStore originals[] = {honest(40), honest(300), honest(512)};
  for (int round = 0; round < 10'000; ++round) {
    auto store = originals[round % 10 < 8 ? 0 : round % 10 - 7];
    const auto size = static_cast<std::int64_t>(store.rows(events_table).size());
    const auto seqs = tamper(store, size, random);
    const auto report = check(store);
    INFO("round " << round << ", event " << seqs[0]);
    REQUIRE_FALSE(report.intact());
    for (const auto seq : seqs) REQUIRE(placed(report, seq));
  }
}

TEST_CASE("AUD-2: one edited event is one finding, named by its number") {
  auto store = honest(600);
  store.event(77).back() ^= 1;
  const auto report = check(store);
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].kind == "event");
  CHECK(report.findings[0].seq == 77);
}

TEST_CASE("AUD-2: an edit is found although the hashes were made to fit") {
  auto store = honest(600);
  Log log;
  log.open(store);
  const auto seal = [](std::uint64_t, const Digest& root, std::optional<std::uint16_t>) {
    crypto::RowSeal out{};
    std::copy_n(root.begin(), out.size(), out.begin());
    return out;
  };
  auto sealed = seal(600, log.root(), std::nullopt);
  auto& head = store.rows(head_table).at({0});
  head[4] = {storage::CellKind::bytes, 0, std::string(reinterpret_cast<const char*>(sealed.data()), sealed.size())};
  CHECK(check(store, {.sealer = seal}).intact());

  // The forger edits an event and goes up the tree step by step.
  auto& bytes = store.event(100);
  bytes[9] ^= 1;  // a microsecond
  auto& leaves = store.hashes(0, 0);
  const auto leaf = leaf_hash(bytes);
  leaves.replace(99 * sizeof(Digest), sizeof(Digest), tile_bytes({&leaf, 1}));
  CHECK(has(check(store), "tree", 1));

  Tree tree;
  for (std::int64_t seq = 1; seq <= 256; ++seq) tree.append(leaf_hash(store.event(seq)));
  store.hashes(1, 0) = tile_bytes({&tree.newest(1), 1});
  CHECK(has(check(store), "tree", 513));  // no nearer than the head

  for (std::int64_t seq = 257; seq <= 600; ++seq) tree.append(leaf_hash(store.event(seq)));
  const auto root = tree.root();
  head[3].data = tile_bytes({&root, 1});
  CHECK(check(store).intact());  // this is why heads are sealed
  CHECK(has(check(store, {.sealer = seal}), "tree", 513));
}

TEST_CASE("AUD-2: damage to the tree itself is found and placed") {
  auto store = honest(600);
  SUBCASE("a leaf") {
    store.hashes(0, 1)[5 * 32] ^= 1;
    const auto report = check(store);
    CHECK(has(report, "event", 262));
    CHECK(has(report, "tree", 257));
  }
  SUBCASE("an entry") {
    store.hashes(1, 1)[0] ^= 1;
    CHECK(has(check(store), "tree", 257));
  }
  SUBCASE("a tile that is missing") {
    store.rows(tiles_table).erase({0, 1});
    const auto report = check(store);
    CHECK(has(report, "tree", 257));
    CHECK(report.findings.size() == 1);
  }
  SUBCASE("a tile that is too short") {
    store.hashes(0, 0).resize(255 * 32);
    CHECK(has(check(store), "tree", 1));
  }
  SUBCASE("an entry that is missing") {
    store.rows(tiles_table).erase({1, 0});
    CHECK(has(check(store), "tree", 1));
  }
  SUBCASE("hashes where there should be none") {
    const OwnedRow row{
        {storage::CellKind::integer, 0, {}}, {storage::CellKind::integer, 0, {}}, {storage::CellKind::bytes, 0, "x"}};
    for (const OwnedKey& key :
         {OwnedKey{0, 2}, OwnedKey{1, 2}, OwnedKey{2, 0}, OwnedKey{8, 0}, OwnedKey{-1, 0}, OwnedKey{0, -1}}) {
      store.rows(tiles_table)[key] = row;
      CHECK(has(check(store), "tree", 0));
      store.rows(tiles_table).erase(key);
    }
  }
  SUBCASE("the head's root") {
    store.rows(head_table).at({0})[3].data[0] ^= 1;
    CHECK(has(check(store), "tree", 513));
  }
  SUBCASE("the head's size") {
    store.rows(head_table).at({0})[2].integer = 599;
    CHECK(has(check(store), "event", 600));
  }
  SUBCASE("a head that is unreadable") {
    store.rows(head_table).at({0})[3].data.clear();
    const auto report = check(store);
    CHECK(has(report, "tree", 0));
    CHECK(report.events == 600);
  }
  SUBCASE("no head") {
    store.rows(head_table).clear();
    CHECK(has(check(store), "tree", 0));
  }
}

TEST_CASE("AUD-2: events outside the log are found") {
  auto store = honest(20);
  const auto row = store.rows(events_table).at({3});
  for (const std::int64_t seq : {0, -1, 21, 22, 5'000'000}) {
    store.rows(events_table)[{seq}] = row;
    store.rows(events_table)[{seq}][0].integer = seq;
    const auto report = check(store);
    CHECK(report.findings.size() == 1);
    CHECK(has(report, "event", seq < 0 ? 0 : static_cast<std::uint64_t>(seq)));
    store.rows(events_table).erase({seq});
  }
}

TEST_CASE("AUD-2: a gap is one finding, however long, and what follows it is still checked") {
  auto store = honest(1'500);
  auto& events = store.rows(events_table);
  SUBCASE("within a tile") { events.erase(events.lower_bound({10}), events.lower_bound({20})); }
  SUBCASE("over tiles") { events.erase(events.lower_bound({10}), events.lower_bound({700})); }
  store.event(900).back() ^= 1;
  const auto report = check(store);
  CHECK(report.findings.size() == 2);
  CHECK(has(report, "gap", 10));
  CHECK(has(report, "event", 900));
}

TEST_CASE("AUD-2: a head that claims more events than anybody can store ends the verification nevertheless") {
  auto store = honest(300);
  store.rows(head_table).at({0})[2].integer = std::int64_t{1} << 59;
  CHECK(has(check(store), "gap", 301));
}

TEST_CASE("AUD-2: a log that lost everything is reported within bounds") {
  auto store = honest(1'300);
  for (std::int64_t seq = 1; seq <= 1'300; ++seq) store.event(seq) = "x";
  const auto report = check(store);
  CHECK(report.findings.size() == findings_max);
  CHECK(report.findings_total >= 1'300);
  CHECK_FALSE(report.intact());
}

TEST_CASE("AUD-2: a clock that was set back is told and is no damage") {
  OpenStore store;
  Log log;
  const std::int64_t seconds[] = {10, 11, 9, 12, 9, 5};
  fill(log, store, 6, 6, [&](std::uint64_t n) {
    auto event = read_event(n);
    event.at.us = seconds[n] * 1'000'000;
    return event;
  });
  auto report = check(store);
  CHECK(report.intact());
  CHECK(report.clock_steps == 2);
  CHECK(report.first_clock_step == 5);
  report = check(store, {.clock_skew_us = 4'000'000});
  CHECK(report.clock_steps == 0);
}
