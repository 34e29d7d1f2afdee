#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

patients::Register person(std::string family, std::vector<std::string> given,
                          std::optional<PartialDate> birth = PartialDate{1980, 5, 12}) {
  patients::Register request{.names = {{.family = std::move(family), .given = std::move(given)}},
                             .sex_admin = patients::Sex::female};
  if (birth) request.birth = patients::Birth{.date = *birth};
  return request;
}

std::vector<std::string> families(const Page<patients::Patient>& page) {
  std::vector<std::string> names;
  for (const auto& patient : page.data) names.push_back(patient.names.at(0).family);
  return names;
}

std::vector<std::string> found(const Session& session, std::string name) {
  return families(must(session.call(patients::List{.name = std::move(name)})));
}

}  // namespace

TEST_CASE("PAT-1: little is needed to register, and the answer is what is read back") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    const auto mononym =
        must(desk.call(patients::Register{.names = {{.family = "Suharto"}}, .sex_admin = patients::Sex::unknown}));
    CHECK(mononym.mrn == "MF-00000001-8");
    CHECK(mononym.facilities == std::vector{hospital.home});
    const auto read = must(desk.call(patients::Get{.id = mononym.id}));
    CHECK(read.names == mononym.names);
    CHECK(read.revision == 1);
    CHECK(must(desk.call(patients::Register{.unidentified = true, .sex_admin = patients::Sex::male})).names.empty());

    auto by_age = person("Quigley", {}, std::nullopt);
    by_age.age = patients::Age{.years = 40};
    const auto aged = must(desk.call(by_age));
    REQUIRE(aged.birth.has_value());
    CHECK(aged.birth->date.text() == "1986");
    CHECK(aged.birth->estimated);
    by_age.age = patients::Age{.months = 10};
    CHECK(must(desk.call(by_age)).birth->date.text() == "2026-01");

    CHECK(fields_of(desk.call(patients::Register{.sex_admin = patients::Sex::male})) == "/names:required");
    CHECK(fields_of(desk.call(patients::Register{.names = {{.family = "-"}}, .sex_admin = patients::Sex::male})) ==
          "/names/0:name.empty");
    CHECK(fields_of(desk.call(person("Next", {}, PartialDate{2027, 1, 1}))) == "/birth/date:date.future");
  }
}

TEST_CASE("PAT-2: record numbers are made by the tenant's strategy, checked, and never given twice") {
  Hospital hospital = make_platform(TestEngine("sqlite"));
  const Session desk = hospital.as(Role::receptionist);
  const Session admin = hospital.as(Role::tenant_admin);
  std::set<std::string> numbers;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 40; ++i) {
        const auto made = must(desk.call(person("Threads", {"Many"})));
        const std::lock_guard lock(mutex);
        numbers.insert(made.mrn);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(numbers.size() == 320);
  CHECK(fields_of(desk.call([] {
          auto request = person("Hand", {});
          request.mrn = "X-1";
          return request;
        }())) == "/mrn:mrn.not_manual");

  const auto strategy = [&](settings::MrnStrategy which) {
    const auto now = must(admin.call(settings::Get{}));
    must(admin.call(settings::Update{.revision = now.revision, .mrn_strategy = which}));
  };
  strategy(settings::MrnStrategy::year_serial);
  CHECK(must(desk.call(person("Year", {}))).mrn.starts_with("MF-2026000001-"));
  strategy(settings::MrnStrategy::facility_serial);
  CHECK(must(desk.call(person("House", {}))).mrn.ends_with("-00000001-8"));
  strategy(settings::MrnStrategy::manual);
  auto by_hand = person("Hand", {});
  CHECK(fields_of(desk.call(by_hand)) == "/mrn:required");
  by_hand.mrn = "KH-00012345-4";
  CHECK(fields_of(desk.call(by_hand)) == "/mrn:mrn.check_digit");
  by_hand.mrn = "KH-00012345-5";
  CHECK(must(desk.call(by_hand)).mrn == "KH-00012345-5");
  CHECK(code_of(desk.call(by_hand)) == "mrn.taken");
}

