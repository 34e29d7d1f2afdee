#include "crypto/row_seal.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace medflow;
using namespace medflow::crypto;
using namespace medflow::crypto::testing;

namespace {

const SealContext row{.tenant = uuid_of(0x11),
                      .table_id = 0x0102,
                      .row_id = uuid_of(0x22),
                      .subject_id = uuid_of(0x33),
                      .block = 7,
                      .block_version = 9};

RowSeal seal_of(std::string_view plain, std::string_view one, std::string_view two, const SealContext& context = row,
                std::uint8_t key = 0) {
  RowSealer sealer(key_counting_from(key), 2, context);
  return sealer.plain(plain).block(one).block(two).finish();
}

}  // namespace

TEST_CASE("SEC-1: row seals have the specified bytes") {  // by Python's hashlib
  CHECK(hex_of(seal_of("columns", "block one", "block two")) == "02006900c697b6c710a017b281f82e13d4a2");
}

TEST_CASE("SEC-1: columns may be fed in pieces") {
  RowSealer sealer(key_counting_from(0), 2, row);
  sealer.plain("col").plain("").plain("umns").block("block one").block("block two");
  CHECK(sealer.matches(seal_of("columns", "block one", "block two")));
}

TEST_CASE("SEC-1: an edited column, an exchanged block, another place or key break the row seal") {
  const RowSeal good = seal_of("columns", "block one", "block two");
  CHECK(good != seal_of("columnz", "block one", "block two"));
  CHECK(good != seal_of("columns", "block two", "block one"));
  CHECK(good != seal_of("columns", "block onf", "block two"));
  CHECK(good != seal_of("columns", "block one", "block two", row, 1));
  SealContext other = row;
  other.row_id.bytes[0] ^= 1;
  CHECK(good != seal_of("columns", "block one", "block two", other));
  for (std::size_t at = 0; at < good.size(); ++at) {
    RowSeal changed = good;
    changed[at] ^= std::byte{0x80};
    RowSealer again(key_counting_from(0), 2, row);
    again.plain("columns").block("block one").block("block two");
    CHECK_FALSE(again.matches(changed));
  }
}

TEST_CASE("a row seal names its key version") {
  CHECK(row_seal_version(seal_of("", "", "")) == 2);
  CHECK_FALSE(row_seal_version({}).has_value());
}
