// Real input: the charts of the California population of Synthea.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/imports/reports.hpp"
#include "tests/support/california.hpp"

using namespace medflow;
using namespace medflow::testing;
using imports::ClinicalTable;

namespace {

struct Table {
  const char* name = nullptr;
  ClinicalTable table{};
  records::RecordKind kind{};
};

constexpr Table tables[] = {
    {"conditions", ClinicalTable::conditions, records::RecordKind::condition},
    {"allergies", ClinicalTable::allergies, records::RecordKind::allergy},
    {"medications", ClinicalTable::medications, records::RecordKind::medication_order},
    {"procedures", ClinicalTable::procedures, records::RecordKind::procedure},
    {"immunizations", ClinicalTable::immunizations, records::RecordKind::immunization},
};

/// How many records of a kind a patient's chart shows.
int count_of(const Session& session, PatientId patient, std::optional<records::RecordKind> kind) {
  records::List list{.patient_id = patient, .kind = kind, .limit = page_limit_max};
  int count = 0;
  do {
    const auto page = must(session.call(list));
    count += static_cast<int>(page.data.size());
    list.cursor = page.page.next.value_or("");
  } while (!list.cursor.empty());
  return count;
}

imports::Report import_table(const Session& admin, const std::string& csv, ClinicalTable table) {
  return import(admin, csv, imports::Records{.table = table});
}

int rows_of(const std::string& csv) { return static_cast<int>(std::count(csv.begin(), csv.end(), '\n')) - 1; }

}  // namespace

