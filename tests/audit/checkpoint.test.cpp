#include "audit/checkpoint.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "audit/checkpoints.hpp"
#include "audit/verify.hpp"
#include "crypto/codec.hpp"
#include "tests/audit/fixture.hpp"

using namespace medflow;
using namespace medflow::audit;
using namespace medflow::audit::testing;

namespace {

constexpr std::string_view origin = "medflow/local/saint-mary";

crypto::Signer signer(std::uint8_t n = 1) {
  std::array<std::byte, 32> seed{std::byte{n}};
  return crypto::Signer(seed);
}

SizeAndRoot state_of(const Log& log) { return {.size = log.size(), .root = log.root()}; }

/// A log with its checkpoints in a store that lies open.
struct Signed {
  OpenStore store{};
  Log log{};
  Checkpoints checkpoints{signer(), std::string(origin), {}};

  void append(std::uint64_t count) { fill(log, store, log.last_seq() + count, 50, mixed_event); }
  /// Signs as the leader does at the end of a batch.
  bool sign(std::int64_t at = 5) {
    checkpoints.make(store, state_of(log), {at});
    checkpoints.committed();
    return !checkpoints.refused();
  }
  LogReport check(std::vector<std::string> notes = {}) {
    return verify(store, [](const Event&, std::string_view) {},
                  {.origin = std::string(origin), .key = checkpoints.key(), .checkpoints = std::move(notes)});
  }
};

bool has(const LogReport& report, std::string_view kind, std::uint64_t seq) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [&](const Finding& finding) { return finding.kind == kind && finding.seq == seq; });
}

}  // namespace

