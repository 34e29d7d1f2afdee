#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>

#include "tests/support/events.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// Counts what is as long as a salt; ids are as well.
class SaltCounter final : public Rng {
 public:
  void fill(std::span<std::byte> out) override {
    if (out.size() == 16) ++drawn;
    inner_->fill(out);
  }
  std::atomic<int> drawn{0};

 private:
  std::shared_ptr<Rng> inner_ = system_rng();
};

constexpr std::int64_t day_s = 24 * 60 * 60;

Result<users::Invitation> invite(Hospital& hospital, std::string email, std::vector<Role> roles = {Role::nurse},
                                 std::vector<FacilityId> facilities = {}) {
  return hospital.as(Role::tenant_admin)
      .call(users::Invite{.email = std::move(email),
                          .display_name = "Nora",
                          .roles = std::move(roles),
                          .facilities = std::move(facilities)});
}

Result<users::User> self_register(const Hospital& hospital, std::string email, std::string name = "Pat") {
  return hospital.visitor().call(auth::Register{
      .display_name = std::move(name), .email = std::move(email), .password = Hospital::secret(Hospital::password)});
}

void open_registration(Hospital& hospital) {
  const Session admin = hospital.as(Role::tenant_admin);
  const auto settings = must(admin.call(settings::Get{}));
  must(admin.call(settings::Update{.revision = settings.revision, .self_registration = true}));
}

}  // namespace

TEST_CASE("USR-7: an invitation is completed once, with a name and a password of the user's own, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    TestEngine engine(name);
    Hospital hospital = make_platform(engine);
    const auto sent =
        must(invite(hospital, "Nora@Example.org", {Role::nurse, Role::lab, Role::nurse}, {hospital.away}));
    CHECK(sent.user.status == users::UserStatus::invited);
    CHECK(sent.user.roles == std::vector{Role::nurse, Role::lab});
    CHECK(sent.user.facilities == std::vector{hospital.away});
    CHECK(sent.token.size() == 43);  // 256 bits
    CHECK(sent.expires_at == hospital.clock->now().plus_s(day_s));
    CHECK(code_of(hospital.sign_in("nora@example.org")) == "auth.failed");

    const auto done = must(hospital.complete_invitation(sent.token, Hospital::password, "Nora Ní Bhriain"));
    CHECK(done.id == sent.user.id);
    CHECK(done.status == users::UserStatus::active);
    CHECK(done.display_name == "Nora Ní Bhriain");
    CHECK(done.email == "Nora@Example.org");
    CHECK(must(hospital.sign_in("nora@example.org")).user_id == done.id);
    CHECK(code_of(hospital.complete_invitation(sent.token)) == "invitation.expired");
    CHECK(must(hospital.as(Role::auditor).call(audit::Verify{})).intact);
  }
}

TEST_CASE("USR-7: an invitation lives for a day, and a newer one ends it") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const auto first = must(invite(hospital, "nora@example.org"));
  hospital.clock->advance_s(day_s);
  CHECK(code_of(hospital.complete_invitation(first.token)) == "invitation.expired");
  const auto second = must(invite(hospital, "NORA@example.org", {Role::doctor}));
  CHECK(second.user.id == first.user.id);
  CHECK(second.user.roles == std::vector{Role::doctor});
  const auto third = must(invite(hospital, "nora@example.org"));
  CHECK(code_of(hospital.complete_invitation(second.token)) == "invitation.expired");
  hospital.clock->advance_s(day_s - 1);
  CHECK(hospital.complete_invitation(third.token).ok());
  CHECK(code_of(invite(hospital, "nora@example.org")) == "user.exists");
}

TEST_CASE("USR-7: a token that is none, and one of another tenant, are as an expired one") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  Hospital other = make_platform(TestEngine("memory"));
  const auto sent = must(invite(hospital, "nora@example.org"));
  CHECK(code_of(other.complete_invitation(sent.token)) == "invitation.expired");
  CHECK(code_of(hospital.complete_invitation("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")) == "invitation.expired");
  CHECK(code_of(hospital.complete_invitation("no token")) == "invitation.expired");
  const auto nowhere = hospital.platform.visit("no-such-tenant")
                           .call(auth::Register{.invitation = Hospital::secret(sent.token),
                                                .password = Hospital::secret(Hospital::password)});
  CHECK(code_of(nowhere) == "invitation.expired");
}

TEST_CASE("USR-7: a disabled account's invitation is dead; enabled, it waits to be invited again") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session admin = hospital.as(Role::tenant_admin);
  const auto sent = must(invite(hospital, "nora@example.org"));
  must(admin.call(users::Disable{.id = sent.user.id}));
  CHECK(code_of(hospital.complete_invitation(sent.token)) == "invitation.expired");
  CHECK(must(admin.call(users::Enable{.id = sent.user.id})).status == users::UserStatus::invited);
  CHECK(code_of(hospital.complete_invitation(sent.token)) == "invitation.expired");
  CHECK(hospital.complete_invitation(must(invite(hospital, "nora@example.org")).token).ok());
}

