#include "doctors/doctors.hpp"

#include <doctest/doctest.h>

#include "doctors/content.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/staff.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

doctors::Create dana(const Hospital& hospital) {
  return {.name = "Dana Doyle",
          .specialties = {"394579002"},
          .registrations = {{.authority = "Medical Council", .number = "R-1", .valid_to = Date::parse("2030-12-31")}},
          .npi = "1234567893",
          .languages = {"en", "cy"},
          .facilities = {hospital.home},
          .colour = "#3366cc",
          .extensions = {{.url = "https://host.example/desk", .value = "7"}}};
}

/// What a doctor is, to be sent as a change.
doctors::Update update_of(const doctors::Doctor& doctor) {
  return {.id = doctor.id,
          .revision = doctor.revision,
          .user_id = doctor.user_id,
          .name = doctor.name,
          .specialties = doctor.specialties,
          .registrations = doctor.registrations,
          .npi = doctor.npi,
          .languages = doctor.languages,
          .facilities = doctor.facilities,
          .bookable = doctor.bookable,
          .colour = doctor.colour,
          .extensions = doctor.extensions};
}

std::vector<PractitionerId> ids_of(const Page<doctors::Doctor>& page) {
  std::vector<PractitionerId> ids;
  for (const auto& doctor : page.data) ids.push_back(doctor.id);
  return ids;
}

}  // namespace

TEST_CASE("PRV-1: the check digit of an NPI") {
  for (const char* good : {"1234567893", "1245319599", "1000000004"}) CHECK_MESSAGE(doctors::is_npi(good), good);
  for (const char* bad : {"1234567890", "123456789", "12345678930", "12345A7893", "", "1234567 93"})
    CHECK_FALSE_MESSAGE(doctors::is_npi(bad), bad);
}

TEST_CASE("PRV-1: a doctor may practise to the last day of a licence, and where none is asked for") {
  doctors::Doctor doctor;
  const Date last = *Date::parse("2026-06-30");
  const Date later = *Date::parse("2026-07-01");
  CHECK_FALSE(doctors::licensed_until(doctor));
  doctor.registrations = {{.authority = "Council", .number = "1", .valid_to = last}};
  CHECK(doctors::licensed_until(doctor) == last);
  doctor.registrations.push_back({.authority = "Council", .number = "3", .valid_to = later});
  CHECK(doctors::licensed_until(doctor) == later);
  doctor.registrations.push_back({.authority = "Council", .number = "2"});
  CHECK_FALSE(doctors::licensed_until(doctor));
}

TEST_CASE("PRV-1: a doctor is stored as he or she is said to be") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    auto request = dana(hospital);
    request.languages = {"en", "cy", "en"};
    request.user_id = hospital.member(Role::doctor).id;
    const auto made = must(admin.call(request));
    CHECK(made.revision == 1);
    CHECK(made.languages == std::vector<std::string>{"en", "cy"});
    // Whoever reads doctors reads all of it.
    const auto read = must(hospital.as(Role::lab).call(doctors::Get{.id = made.id}));
    CHECK(read.name == request.name);
    CHECK(read.specialties == request.specialties);
    CHECK(read.registrations == request.registrations);
    CHECK(read.npi == request.npi);
    CHECK(read.facilities == request.facilities);
    CHECK(read.user_id == request.user_id);
    CHECK(read.colour == request.colour);
    CHECK(read.extensions == request.extensions);

    auto change = update_of(read);
    change.bookable = false;
    change.registrations.clear();
    const auto changed = must(admin.call(change));
    CHECK(changed.revision == 2);
    CHECK_FALSE(must(admin.call(doctors::Get{.id = made.id})).bookable);
    CHECK(code_of(admin.call(change)) == "conflict.revision");
    change.revision.reset();
    CHECK(code_of(admin.call(change)) == "precondition.required");
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("PRV-1, R9: all that is wrong with a doctor is told at once") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  auto request = dana(hospital);
  request.npi = "1234567890";
  request.colour = "#33xxcc";
  request.facilities = {hospital.home, FacilityId{Uuid{{9}}}};
  request.user_id = UserId{Uuid{{8}}};
  CHECK(fields_of(hospital.as(Role::tenant_admin).call(request)) ==
        "/npi:npi.check /colour:format.colour /facilities/1:facility.unknown /user_id:user.unknown");
}

TEST_CASE("PRV-1, R1: adding a doctor again under the same id makes no second one") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session admin = hospital.as(Role::tenant_admin);
  auto request = dana(hospital);
  request.id = PractitionerId{Uuid{{1, 2, 3}}};
  const auto made = must(admin.call(request));
  CHECK(must(admin.call(request)).created_at == made.created_at);
  request.name = "Somebody else";
  CHECK(code_of(admin.call(request)) == "conflict.id_reused");
  // Calendars are named by this id alone.
  CHECK(code_of(admin.call(
            resources::Create{.id = ResourceId{request.id->uuid}, .name = "Room", .facility_id = hospital.home})) ==
        "conflict.id_reused");
}

