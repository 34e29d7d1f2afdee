// The built program over PostgreSQL, from an empty database to a hospital at work.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/adapters/cli/process.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/support/postgres_catalogue.hpp"
#include "tests/support/postgres_server.hpp"

using medflow::storage::postgres::Link;
using medflow::storage::postgres::text_at;
using medflow::tests::Environment;
using medflow::tests::Home;
using medflow::tests::Process;
using medflow::tests::Ran;

namespace {

constexpr std::string_view password = "seven quiet herons wade at dawn";

std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":\"");
  REQUIRE_MESSAGE(at != std::string::npos, name);
  const std::size_t from = at + name.size() + 4;
  return json.substr(from, json.find('"', from) - from);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// A hospital whose head also registers patients; every command is a process of its own over the same database.
class Hospital {
 public:
  Hospital() {
    const std::string made = say({"init", "--json", "--tenant", "northfield", "--email", "head@north.example"});
    complete(member(made, "invitation"));
    sign_in("head@north.example");
    const std::string facility = member(say({"facilities", "list", "--json"}), "id");
    complete(member(say({"users", "invite", "--json", "--email", "desk@north.example", "--display-name", "Desk",
                         "--roles", "receptionist", "--facilities", facility}),
                    "token"));
    sign_in("desk@north.example");
  }

  Ran run(const std::vector<std::string>& words) const { return medflow::tests::run(home, words, environment()); }
  std::string say(const std::vector<std::string>& words) const {
    const Ran ran = run(words);
    REQUIRE_MESSAGE(ran.exit == 0, ran.err);
    return ran.out;
  }
  Environment environment() const { return {{"DATABASE_URL", database.app()}, {"DIRECT_URL", database.migrator()}}; }

  Home home;
  medflow::testing::PostgresDatabase database;

 private:
  void complete(const std::string& token) const {
    say({"auth", "register", "--tenant", "northfield", "--invitation-file", home.write("invitation", token),
         "--password-file", home.write("password", std::string(password)), "--display-name", "Somebody"});
  }
  void sign_in(const std::string& email) const {
    say({"login", "--tenant", "northfield", "--email", email, "--password-file", home / "password"});
  }
};

/// The family names of the patients that were made, those that are long enough to be told from chance.
std::vector<std::string> families(const std::string& csv) {
  std::vector<std::string> names;
  std::istringstream lines(csv);
  std::string line;
  std::size_t last = 0;
  for (bool header = true; std::getline(lines, line); header = false) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
    if (header)
      last = static_cast<std::size_t>(std::find(cells.begin(), cells.end(), "LAST") - cells.begin());
    else if (cells.at(last).size() > 5)
      names.push_back(cells.at(last));
  }
  return names;
}

std::string hex(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 0xFU];
  }
  return out;
}

/// All rows that a session of the role that works sees after it has set `tenant` by itself.
std::string forged_look(Link& link, const std::string& space, const std::string& tenant) {
  std::string all;
  link.ask("SELECT set_config('mf.tenant', $1, false)", {tenant});
  const auto tables = link.ask("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = $1", {space});
  for (int table = 0; table < PQntuples(tables.get()); ++table) {
    const auto rows =
        link.ask("SELECT seen::text FROM \"" + space + "\".\"" + std::string{text_at(tables, table, 0)} + "\" seen");
    for (int row = 0; row < PQntuples(rows.get()); ++row) all.append(text_at(rows, row, 0)).push_back('\n');
  }
  return all;
}

}  // namespace

TEST_CASE("TEN-3: the program takes a hospital from an empty PostgreSQL database to an audited one at work") {
  const Hospital there;
  there.say({"generate", "synthea-csv", there.home / "csv", "--patients", "200"});
  there.say({"import", "synthea-csv", there.home / "csv", "--as", "head@north.example"});
  const std::string first = there.say({"patients", "list", "--limit", "150", "--json", "--as", "desk@north.example"});
  CHECK(count(first, "\"mrn\":") == 150);
  const std::string rest = there.say({"patients", "list", "--limit", "150", "--json", "--as", "desk@north.example",
                                      "--cursor", member(first, "next")});
  CHECK(count(rest, "\"mrn\":") == 50);
  CHECK(there.run({"audit", "verify", "--as", "head@north.example"}).exit == 0);

  Link admin{{.url = there.database.admin()}};
  CHECK(medflow::testing::catalogue_findings(admin, "medflow_test_app") == std::vector<std::string>{});

  Process server(there.home, {"serve", "--port", "0"}, there.environment());
  const std::string address = server.first_line();
  REQUIRE(address.find("http://127.0.0.1:") == 0);
  CHECK(count(there.say({"patients", "list", "--json", "--as", "desk@north.example"}), "\"mrn\":") == 50);  // beside it
  server.end();
  CHECK(server.wait().exit == 0);
}

TEST_CASE("TEN-3: whoever forges the tenant in the database finds ciphertext where patients are") {
  const Hospital there;
  there.say({"generate", "synthea-csv", there.home / "csv", "--patients", "40"});
  there.say({"import", "synthea-csv", there.home / "csv", "--as", "head@north.example"});
  Link app{{.url = there.database.app()}};
  const auto stores = app.ask("SELECT id FROM medflow.stores WHERE schema = 'tenant'");
  REQUIRE(PQntuples(stores.get()) == 1);
  const std::string seen = forged_look(app, "tenant", std::string{text_at(stores, 0, 0)});
  const auto names = families(Home::read(there.home / "csv/patients.csv"));
  REQUIRE(names.size() > 10);
  const auto found = [&](std::string_view name) {
    return seen.find(name) != std::string::npos || seen.find(hex(name)) != std::string::npos;
  };
  for (const auto& name : names) CHECK_FALSE(found(name));
  CHECK(found("receptionist") == false);  // roles are sealed as well
  CHECK(found("active"));                 // the look would find what is not
}

TEST_CASE("TEN-3: the program refuses a role that row level security does not bind") {
  const Home home;
  const medflow::testing::PostgresDatabase database;
  const Ran ran = medflow::tests::run(home, {"init", "--tenant", "northfield", "--email", "head@north.example"},
                                      {{"DATABASE_URL", database.admin()}});
  CHECK(ran.exit == 2);
  CHECK(ran.err.find("DATABASE_URL: role postgres is a superuser") != std::string::npos);
}
