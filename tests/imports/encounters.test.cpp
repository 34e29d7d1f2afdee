// Real input: facilities, doctors and visits of the California population of Synthea.
#include <doctest/doctest.h>

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
  if (texts.empty()) {
    MESSAGE("skipped: there is no " MEDFLOW_SHARED_DATA "/fhir/synthea-ca-csv.tar.xz");
    return;
  }
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
