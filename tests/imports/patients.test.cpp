#include <doctest/doctest.h>

#include "tests/imports/reports.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

imports::Report import(const Session& admin, const std::string& rows) {
  return must(admin.call(imports::Patients{
      .content = Content::of(
          "text/csv", "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,FIRST,LAST,MAIDEN,MARITAL,GENDER,ZIP\n" + rows)}));
}

std::string id(int n) { return "00000000-0000-4000-8000-0000000000" + std::to_string(10 + n); }

}  // namespace

TEST_CASE("PAT-16: the report names every column that is wrong, and counts a line once") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    const std::string longest = repeated(101, "x");
    std::string rows;
    rows += id(0) + ",1980-13-01,,,,,Ann,Able,,,X," + longest + "\n";  // line 2
    rows += id(1) + ",1980-01-01,,,,,Ann,Able,,,F,\n";
    rows += id(2) + ",1980-01-01\n";
    rows += id(3) + ",1980-01-01,,,," + longest + ",Ann,Able,,,F,\n";
    rows += id(4) + ",1980-01-01,,,---,,Ann,Able,,,F,\n";
    rows +=
        "no-id,1980-01-01,2999-01-01,***,,,-,-,,,M,\n";  // what cells and rules of fields say, and what the content does
    rows += id(5) + ",1980-01-01,1979-12-31,,,,Ann,Able,,,F,\n";
    rows += id(6) + ",1980-01-01,,,,," + longest + ",Able,Young,,F,\n";  // the given name of two names
    const auto report = import(admin, rows);
    CHECK(report.created == 1);
    CHECK(report.failed == 7);
    CHECK(failures(report) ==
          std::map<std::uint64_t, std::string>{{2, "BIRTHDATE:date.invalid GENDER:enum.unknown ZIP:text.too_long"},
                                               {4, ":csv.columns"},
                                               {5, "PASSPORT:text.too_long"},
                                               {6, "DRIVERS:required"},
                                               {7, "Id:format.uuid LAST:name.empty DEATHDATE:date.future"},
                                               {8, "DEATHDATE:date.order"},
                                               {9, "FIRST:text.too_long"}});
    for (std::size_t i = 1; i < report.rows.size(); ++i) CHECK(report.rows[i - 1].line <= report.rows[i].line);
    CHECK(must(hospital.as(Role::receptionist).call(patients::List{})).data.size() == 1);
  }
}

TEST_CASE("PAT-16: what another line holds already is named by its line") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const auto report = import(hospital.as(Role::tenant_admin), id(0) + ",1980-01-01,,1-2-3,,,Ann,Able,,,F,\n" + id(1) +
                                                                  ",1980-01-01,,123,,,Bea,Baker,,,F,\n");
  CHECK(report.created == 1);
  CHECK(failures(report) == std::map<std::uint64_t, std::string>{{3, ":patient.duplicate"}});
}