TEST_CASE("PRV-1: an account belongs to one doctor") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    auto request = dana(hospital);
    request.user_id = hospital.member(Role::doctor).id;
    const auto first = must(admin.call(request));
    CHECK(code_of(admin.call(request)) == "doctor.user_taken");
    request.user_id.reset();
    auto second = update_of(must(admin.call(request)));
    second.user_id = first.user_id;
    CHECK(code_of(admin.call(second)) == "doctor.user_taken");
    auto freed = update_of(first);
    freed.user_id.reset();
    must(admin.call(freed));
    CHECK(must(admin.call(second)).user_id == first.user_id);
  }
}

TEST_CASE("RBA-8: nobody makes a doctor of their own account, nor takes that back") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    const auto invited = must(
        admin.call(users::Invite{.email = "second@example.org", .display_name = "Sam", .roles = {Role::tenant_admin}}));
    must(hospital.complete_invitation(invited.token));
    const Session second =
        must(hospital.platform.authenticate(must(hospital.sign_in("second@example.org")).access_token));
    auto request = dana(hospital);
    request.user_id = admin.user_id();
    CHECK(code_of(admin.call(request)) == "user.own_account");
    request.user_id.reset();
    const auto made = must(admin.call(request));
    auto linked = update_of(made);
    linked.user_id = admin.user_id();
    CHECK(code_of(admin.call(linked)) == "user.own_account");
    CHECK_FALSE(must(admin.call(doctors::Get{.id = made.id})).user_id);
    auto freed = update_of(must(second.call(linked)));
    freed.user_id.reset();
    const Session now = hospital.as(Role::tenant_admin);  // whose account has changed
    CHECK(code_of(now.call(freed)) == "user.own_account");
    CHECK(now.call(update_of(must(now.call(doctors::Get{.id = made.id})))).ok());  // the rest is theirs to change
    freed.revision = must(now.call(doctors::Get{.id = made.id})).revision;
    CHECK_FALSE(must(second.call(freed)).user_id);
  }
}

TEST_CASE("PRV-1: doctors change of their own profile what is theirs to change, and of others nothing") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session admin = hospital.as(Role::tenant_admin);
  const auto made = must(admin.call(dana(hospital)));
  const auto other = must(admin.call(doctors::Create{.name = "Other"}));
  const Session self = staff(hospital, "dana", Role::doctor, {hospital.home}, made.id);

  auto change = update_of(made);
  change.specialties = {"394802001"};
  change.languages = {"cy"};
  change.colour = "#000000";
  const auto changed = must(self.call(change));
  CHECK(changed.specialties == change.specialties);
  for (const auto& spoil : std::vector<void (*)(doctors::Update&)>{
           [](doctors::Update& u) { u.name = "Another"; }, [](doctors::Update& u) { u.bookable = false; },
           [](doctors::Update& u) { u.npi.clear(); }, [](doctors::Update& u) { u.facilities.clear(); },
           [](doctors::Update& u) { u.registrations.clear(); }, [](doctors::Update& u) { u.extensions.clear(); }}) {
    auto refused = update_of(changed);
    spoil(refused);
    CHECK(code_of(self.call(refused)) == "field.forbidden");
  }
  CHECK(code_of(self.call(update_of(other))) == "forbidden");
  CHECK(code_of(self.call(doctors::Create{.name = "New"})) == "forbidden");
  // Who has no practitioner has no profile.
  CHECK(code_of(hospital.as(Role::doctor).call(update_of(changed))) == "forbidden");
}

TEST_CASE("PRV-1: doctors are listed by where they work, what they can do and whether they can be booked") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    std::vector<PractitionerId> all, home, surgeons;
    for (int i = 0; i < 23; ++i) {
      doctors::Create request{.name = "Doctor " + std::to_string(i), .bookable = i % 5 != 0};
      request.facilities = {i % 3 == 0 ? hospital.home : hospital.away};
      if (i % 2 == 0) request.specialties = {"surgery"};
      const auto id = must(admin.call(request)).id;
      all.push_back(id);
      if (i % 3 == 0) home.push_back(id);
      if (i % 3 == 0 && i % 2 == 0 && i % 5 != 0) surgeons.push_back(id);
    }
    for (auto* list : {&all, &home, &surgeons}) std::sort(list->begin(), list->end());
    std::vector<PractitionerId> walked;
    std::string back;
    for (doctors::List page{.facility = hospital.home, .limit = 3};;) {
      const auto found = must(admin.call(page));
      for (const auto& id : ids_of(found)) walked.push_back(id);
      if (found.page.prev) back = *found.page.prev;
      if (!found.page.next) break;
      page.cursor = *found.page.next;
    }
    CHECK(walked == home);
    const auto before = ids_of(must(admin.call(doctors::List{.facility = hospital.home, .limit = 3, .cursor = back})));
    CHECK(std::includes(home.begin(), home.end(), before.begin(), before.end()));
    CHECK(ids_of(must(admin.call(doctors::List{}))) == all);
    CHECK(ids_of(must(admin.call(doctors::List{
              .facility = hospital.home, .specialty = std::string("surgery"), .bookable = true}))) == surgeons);
    // A cursor belongs to the filters that it came from.
    const auto first = must(admin.call(doctors::List{.facility = hospital.home, .limit = 3}));
    CHECK(code_of(admin.call(doctors::List{.limit = 3, .cursor = *first.page.next})) == "cursor.invalid");
  }
}
