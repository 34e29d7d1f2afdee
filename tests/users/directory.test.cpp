#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/events.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// A second administrator, signed in.
Session second_admin(Hospital& hospital, UserId& id) {
  const auto sent = must(
      hospital.as(Role::tenant_admin)
          .call(users::Invite{.email = "second@example.org", .display_name = "Sam", .roles = {Role::tenant_admin}}));
  must(hospital.complete_invitation(sent.token));
  id = sent.user.id;
  return must(hospital.platform.authenticate(must(hospital.sign_in("second@example.org")).access_token));
}

}  // namespace

TEST_CASE("USR-13: an administrator finds users, reads them whole and changes their profile, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const Member nurse = hospital.member(Role::nurse);
    const Session admin = hospital.as(Role::tenant_admin);
    const auto before = must(admin.call(users::Get{.id = nurse.id}));
    CHECK(before.email == nurse.email);
    CHECK(before.facilities == std::vector{hospital.home});
    CHECK(before.last_login_at == hospital.clock->now());
    const users::Update update{.id = nurse.id,
                               .revision = before.revision,
                               .display_name = "Nina",
                               .phone = "+442071234567",
                               .locale = "en-GB"};
    const auto after = must(admin.call(update));
    CHECK(after.revision == before.revision + 1);
    CHECK(after.phone == "+442071234567");
    CHECK(after.updated_by == hospital.member(Role::tenant_admin).id);
    const auto stale = admin.call(update);
    CHECK(code_of(stale) == "conflict.revision");
    CHECK(stale.error().revision == after.revision);
    CHECK(code_of(admin.call(users::Update{.id = nurse.id, .display_name = "Nina"})) == "precondition.required");
    CHECK(fields_of(admin.call(users::Update{
              .id = nurse.id, .revision = after.revision, .display_name = "Nina", .phone = "02071234567"})) ==
          "/phone:format.e164");
    CHECK(must(admin.call(users::Get{.id = nurse.id})).display_name == "Nina");
    CHECK(code_of(admin.call(users::Get{.id = UserId{hospital.tenant.id.uuid}})) == "not_found");
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-13: the list walks in pages, back and forth, and by state") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session admin = hospital.as(Role::tenant_admin);
  for (int i = 0; i < 4; ++i)
    must(admin.call(
        users::Invite{.email = "i" + std::to_string(i) + "@example.org", .display_name = "I", .roles = {Role::nurse}}));
  const auto first = must(admin.call(users::List{.limit = 3}));
  REQUIRE(first.data.size() == 3);
  REQUIRE(first.page.next);
  const auto second = must(admin.call(users::List{.limit = 3, .cursor = *first.page.next}));
  CHECK(second.data.size() == 2);
  CHECK_FALSE(second.page.next);
  REQUIRE(second.page.prev);
  const auto back = must(admin.call(users::List{.limit = 3, .cursor = *second.page.prev}));
  REQUIRE(back.data.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(back.data[i].id == first.data[i].id);
  CHECK(must(admin.call(users::List{.status = users::UserStatus::invited})).data.size() == 4);
  CHECK(must(admin.call(users::List{.status = users::UserStatus::active})).data.size() == 1);
  CHECK(code_of(admin.call(users::List{.status = users::UserStatus::active, .limit = 3, .cursor = *first.page.next})) ==
        "cursor.invalid");
  CHECK(code_of(hospital.as(Role::auditor).call(users::List{.cursor = *first.page.next})) == "cursor.invalid");
}

TEST_CASE("USR-13: who reads users in scope M sees who they are and what they do, and nothing else") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member doctor = hospital.member(Role::doctor);
  const Session admin = hospital.as(Role::tenant_admin);
  must(admin.call(users::Update{.id = doctor.id,
                                .revision = must(admin.call(users::Get{.id = doctor.id})).revision,
                                .display_name = "Dora",
                                .phone = "+442071234567",
                                .locale = "cy"}));
  const Session nurse = hospital.as(Role::nurse);
  const auto seen = must(nurse.call(users::Get{.id = doctor.id}));
  CHECK(seen.display_name == "Dora");
  CHECK(seen.roles == std::vector{Role::doctor});
  CHECK(seen.status == users::UserStatus::active);
  CHECK_FALSE(seen.email);
  CHECK_FALSE(seen.phone);
  CHECK_FALSE(seen.last_login_at);
  CHECK(seen.facilities.empty());
  CHECK(seen.locale.empty());
  for (const auto& user : must(nurse.call(users::List{})).data)
    CHECK(user.email.has_value() == (user.id == hospital.member(Role::nurse).id));
  CHECK(must(hospital.as(Role::auditor).call(users::Get{.id = doctor.id})).email == doctor.email);
}

