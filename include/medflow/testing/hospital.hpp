// A hospital to test in: a platform on any engine with a clock that only the test moves, one tenant, and a user of each role.
//
// For tests alone; a weaker promise than the rest of the public headers.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "medflow/medflow.hpp"
#include "medflow/testing/ports.hpp"

namespace medflow::testing {

/// The value of an answer that a test relies on.
template <class T>
T must(Result<T> result) {
  if (!result.ok())
    throw std::runtime_error("unexpected: " + std::string(result.error().code.name) + " " + result.error().detail);
  return std::move(result).value();
}

/// The code of an answer; "ok" where it went well.
template <class T>
std::string code_of(const Result<T>& result) {
  return result.ok() ? "ok" : std::string(result.error().code.name);
}

/// "/email:required /roles/0:role.not_assignable"
template <class T>
std::string fields_of(const Result<T>& result) {
  std::string text;
  if (result.ok()) return text;
  for (const FieldError& field : result.error().fields)
    text += (text.empty() ? "" : " ") + field.pointer + ":" + field.code;
  return text;
}

/// Whoever works at the hospital.
struct Member {
  UserId id{};
  std::string email{};
  auth::Tokens tokens{};
};

class Hospital {
 public:
  static constexpr std::string_view password = "violet tundra 47 anchor mosaic";

  explicit Hospital(PlatformOptions options, std::shared_ptr<FakeClock> test_clock, std::string slug = "saint-mary")
      : clock(std::move(test_clock)), platform(must(Platform::open(std::move(options)))), slug_(std::move(slug)) {
    tenant = must(root().call(tenants::Provision{.slug = slug_,
                                                 .name = "Saint Mary Hospital",
                                                 .default_zone = {"Europe/London"},
                                                 .currency = *Currency::parse("GBP")}));
    const auto invitation = must(root().call(
        users::InviteFirstAdmin{.id = tenant.id, .email = email_of(Role::tenant_admin), .display_name = "Ada Admin"}));
    complete(Role::tenant_admin, invitation);
    home = must(as(Role::tenant_admin).call(facilities::List{})).data.at(0).id;
    away = must(as(Role::tenant_admin).call(facilities::Create{.name = "Annex", .zone = {"Europe/London"}})).id;
  }

  std::shared_ptr<FakeClock> clock;
  Platform platform;
  tenants::Tenant tenant{};
  FacilityId home{};  ///< where everybody works
  FacilityId away{};  ///< where nobody does

  const std::string& slug() const { return slug_; }
  Session root() const { return platform.local_operator("test"); }
  Session visitor() const { return platform.visit(slug_); }

  /// The user of this role, who is made when first asked for. Not `super_admin`: that is `root`.
  const Member& member(Role role) {
    const auto there = members_.find(role);
    if (there != members_.end()) return there->second;
    return complete(role,
                    must(as(Role::tenant_admin)
                             .call(users::Invite{.email = email_of(role),
                                                 .display_name = "Somebody " + std::to_string(static_cast<int>(role)),
                                                 .roles = {role},
                                                 .facilities = {home}})));
  }

  /// Their session, signed in anew where the clock has made the last one old.
  Session as(Role role) {
    if (role == Role::super_admin) return root();
    member(role);
    Member& who = members_.at(role);
    auto session = platform.authenticate(who.tokens.access_token);
    if (session.ok()) return std::move(session).value();
    who.tokens = must(sign_in(who.email));
    return must(platform.authenticate(who.tokens.access_token));
  }

  Result<auth::Tokens> sign_in(std::string_view email, std::string_view with = password,
                               std::string_view device = "test") const {
    return visitor().call(
        auth::Login{.email = std::string(email), .password = secret(with), .device = std::string(device)});
  }

  Result<users::User> complete_invitation(std::string_view token, std::string_view with = password,
                                          std::string name = {}) const {
    return visitor().call(
        auth::Register{.invitation = secret(token), .display_name = std::move(name), .password = secret(with)});
  }

  /// Registers patients with made-up names, births, phones and identifiers, in the first facility: the same ones each time.
  std::vector<patients::Patient> add_patients(std::size_t count) {
    static constexpr std::string_view families[] = {"Okafor", "Lindqvist", "Moreau", "Tanaka",
                                                    "Haddad", "Novak",     "Silva"};
    static constexpr std::string_view given[] = {"Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Grace", "Hugo"};
    const Session desk = as(Role::receptionist);
    std::vector<patients::Patient> added;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t n = patients_++;
      const auto month = static_cast<std::uint8_t>(1 + n % 12);
      const auto day = static_cast<std::uint8_t>(1 + n % 28);
      patients::Register request{.names = {{.family = std::string(families[n % std::size(families)]),
                                            .given = {std::string(given[n % std::size(given)])}}},
                                 .sex_admin = static_cast<patients::Sex>(n % 2)};
      request.birth = patients::Birth{.date = {static_cast<std::int16_t>(1940 + n % 80), month, day}};
      request.identifiers = {{.system = "https://ids.example/test", .value = "T" + std::to_string(100'000 + n)}};
      request.phones = {{.e164 = "+4420" + std::to_string(70'000'000 + n)}};
      added.push_back(must(desk.call(std::move(request))));
    }
    return added;
  }

  /// Changes the tenant's settings; `update` needs no revision.
  settings::Settings configure(settings::Update update) {
    const Session admin = as(Role::tenant_admin);
    update.revision = must(admin.call(settings::Get{})).revision;
    return must(admin.call(std::move(update)));
  }

  static Secret secret(std::string_view text) { return Secret(std::string(text)); }
  static std::string email_of(Role role) { return "role" + std::to_string(static_cast<int>(role)) + "@example.org"; }

 private:
  const Member& complete(Role role, const users::Invitation& invitation) {
    must(complete_invitation(invitation.token));
    const std::string email = email_of(role);
    return members_[role] = {.id = invitation.user.id, .email = email, .tokens = must(sign_in(email))};
  }

  std::string slug_;
  std::map<Role, Member> members_{};
  std::size_t patients_ = 0;
};

/// What a test's platform is made of: passwords cost as little as they may.
inline PlatformOptions test_options(std::shared_ptr<storage::Engine> engine, std::shared_ptr<Clock> clock) {
  static constexpr std::array<std::byte, 32> root_key{std::byte{7}};
  return {.engine = std::move(engine),
          .root_key = memory_root_key(root_key),
          .clock = std::move(clock),
          .create = true,
          .password_memory_kib = 19 * 1024,
          .password_passes = 2};
}

/// The same with chance, and so keys and ids, that follow from a seed.
inline PlatformOptions seeded_options(std::shared_ptr<storage::Engine> engine, std::shared_ptr<Clock> clock,
                                      std::uint64_t seed) {
  PlatformOptions options = test_options(std::move(engine), std::move(clock));
  options.rng = std::make_shared<SeededRng>(seed);
  return options;
}

/// A hospital with one administrator; `member` and `as` make the others.
inline Hospital make_platform(std::shared_ptr<storage::Engine> engine) {
  auto clock = std::make_shared<FakeClock>();
  PlatformOptions options = test_options(std::move(engine), clock);
  return Hospital(std::move(options), std::move(clock));
}

}  // namespace medflow::testing