TEST_CASE("PAT-3: an identifier has one holder, unless somebody insists and says why") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    auto first = person("Okafor", {"Ngozi"});
    first.identifiers = {{.system = "urn:test:national", .value = "12 34-567.8", .type = "NI"}};
    const auto holder = must(desk.call(first));
    auto second = person("Okafor", {"Ngozi"});
    second.identifiers = {{.system = "urn:test:national", .value = "12345678"}};
    const auto refused = desk.call(second);
    REQUIRE(code_of(refused) == "patient.duplicate");
    CHECK(refused.error().ids == std::vector{holder.id.text()});
    second.force = true;
    CHECK(code_of(desk.call(second)) == "reason.required");
    second.reason = "twins with one card";
    const auto twin = must(desk.call(second));
    CHECK(must(desk.call(patients::List{.identifier = "urn:test:national|12345678"})).data.size() == 2);
    CHECK(must(desk.call(patients::List{.identifier = "12345678"})).data.size() == 2);
    CHECK(must(desk.call(patients::List{.identifier = "urn:test:other|12345678"})).data.empty());
    CHECK(must(desk.call(patients::List{.mrn = twin.mrn})).data.at(0).id == twin.id);

    auto other_system = person("Mensah", {});
    other_system.identifiers = {{.system = "urn:test:other", .value = "12345678"}};
    const auto other = must(desk.call(other_system));
    patients::Patch takes_it{.id = other.id, .revision = other.revision};
    takes_it.identifiers = first.identifiers;
    CHECK(code_of(desk.call(takes_it)) == "patient.duplicate");
    takes_it.identifiers = std::vector<patients::Identifier>{};
    must(desk.call(takes_it));
    CHECK(must(desk.call(patients::List{.identifier = "urn:test:other|12345678"})).data.empty());
  }
}

TEST_CASE("PAT-4: names are found without marks, in any order, by their beginnings") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    for (const auto& [family, given] : std::vector<std::pair<std::string, std::string>>{{"Müller", "Jürgen"},
                                                                                        {"Nowak", "Łukasz"},
                                                                                        {"O’Brien", "Siobhán"},
                                                                                        {"Nguyễn", "Văn An"},
                                                                                        {"Smith-Jones", "Ann"}})
      must(desk.call(person(family, {given})));
    for (const char* query : {"muller", "mueller", "MÜL", "jurgen mul", "mul jür"})
      CHECK(found(desk, query) == std::vector<std::string>{"Müller"});
    CHECK(found(desk, "lukasz") == std::vector<std::string>{"Nowak"});
    CHECK(found(desk, "obrien") == std::vector<std::string>{"O’Brien"});
    CHECK(found(desk, "o'brien") == std::vector<std::string>{"O’Brien"});
    CHECK(found(desk, "nguyen") == std::vector<std::string>{"Nguyễn"});
    CHECK(found(desk, "jones") == std::vector<std::string>{"Smith-Jones"});
    CHECK(found(desk, "ull").empty());
    CHECK(code_of(desk.call(patients::List{.name = "%"})) == "query.too_broad");
    CHECK(found(desk, "mul*").size() == 1);  // punctuation splits words; it is no wildcard
    CHECK(found(desk, "m*ller").empty());

    // The index follows what happens after it was built.
    auto late = must(desk.call(person("Petrov", {"Ivan"})));
    CHECK(found(desk, "petrov").size() == 1);
    patients::Patch renamed{.id = late.id, .revision = late.revision};
    renamed.names = std::vector<patients::PersonName>{{.family = "Petrova", .given = {"Ivanka"}}};
    late = must(desk.call(renamed));
    CHECK(found(desk, "ivanka") == std::vector<std::string>{"Petrova"});
    CHECK(found(desk, "petrov ivan").size() == 1);
    CHECK(found(desk, "petrov ivanx").empty());
    must(hospital.as(Role::tenant_admin).call(patients::Delete{.id = late.id, .reason_code = "entered_in_error"}));
    CHECK(found(desk, "petrova").empty());
  }
}

TEST_CASE("R10: a walk over pages shows every patient once, and a cursor is its caller's own") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    for (int i = 0; i < 25; ++i) must(desk.call(person("Walker", {"N" + std::string(1, static_cast<char>('a' + i))})));
    for (const char* name : {"", "walker"}) {
      std::set<PatientId> seen;
      std::string cursor;
      int pages = 0;
      do {
        const auto page = must(desk.call(patients::List{.name = name, .limit = 7, .cursor = cursor}));
        for (const auto& patient : page.data) CHECK(seen.insert(patient.id).second);
        cursor = page.page.next.value_or("");
        ++pages;
      } while (!cursor.empty() && pages < 10);
      CHECK(pages == 4);
      CHECK(seen.size() == 25);
    }
    const auto first = must(desk.call(patients::List{.limit = 10}));
    const auto second = must(desk.call(patients::List{.limit = 10, .cursor = *first.page.next}));
    const auto back = must(desk.call(patients::List{.limit = 10, .cursor = *second.page.prev}));
    CHECK(back.data.front().id == first.data.front().id);
    CHECK(!back.page.prev.has_value());
    const Session doctor = hospital.as(Role::doctor);
    CHECK(code_of(doctor.call(patients::List{.limit = 10, .cursor = *first.page.next})) == "cursor.invalid");
    CHECK(code_of(desk.call(patients::List{.name = "walker", .cursor = *first.page.next})) == "cursor.invalid");
    hospital.clock->advance_s(25 * 60 * 60);
    CHECK(code_of(hospital.as(Role::receptionist).call(patients::List{.limit = 10, .cursor = *first.page.next})) ==
          "cursor.invalid");
  }
}

