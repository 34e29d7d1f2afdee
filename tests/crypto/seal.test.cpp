#include "crypto/seal.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace medflow;
using namespace medflow::crypto;
using namespace medflow::crypto::testing;

namespace {

const SealContext here{.tenant = uuid_of(0x11),
                       .table_id = 0x0102,
                       .row_id = uuid_of(0x22),
                       .subject_id = uuid_of(0x33),
                       .block = 7,
                       .block_version = 9};
const SealHeader header{.key_version = 3, .block_class = 1, .schema_version = 2};

std::string sealed(std::string_view text, Suite suite = Suite::block) {
  CountingRng rng;
  std::string out;
  seal(key_counting_from(0),
       suite == Suite::block ? header : SealHeader{.key_version = 3, .block_class = 6, .schema_version = 1}, here, text,
       rng, out, suite);
  return out;
}

OpenResult opened(std::string_view block, Suite suite = Suite::block) {
  std::string out = "kept";
  const auto result = open(key_counting_from(0), here, block, out, suite);
  if (result != OpenResult::ok) CHECK(out == "kept");
  return result;
}

}  // namespace

// Computed with an independent implementation of the specification (hashlib's BLAKE2b and a ChaCha20-Poly1305 in Python,
// itself checked against the XChaCha draft's vector).
TEST_CASE("SEC-1: sealed blocks have the specified bytes") {
  CHECK(hex_of(associated_data(here)) ==
        "6d664144010002011111111111111111111111111111111122222222222222222222222222222222333333333333333333333333333333"
        "330700000009000000");
  CHECK(hex_of(sealed("Maria Garcia-Lopez")) ==
        "4d01030001022000404142434445464748494a4b4c4d4e4f50515253545556575c49134791a2efb5ee81c3c45b9c9bdfacdc64d55e8e27"
        "6505dac299"
        "062501da540595405149241cdd8dd18388166869b6a39c83d99bc3d53a8c05ad2977d05d");
  CHECK(hex_of(sealed(std::string(32, 'a'))) ==
        "4d01030001022000404142434445464748494a4b4c4d4e4f50515253545556575c49134791a2efb5ee81c3c45b9c9bdf80dc77dd5ecf01"
        "6516d8ca99"
        "4a080fcb501e74213028457dbcecb0e2e9770908b7cd4a07b6cecb00a4b0f2ea1903f42561df1fd65b639e5598b74d32091fab8041519e"
        "2a33b3a856"
        "12ecc8bb8240a0d6");
  CHECK(hex_of(sealed("hash", Suite::wrap)) ==
        "4d02030006012000404142434445464748494a4b4c4d4e4f50515253545556570c44b1f7d0991d539dbb4eef5b01060e4713ee3f6f12d1"
        "1e808d7d5c"
        "4b812f7644f2eceefc35ec1c09ca91a318b8370310dadc9d0d07a74afd18060426ec0c9aabffcf4f6f2cd700ac12a1e43237af87");
}

TEST_CASE("SEC-1: every length comes back, appended to what was there") {
  SeededRng rng(1);
  const SecureKey key = key_counting_from(7);
  for (std::size_t size = 0; size <= 200; ++size) {
    std::string text(size, '\0');
    rng.fill(std::as_writable_bytes(std::span(text)));
    for (const Suite suite : {Suite::block, Suite::wrap}) {
      std::string block = "before";
      seal(key, header, here, text, rng, block, suite);
      REQUIRE(block.size() == 6 + sealed_size(size, suite));
      std::string out = "x";
      REQUIRE(open(key, here, std::string_view(block).substr(6), out, suite) == OpenResult::ok);
      REQUIRE(out == "x" + text);
    }
  }
}

TEST_CASE("SEC-1: lengths within one bucket of 32 bytes do not show") {
  CHECK(sealed("").size() == sealed(std::string(31, 'x')).size());
  CHECK(sealed(std::string(32, 'x')).size() == sealed("").size() + 32);
  CHECK(sealed("").size() == 64 + 32);
}

