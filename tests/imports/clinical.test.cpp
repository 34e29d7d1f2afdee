// Real input: the clinical tables of the California population of Synthea.
#include "imports/clinical.hpp"

#include <doctest/doctest.h>

#include <set>

#include "tests/support/california.hpp"

using namespace medflow;
using namespace medflow::testing;
namespace clinical = medflow::imports::clinical;

namespace {

/// The tables' texts by name; none where the data is not there.
const std::map<std::string, std::string>& tables() {
  static const std::map<std::string, std::string> texts =
      california({"conditions", "allergies", "medications", "observations", "procedures", "immunizations", "careplans",
                  "encounters"});
  return texts;
}

bool skipped() { return tables().empty(); }

/// All rows of a table, piece by piece as an import has them.
template <class Read>
auto rows_of(const std::string& text, std::span<const std::string_view> columns, Read read) {
  std::vector<decltype(read(imports::Line{}))> rows;
  std::istringstream in(text);
  cli::CsvPieces pieces(in);
  while (const auto piece = pieces.next()) {
    const auto table = imports::read_table(Content::of("text/csv", piece->text), piece->first_line, columns);
    REQUIRE(table.report.failed == 0);
    for (const imports::Line& line : table.lines) rows.push_back(read(line));
  }
  return rows;
}

template <class T>
std::size_t distinct_ids(const std::vector<T>& rows) {
  std::set<Uuid> ids;
  for (const T& row : rows) ids.insert(row.id);
  return ids.size();
}

/// What is wrong with a line: "STOP:time.order".
template <class Read>
std::string wrong(Read read, std::vector<std::string> cells) {
  try {
    read(imports::Line{.number = 2, .cells = std::move(cells)});
  } catch (const Failure& failure) {
    REQUIRE(failure.error.fields.size() == 1);
    return failure.error.fields[0].pointer + ":" + failure.error.fields[0].code;
  }
  return "";
}

const std::string who = "ac71ad72-4172-803c-4e82-448f043d8db3";
const std::string visit = "74e6d5a6-aa39-0711-7d9b-c9d05a1d9cbf";

}  // namespace

