// Real input: the California population of Synthea, in the layout in which Synthea writes it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/platform.hpp"
#include "tests/support/shared_data.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

using Row = std::map<std::string, std::string>;

struct Source {
  std::string csv{};
  std::vector<Row> rows{};
};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  if (line.ends_with(',')) cells.emplace_back();
  return cells;
}

/// Empty where the data is not there.
Source california() {
  const std::string archive = shared_data("fhir/synthea-ca-csv.tar.xz");
  if (archive.empty()) return {};
  const TemporaryFolder folder;
  REQUIRE(std::system(("tar -xJf '" + archive + "' -C '" + folder.path() + "' patients.csv").c_str()) == 0);
  std::ostringstream text;
  text << std::ifstream(folder / "patients.csv", std::ios::binary).rdbuf();
  Source source{.csv = text.str()};
  std::istringstream lines(source.csv);
  std::string line;
  std::getline(lines, line);
  REQUIRE(source.csv.find('"') == std::string::npos);  // so that this reader may be as simple as it is
  const auto header = cells_of(line);
  while (std::getline(lines, line)) {
    const auto cells = cells_of(line);
    REQUIRE(cells.size() == header.size());
    Row& row = source.rows.emplace_back();
    for (std::size_t i = 0; i < cells.size(); ++i) row[header[i]] = cells[i];
  }
  return source;
}

imports::Report import(const Session& admin, const Source& source) {
  return must(admin.call(imports::Patients{.content = Content::of("text/csv", source.csv)}));
}

std::set<std::string> ids_of(const Page<patients::Patient>& page) {
  std::set<std::string> ids;
  for (const auto& patient : page.data) ids.insert(patient.id.text());
  return ids;
}

bool finds(const Session& desk, std::string name, const std::string& id) {
  return ids_of(must(desk.call(patients::List{.name = std::move(name), .limit = page_limit_max}))).contains(id);
}

std::set<std::string> holders(const Session& desk, std::string identifier) {
  return ids_of(must(desk.call(patients::List{.identifier = std::move(identifier)})));
}

/// How somebody types it who has no marks on the keyboard.
std::string typed(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> marks[] = {
      {"á", "a"}, {"é", "e"}, {"í", "i"}, {"ó", "o"}, {"ú", "u"}, {"ñ", "n"}, {"Á", "a"}, {"É", "e"}, {"Ó", "o"}};
  for (const auto& [marked, plain] : marks)
    for (std::size_t at = text.find(marked); at != std::string::npos; at = text.find(marked))
      text.replace(at, marked.size(), plain);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(c < 128 ? std::tolower(c) : c); });
  return text;
}

/// The doctor sees of what and when somebody died; the desk finds people.
// NOLINTNEXTLINE(readability-function-size): each check is dozens of statements
void check_row(const Session& doctor, const Session& desk, const Row& row) {
  const std::string& id = row.at("Id");
  CAPTURE(id);
  const auto patient = must(doctor.call(patients::Get{.id = *PatientId::parse(id)}));
  CHECK(patient.id.text() == id);
  CHECK(patient.names.at(0).family == row.at("LAST"));
  CHECK(patient.names.at(0).given == std::vector{row.at("FIRST")});
  CHECK(patient.names.at(0).prefix == row.at("PREFIX"));
  REQUIRE(patient.birth.has_value());
  CHECK(patient.birth->date.text() == row.at("BIRTHDATE"));
  CHECK_FALSE(patient.birth->estimated);
  CHECK(patient.deceased.has_value() == !row.at("DEATHDATE").empty());
  if (patient.deceased) CHECK(patient.deceased->at.value_or(PartialDate{}).text() == row.at("DEATHDATE"));
  CHECK(patient.sex_admin == (row.at("GENDER") == "M" ? patients::Sex::male : patients::Sex::female));
  CHECK(patient.addresses.at(0).lines == std::vector{row.at("ADDRESS")});
  CHECK(patient.addresses.at(0).postal == row.at("ZIP"));

  const std::string family = typed(row.at("LAST"));
  const std::string given = typed(row.at("FIRST"));
  CHECK(finds(desk, family, id));
  CHECK(finds(desk, family.substr(0, 4), id));
  CHECK(finds(desk, given + " " + family, id));
  CHECK(finds(desk, family + " " + given.substr(0, 2), id));
  if (!row.at("MAIDEN").empty()) CHECK(finds(desk, typed(row.at("MAIDEN")), id));
  CHECK_FALSE(finds(desk, family + " " + given + "x", id));

  CHECK(holders(desk, "http://hl7.org/fhir/sid/us-ssn|" + row.at("SSN")) == std::set{id});
  CHECK(holders(desk, row.at("SSN")) == std::set{id});
  if (!row.at("DRIVERS").empty())
    CHECK(holders(desk, "urn:oid:2.16.840.1.113883.4.3.25|" + row.at("DRIVERS")) == std::set{id});
  if (!row.at("PASSPORT").empty())
    CHECK(holders(desk, "http://hl7.org/fhir/sid/passport-USA|" + row.at("PASSPORT")) == std::set{id});
}

}  // namespace

TEST_CASE("the population of California comes in whole, is found by name and identifier, and comes in once") {
  const Source source = california();
  if (source.rows.empty()) return;
  REQUIRE(source.rows.size() == 59);
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Session admin = hospital.as(Role::tenant_admin);
    const Session desk = hospital.as(Role::receptionist);
    const auto first = import(admin, source);
    CHECK(first.created == source.rows.size());
    CHECK(first.failed == 0);
    CHECK(first.rows.empty());
    for (const Row& row : source.rows) check_row(hospital.as(Role::doctor), desk, row);

    const auto before = must(desk.call(patients::List{.limit = page_limit_max}));
    const auto second = import(admin, source);
    CHECK(second.created == 0);
    CHECK(second.unchanged == source.rows.size());
    const auto after = must(desk.call(patients::List{.limit = page_limit_max}));
    REQUIRE(after.data.size() == source.rows.size());
    CHECK_FALSE(after.page.next.has_value());
    for (std::size_t i = 0; i < after.data.size(); ++i) CHECK(after.data[i].revision == before.data[i].revision);
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}
