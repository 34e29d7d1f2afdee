#include <doctest/doctest.h>

#include "tests/support/events.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::string_view issuer = "https://host.example";

Principal nina() {
  return {.issuer = std::string(issuer), .subject = "nina@host", .display_name = "Nina", .roles = {Role::nurse}};
}

/// A hospital that trusts the host.
Hospital trusting(std::shared_ptr<storage::Engine> engine) {
  Hospital hospital = make_platform(std::move(engine));
  const Session admin = hospital.as(Role::tenant_admin);
  const auto settings = must(admin.call(settings::Get{}));
  must(admin.call(settings::Update{.revision = settings.revision,
                                   .trusted_issuers = std::vector<std::string>{std::string(issuer)}}));
  return hospital;
}

}  // namespace

TEST_CASE("USR-10: a host's identity works as a user of its own, and the audit log names it, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = trusting(engine);
    Principal principal = nina();
    principal.facilities = {hospital.away};
    const Session session = must(hospital.platform.session(hospital.slug(), principal));
    CHECK_FALSE(session.anonymous());
    const auto own = must(session.call(profile::Get{}));
    CHECK(own.issuer == issuer);
    CHECK(own.subject == "nina@host");
    CHECK(own.facilities == std::vector{hospital.away});
    CHECK_FALSE(own.email);
    CHECK(code_of(session.call(settings::Get{})) == "forbidden");

    const auto log = events(hospital.as(Role::auditor));
    const ReadEvent* signed_in = last_of(log, "session.host");
    REQUIRE(signed_in != nullptr);
    CHECK(signed_in->event.actor == own.id.uuid);
    CHECK(signed_in->event.roles == 1U << static_cast<unsigned>(Role::nurse));
    const ReadEvent* read = last_of(log, "profile.get");
    REQUIRE(read != nullptr);
    CHECK(read->event.actor == own.id.uuid);
    CHECK(read->event.session == signed_in->event.session);
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-10: claims make and change one account; roles are those of each session") {
  TestEngine engine("memory");
  Hospital hospital = trusting(engine);
  const Session nurse = must(hospital.platform.session(hospital.slug(), nina()));
  Principal promoted = nina();
  promoted.display_name = "Nina Norris";
  promoted.roles = {Role::auditor};
  const Session auditor = must(hospital.platform.session(hospital.slug(), promoted));
  CHECK(auditor.user_id() == nurse.user_id());
  CHECK(must(auditor.call(profile::Get{})).display_name == "Nina Norris");
  CHECK(auditor.call(settings::Get{}).ok());
  CHECK(code_of(nurse.call(settings::Get{})) == "forbidden");
  CHECK(must(hospital.platform.session(hospital.slug(), nina())).user_id() == nurse.user_id());
  Principal namesake = nina();
  namesake.subject = "NINA@host";
  CHECK(must(hospital.platform.session(hospital.slug(), namesake)).user_id() != nurse.user_id());
}

TEST_CASE("USR-10: only issuers that the tenant has named are believed, and a refusal is in the audit log") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  CHECK(code_of(hospital.platform.session(hospital.slug(), nina())) == "issuer.untrusted");
  const auto log = events(hospital.as(Role::auditor));
  const ReadEvent* refused = last_of(log, "session.host");
  REQUIRE(refused != nullptr);
  CHECK(refused->text() == "session.host denied issuer.untrusted");
  CHECK(code_of(hospital.platform.session("no-such-tenant", nina())) == "not_found");
  CHECK(code_of(hospital.platform.session("platform", nina())) == "not_found");
  for (const auto& user : must(hospital.as(Role::tenant_admin).call(users::List{})).data) CHECK_FALSE(user.issuer);
}

TEST_CASE("USR-10: a host cannot give what a tenant cannot") {
  TestEngine engine("memory");
  Hospital hospital = trusting(engine);
  const auto with = [&](auto change) {
    Principal principal = nina();
    change(principal);
    return fields_of(hospital.platform.session(hospital.slug(), principal));
  };
  CHECK(with([](Principal& p) { p.roles = {Role::super_admin}; }) == "/roles/0:role.not_assignable");
  CHECK(with([](Principal& p) { p.roles = {}; }) == "/roles:required");
  CHECK(with([](Principal& p) { p.subject = ""; }) == "/subject:required");
  CHECK(with([](Principal& p) { p.display_name = std::string(201, 'n'); }) == "/display_name:text.too_long");
  CHECK(with([&](Principal& p) { p.facilities = {FacilityId{hospital.tenant.id.uuid}}; }) ==
        "/facilities/0:facility.unknown");
}

TEST_CASE("USR-10: a disabled shadow account works no more, whatever the host says") {
  TestEngine engine("memory");
  Hospital hospital = trusting(engine);
  const Session session = must(hospital.platform.session(hospital.slug(), nina()));
  must(hospital.as(Role::tenant_admin).call(users::Disable{.id = session.user_id()}));
  CHECK(code_of(session.call(profile::Get{})) == "unauthenticated");
  CHECK(code_of(hospital.platform.session(hospital.slug(), nina())) == "forbidden");
  must(hospital.as(Role::tenant_admin).call(users::Enable{.id = session.user_id()}));
  CHECK(must(hospital.platform.session(hospital.slug(), nina())).call(profile::Get{}).ok());
}

TEST_CASE("USR-10: an issuer that the tenant names no longer has no sessions any more, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = trusting(engine);
    const std::string other = "https://other.example";
    hospital.configure({.trusted_issuers = std::vector<std::string>{std::string(issuer), other}});
    Principal stays = nina();
    stays.issuer = other;
    const Session ended = must(hospital.platform.session(hospital.slug(), nina()));
    const Session kept = must(hospital.platform.session(hospital.slug(), stays));
    const Session own = hospital.as(Role::nurse);
    hospital.configure({.trusted_issuers = std::vector<std::string>{other}});
    CHECK(code_of(ended.call(profile::Get{})) == "unauthenticated");
    CHECK(code_of(hospital.platform.session(hospital.slug(), nina())) == "issuer.untrusted");
    CHECK(kept.call(profile::Get{}).ok());
    CHECK(own.call(profile::Get{}).ok());
  }
}

TEST_CASE("USR-10: a host may ask for the same session before every call") {
  TestEngine engine("memory");
  Hospital hospital = trusting(engine);
  const Session first = must(hospital.platform.session(hospital.slug(), nina()));
  const auto revision = must(first.call(profile::Get{})).revision;
  for (int i = 0; i < 3; ++i)
    CHECK(must(must(hospital.platform.session(hospital.slug(), nina())).call(profile::Get{})).revision == revision);
  must(first.call(auth::Logout{}));
  CHECK(code_of(first.call(profile::Get{})) == "unauthenticated");
  CHECK(must(hospital.platform.session(hospital.slug(), nina())).call(profile::Get{}).ok());
}