TEST_CASE("SEC-1: a block with any bit of any byte changed does not open") {
  for (const Suite suite : {Suite::block, Suite::wrap}) {
    const std::string block = sealed("diagnosis: none of anybody's business", suite);
    const std::size_t text_at = suite == Suite::block ? 48 : 64;
    for (std::size_t at = 0; at < block.size(); ++at)
      for (unsigned bit = 0; bit < 8; ++bit) {
        std::string changed = block;
        changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << bit));
        const auto result = opened(changed, suite);
        REQUIRE(result != OpenResult::ok);
        if (at >= text_at) REQUIRE(result == OpenResult::damaged);
        if (at >= 8 && at < text_at) REQUIRE(result == OpenResult::wrong_key_or_moved);
      }
  }
}

TEST_CASE("SEC-1: a block that was cut or extended does not open") {
  const std::string block = sealed(std::string(100, 'x'));
  for (std::size_t size = 0; size < block.size(); ++size) REQUIRE(opened(block.substr(0, size)) != OpenResult::ok);
  CHECK(opened(block + std::string(1, '\0')) == OpenResult::malformed);
  CHECK(opened(block + std::string(32, '\0')) == OpenResult::damaged);
}

TEST_CASE("SEC-1: a moved block does not open: each part of its place is bound") {
  const std::string block = sealed("moved");
  std::string out;
  const auto result_at = [&](auto change) {
    SealContext there = here;
    change(there);
    return open(key_counting_from(0), there, block, out);
  };
  const auto moved = OpenResult::wrong_key_or_moved;
  for (std::size_t i = 0; i < 16; ++i) {
    CHECK(result_at([&](SealContext& c) { c.tenant.bytes[i] ^= 1; }) == moved);
    CHECK(result_at([&](SealContext& c) { c.row_id.bytes[i] ^= 1; }) == moved);
    CHECK(result_at([&](SealContext& c) { c.subject_id.bytes[i] ^= 1; }) == moved);
  }
  CHECK(result_at([](SealContext& c) { c.table_id = 0x0201; }) == moved);
  CHECK(result_at([](SealContext& c) { std::swap(c.row_id, c.subject_id); }) == moved);
  CHECK(result_at([](SealContext& c) { std::swap(c.row_id, c.tenant); }) == moved);
  CHECK(result_at([](SealContext& c) { std::swap(c.block, c.block_version); }) == moved);
  CHECK(result_at([](SealContext& c) { c.block_version = 10; }) == moved);
  CHECK(result_at([](SealContext&) {}) == OpenResult::ok);
  CHECK(out == "moved");
}

TEST_CASE("SEC-1: another key is told apart from damaged bytes") {
  std::string out;
  CHECK(open(key_counting_from(1), here, sealed("x"), out) == OpenResult::wrong_key_or_moved);
  std::string damaged = sealed("x");
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  CHECK(open(key_counting_from(0), here, damaged, out) == OpenResult::damaged);
  CHECK(out.empty());
}

TEST_CASE("SEC-1: the suites are not exchangeable") {
  std::string as_wrap = sealed("x", Suite::block);
  CHECK(opened(as_wrap, Suite::wrap) == OpenResult::malformed);
  as_wrap[1] = 2;
  CHECK(opened(as_wrap, Suite::wrap) != OpenResult::ok);
  CHECK(opened(sealed("x", Suite::wrap), Suite::block) == OpenResult::malformed);
}

TEST_CASE("a block tells its key version and class before it is opened") {
  CHECK(key_version_of(sealed("x")) == 3);
  CHECK(header_of(sealed("x")) == header);
  CHECK_FALSE(key_version_of("").has_value());
  CHECK_FALSE(key_version_of(std::string(96, 'M')).has_value());
}

TEST_CASE("random bytes are no block") {
  SeededRng rng(5);
  for (int i = 0; i < 2000; ++i) {
    std::string noise(rng.next() % 300, '\0');
    rng.fill(std::as_writable_bytes(std::span(noise)));
    if (noise.size() > 7 && i % 2 == 0) noise.replace(0, 8, std::string("M\x01\x03\x00\x01\x02\x20\x00", 8));
    REQUIRE(opened(noise) != OpenResult::ok);
  }
}
