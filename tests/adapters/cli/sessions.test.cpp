#include "adapters/cli/sessions.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>

#include "adapters/cli/trouble.hpp"
#include "process.hpp"

namespace {

using medflow::cli::SessionFile;
using medflow::cli::StoredSession;

StoredSession session(const std::string& place, const std::string& tenant, const std::string& email, std::int64_t at) {
  return {.place = place,
          .tenant = tenant,
          .email = email,
          .access_token = "a",
          .refresh_token = "r",
          .signed_in_at = {at * 1'000'000}};
}

}  // namespace

TEST_CASE("CLI-1: of several stored sessions the latest that fits is meant") {
  const medflow::tests::Home home;
  SessionFile file(home / "config/medflow");
  CHECK_FALSE(file.find({}));
  file.keep(session("sqlcipher:/data", "north", "ann@north.example", 1));
  file.keep(session("http://clinic.example", "north", "bob@north.example", 3));
  file.keep(session("sqlcipher:/data", "south", "ann@north.example", 2));

  CHECK(file.find({})->email == "bob@north.example");
  CHECK(file.find({.tenant = "south"})->place == "sqlcipher:/data");
  CHECK(file.find({.tenant = "north", .email = "ann@north.example"})->signed_in_at.us == 1'000'000);
  CHECK(file.find({.place = "sqlcipher:/data"})->tenant == "south");
  CHECK_FALSE(file.find({.email = "eve@north.example"}));
}

TEST_CASE("CLI-1: signing in again replaces a session, signing out forgets it, and only its owner can read the file") {
  const medflow::tests::Home home;
  SessionFile file(home / "config/medflow");
  file.keep(session("sqlcipher:/data", "north", "ann@north.example", 1));
  auto again = session("sqlcipher:/data", "north", "ann@north.example", 5);
  again.refresh_token = "newer";
  file.keep(again);
  CHECK(file.find({})->refresh_token == "newer");

  struct stat status {};
  REQUIRE(::stat((home / "config/medflow/sessions.json").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);

  CHECK(file.forget({.email = "ann@north.example"}) == 1);
  CHECK(file.forget({.email = "ann@north.example"}) == 0);
  CHECK_FALSE(file.find({}));
}

TEST_CASE("CLI-1: a file of sessions that cannot be read is said to be so, and is not overwritten") {
  const medflow::tests::Home home;
  medflow::tests::fs::create_directories(home / "medflow");
  const std::string path = home.write("medflow/sessions.json", "{\"sessions\": nonsense");
  SessionFile file(home / "medflow");
  CHECK_THROWS_AS(static_cast<void>(file.find({})), medflow::cli::Trouble);
  CHECK_THROWS_AS(file.keep(session("p", "t", "e", 1)), medflow::cli::Trouble);
  CHECK(medflow::tests::Home::read(path) == "{\"sessions\": nonsense");
}
