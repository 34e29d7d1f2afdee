#include "crypto/blind.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace medflow::crypto;
using namespace medflow::crypto::testing;

TEST_CASE("SEC-2: blind tokens have the specified bytes, also from the cache") {  // by Python's hashlib
  BlindIndex index(KeyArena::create(4096), key_counting_from(0));
  const BlindField field{.table = 1, .field = 2, .index = 3, .normaliser_version = 4};
  for (int i = 0; i < 2; ++i)
    CHECK(hex_of(index.token(field, 5, 6, "mrn-000123")) == "cf8ee7faa7f82c266d07d608e5b88743");
}

TEST_CASE("SEC-2: equal values have unequal tokens in other tenants, fields, kinds and partitions") {
  BlindIndex index(KeyArena::create(4096), key_counting_from(0));
  BlindIndex other(KeyArena::create(4096), key_counting_from(1));
  const BlindField field{.table = 1, .field = 2, .index = 3, .normaliser_version = 4};
  const auto token = index.token(field, 5, 6, "a@example.org");
  CHECK(token == index.token(field, 5, 6, "a@example.org"));
  CHECK(token != other.token(field, 5, 6, "a@example.org"));
  CHECK(token != index.token(field, 6, 5, "a@example.org"));
  CHECK(token != index.token({.table = 2, .field = 1, .index = 3, .normaliser_version = 4}, 5, 6, "a@example.org"));
  CHECK(token != index.token({.table = 1, .field = 2, .index = 3, .normaliser_version = 5}, 5, 6, "a@example.org"));
  CHECK(token != index.token(field, 5, 6, "a@example.orh"));
}
