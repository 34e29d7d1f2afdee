// Real input: facilities, doctors and visits of the California population of Synthea.
#include <doctest/doctest.h>

#include "tests/imports/reports.hpp"
#include "tests/support/california.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// How many appointments a list shows, page by page.
int count_of(const Session& session, appointments::List list) {
  int count = 0;
  list.limit = page_limit_max;
  do {
    const auto page = must(session.call(list));
    count += static_cast<int>(page.data.size());
    list.cursor = page.page.next.value_or("");
  } while (!list.cursor.empty());
  return count;
}

}  // namespace

TEST_CASE("INT-5: the encounters of California become visits, as many for each patient and doctor as there are rows") {
  const auto texts = california({"patients", "organizations", "providers", "encounters"});
  if (texts.empty()) return;
  const std::string& encounters = texts.at("encounters");
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Session admin = hospital.as(Role::tenant_admin);
    CHECK(import <imports::Patients>(admin, texts.at("patients")).created == 59);
    CHECK(import <imports::Facilities>(admin, texts.at("organizations")).created == 173);
    CHECK(import <imports::Doctors>(admin, texts.at("providers")).created == 173);
    const auto first = import <imports::Appointments>(admin, encounters);
    CHECK(first.created == 2'590);
    CHECK(first.failed == 0);

    const auto by_patient = counts_by(encounters, "PATIENT");
    const auto by_doctor = counts_by(encounters, "PROVIDER");
    REQUIRE(by_patient.size() == 59);
    for (const auto& [patient, count] : by_patient)
      CHECK(count_of(admin, {.patient = PatientId::parse(patient)}) == count);
    for (const auto& [doctor, count] : by_doctor) CHECK(count_of(admin, {.resource = Uuid::parse(doctor)}) == count);

    const auto second = import <imports::Appointments>(admin, encounters);
    CHECK(second.created == 0);
    CHECK(second.unchanged == 2'590);
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("INT-5: lines that break a rule are named and left out") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session admin = hospital.as(Role::tenant_admin);
  const auto report = must(admin.call(imports::Doctors{
      .content = Content::of("text/csv",
                             "Id,ORGANIZATION,NAME,SPECIALITY\n"
                             "nonsense,8da4b26f-9f34-3540-bb61-345286bc82f3,A,GENERAL PRACTICE\n"
                             "dc831f98-80cb-393c-9a7d-3f6b191191aa,8da4b26f-9f34-3540-bb61-345286bc82f3,B,X\n"
                             "one,two\n")}));
  CHECK(report.created == 0);
  REQUIRE(report.rows.size() == 3);
  std::map<std::uint64_t, std::string> found;
  for (const auto& row : report.rows) found[row.line] = row.column + ":" + row.code;
  CHECK(found == std::map<std::uint64_t, std::string>{
                     {2, "Id:format.uuid"}, {3, "ORGANIZATION:facility.unknown"}, {4, ":csv.columns"}});
  CHECK(code_of(admin.call(imports::Appointments{.content = Content::of("text/csv", "Id,START\n")})) ==
        "import.layout");
}

TEST_CASE("R4, INT-5: names and addresses of an import are held to the limits of their fields, in code points") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Hospital hospital = make_platform(TestEngine(name));
    const Session admin = hospital.as(Role::tenant_admin);
    const auto cyrillic = [](std::size_t count) { return repeated(count, "\xD0\x96"); };
    const auto id = [](int n) { return "8da4b26f-9f34-3540-bb61-34528600000" + std::to_string(n); };
    const auto places = must(admin.call(imports::Facilities{
        .content = Content::of("text/csv", "Id,NAME,ADDRESS,CITY,STATE,ZIP\n" + id(1) + "," + cyrillic(200) + "," +
                                               cyrillic(120) + ",,,\n" + id(2) + "," + cyrillic(201) + ",,,,\n" +
                                               id(3) + ",C," + cyrillic(121) + ",,,\n" + id(4) + ",D,,,,\xFF\n" +
                                               id(5) + ",E,,,," + cyrillic(21) + "\n")}));
    CHECK(places.created == 1);
    CHECK(failures(places) == std::map<std::uint64_t, std::string>{{3, "NAME:text.too_long"},
                                                                   {4, "ADDRESS:text.too_long"},
                                                                   {5, "ZIP:text.invalid_utf8"},
                                                                   {6, "ZIP:text.too_long"}});
    CHECK(must(admin.call(facilities::Get{.id = FacilityId::parse(id(1)).value()})).name == cyrillic(200));
    const auto doctors = must(admin.call(imports::Doctors{
        .content = Content::of("text/csv", "Id,ORGANIZATION,NAME,SPECIALITY\n" + id(6) + "," + id(1) +
                                               ",Dr \xE2\x80\xAEGrey,\n" + id(7) + "," + id(1) + ",Dr Grey," +
                                               std::string(61, 'A') + "\n" + id(8) + "," + id(1) + ",Dr Grey,\n")}));
    CHECK(doctors.created == 1);
    CHECK(failures(doctors) ==
          std::map<std::uint64_t, std::string>{{2, "NAME:text.control_character"}, {3, "SPECIALITY:text.too_long"}});

    const std::string patient = hospital.add_patients(1).at(0).id.text();
    const auto visit = [&](int n, const std::string& description) {
      return id(n) + ",2020-01-02T15:00:00Z,2020-01-02T16:00:00Z," + patient + "," + id(1) + "," + id(8) +
             ",ambulatory," + description + "\n";
    };
    const std::string csv = "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,ENCOUNTERCLASS,DESCRIPTION\n" +
                            visit(1, cyrillic(500)) + visit(2, cyrillic(501)) + visit(3, "Toux \xE0 vie");
    const std::map<std::uint64_t, std::string> expected = {{3, "DESCRIPTION:text.too_long"},
                                                           {4, "DESCRIPTION:text.invalid_utf8"}};
    const auto visits = import <imports::Appointments>(admin, csv);
    CHECK(visits.created == 1);
    CHECK(failures(visits) == expected);
    const auto encounters = import <imports::Encounters>(admin, csv);
    CHECK(encounters.created == 1);
    CHECK(failures(encounters) == expected);
  }
}