TEST_CASE("USR-13: everybody reads and changes their own profile, and no more of themselves") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session nurse = hospital.as(Role::nurse);
  const auto before = must(nurse.call(profile::Get{}));
  CHECK(before.email == hospital.member(Role::nurse).email);
  const auto after =
      must(nurse.call(profile::Update{.revision = before.revision, .display_name = "Nell", .locale = "en"}));
  CHECK(after.display_name == "Nell");
  CHECK(after.roles == before.roles);
  CHECK(code_of(nurse.call(profile::Update{.revision = before.revision, .display_name = "Nell"})) ==
        "conflict.revision");
  CHECK(code_of(nurse.call(profile::Update{.display_name = "Nell"})) == "precondition.required");
  CHECK(code_of(hospital.visitor().call(profile::Get{})) == "unauthenticated");
  CHECK(code_of(hospital.root().call(profile::Get{})) == "forbidden");
}

TEST_CASE("USR-13: disabling a user ends their sessions at once; enabled, they sign in anew") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Session at_work = hospital.as(Role::nurse);
  CHECK(at_work.call(profile::Get{}).ok());
  const Session admin = hospital.as(Role::tenant_admin);
  CHECK(must(admin.call(users::Disable{.id = nurse.id})).status == users::UserStatus::disabled);
  CHECK(code_of(at_work.call(profile::Get{})) == "unauthenticated");
  CHECK(code_of(hospital.platform.authenticate(nurse.tokens.access_token)) == "unauthenticated");
  CHECK(code_of(hospital.visitor().call(
            auth::Refresh{.refresh_token = Hospital::secret(nurse.tokens.refresh_token)})) == "auth.failed");
  CHECK(code_of(hospital.sign_in(nurse.email)) == "auth.failed");
  CHECK(must(admin.call(users::Disable{.id = nurse.id})).status ==
        users::UserStatus::disabled);  // again: nothing more happens
  must(admin.call(users::Enable{.id = nurse.id}));
  CHECK(code_of(admin.call(users::Enable{.id = nurse.id})) == "transition.illegal");
  CHECK(code_of(hospital.platform.authenticate(nurse.tokens.access_token)) == "unauthenticated");
  CHECK(hospital.sign_in(nurse.email).ok());
}

TEST_CASE("RBA-8: new roles count from the next call on, within the session") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Member nurse = hospital.member(Role::nurse);
  const Session before = hospital.as(Role::nurse);
  CHECK(code_of(before.call(users::Invite{.email = "x@example.org", .display_name = "X", .roles = {Role::nurse}})) ==
        "forbidden");
  const Session admin = hospital.as(Role::tenant_admin);
  const auto stored = must(admin.call(users::Get{.id = nurse.id}));
  const auto changed = must(
      admin.call(users::SetRoles{.id = nurse.id, .revision = stored.revision, .roles = {Role::auditor, Role::nurse}}));
  CHECK(changed.roles == std::vector{Role::auditor, Role::nurse});
  CHECK(code_of(before.call(profile::Get{})) == "unauthenticated");
  const Session after = must(hospital.platform.authenticate(nurse.tokens.access_token));
  CHECK(after.call(audit::Verify{}).ok());
  const auto placed = must(admin.call(users::SetFacilities{
      .id = nurse.id, .revision = changed.revision, .facilities = {hospital.away, hospital.away}}));
  CHECK(placed.facilities == std::vector{hospital.away});
  CHECK(code_of(admin.call(users::SetFacilities{.id = nurse.id, .revision = changed.revision, .facilities = {}})) ==
        "conflict.revision");
  CHECK(fields_of(
            admin.call(users::SetRoles{.id = nurse.id, .revision = placed.revision, .roles = {Role::super_admin}})) ==
        "/roles/0:role.not_assignable");
}