TEST_CASE("INT-5: California's clinical tables become charts, as many records for each patient as there are rows") {
  const auto texts = california({"patients", "organizations", "providers", "encounters", "conditions", "allergies",
                                 "medications", "observations", "procedures", "immunizations"});
  if (texts.empty()) return;
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Session admin = hospital.as(Role::tenant_admin);
    import <imports::Patients>(admin, texts.at("patients"));
    import <imports::Facilities>(admin, texts.at("organizations"));
    import <imports::Doctors>(admin, texts.at("providers"));
    CHECK(import <imports::Encounters>(admin, texts.at("encounters")).created == 2'590);
    CHECK(import <imports::Encounters>(admin, texts.at("encounters")).unchanged == 2'590);
    // The largest tables where they are read most; the way is the same on every engine.
    const bool all = name == "sqlcipher";
    const Session doctor = hospital.as(Role::doctor);
    for (const Table& each : tables) {
      CAPTURE(each.name);
      const std::string& csv = texts.at(each.name);
      if (!all && rows_of(csv) > 1'000) continue;
      const auto report = import_table(admin, csv, each.table);
      CHECK(static_cast<int>(report.created) == rows_of(csv));
      CHECK(report.failed == 0);
      for (const auto& [patient, count] : counts_by(csv, "PATIENT"))
        CHECK(count_of(doctor, *PatientId::parse(patient), each.kind) == count);
      CHECK(static_cast<int>(import_table(admin, csv, each.table).unchanged) == rows_of(csv));
    }
    const auto encounters = counts_by(texts.at("encounters"), "PATIENT");
    const auto& [somebody, visits] = *encounters.begin();
    const auto listed =
        must(doctor.call(encounters::List{.patient_id = *PatientId::parse(somebody), .limit = page_limit_max}));
    CHECK(static_cast<int>(listed.data.size()) == std::min(visits, static_cast<int>(page_limit_max)));
    if (all) {
      const std::string& csv = texts.at("observations");
      const auto report = import_table(admin, csv, ClinicalTable::observations);
      std::string told;
      for (std::size_t i = 0; i < std::min<std::size_t>(report.rows.size(), 5); ++i)
        told += report.rows[i].column + ":" + report.rows[i].code + " ";
      CAPTURE(told);
      CHECK(static_cast<int>(report.created + report.failed) == rows_of(csv));
      CHECK(report.failed == 0);
      int of_all = 0;
      for (const auto& [patient, count] : counts_by(csv, "PATIENT"))
        of_all += count_of(doctor, *PatientId::parse(patient), records::RecordKind::vital) +
                  count_of(doctor, *PatientId::parse(patient), records::RecordKind::lab_result);
      CHECK(of_all == rows_of(csv));
      CHECK(must(admin.call(audit::Verify{})).intact);
    }
  }
}

TEST_CASE("INT-5, R9: a clinical row of nobody, of no encounter or to come is named and left out") {
  Hospital hospital = make_platform(storage::memory_engine());
  const Session admin = hospital.as(Role::tenant_admin);
  const auto patient = hospital.add_patients(1).at(0);
  const auto encounter = must(hospital.as(Role::doctor).call(encounters::Open{.patient_id = patient.id}));
  const std::string whose = patient.id.text() + "," + encounter.id.text();
  const auto report = import_table(admin,
                                   "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n2020-01-02,,"
                                   "00000000-0000-4000-8000-000000000001," +
                                       encounter.id.text() + ",1,Gout\n2020-01-02,," + patient.id.text() +
                                       ",00000000-0000-4000-8000-000000000001,1,Gout\n2999-01-02,," + whose +
                                       ",1,Gout\n2020-01-02,," + whose + ",1,Gout\n",
                                   ClinicalTable::conditions);
  CHECK(report.created == 1);
  REQUIRE(report.rows.size() == 3);
  CHECK(report.rows[0].code == "patient.unknown");
  CHECK(report.rows[1].code == "encounter.unknown");
  CHECK(report.rows[2].code == "date.future");
  CHECK(must(hospital.as(Role::doctor).call(records::List{.patient_id = patient.id})).data.size() == 1);
}

TEST_CASE("INT-5, PAT-16: the report names every column that is wrong, by its own name, in the order of the lines") {
  Hospital hospital = make_platform(storage::memory_engine());
  const Session admin = hospital.as(Role::tenant_admin);
  const auto patient = hospital.add_patients(1).at(0);
  const auto encounter = must(hospital.as(Role::doctor).call(encounters::Open{.patient_id = patient.id}));
  const std::string whose = patient.id.text() + "," + encounter.id.text();
  const auto observed =
      import_table(admin,
                   "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE\n2999-01-02T00:00:00Z," + whose +
                       ",vital-signs,8867-4,Heart rate,70,/min,numeric\n",
                   ClinicalTable::observations);
  CHECK(failures(observed) == std::map<std::uint64_t, std::string>{{2, "DATE:date.future"}});
  const auto vaccinated =
      import_table(admin, "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n2999-01-02T00:00:00Z," + whose + ",140,Influenza\n",
                   ClinicalTable::immunizations);
  CHECK(failures(vaccinated) == std::map<std::uint64_t, std::string>{{2, "DATE:date.future"}});
  const auto found = import_table(admin,
                                  "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n2999-01-02,," + whose +
                                      ",1,Gout\n2020-01-02,," + whose + ",\x01,Gout\x01\n2020-01-02,," + whose + "," +
                                      repeated(65, "1") + "," + repeated(501, "x") + "\n",
                                  ClinicalTable::conditions);
  CHECK(found.failed == 3);
  CHECK(failures(found) ==
        std::map<std::uint64_t, std::string>{{2, "START:date.future"},
                                             {3, "CODE:text.control_character DESCRIPTION:text.control_character"},
                                             {4, "CODE:text.too_long DESCRIPTION:text.too_long"}});
  REQUIRE(found.rows.size() == 5);
  CHECK(found.rows.front().line == 2);
}

TEST_CASE("REC-2, INT-5: a clinical row adds nothing to an encounter that is signed, called off or entered in error") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Hospital hospital = make_platform(TestEngine(name));
    const Session admin = hospital.as(Role::tenant_admin);
    const Session doctor = hospital.as(Role::doctor);
    const auto patient = hospital.add_patients(1).at(0);
    const auto open = [&](bool planned) {
      return must(doctor.call(encounters::Open{.patient_id = patient.id, .planned = planned}));
    };
    const auto row = [&](const encounters::Encounter& encounter, std::string_view code) {
      return "2020-01-02,," + patient.id.text() + "," + encounter.id.text() + "," + std::string(code) + ",Gout\n";
    };
    const std::string header = "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n";
    const auto visit = open(false);
    const std::string before = header + row(visit, "1");
    REQUIRE(import_table(admin, before, ClinicalTable::conditions).created == 1);
    const auto finished = must(doctor.call(encounters::Finish{.id = visit.id, .revision = visit.revision}));
    must(doctor.call(encounters::Sign{.id = visit.id, .revision = finished.revision}));
    const auto planned = open(true);
    must(doctor.call(encounters::Cancel{.id = planned.id, .revision = planned.revision, .reason = "went home"}));
    const auto mistaken = open(false);
    must(doctor.call(
        encounters::MarkError{.id = mistaken.id, .revision = mistaken.revision, .reason = "it was somebody else"}));

    const auto report = import_table(admin, before + row(visit, "2") + row(planned, "3") + row(mistaken, "4"),
                                     ClinicalTable::conditions);
    CHECK(report.created == 0);
    CHECK(report.unchanged == 1);
    CHECK(failures(report) == std::map<std::uint64_t, std::string>{{3, "ENCOUNTER:encounter.signed"},
                                                                   {4, "ENCOUNTER:encounter.unknown"},
                                                                   {5, "ENCOUNTER:encounter.unknown"}});
    CHECK(must(doctor.call(records::List{.patient_id = patient.id})).data.size() == 1);
  }
}

