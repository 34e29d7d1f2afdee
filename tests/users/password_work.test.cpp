// What checking a password costs: counted, not timed (USR-3).
#include <doctest/doctest.h>
#include <sodium.h>

#include <atomic>
#include <optional>

#include "crypto/password.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

std::atomic<std::uint64_t> filled_kib{0};

}  // namespace

/// Takes the place of libsodium's own in this program, and does the same.
extern "C" int crypto_pwhash(unsigned char* const out, unsigned long long out_size, const char* const password,
                             unsigned long long password_size, const unsigned char* const salt,
                             unsigned long long passes, std::size_t memory, int algorithm) {
  filled_kib += passes * (memory / 1024);
  return crypto_pwhash_argon2id(out, out_size, password, password_size, salt, passes, memory, algorithm);
}

namespace {

template <class Body>
std::uint64_t filled_by(Body&& body) {
  const std::uint64_t before = filled_kib;
  body();
  return filled_kib - before;
}

}  // namespace

TEST_CASE("USR-3: a wrong password costs what today's hash costs, whatever is stored, also where nobody is") {
  TestEngine engine("sqlite");
  const std::shared_ptr<storage::Engine> shared = engine;
  std::optional<Hospital> hospital(make_platform(shared));
  const Member nurse = hospital->member(Role::nurse);
  const Member doctor = hospital->member(Role::doctor);
  must(hospital->as(Role::tenant_admin).call(users::Disable{.id = doctor.id}));
  must(hospital->as(Role::tenant_admin)
           .call(users::Invite{.email = "invited@example.org", .display_name = "Ivy", .roles = {Role::nurse}}));
  const auto clock = hospital->clock;
  const std::string slug = hospital->slug();
  hospital.reset();

  PlatformOptions options = test_options(shared, clock);
  options.password_memory_kib = 40 * 1024;
  const std::uint64_t today = std::uint64_t{options.password_passes} * options.password_memory_kib;
  const Platform again = must(Platform::open(std::move(options)));
  const auto work_for = [&](const std::string& tenant, const std::string& email) {
    return filled_by([&] {
      CHECK(code_of(again.visit(tenant).call(auth::Login{
                .email = email, .password = Hospital::secret("not the password at all")})) == "auth.failed");
    });
  };
  CHECK(work_for(slug, nurse.email) == today);  // whose hash is cheaper
  CHECK(work_for(slug, doctor.email) == today);
  CHECK(work_for(slug, "invited@example.org") == today);
  CHECK(work_for(slug, "nobody@example.org") == today);
  CHECK(work_for("no-such-tenant", nurse.email) == today);
}

TEST_CASE("USR-3: what another kind of hash refuses costs at least what nobody's password does") {
  constexpr std::string_view bcrypt_hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
  const crypto::PasswordCost cost = crypto::password_cost_floor;
  const std::uint64_t today = std::uint64_t{cost.passes} * cost.memory_kib;
  const auto work_for = [&](const std::string& password, crypto::PasswordCheck expected) {
    return filled_by([&] { CHECK(crypto::verify_password_or_nobody(password, bcrypt_hash, cost) == expected); });
  };
  CHECK(work_for("U*U", crypto::PasswordCheck::right) == 0);
  CHECK(work_for("wrong", crypto::PasswordCheck::wrong) == today);
  CHECK(work_for(std::string(73, 'x'), crypto::PasswordCheck::too_long_for_bcrypt) == today);
  CHECK(work_for(std::string("U*U\0", 4), crypto::PasswordCheck::too_long_for_bcrypt) == today);
}
