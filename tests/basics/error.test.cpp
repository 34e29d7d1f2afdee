#include "medflow/error.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "medflow/result.hpp"

using namespace medflow;

TEST_CASE("R9: each kind has its HTTP status") {
  const std::map<Errc, int> expected{{Errc::invalid, 422},
                                     {Errc::malformed, 400},
                                     {Errc::unauthenticated, 401},
                                     {Errc::forbidden, 403},
                                     {Errc::not_found, 404},
                                     {Errc::conflict, 409},
                                     {Errc::precondition_failed, 412},
                                     {Errc::precondition_required, 428},
                                     {Errc::too_large, 413},
                                     {Errc::unsupported_media, 415},
                                     {Errc::locked, 423},
                                     {Errc::rate_limited, 429},
                                     {Errc::gone, 410},
                                     {Errc::integrity, 500},
                                     {Errc::unavailable, 503},
                                     {Errc::internal, 500}};
  CHECK(error_kinds().size() == expected.size());
  for (const auto& [kind, status] : expected) {
    CHECK(describe(kind).http_status == status);
    CHECK(describe(kind).kind == kind);
  }
}

TEST_CASE("CLI-1: each kind has its exit code") {
  CHECK(describe(Errc::internal).exit_code == 1);
  CHECK(describe(Errc::not_found).exit_code == 3);
  CHECK(describe(Errc::invalid).exit_code == 4);
  CHECK(describe(Errc::conflict).exit_code == 5);
  CHECK(describe(Errc::forbidden).exit_code == 6);
  CHECK(describe(Errc::unauthenticated).exit_code == 6);
  CHECK(describe(Errc::unavailable).exit_code == 7);
  CHECK(describe(Errc::integrity).exit_code == 8);
  for (const auto& row : error_kinds()) CHECK((row.exit_code == 1 || (row.exit_code >= 3 && row.exit_code <= 8)));
}

TEST_CASE("R9: the names of the kinds are distinct and each has a line of text") {
  std::set<std::string_view> names;
  for (const auto& row : error_kinds()) {
    names.insert(row.name);
    CHECK(row.text.ends_with('.'));
  }
  CHECK(names.size() == 16);
  CHECK(names.contains("precondition_required"));
}

TEST_CASE("R9: a failure of one field names the field, its code and why") {
  const Failure named(codes::invalid, "/names/0/family", "text.too_long", "At most 100 characters.");
  REQUIRE(named.error.fields.size() == 1);
  CHECK(named.error.fields[0] ==
        FieldError{.pointer = "/names/0/family", .code = "text.too_long", .message = "At most 100 characters."});
  CHECK(named.error.kind() == Errc::invalid);
  CHECK(std::string(named.what()) == codes::invalid.text);

  const Failure unnamed(codes::invalid, "/birth", "", "No such day.");
  CHECK(unnamed.error.fields[0].code == "invalid");
}

TEST_CASE("R9: a result is an output or an error") {
  const Result<int> good = 4;
  CHECK(good.ok());
  CHECK(*good == 4);
  const Result<int> bad = Failure(codes::not_found).error;
  CHECK(!bad);
  CHECK(bad.error().code == codes::not_found);
  CHECK(!bad.error().retryable());
}