TEST_CASE("R4, INT-5: a clinical row that is no text is named and left out, and what is stored is in NFC") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Hospital hospital = make_platform(TestEngine(name));
    const Session admin = hospital.as(Role::tenant_admin);
    const auto patient = hospital.add_patients(1).at(0);
    const auto encounter = must(hospital.as(Role::doctor).call(encounters::Open{.patient_id = patient.id}));
    std::string csv = "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n";
    const std::string longest = repeated(500, "\xD0\x96");
    for (const std::string& display :
         {std::string("H\xE9"
                      "patite"),
          std::string("Gout\x01"), repeated(501, "\xD0\x96"), longest, std::string("He\xCC\x81patite")})
      csv += "2020-01-02,," + patient.id.text() + "," + encounter.id.text() + ",1," + display + "\n";
    csv += "2020-01-02,," + patient.id.text() + "," + encounter.id.text() + "," + repeated(65, "1") + ",Gout\n";
    const auto report = import_table(admin, csv, ClinicalTable::conditions);
    CHECK(report.created == 2);
    CHECK(failures(report) == std::map<std::uint64_t, std::string>{{2, "DESCRIPTION:text.invalid_utf8"},
                                                                   {3, "DESCRIPTION:text.control_character"},
                                                                   {4, "DESCRIPTION:text.too_long"},
                                                                   {7, "CODE:text.too_long"}});
    std::set<std::string> stored;
    for (const auto& record : must(hospital.as(Role::doctor).call(records::List{.patient_id = patient.id})).data)
      stored.insert(record.content->code->display);
    CHECK(stored == std::set<std::string>{longest,
                                          "H\xC3\xA9"
                                          "patite"});
    CHECK(import_table(admin, csv, ClinicalTable::conditions).unchanged == 2);
  }
}

TEST_CASE("R2, INT-5: the days of a clinical row are those of the place of its encounter") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Hospital hospital = make_platform(TestEngine(name));
    const Session admin = hospital.as(Role::tenant_admin);
    const Session doctor = hospital.as(Role::doctor);
    const auto patient = hospital.add_patients(1).at(0);
    const std::string place = "8da4b26f-9f34-3540-bb61-345286bc82f3";
    const std::string provider = "dc831f98-80cb-393c-9a7d-3f6b191191aa";
    const std::string there = "74e6d5a6-aa39-0711-7d9b-c9d05a1d9cbf";
    must(admin.call(imports::Facilities{
        .zone = Zone{"America/New_York"},
        .content = Content::of("text/csv", "Id,NAME,ADDRESS,CITY,STATE,ZIP\n" + place + ",Clinic,,,,\n")}));
    must(admin.call(imports::Doctors{.content = Content::of("text/csv", "Id,ORGANIZATION,NAME,SPECIALITY\n" + provider +
                                                                            "," + place + ",Dr Grey,\n")}));
    CHECK(import <imports::Encounters>(
              admin, "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,ENCOUNTERCLASS,DESCRIPTION\n" + there +
                         ",2020-01-02T15:00:00Z,2020-01-02T16:00:00Z," + patient.id.text() + "," + place + "," +
                         provider + ",ambulatory,Cough\n")
              .created == 1);
    const auto here = must(doctor.call(encounters::Open{.patient_id = patient.id})).id.text();  // in London

    const std::string of = patient.id.text() + ",";
    CHECK(import_table(admin,
                       "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n2020-01-02,," + of + there +
                           ",1,Gout\n2020-07-02,," + of + here + ",2,Gout\n",
                       ClinicalTable::conditions)
              .created == 2);
    CHECK(import_table(admin,
                       "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,DISPENSES,REASONCODE,REASONDESCRIPTION\n"
                       "2020-01-02T02:00:00Z,2020-01-05T03:00:00Z," +
                           of + there + ",3,Pills,1,,\n2020-07-01T23:30:00Z,," + of + here + ",4,Pills,1,,\n",
                       ClinicalTable::medications)
              .created == 2);
    std::map<std::string, records::Record> by_code;
    for (auto& record : must(doctor.call(records::List{.patient_id = patient.id})).data)
      by_code[record.content->code->code] = std::move(record);
    REQUIRE(by_code.size() == 4);
    CHECK(by_code["1"].effective_at.text() == "2020-01-02T05:00:00Z");
    CHECK(by_code["2"].effective_at.text() == "2020-07-01T23:00:00Z");
    CHECK(by_code["1"].content->condition->onset == PartialDate{2020, 1, 2});
    CHECK(by_code["3"].content->medication_order->begins == Date{2020, 1, 1});
    CHECK(by_code["3"].content->medication_order->ends == Date{2020, 1, 4});
    CHECK(by_code["4"].content->medication_order->begins == Date{2020, 7, 2});
  }
}