TEST_CASE("PAT-13: a deleted patient is hidden, and comes back with identical content") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    auto request = person("Vanish", {"Vera"});
    request.phones = {{.e164 = "+447700900123"}};
    request.extensions = {{.url = "urn:test:x", .value = "1"}};
    const auto made = must(desk.call(request));
    // Whoever may delete sees the patients of their own facilities only.
    const auto me =
        must(hospital.as(Role::tenant_admin).call(users::Get{.id = hospital.member(Role::tenant_admin).id}));
    CHECK(std::find(me.facilities.begin(), me.facilities.end(), hospital.home) != me.facilities.end());
    const Session admin = hospital.as(Role::tenant_admin);
    CHECK(code_of(desk.call(patients::Delete{.id = made.id, .reason_code = "duplicate"})) == "forbidden");
    CHECK(code_of(admin.call(patients::Delete{.id = made.id})) == "reason.required");
    CHECK(code_of(admin.call(patients::Delete{.id = made.id, .reason = "too short"})) == "reason.required");
    CHECK(fields_of(admin.call(patients::Delete{.id = made.id, .reason_code = "whim"})) == "/reason_code:enum.unknown");
    must(admin.call(patients::Delete{.id = made.id, .reason = "registered by mistake"}));
    CHECK(code_of(desk.call(patients::Get{.id = made.id})) == "not_found");
    CHECK(must(desk.call(patients::List{})).data.empty());
    CHECK(code_of(desk.call(patients::List{.include = "deleted"})) == "forbidden");
    CHECK(must(admin.call(patients::List{.include = "deleted"})).data.size() == 1);
    const auto back = must(admin.call(patients::Restore{.id = made.id, .reason = "it was no mistake"}));
    CHECK(back.names == made.names);
    const auto read = must(desk.call(patients::Get{.id = made.id}));
    CHECK(read.phones == made.phones);
    CHECK(read.extensions == made.extensions);
    CHECK(read.mrn == made.mrn);
    CHECK(code_of(admin.call(patients::Restore{.id = made.id, .reason = "it was no mistake"})) == "transition.illegal");
    must(admin.call(patients::Delete{.id = made.id, .reason_code = "duplicate"}));
    hospital.clock->advance_s(31LL * 24 * 60 * 60);
    CHECK(code_of(hospital.as(Role::tenant_admin).call(patients::Restore{.id = made.id, .reason_code = "duplicate"})) ==
          "patient.restore_expired");
  }
}

TEST_CASE("PAT-13: a deleted patient is found by number or in the whole list; a search by name says that it is not") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    const auto gone = hospital.add_patients(1).at(0);
    must(admin.call(patients::Delete{.id = gone.id, .reason_code = "duplicate"}));
    const std::string name = gone.names.at(0).family;
    const auto found = [](const auto& page) { return must(page).data.size(); };
    CHECK(found(admin.call(patients::List{.mrn = gone.mrn, .include = "deleted"})) == 1);
    CHECK(found(admin.call(patients::List{.name = name, .mrn = gone.mrn, .include = "deleted"})) == 1);
    CHECK(found(admin.call(patients::List{.name = name, .mrn = gone.mrn})) == 0);
    CHECK(found(admin.call(patients::List{.name = name})) == 0);
    CHECK(fields_of(admin.call(patients::List{.name = name, .include = "deleted"})) == "/include:include.by_name");
    CHECK(fields_of(admin.call(patients::Search{.name = name, .include = "deleted"})) == "/include:include.by_name");
    CHECK(code_of(hospital.as(Role::receptionist).call(patients::List{.name = name, .include = "deleted"})) ==
          "forbidden");
  }
}

TEST_CASE("PAT-13: a patient comes back although another holds its identifier by now") {
  Hospital hospital = make_platform(TestEngine("sqlite"));
  const Session desk = hospital.as(Role::receptionist);
  const Session admin = hospital.as(Role::tenant_admin);
  auto request = person("Twin", {"Tess"});
  request.identifiers = {{.system = "urn:test:national", .value = "77"}};
  const auto first = must(desk.call(request));
  must(admin.call(patients::Delete{.id = first.id, .reason_code = "duplicate"}));
  must(desk.call(request));
  must(admin.call(patients::Restore{.id = first.id, .reason = "both are real people"}));
  CHECK(must(desk.call(patients::Get{.id = first.id})).identifiers == first.identifiers);
  CHECK(must(desk.call(patients::List{.identifier = "77"})).data.size() == 2);
  CHECK(fields_of(desk.call(patients::List{.include = "everything"})) == "/include:enum.unknown");
}

