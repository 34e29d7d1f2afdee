// Code systems that one process loads are searched by the others.
#include <doctest/doctest.h>

#include "tests/codes/loading.hpp"
#include "tests/processes/house.hpp"

using namespace medflow;
using namespace medflow::testing;

TEST_CASE("REC-6: a version that another process loads or puts to use is the one that is searched") {
  House house;
  const Platform other = house.join();
  const Session here = house.hospital.as(Role::tenant_admin);
  const Session there = house.on(other, Role::tenant_admin);
  CHECK(fields_of(there.call(codes::Search{.system = icd, .q = "x"})) == "/system:code_system.unknown");

  const auto first = load(here, "2025", {{"Z99", "Old code"}}).system;
  CHECK(search(there, "code") == std::vector<std::string>{"Z99"});
  CHECK(search(here, "code") == std::vector<std::string>{"Z99"});

  // A version that comes in through both, piece by piece.
  const auto begun = must(here.call(piece_of("2026", csv_of({{"U07.1", "New code"}})))).system;
  auto rest = piece_of("2026", csv_of({{"U07.2", "New code as well"}}));
  rest.id = begun.id;
  rest.total = 2;
  CHECK(search(there, "new").empty());
  must(there.call(rest));
  CHECK(search(here, "code") == std::vector<std::string>{"U07.1", "U07.2"});
  CHECK(search(there, "code") == std::vector<std::string>{"U07.1", "U07.2"});

  must(here.call(code_systems::Activate{.id = first.id}));
  CHECK(search(there, "code") == std::vector<std::string>{"Z99"});
  must(there.call(code_systems::Activate{.id = begun.id}));
  CHECK(search(here, "code") == std::vector<std::string>{"U07.1", "U07.2"});
  CHECK(must(here.call(audit::Verify{})).intact);
  CHECK(must(there.call(audit::Verify{})).intact);
}