TEST_CASE("RBA-8: nobody changes their own roles or facilities, nor disables themselves") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session admin = hospital.as(Role::tenant_admin);
  const auto own = must(admin.call(profile::Get{}));
  const auto refused = [](const auto& answer) { return !answer.ok() && answer.error().kind() == Errc::forbidden; };
  CHECK(refused(admin.call(
      users::SetRoles{.id = own.id, .revision = own.revision, .roles = {Role::tenant_admin, Role::doctor}})));
  CHECK(
      refused(admin.call(users::SetFacilities{.id = own.id, .revision = own.revision, .facilities = {hospital.away}})));
  CHECK(refused(admin.call(users::Disable{.id = own.id})));
  CHECK(must(admin.call(profile::Get{})).revision == own.revision);
  const auto log = events(hospital.as(Role::auditor));
  const ReadEvent* event = last_of(log, "users.set_roles");
  REQUIRE(event != nullptr);
  CHECK(event->text() == "users.set_roles denied user.own_account");
  CHECK(event->event.object == own.id.uuid);
}

TEST_CASE("RBA-8: the last active administrator stays one") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const UserId first = hospital.member(Role::tenant_admin).id;
  UserId second;
  const Session successor = second_admin(hospital, second);
  must(successor.call(users::Disable{.id = first}));
  const auto settings = must(successor.call(settings::Get{}));
  must(successor.call(settings::Update{.revision = settings.revision,
                                       .trusted_issuers = std::vector<std::string>{"https://host.example"}}));
  // A host's administrator may come and go with the host: it does not count.
  const Session from_host = must(hospital.platform.session(
      hospital.slug(),
      {.issuer = "https://host.example", .subject = "boss", .display_name = "Boss", .roles = {Role::tenant_admin}}));
  const auto stored = must(from_host.call(users::Get{.id = second}));
  CHECK(code_of(from_host.call(users::Disable{.id = second})) == "user.last_admin");
  CHECK(code_of(from_host.call(users::SetRoles{.id = second, .revision = stored.revision, .roles = {Role::nurse}})) ==
        "user.last_admin");
  CHECK(code_of(from_host.call(users::SetRoles{
            .id = second, .revision = stored.revision + 7, .roles = {Role::nurse}})) == "conflict.revision");
  CHECK(
      from_host
          .call(users::SetRoles{.id = second, .revision = stored.revision, .roles = {Role::nurse, Role::tenant_admin}})
          .ok());
  must(from_host.call(users::Enable{.id = first}));
  CHECK(from_host.call(users::Disable{.id = second}).ok());
}

TEST_CASE("RBA-2: roles.list tells a tenant of its nine roles and what they may do") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const auto page = must(hospital.as(Role::nurse).call(roles::List{}));
  CHECK(page.data.size() == 9);
  CHECK(page.data.front().name == "tenant_admin");
  const auto receptionist =
      std::find_if(page.data.begin(), page.data.end(), [](const auto& role) { return role.name == "receptionist"; });
  REQUIRE(receptionist != page.data.end());
  const auto merge = std::find_if(receptionist->grants.begin(), receptionist->grants.end(),
                                  [](const auto& grant) { return grant.permission == "patient.merge"; });
  REQUIRE(merge != receptionist->grants.end());
  CHECK(merge->scope == "A");
  CHECK(merge->condition == "propose");
  CHECK(must(hospital.root().call(roles::List{})).data.size() == 10);
}
