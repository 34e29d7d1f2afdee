#include "audit/event.hpp"

#include <doctest/doctest.h>

#include "medflow/error.hpp"
#include "tests/audit/fixture.hpp"

using namespace medflow;
using namespace medflow::audit;
using namespace medflow::audit::testing;

namespace {

std::string encoded(const Event& event) {
  std::string out;
  encode(event, out);
  return out;
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += digits[static_cast<std::uint8_t>(c) >> 4];
    out += digits[static_cast<std::uint8_t>(c) & 15];
  }
  return out;
}

}  // namespace

TEST_CASE("AUD-1: an event comes back as it was written") {
  Event back;
  for (std::uint64_t n = 0; n < 100; ++n) {
    Event event = mixed_event(n);
    event.seq = n + 1;
    const auto bytes = encoded(event);
    REQUIRE(decode(bytes, back));
    CHECK(back == event);
  }
}

TEST_CASE("AUD-1: the form of an event is frozen") {
  // Written down field by field, from the description in the header.
  Event event{.seq = 0x0102,
              .at = {-2},
              .actor_kind = ActorKind::client,
              .actor = some_uuid(0xaa),
              .session = some_uuid(0xbb),
              .roles = 0x0203,
              .action = "a.b",
              .table = 0x1e,
              .object = some_uuid(0xcc),
              .revision = 5,
              .patients = {some_uuid(0xdd)},
              .outcome = Outcome::denied,
              .error = "no",
              .purpose = 4,
              .address_hash = some_hash(0x11),
              .user_agent_hash = some_hash(0x22),
              .request = some_uuid(0xee),
              .count = 6,
              .rows = {{.table = 0x1e, .id = some_uuid(0xcc), .revision = 5, .removed = true}},
              .on_behalf_of = some_uuid(0xff),
              .detail = "xyz"};
  event.rows[0].seal.fill(std::byte{0x33});
  const auto uuid = [](const char* last) { return "01" + std::string(28, '0') + last; };
  const auto times = [](const char* byte, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += byte;
    return out;
  };
  CHECK(hex(encoded(event)) ==
        "01"
        "0201000000000000"
        "feffffffffffffff"
        "02" +
            uuid("aa") + uuid("bb") +
            "0302"
            "03612e62"
            "1e00" +
            uuid("cc") +
            "0500000000000000"
            "01" +
            uuid("dd") +
            "01"
            "026e6f"
            "04" +
            times("11", 16) + times("22", 16) + uuid("ee") +
            "06000000"
            "0100"
            "1e00" +
            uuid("cc") + "0500000000000000" + times("33", 18) +
            "01"
            "01" +
            uuid("ff") +
            "03000000"
            "78797a");
}

TEST_CASE("AUD-1: a read of one patient takes at most 200 bytes, a page of 200 patients at most 400 and 16 a patient") {
  auto event = read_event(1);
  CHECK(encoded(event).size() <= 200);
  event.patients.assign(event_patients_max, some_uuid(3));
  CHECK(encoded(event).size() <= 400 + 16 * event_patients_max);
}

TEST_CASE("AUD-1: what passes an event's limits is not written") {
  std::string out;
  auto event = read_event(1);
  SUBCASE("201 patients") { event.patients.assign(event_patients_max + 1, some_uuid(3)); }
  SUBCASE("65,536 rows") { event.rows.resize(event_rows_max + 1); }
  SUBCASE("an error where all went well") { event.error = "forbidden"; }
  const std::string long_word(event_word_bytes_max + 1, 'a');
  SUBCASE("an action of 256 bytes") { event.action = long_word; }
  CHECK_THROWS_AS(encode(event, out), Failure);
}

TEST_CASE("AUD-1: an event's bytes are read whole or not at all") {
  Event back;
  for (std::uint64_t n = 0; n < 10; ++n) {
    const auto bytes = encoded(mixed_event(n));
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(decode(std::string_view(bytes).substr(0, size), back));
    CHECK_FALSE(decode(bytes + '\0', back));
  }
}

TEST_CASE("AUD-1: only the canonical form of an event is read") {
  Random random(1);
  Event back;
  std::string again;
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    auto bytes = encoded(mixed_event(random() % 50));
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const auto at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.insert(at, 1, static_cast<char>(random()));
          break;
        default:
          bytes.erase(at, 1);
          break;
      }
    }
    if (!decode(bytes, back)) continue;
    ++accepted;
    encode(back, again);
    REQUIRE(again == bytes);
  }
  CHECK(accepted > 1'000);  // or the test would have shown nothing
}

TEST_CASE("AUD-1: random bytes are no event and do no harm") {
  Random random(2);
  Event back;
  for (int round = 0; round < 100'000; ++round) {
    std::string bytes(random() % 300, '\0');
    for (auto& c : bytes) c = static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = 1;
    if (decode(bytes, back)) REQUIRE(encoded(back) == bytes);
  }
}