TEST_CASE("RBA-8: an invitation gives roles and facilities of this tenant only, and says all that is wrong") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  CHECK(fields_of(invite(hospital, "x@example.org", {Role::nurse, Role::super_admin})) ==
        "/roles/1:role.not_assignable");
  CHECK(fields_of(invite(hospital, "x@example.org", {})) == "/roles:required");
  const FacilityId unknown{hospital.tenant.id.uuid};
  CHECK(fields_of(invite(hospital, "x@example.org", {Role::nurse}, {hospital.home, unknown})) ==
        "/facilities/1:facility.unknown");
  CHECK(fields_of(invite(hospital, "no address", {Role::nurse})) == "/email:format.email");
  CHECK(must(hospital.as(Role::tenant_admin).call(users::List{.status = users::UserStatus::invited})).data.empty());
}

TEST_CASE("USR-7: patients register themselves only where the tenant lets them") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  CHECK(code_of(self_register(hospital, "pat@example.org")) == "registration.closed");
  CHECK(code_of(hospital.platform.visit("no-such-tenant")
                    .call(auth::Register{.display_name = "Pat",
                                         .email = "pat@example.org",
                                         .password = Hospital::secret(Hospital::password)})) == "registration.closed");
  open_registration(hospital);
  const auto pat = must(self_register(hospital, "pat@example.org"));
  CHECK(pat.roles == std::vector{Role::patient});
  CHECK(pat.status == users::UserStatus::invited);  // until the address is proved
  CHECK(code_of(hospital.sign_in("pat@example.org")) == "auth.failed");
  CHECK(fields_of(self_register(hospital, "", "")) == "/display_name:required /email:required");
}

TEST_CASE("USR-7: registering does not tell whether an address has an account, and takes none over") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  open_registration(hospital);
  const Member nurse = hospital.member(Role::nurse);
  const auto answer = hospital.visitor().call(auth::Register{
      .display_name = "Pat", .email = nurse.email, .password = Hospital::secret("quite another lantern 58")});
  REQUIRE(answer.ok());
  CHECK(answer->id != nurse.id);
  const auto fresh = must(self_register(hospital, "new@example.org"));
  CHECK(answer->status == fresh.status);
  CHECK(answer->revision == fresh.revision);
  CHECK(answer->created_at == fresh.created_at);
  CHECK(code_of(hospital.sign_in(nurse.email, "quite another lantern 58")) == "auth.failed");
  CHECK(must(hospital.sign_in(nurse.email)).user_id == nurse.id);
}

TEST_CASE("USR-7: who has registered too often is refused before their password is hashed") {
  const auto clock = std::make_shared<FakeClock>();
  const auto rng = std::make_shared<SaltCounter>();
  PlatformOptions options = test_options(storage::memory_engine(), clock);
  options.rng = rng;
  Hospital hospital(std::move(options), clock);
  open_registration(hospital);
  for (int i = 0; i < 3; ++i) must(self_register(hospital, "pat@example.org"));
  const int before = rng->drawn.load();
  CHECK(code_of(self_register(hospital, "pat@example.org")) == "auth.throttled");
  CHECK(rng->drawn.load() == before);
}

TEST_CASE("USR-7: the platform invites a tenant's first administrator, and only the first") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session root = hospital.root();
  const auto tenant = must(root.call(tenants::Provision{
      .slug = "second", .name = "Second", .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")}));
  const auto ask = [&](std::string email) {
    return root.call(users::InviteFirstAdmin{.id = tenant.id, .email = std::move(email), .display_name = "Ann"});
  };
  const auto mistyped = must(ask("anm@example.org"));
  const auto sent = must(ask("ann@example.org"));
  CHECK(sent.user.id == mistyped.user.id);
  CHECK(sent.user.roles == std::vector{Role::tenant_admin});
  CHECK(sent.user.facilities.size() == 1);
  const auto complete = [&](std::string_view token) {
    return hospital.platform.visit("second").call(
        auth::Register{.invitation = Hospital::secret(token), .password = Hospital::secret(Hospital::password)});
  };
  CHECK(code_of(complete(mistyped.token)) == "invitation.expired");
  CHECK(must(complete(sent.token)).email == "ann@example.org");
  CHECK(code_of(ask("other@example.org")) == "user.exists");
  CHECK(code_of(root.call(users::InviteFirstAdmin{
            .id = TenantId{hospital.home.uuid}, .email = "a@example.org", .display_name = "A"})) == "not_found");
}
