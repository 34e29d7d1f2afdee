#include <doctest/doctest.h>

#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

patients::Register with_phone(std::string_view number) {
  return {.names = {{.family = "Caller"}},
          .sex_admin = patients::Sex::unknown,
          .phones = {{.e164 = std::string(number), .use = patients::ContactUse::mobile}}};
}

std::size_t found(const Session& session, std::string_view number) {
  return must(session.call(patients::Search{.phone = std::string(number)})).data.size();
}

}  // namespace

TEST_CASE("PAT-10: a patient's number is stored in E.164 form, read as people of the tenant's country write it") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session desk = hospital.as(Role::receptionist);
    CHECK(fields_of(desk.call(with_phone("030 123456"))) == "/phones/0/e164:format.e164");
    hospital.configure({.country = std::string("DE")});
    const auto made = must(desk.call(with_phone("030 123456")));
    CHECK(made.phones.at(0).e164 == "+4930123456");
    CHECK(made.phones.at(0).use == patients::ContactUse::mobile);
    CHECK(must(desk.call(patients::Get{.id = made.id})).phones == made.phones);
    for (const char* number : {"030 123456", "(030) 12 34-56", "+49 30 123456", "0049 30 123456", "+4930123456"})
      CHECK_MESSAGE(found(desk, number) == 1, number);
    CHECK(found(desk, "030 123457") == 0);
    CHECK(fields_of(desk.call(patients::List{.phone = "12"})) == "/phone:format.e164");

    // By each way in which a patient is written.
    const auto patched =
        must(desk.call(patients::Patch{.id = made.id,
                                       .revision = made.revision,
                                       .phones = std::vector<patients::Phone>{{.e164 = "089 / 636-48018"}}}));
    CHECK(patched.phones.at(0).e164 == "+498963648018");
    CHECK(found(desk, "030 123456") == 0);
    CHECK(found(desk, "089 63648018") == 1);
    CHECK(fields_of(desk.call(patients::Update{.id = made.id,
                                               .revision = patched.revision,
                                               .names = made.names,
                                               .phones = {{.e164 = "030 123456"}, {.e164 = "+1 555 0100"}}})) ==
          "/phones/1/e164:format.e164");
    const auto updated = must(desk.call(patients::Update{
        .id = made.id, .revision = patched.revision, .names = made.names, .phones = {{.e164 = "0043 1 5341 0"}}}));
    CHECK(updated.phones.at(0).e164 == "+43153410");
  }
}

TEST_CASE("PAT-10: the same registration again, written otherwise, is the same registration") {
  Hospital hospital = make_platform(TestEngine("memory"));
  hospital.configure({.country = std::string("GB")});
  const Session desk = hospital.as(Role::receptionist);
  auto request = with_phone("020 7123 4567");
  request.id = PatientId{Uuid{{7, 7}}};
  const auto made = must(desk.call(request));
  request.phones.at(0).e164 = "+44 (0)20 7123 4567";
  CHECK(must(desk.call(request)).revision == made.revision);
  request.phones.at(0).e164 = "020 7123 4568";
  CHECK(code_of(desk.call(request)) == "conflict.id_reused");
}

TEST_CASE("PAT-10: a number that was stored stays, whatever country the tenant is in by now") {
  Hospital hospital = make_platform(TestEngine("memory"));
  hospital.configure({.country = std::string("DE")});
  const Session desk = hospital.as(Role::receptionist);
  const auto made = must(desk.call(with_phone("030 123456")));
  hospital.configure({.country = std::string("FR")});
  const auto patched =
      must(desk.call(patients::Patch{.id = made.id, .revision = made.revision, .language = std::string("de")}));
  CHECK(patched.phones == made.phones);
  CHECK(found(desk, "+49 30 123456") == 1);
  CHECK(found(desk, "01 23 45 67 89") == 0);
}

TEST_CASE("PAT-10: the country is a setting with a history, and empty until somebody names one") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session admin = hospital.as(Role::tenant_admin);
  CHECK(must(admin.call(settings::Get{})).country.empty());
  CHECK(hospital.configure({.country = std::string("PT")}).country == "PT");
  hospital.clock->advance_s(1);
  const auto revision = must(admin.call(settings::Get{})).revision;
  for (const char* unknown : {"XX", "de", "D"})
    CHECK(fields_of(admin.call(settings::Update{.revision = revision, .country = std::string(unknown)})) ==
          "/country:format.country");
  CHECK(hospital.configure({.country = Change<std::string>::removed()}).country.empty());
  const auto history = must(admin.call(settings::History{}));
  REQUIRE(history.data.size() == 2);
  CHECK(history.data.at(0).country.empty());
  CHECK(history.data.at(1).country == "PT");
}

TEST_CASE("PAT-10: users' numbers are read in the same way") {
  Hospital hospital = make_platform(TestEngine("memory"));
  hospital.configure({.country = std::string("DE")});
  const Session nurse = hospital.as(Role::nurse);
  const auto self = must(nurse.call(profile::Get{}));
  const auto updated = must(
      nurse.call(profile::Update{.revision = self.revision, .display_name = self.display_name, .phone = "030 123456"}));
  CHECK(updated.phone == "+4930123456");
  const Session admin = hospital.as(Role::tenant_admin);
  CHECK(fields_of(admin.call(
            users::Update{.id = self.id, .revision = updated.revision, .display_name = "Nina", .phone = "030"})) ==
        "/phone:format.e164");
  CHECK(must(admin.call(users::Update{
                 .id = self.id, .revision = updated.revision, .display_name = "Nina", .phone = "+44 20 7123 4567"}))
            .phone == "+442071234567");
}
