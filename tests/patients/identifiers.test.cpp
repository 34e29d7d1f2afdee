// Who reads identifiers whole (RBA-5): `patient.read_full_identifiers` in roles.csv.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/platform.hpp"
#include "tests/support/streams.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::string_view national = "urn:test:national";
constexpr std::string_view number = "XQ 800512-1234";
constexpr std::string_view shown = "****1234";
constexpr std::string_view issuer = "https://staff.example";

patients::Register person(std::string family, std::vector<patients::Identifier> identifiers = {}) {
  return {.names = {{.family = std::move(family)}},
          .sex_admin = patients::Sex::female,
          .identifiers = std::move(identifiers)};
}

patients::Identifier identifier(std::string_view value, std::string type = "NI") {
  return {.system = std::string(national), .value = std::string(value), .type = std::move(type)};
}

/// A patient at home, one at the annex, and sessions of those who work at home.
struct House {
  explicit House(std::string_view engine) : hospital(make_platform(TestEngine(engine))) {
    hospital.configure({.trusted_issuers = std::vector<std::string>{std::string(issuer)}});
    home = must(hospital.as(Role::receptionist).call(person("Home", {identifier(number)}))).id;
    const Session annex = session("annex", {.roles = {Role::receptionist}, .facilities = {hospital.away}});
    away = must(annex.call(person("Away", {identifier("XQ 700102-9876")}))).id;
  }

  Session session(std::string subject, Principal who) const {
    who.issuer = issuer;
    who.subject = std::move(subject);
    who.display_name = "Somebody";
    return must(hospital.platform.session(hospital.slug(), std::move(who)));
  }
  Session as(Role role) {
    if (role != Role::patient) return hospital.as(role);
    return session("the patient", {.roles = {Role::patient}, .patient_id = home});
  }
  /// Who may change patients, and does not read their identifiers.
  Session clerk() {
    const auto role = must(hospital.as(Role::tenant_admin)
                               .call(roles::Create{.name = "Clerk",
                                                   .grants = {{.permission = "patient.search", .scope = "A"},
                                                              {.permission = "patient.read", .scope = "A"},
                                                              {.permission = "patient.create", .scope = "F"},
                                                              {.permission = "patient.update", .scope = "F"}}}));
    return session("clerk", {.facilities = {hospital.home}, .custom_roles = {role.name}});
  }

  Hospital hospital;
  PatientId home{};
  PatientId away{};
};

std::string value_of(const patients::Patient& patient) { return patient.identifiers.at(0).value; }

/// The identifier of a patient in a page; "absent" where the page does not have them.
std::string value_in(const Result<Page<patients::Patient>>& page, PatientId id) {
  for (const auto& patient : must(page).data)
    if (patient.id == id) return value_of(patient);
  return "absent";
}

}  // namespace

TEST_CASE("RBA-5: a national number is whole or its last four characters, as roles.csv says, in every answer") {
  struct Reader {
    Role role{};
    bool whole = false;
    std::string_view away{};  ///< how the number of somebody known elsewhere is listed
  };
  constexpr Reader readers[] = {
      {Role::tenant_admin, false, "absent"},   {Role::doctor, true, "****9876"}, {Role::nurse, true, "****9876"},
      {Role::receptionist, true, "****9876"},  {Role::lab, false, "absent"},     {Role::pharmacist, false, "absent"},
      {Role::billing_clerk, true, "****9876"}, {Role::patient, true, "absent"},
  };
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    House house(engine);
    for (const Reader& reader : readers) {
      CAPTURE(static_cast<int>(reader.role));
      const Session session = house.as(reader.role);
      const std::string expected(reader.whole ? number : shown);
      for (int again = 0; again < 3; ++again) {  // what is kept of rows that were opened before is of those who saw it
        CAPTURE(again);
        CHECK(value_of(must(session.call(patients::Get{.id = house.home}))) == expected);
        CHECK(value_in(session.call(patients::List{}), house.home) == expected);
        CHECK(value_in(session.call(patients::List{}), house.away) == reader.away);
        CHECK(value_in(session.call(patients::List{.name = "home"}), house.home) == expected);
        CHECK(value_in(session.call(patients::Search{.name = "home", .limit = 5}), house.home) == expected);
        CHECK(value_in(session.call(patients::Search{.name = "away"}), house.away) == reader.away);
      }
      const auto away = session.call(patients::Get{.id = house.away});
      CHECK((away.ok() ? value_of(*away) : "absent") == reader.away);
      const auto exported =
          session.call(patients::Export{.id = house.home, .reason = "the patient has asked for all of it"});
      if (!exported.ok()) continue;
      const std::string chart = read_all(*exported);
      CHECK((chart.find(number) != std::string::npos) == reader.whole);
      CHECK((chart.find(shown) != std::string::npos) != reader.whole);
    }
  }
}