TEST_CASE("AUD-2: a checkpoint is a signed note as C2SP has it, and opens only with its key and origin") {
  const auto by = signer();
  const SizeAndRoot state{.size = 1'234, .root = leaf_hash("x")};
  const std::string note = sign_checkpoint(by, origin, state);
  CHECK(note.starts_with("medflow/local/saint-mary\n1234\n" + crypto::base64(state.root) +
                         "\n\n\u2014 medflow/local/saint-mary "));
  CHECK(note.back() == '\n');
  CHECK(open_checkpoint(note, origin, by.public_key()) == state);
  CHECK_FALSE(open_checkpoint(note, origin, signer(2).public_key()));
  CHECK_FALSE(open_checkpoint(note, "medflow/local/saint-marx", by.public_key()));
  const std::string witnessed = note + "\u2014 witness.example " + crypto::base64(leaf_hash("y")) + "\n";
  CHECK(open_checkpoint(witnessed, origin, by.public_key()) == state);
}

TEST_CASE("AUD-2: each flipped bit, cut and repeated byte of a checkpoint makes it none") {
  const auto by = signer();
  const std::string note = sign_checkpoint(by, origin, {.size = 77, .root = leaf_hash("x")});
  for (std::size_t i = 0; i < note.size(); ++i) {
    INFO("byte " << i);
    for (int bit = 0; bit < 8; ++bit) {
      auto edited = note;
      edited[i] = static_cast<char>(edited[i] ^ (1 << bit));
      CHECK_FALSE(open_checkpoint(edited, origin, by.public_key()));
    }
    CHECK_FALSE(open_checkpoint(note.substr(0, i), origin, by.public_key()));
    auto doubled = note;
    doubled.insert(i, 1, note[i]);
    CHECK_FALSE(open_checkpoint(doubled, origin, by.public_key()));
  }
}

TEST_CASE("AUD-2: the verifier key is the origin, the key id and the key") {
  const auto by = signer();
  const std::string key = verifier_key("a.example/log", by.public_key());
  REQUIRE(key.starts_with("a.example/log+"));
  const auto hash = crypto::sha256({"a.example/log\n\x01", crypto::text_of(by.public_key())});
  CHECK(key.substr(14, 9) == crypto::hex(std::span(hash).first(4)) + "+");
  const auto bytes = crypto::from_base64(std::string_view(key).substr(23));
  REQUIRE(bytes);
  CHECK(*bytes == "\x01" + std::string(crypto::text_of(by.public_key())));
}

TEST_CASE("AUD-2: notes that stand one behind the other are told apart") {
  const auto by = signer();
  const std::string one = sign_checkpoint(by, origin, {.size = 1, .root = leaf_hash("1")});
  const std::string two = sign_checkpoint(by, origin, {.size = 2, .root = leaf_hash("2")});
  CHECK(split_notes("").empty());
  CHECK(split_notes(one) == std::vector<std::string_view>{one});
  const std::string apart = one + "\n" + two;
  CHECK(split_notes(apart) == std::vector<std::string_view>{one, two});
  const std::string joined = one + two;
  CHECK(split_notes(joined) == std::vector<std::string_view>{one, two});
  const std::string torn = one + "\n" + two.substr(0, 30);
  const auto notes = split_notes(torn);
  REQUIRE(notes.size() == 2);
  CHECK_FALSE(open_checkpoint(notes[1], origin, by.public_key()));
}

TEST_CASE("AUD-2: checkpoints follow the log, and the table holds one per 1,024 events and the newest") {
  Signed it;
  CHECK(it.sign());  // of nothing there is none
  CHECK(it.store.rows(checkpoints_table).empty());
  for (int i = 0; i < 60; ++i) {
    it.append(51);
    REQUIRE(it.sign(i));
    REQUIRE(it.checkpoints.size() == it.log.size());
  }
  CHECK(it.log.size() == 3'060);
  CHECK(it.store.rows(checkpoints_table).size() <= 4);
  const auto report = it.check();
  CHECK(report.intact());
  CHECK(report.checkpoints == it.store.rows(checkpoints_table).size());
  CHECK_FALSE(it.checkpoints.due(it.log.size() + 1'023));
  CHECK(it.checkpoints.due(it.log.size() + 1'024));

  Checkpoints again(signer(), std::string(origin), {});
  again.open(it.store);
  CHECK(again.size() == 3'060);
  CHECK(it.checkpoints.at() == Instant{59});
}

TEST_CASE("AUD-2: what is no extension of the last checkpoint is never signed") {
  Signed it;
  it.append(300);
  REQUIRE(it.sign());
  const std::string note = it.store.rows(checkpoints_table).at({1})[2].data;
  it.append(30);
  SUBCASE("an event of the last tile was edited, and everything above made to fit") {
    it.store.event(280).back() ^= 1;
    Tree tree;
    for (const auto& [key, row] : it.store.rows(events_table)) tree.append(leaf_hash(row[1].data));
    it.checkpoints.make(it.store, {.size = 330, .root = tree.root()}, {9});
  }
  SUBCASE("the hash of a full tile was edited") {
    it.store.hashes(1, 0)[5] ^= 1;
    it.checkpoints.make(it.store, state_of(it.log), {9});
  }
  SUBCASE("the log was cut back") {
    Signed shorter;
    shorter.append(200);
    it.checkpoints.make(shorter.store, state_of(shorter.log), {9});
  }
  SUBCASE("another log has its place") {
    Signed other;
    fill(other.log, other.store, 330, 50, read_event);
    other.store.rows(checkpoints_table) = it.store.rows(checkpoints_table);
    it.checkpoints.make(other.store, state_of(other.log), {9});
  }
  SUBCASE("the checkpoint was removed") {
    it.store.rows(checkpoints_table).clear();
    it.checkpoints.make(it.store, state_of(it.log), {9});
  }
  SUBCASE("the checkpoint was edited") {
    it.store.rows(checkpoints_table).at({1})[2].data[30] ^= 1;
    it.checkpoints.make(it.store, state_of(it.log), {9});
  }
  SUBCASE("the checkpoint was signed by another key") {
    it.store.rows(checkpoints_table).at({1})[2].data =
        sign_checkpoint(signer(2), origin, {.size = 300, .root = leaf_hash("made up")});
    it.checkpoints.make(it.store, state_of(it.log), {9});
  }
  it.checkpoints.committed();
  REQUIRE(it.checkpoints.refused());
  CHECK(it.checkpoints.refused()->code == checkpoint_refused);
  CHECK(it.checkpoints.size() == 300);
}

TEST_CASE("AUD-2: a log that was put back as a whole shows by a checkpoint that somebody else holds") {
  Signed it;
  it.append(300);
  REQUIRE(it.sign());
  const OpenStore older = it.store;
  it.append(40);
  REQUIRE(it.sign());
  const std::string newer = it.store.rows(checkpoints_table).at({1})[2].data;
  CHECK(it.check({newer}).intact());

  it.store = older;
  it.log.open(it.store);
  CHECK(it.check().intact());  // in itself it is a log that once was
  auto report = it.check({newer});
  CHECK(has(report, "cut", 301));
  CHECK(has(report, "checkpoint", 0));

  // It goes on from there, past the checkpoint.
  Checkpoints after(signer(), std::string(origin), {});
  after.open(it.store);
  fill(it.log, it.store, 400, 50, read_event);
  after.make(it.store, state_of(it.log), {9});
  after.committed();
  CHECK_FALSE(after.refused());
  CHECK(it.check().intact());
  report = it.check({newer});
  CHECK(has(report, "fork", 340));
}

TEST_CASE("AUD-2: checkpoints that were edited, removed, swapped or brought in are found") {
  Signed it;
  for (int i = 0; i < 4; ++i) {
    it.append(1'100);
    REQUIRE(it.sign());
  }
  auto& rows = it.store.rows(checkpoints_table);
  REQUIRE(rows.size() == 4);
  REQUIRE(it.check().intact());
  std::vector<std::string> held{rows.at({4})[2].data};
  SUBCASE("removed from the middle") { rows.erase({2}); }
  SUBCASE("removed from the end") { rows.erase({4}); }
  SUBCASE("edited") { rows.at({2})[2].data[27] ^= 1; }
  SUBCASE("its size edited") { --rows.at({2})[1].integer; }
  SUBCASE("swapped") { std::swap(rows.at({2}), rows.at({3})); }
  SUBCASE("repeated") { rows[{5}] = rows.at({4}); }
  SUBCASE("of another key") { rows.at({2})[2].data = sign_checkpoint(signer(2), origin, {.size = 2'200}); }
  SUBCASE("of this key and another root") {
    rows.at({2})[2].data = sign_checkpoint(signer(), origin, {.size = 2'200, .root = leaf_hash("x")});
  }
  SUBCASE("of another log") {
    rows.at({2})[2].data = sign_checkpoint(signer(), "medflow/local/other", {.size = 2'200});
  }
  CHECK_FALSE(it.check(held).intact());
}
