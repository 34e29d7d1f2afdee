// The directory of tenants, as several processes see and change it.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "medflow/recovery.hpp"
#include "medflow/testing/storage_steps.hpp"
#include "tests/processes/house.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

tenants::Provision clinic(const std::string& slug) {
  return {.slug = slug, .name = slug, .default_zone = {"Europe/Paris"}, .currency = *Currency::parse("EUR")};
}

/// As far as a stranger can tell: who is invited there can complete it.
bool is_open(const Platform& maker, const Platform& platform, const tenants::Tenant& tenant) {
  const auto invitation = must(maker.local_operator("test").call(
      users::InviteFirstAdmin{.id = tenant.id, .email = "ada@example.org", .display_name = "Ada"}));
  return platform.visit(tenant.slug)
      .call(auth::Register{.invitation = Hospital::secret(invitation.token),
                           .password = Hospital::secret(Hospital::password)})
      .ok();
}

}  // namespace

TEST_CASE("TEN-1: a tenant that one process makes is there for the others at once") {
  House house;
  const Platform other = house.join();
  const auto tenant = must(house.hospital.root().call(clinic("new-clinic")));
  CHECK(is_open(house.hospital.platform, other, tenant));
  CHECK(must(other.local_operator("test").call(tenants::List{})).data.size() == 2);
}

TEST_CASE("TEN-3: a tenant that one process suspends is suspended in the others with their next tick") {
  House house;
  const Platform other = house.join();
  const Session there = house.on(other, Role::tenant_admin);
  must(house.hospital.root().call(tenants::Suspend{.id = house.hospital.tenant.id}));
  house.tick(other);
  const auto refused = there.call(facilities::Create{.name = "Wing", .zone = {"Europe/London"}});
  CHECK(code_of(refused) == "tenant.suspended");
  must(other.local_operator("test").call(tenants::Resume{.id = house.hospital.tenant.id}));
  house.tick(house.hospital.platform);
  CHECK(code_of(house.hospital.as(Role::tenant_admin)
                    .call(facilities::Create{.name = "Wing", .zone = {"Europe/London"}})) == "ok");
}

TEST_CASE("TEN-1: of two processes that make the same tenant at once one does, and nothing is left half-made") {
  for (int round = 0; round < 10; ++round) {
    House house;
    const Platform other = house.join();
    const Platform* platforms[] = {&house.hospital.platform, &other};
    std::optional<Result<tenants::Tenant>> made[2];
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 2; ++i)
      threads.emplace_back([&, i] { made[i] = platforms[i]->local_operator("test").call(clinic("twin")); });
    for (auto& thread : threads) thread.join();
    for (auto& result : made)
      if (!result->ok()) CHECK(code_of(*result) == "idempotency.in_progress");
    REQUIRE((made[0]->ok() || made[1]->ok()));
    const auto again = must(other.local_operator("test").call(clinic("twin")));
    CHECK(again.id == (made[0]->ok() ? *made[0] : *made[1])->id);
    CHECK(is_open(other, house.hospital.platform, again));
    CHECK(house.server->process()->list().size() == 6);  // data and keys of the platform and two tenants
  }
}

TEST_CASE(
    "TEN-1: a process that opens leaves alone what another one is making; what it gave up goes after 10 minutes") {
  House house;
  std::optional<Platform> dying;
  bool dead = false;
  const auto engine = std::make_shared<SteppedEngine>(house.server->process(), [&](const StorageStep& step) {
    // Just before the tenant's own store is made: its row is there.
    if (step.call == StorageCall::create) dead = true;
    if (dead) throw storage::Fault{storage::FaultKind::unavailable, "step", "the process has died"};
  });
  dying = house.join(engine);
  CHECK_FALSE(dying->local_operator("test").call(clinic("half-made")).ok());
  dying.reset();

  const Platform next = house.join();
  const Session root = next.local_operator("test");
  CHECK(code_of(root.call(clinic("half-made"))) == "idempotency.in_progress");
  house.clock->advance_s(10 * 60);
  const auto tenant = must(root.call(clinic("half-made")));
  CHECK(is_open(next, house.hospital.platform, tenant));
  CHECK(must(root.call(tenants::List{})).data.size() == 2);
}

TEST_CASE("TEN-1: who was taken for dead while it made a tenant does not bring it to its end") {
  House house;
  std::optional<Platform> next;
  bool slow = true;
  const auto engine = std::make_shared<SteppedEngine>(house.server->process(), [&](const StorageStep& step) {
    if (step.call != StorageCall::create || !std::exchange(slow, false)) return;
    house.clock->advance_s(10 * 60);
    next = house.join();  // which clears away what is so old
  });
  const Platform platform = house.join(engine);
  slow = true;
  CHECK_FALSE(platform.local_operator("test").call(clinic("too-slow")).ok());
  CHECK(must(next->local_operator("test").call(tenants::List{})).data.size() == 1);
  CHECK(house.server->process()->list().size() == 4);
}

TEST_CASE("TEN-1: several processes make the platform itself at once") {
  for (int round = 0; round < 20; ++round) {
    const auto server = make_server();
    const auto clock = std::make_shared<FakeClock>();
    std::optional<Result<Platform>> opened[3];
    std::vector<std::thread> threads;
    for (auto& result : opened)
      threads.emplace_back([&] { result = Platform::open(test_options(server->process(), clock)); });
    for (auto& thread : threads) thread.join();
    for (auto& result : opened) {
      REQUIRE_MESSAGE(result->ok(), code_of(*result));
      CHECK(must((*result)->local_operator("test").call(audit::Verify{})).intact);
    }
  }
}

TEST_CASE("SEC-6: a recovery recipient that one process is given is known to the others with their next tick") {
  House house;
  const Platform other = house.join();
  CHECK(other.degradations() == std::vector<std::string>{"recovery.unset"});
  const TemporaryFolder folder;
  SeededRng rng(1);
  const RecoveryRecipient recipient = create_recovery_file(folder / "recovery", rng);
  must(house.hospital.root().call(
      platforms::SetRecovery{.public_key = recipient.public_key,
                             .confirmation = recipient.fingerprint.substr(recipient.fingerprint.size() - 9)}));
  house.tick(other);
  CHECK(other.degradations() == std::vector<std::string>{"recovery.uncopied"});
}

TEST_CASE("TEN-3: a tenant is moved only where the caller says that no other process is at work") {
  House house;
  PlatformOptions options = house.options();
  options.placements["attic"] = storage::memory_engine();
  const Platform mover = must(Platform::open(std::move(options)));
  const Session root = mover.local_operator("test");
  const auto tenant = must(house.hospital.root().call(clinic("wanderer")));
  const auto refused = root.call(tenants::Move{.id = tenant.id, .placement = "attic"});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().fields.at(0).code == "move.not_alone");
  CHECK(must(root.call(tenants::Get{tenant.id})).placement == tenant.placement);
  CHECK(must(root.call(tenants::Move{.id = tenant.id, .placement = "attic", .alone = true})).placement == "attic");
}