TEST_CASE("RBA-5: nobody is found by an identifier by who sees it masked") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    House house(engine);
    const auto by_number = [](const Session& session, std::string_view value) {
      return session.call(patients::List{.identifier = std::string(value)});
    };
    for (const Role role : {Role::tenant_admin, Role::lab, Role::pharmacist}) {
      const auto refused = by_number(house.as(role), number);
      CHECK(code_of(refused) == "filter.masked");
      CHECK(fields_of(refused) == "/identifier:filter.masked");
      CHECK(code_of(house.as(role).call(patients::Search{.identifier = std::string(number)})) == "filter.masked");
    }
    CHECK(code_of(by_number(house.clerk(), number)) == "filter.masked");
    for (const Role role : {Role::doctor, Role::nurse, Role::receptionist, Role::billing_clerk}) {
      CHECK(must(by_number(house.as(role), number)).data.size() == 1);
      CHECK(must(by_number(house.as(role), "XQ 700102-9876")).data.empty());  // known elsewhere
    }
  }
}

TEST_CASE("RBA-5: a masked value that is sent back keeps what is stored, and is told where it stands for nothing") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    House house(engine);
    const Session desk = house.as(Role::receptionist);
    const Session clerk = house.clerk();
    const auto stored = [&] { return must(desk.call(patients::Get{.id = house.home})).identifiers; };

    auto seen = must(clerk.call(patients::Get{.id = house.home}));
    REQUIRE(value_of(seen) == shown);
    seen = must(clerk.call(patients::Update{.id = seen.id,
                                            .revision = seen.revision,
                                            .names = {{.family = "Renamed"}},
                                            .sex_admin = seen.sex_admin,
                                            .identifiers = seen.identifiers}));
    CHECK(value_of(seen) == shown);
    CHECK(stored() == std::vector{identifier(number)});
    CHECK(must(desk.call(patients::List{.identifier = std::string(number)})).data.size() == 1);

    // What else there is of it can be changed; a new one can be added before it.
    auto more = seen.identifiers;
    more[0].type = "SS";
    more.insert(more.begin(), identifier("XQ 900000-1234"));
    seen = must(clerk.call(patients::Patch{.id = seen.id, .revision = seen.revision, .identifiers = more}));
    CHECK(seen.identifiers == std::vector{identifier(shown), identifier(shown, "SS")});
    CHECK(stored() == std::vector{identifier("XQ 900000-1234"), identifier(number, "SS")});
    // Two that look alike are told apart by what else is said of them.
    std::reverse(seen.identifiers.begin(), seen.identifiers.end());
    seen = must(clerk.call(patients::Patch{.id = seen.id, .revision = seen.revision, .identifiers = seen.identifiers}));
    CHECK(stored() == std::vector{identifier(number, "SS"), identifier("XQ 900000-1234")});

    const auto change = [&](const Session& session, std::vector<patients::Identifier> identifiers) {
      return session.call(
          patients::Patch{.id = seen.id, .revision = seen.revision, .identifiers = std::move(identifiers)});
    };
    for (const Session& session : {desk, clerk}) {
      CHECK(fields_of(change(session, {identifier(shown), identifier("****4321")})) ==
            "/identifiers/1/value:identifier.masked");
      auto elsewhere = identifier(shown);
      elsewhere.system = "urn:test:other";
      CHECK(fields_of(change(session, {elsewhere})) == "/identifiers/0/value:identifier.masked");
      CHECK(fields_of(change(session, {identifier(shown), identifier(shown), identifier(shown)})) ==
            "/identifiers/2/value:identifier.masked");
      CHECK(fields_of(session.call(person("New", {identifier(shown)}))) == "/identifiers/0/value:identifier.masked");
    }
    // Who reads it whole may send it masked too.
    CHECK(must(change(desk, {identifier(shown, "SS")})).identifiers == std::vector{identifier(number, "SS")});
  }
}

TEST_CASE("RBA-5: of what is registered, changed or restored no more is answered than may be read") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    House house(engine);
    const Session clerk = house.clerk();
    const auto made =
        must(clerk.call(person("Made", {identifier("AB 123456 C"), identifier("4711"), identifier("жизнь")})));
    CHECK(made.identifiers == std::vector{identifier("****56 C"), identifier("****"), identifier("****изнь")});
    const Session desk = house.as(Role::receptionist);
    CHECK(must(desk.call(patients::Get{.id = made.id})).identifiers ==
          std::vector{identifier("AB 123456 C"), identifier("4711"), identifier("жизнь")});
    const Session admin = house.as(Role::tenant_admin);
    must(admin.call(patients::Delete{.id = house.home, .reason_code = "duplicate"}));
    CHECK(value_in(admin.call(patients::List{.include = "deleted"}), house.home) == shown);
    CHECK(value_of(must(admin.call(patients::Restore{.id = house.home, .reason_code = "duplicate"}))) == shown);
    const auto back = must(desk.call(patients::Get{.id = house.home}));
    CHECK(value_of(back) == number);
    const Session patient = house.as(Role::patient);
    CHECK(value_of(must(patient.call(
              patients::Patch{.id = back.id, .revision = back.revision, .language = std::string("cy")}))) == number);
  }
}
