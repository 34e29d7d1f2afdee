#include "storage/sqlite/library.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tests/conformance/file_harness.hpp"

using namespace medflow::storage;
using namespace medflow::storage::sqlite;

TEST_CASE("SQLite and SQLCipher are loaded beside each other, each whole") {
  const Library plain = load_library(LibraryKind::sqlite);
  const Library cipher = load_library(LibraryKind::sqlcipher);
  CHECK(std::string{plain.sourceid()} != cipher.sourceid());
  CHECK((plain.open_v2 != cipher.open_v2));
  CHECK((plain.key_v2 == nullptr));
  CHECK((cipher.key_v2 != nullptr));
}

TEST_CASE("a library that is loaded twice is the same") {
  CHECK((load_library(LibraryKind::sqlite).open_v2 == load_library(LibraryKind::sqlite).open_v2));
}

TEST_CASE("engines of both libraries work at the same time") {
  using namespace medflow::conformance;
  FileHarness<false> plain;
  FileHarness<true> cipher;
  const auto left = plain.create();
  const auto right = cipher.create();
  left->write([&](Transaction& outer) {
    insert(outer, people::table, person("a", 1, "A"));
    insert(*right, people::table, {person("b", 2, "B")});
  });
  CHECK(firsts(*left, {.table = &people::table}) == Texts{"a"});
  CHECK(firsts(*right, {.table = &people::table}) == Texts{"b"});
  CHECK(plain.engine().name() == "sqlite");
  CHECK(cipher.engine().name() == "sqlcipher");
}