TEST_CASE("PAT-18: a birth date is the same civil date wherever it goes") {
  Hospital hospital = make_platform(TestEngine("sqlcipher"));
  const Session desk = hospital.as(Role::receptionist);
  for (const char* text : {"1901-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "1980-05", "1980"}) {
    const auto made = must(desk.call(person("Born", {}, PartialDate::parse(text))));
    CHECK(must(desk.call(patients::Get{.id = made.id})).birth->date.text() == text);
  }
}

TEST_CASE("EXT-1: extensions that nobody knows survive") {
  Hospital hospital = make_platform(TestEngine("sqlcipher"));
  const Session desk = hospital.as(Role::receptionist);
  auto request = person("Extended", {});
  for (int i = 0; i < 32; ++i)
    request.extensions.push_back(
        {.url = "https://host.example/x" + std::to_string(i), .value = std::string(2048, 'v')});
  const auto made = must(desk.call(request));
  patients::Patch other{.id = made.id, .revision = 1};
  other.language = std::string("cy");
  must(desk.call(other));
  CHECK(must(desk.call(patients::Get{.id = made.id})).extensions == request.extensions);
  request.extensions.push_back({.url = "https://host.example/x", .value = "v"});
  CHECK(fields_of(desk.call(request)) == "/extensions:list.too_long");
}

TEST_CASE("R8: a change names the revision that it is based on") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    const auto made = must(desk.call(person("Stale", {"Sam"})));
    patients::Patch change{.id = made.id};
    change.language = std::string("de");
    CHECK(code_of(desk.call(change)) == "precondition.required");
    change.revision = 1;
    CHECK(must(desk.call(change)).revision == 2);
    change.language = std::string("fr");
    const auto stale = desk.call(change);
    REQUIRE(code_of(stale) == "conflict.revision");
    CHECK(stale.error().revision == 2);
    CHECK(must(desk.call(patients::Get{.id = made.id})).language == "de");

    patients::Update replace{
        .id = made.id, .revision = 2, .names = {{.family = "Fresh"}}, .sex_admin = patients::Sex::male};
    const auto replaced = must(desk.call(replace));
    CHECK(!replaced.birth.has_value());
    CHECK(replaced.language.empty());
    CHECK(replaced.mrn == made.mrn);
  }
}

TEST_CASE("R1: the same id with the same content is the same patient, with other content a conflict") {
  for (std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    auto request = person("Once", {"Only"});
    request.id = PatientId::parse("0f8fad5b-d9cb-469f-a165-70867728950e");
    const auto first = must(desk.call(request));
    const auto again = must(desk.call(request));
    CHECK(again.mrn == first.mrn);
    CHECK(again.revision == 1);
    request.names[0].family = "Twice";
    CHECK(code_of(desk.call(request)) == "conflict.id_reused");
    CHECK(must(desk.call(patients::List{})).data.size() == 1);
  }
}

TEST_CASE("RBA-3: out of reach is not there; within sight but not within reach is forbidden") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session desk = hospital.as(Role::receptionist);
  const auto here = must(desk.call(person("Here", {})));
  const Session admin = hospital.as(Role::tenant_admin);
  // A second receptionist, who works at the other facility.
  const auto invitation = must(admin.call(users::Invite{.email = "annex@example.org",
                                                        .display_name = "Annie Annex",
                                                        .roles = {Role::receptionist},
                                                        .facilities = {hospital.away}}));
  must(hospital.complete_invitation(invitation.token));
  const auto tokens = must(hospital.sign_in("annex@example.org"));
  const Session annex = must(hospital.platform.authenticate(tokens.access_token));
  CHECK(must(annex.call(patients::Get{.id = here.id})).id == here.id);
  patients::Patch change{.id = here.id, .revision = 1};
  change.language = std::string("cy");
  CHECK(code_of(annex.call(change)) == "forbidden");
  const auto there = must(annex.call(person("There", {})));
  CHECK(there.facilities == std::vector{hospital.away});
  CHECK(code_of(admin.call(patients::Get{.id = there.id})) ==
        "not_found");  // an administrator sees their own facilities'
  CHECK(families(must(admin.call(patients::List{}))) == std::vector<std::string>{"Here"});
  CHECK(code_of(annex.call([&] {
          auto request = person("Elsewhere", {});
          request.facilities = {hospital.home};
          return request;
        }())) == "invalid");
  CHECK(code_of(hospital.as(Role::auditor).call(patients::Get{.id = here.id})) == "forbidden");
}