TEST_CASE("INT-5: every line of California's clinical tables is read, and each has an id of its own") {
  if (skipped()) return;
  const auto& texts = tables();
  const auto conditions = rows_of(texts.at("conditions"), clinical::condition_columns(), clinical::condition_of);
  CHECK(conditions.size() == 1'534);
  CHECK(distinct_ids(conditions) == 1'534);
  const auto allergies = rows_of(texts.at("allergies"), clinical::allergy_columns(), clinical::allergy_of);
  CHECK(allergies.size() == 25);
  CHECK(distinct_ids(allergies) == 25);
  const auto medications = rows_of(texts.at("medications"), clinical::medication_columns(), clinical::medication_of);
  CHECK(medications.size() == 1'772);
  CHECK(distinct_ids(medications) == 1'772);
  const auto observations =
      rows_of(texts.at("observations"), clinical::observation_columns(), clinical::observation_of);
  CHECK(observations.size() == 21'697);
  CHECK(distinct_ids(observations) == 21'697);  // seven say what another says
  const auto procedures = rows_of(texts.at("procedures"), clinical::procedure_columns(), clinical::procedure_of);
  CHECK(procedures.size() == 4'637);
  CHECK(distinct_ids(procedures) == 4'637);  // 627 say what another says
  const auto immunizations =
      rows_of(texts.at("immunizations"), clinical::immunization_columns(), clinical::immunization_of);
  CHECK(immunizations.size() == 891);
  CHECK(distinct_ids(immunizations) == 891);
  const auto careplans = rows_of(texts.at("careplans"), clinical::careplan_columns(), clinical::careplan_of);
  CHECK(careplans.size() == 179);
  CHECK(distinct_ids(careplans) == 179);

  // The same file again has the same ids.
  const auto again = rows_of(texts.at("procedures"), clinical::procedure_columns(), clinical::procedure_of);
  for (std::size_t i = 0; i < again.size(); ++i) CHECK(again[i].id == procedures[i].id);

  // Whoever is named has encounters.
  std::set<std::string> encounters;
  std::istringstream lines(texts.at("encounters"));
  for (std::string line; std::getline(lines, line);) encounters.insert(line.substr(0, 36));
  std::size_t without = 0;
  for (const auto& row : observations) {
    if (row.encounter) CHECK(encounters.contains(row.encounter->text()));
    without += row.encounter ? 0 : 1;
  }
  CHECK(without == 1'512);
  for (const auto& row : procedures) CHECK(encounters.contains(row.encounter.value().text()));
}

TEST_CASE("INT-5: what California's lines say is what is read") {
  if (skipped()) return;
  const auto& texts = tables();
  const auto conditions = rows_of(texts.at("conditions"), clinical::condition_columns(), clinical::condition_of);
  CHECK(conditions[0].line == 2);
  CHECK(conditions[0].patient.text() == who);
  CHECK(conditions[0].encounter.value().text() == visit);
  CHECK(conditions[0].code ==
        clinical::Coded{.system = "http://snomed.info/sct", .code = "359817006", .display = "Closed fracture of hip"});
  CHECK(conditions[0].onset == Date{.year = 2013, .month = 12, .day = 18});
  CHECK(conditions[0].abatement == Date{.year = 2014, .month = 3, .day = 9});
  std::size_t lasting = 0;
  for (const auto& row : conditions) lasting += row.abatement ? 0 : 1;
  CHECK(lasting == 401);

  const auto allergies = rows_of(texts.at("allergies"), clinical::allergy_columns(), clinical::allergy_of);
  std::map<clinical::AllergyCategory, int> categories;
  std::map<clinical::Severity, int> severities;
  std::size_t intolerances = 0;
  for (const auto& row : allergies) {
    ++categories[row.category];
    intolerances += row.kind == clinical::AllergyKind::intolerance ? 1 : 0;
    CHECK((row.substance.system == clinical::rxnorm) == (row.category == clinical::AllergyCategory::medication));
    for (const auto& reaction : row.reactions) ++severities[reaction.severity.value()];
  }
  CHECK(categories[clinical::AllergyCategory::environment] == 13);
  CHECK(categories[clinical::AllergyCategory::food] == 9);
  CHECK(categories[clinical::AllergyCategory::medication] == 3);
  CHECK(intolerances == 1);
  CHECK(severities[clinical::Severity::mild] == 3 + 6);
  CHECK(severities[clinical::Severity::moderate] == 9 + 5);
  CHECK(severities[clinical::Severity::severe] == 2);

  const auto medications = rows_of(texts.at("medications"), clinical::medication_columns(), clinical::medication_of);
  CHECK(medications[0].drug.system == "http://www.nlm.nih.gov/research/umls/rxnorm");
  CHECK(medications[0].dispenses == 2);
  CHECK_FALSE(medications[0].reason);
  CHECK(medications[1].reason.value().code == "43878008");
  std::size_t taken = 0;
  std::size_t reasons = 0;
  for (const auto& row : medications) {
    taken += row.stop ? 0 : 1;
    reasons += row.reason ? 1 : 0;
  }
  CHECK(taken == 122);
  CHECK(reasons == 1'772 - 477);

  const auto observations =
      rows_of(texts.at("observations"), clinical::observation_columns(), clinical::observation_of);
  std::map<clinical::Place, int> places;
  std::map<std::string, int> units;
  int numeric = 0;
  for (const auto& row : observations) {
    ++places[row.place];
    ++units[row.unit];
    numeric += row.numeric ? 1 : 0;
  }
  // 5,412 of the category vital-signs: 3,995 are signs, 531 are the body mass index, 886 are neither.
  CHECK(places[clinical::Place::vital_sign] == 582 + 633 + 82 + 635 + 635 + 625 + 625 + 101 + 77);
  CHECK(places[clinical::Place::derived] == 531);
  CHECK(places[clinical::Place::survey] == 8'868);
  CHECK(places[clinical::Place::none] == 1'512);
  CHECK(places[clinical::Place::result] == 5'852 + 32 + 21 + (621 + 82 + 180 + 1 + 1 + 1));
  CHECK(units["null"] == 0);
  CHECK(units["mm[Hg]"] == 1'327);
  CHECK(numeric == 13'800);

  const auto careplans = rows_of(texts.at("careplans"), clinical::careplan_columns(), clinical::careplan_of);
  CHECK(careplans[0].id.text() == "1eb930ee-7bc7-36d0-af66-7ab7bf26d98f");
  const auto immunizations =
      rows_of(texts.at("immunizations"), clinical::immunization_columns(), clinical::immunization_of);
  CHECK(immunizations[0].vaccine.system == "http://hl7.org/fhir/sid/cvx");
  CHECK(immunizations[0].vaccine.code == "08");
  const auto procedures = rows_of(texts.at("procedures"), clinical::procedure_columns(), clinical::procedure_of);
  CHECK(procedures[0].start.text() == "2021-08-23T03:26:50Z");
  CHECK(procedures[0].stop.us - procedures[0].start.us == 15 * 60 * 1'000'000LL);
}

TEST_CASE("INT-5, R9: a clinical line that cannot be read is named by its column") {
  using namespace medflow::imports::clinical;
  CHECK(wrong(condition_of, {"2013-12-18", "", who, visit, "1", "x"}).empty());
  CHECK(wrong(condition_of, {"2013-02-30", "", who, visit, "1", "x"}) == "START:format.date");
  CHECK(wrong(condition_of, {"2013-12-18", "2013-12-17", who, visit, "1", "x"}) == "STOP:time.order");
  CHECK(wrong(condition_of, {"2013-12-18", "", "nobody", visit, "1", "x"}) == "PATIENT:format.uuid");
  CHECK(wrong(condition_of, {"2013-12-18", "", who, "x", "1", "x"}) == "ENCOUNTER:format.uuid");
  CHECK(wrong(condition_of, {"2013-12-18", "", who, "", "1", "x"}) == "ENCOUNTER:required");
  CHECK(wrong(condition_of, {"2013-12-18", "", who, visit, "", "x"}) == "CODE:required");

  const auto allergy = [](std::size_t at, const std::string& cell) {
    std::vector<std::string> cells = {
        "1999-12-29",  "",         who,           visit,    "111088007", "SNOMED-CT", "Latex", "allergy",
        "environment", "39579001", "Anaphylaxis", "SEVERE", "",          "",          ""};
    cells[at] = cell;
    return wrong(allergy_of, cells);
  };
  CHECK(allergy(0, "1999-12-29").empty());
  CHECK(allergy(5, "ICD") == "SYSTEM:enum.unknown");
  CHECK(allergy(7, "dislike") == "TYPE:enum.unknown");
  CHECK(allergy(8, "people") == "CATEGORY:enum.unknown");
  CHECK(allergy(11, "severe") == "SEVERITY1:enum.unknown");

  const std::string start = "2013-12-18T15:27:41Z";
  CHECK(wrong(medication_of, {start, "", who, visit, "1", "x", "2", "", ""}).empty());
  CHECK(wrong(medication_of, {start, "2013-12-18T15:27:40Z", who, visit, "1", "x", "2", "", ""}) == "STOP:time.order");
  for (const char* times : {"", "-1", "2.5", "4294967296"})
    CHECK(wrong(medication_of, {start, "", who, visit, "1", "x", times, "", ""}) == "DISPENSES:type.mismatch");

  const auto observation = [&](const std::string& category, const std::string& value, const std::string& type,
                               const std::string& encounter = visit) {
    return wrong(observation_of, {start, who, encounter, category, "8302-2", "Body Height", value, "cm", type});
  };
  CHECK(observation("vital-signs", "-49.2", "numeric").empty());
  for (const char* value : {"", "tall", "4.", ".5", "1e3", "4,2", "--1", "1.2.3"})
    CHECK(observation("vital-signs", value, "numeric") == "VALUE:type.mismatch");
  CHECK(observation("survey", "tall", "text").empty());
  CHECK(observation("survey", "tall", "words") == "TYPE:enum.unknown");
  CHECK(observation("imaging", "1", "numeric") == "CATEGORY:enum.unknown");
  CHECK(observation("laboratory", "1", "numeric", "") == "ENCOUNTER:required");
  CHECK(observation("", "1", "numeric", "").empty());

  CHECK(wrong(procedure_of, {start, "", who, visit, "1", "x", "", ""}) == "STOP:format.instant");
  CHECK(wrong(immunization_of, {"2013-12-18", who, visit, "08", "x"}) == "DATE:format.instant");
  CHECK(wrong(careplan_of, {"x", "2013-12-18", "", who, visit, "1", "x", "", ""}) == "Id:format.uuid");
}
