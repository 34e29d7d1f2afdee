// A hospital to test in: a platform on any engine with a clock that only the test moves, one tenant, and a user of each role.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "medflow/medflow.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::testing {

/// Stands still unless it is moved. Thread-safe.
class FakeClock final : public Clock {
 public:
  Instant now() override { return {us_.load()}; }
  void advance_s(std::int64_t seconds) { us_ += seconds * 1'000'000; }

 private:
  std::atomic<std::int64_t> us_{1'795'305'600'000'000};  // 2026-11-22T00:00:00Z
};

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

/// An engine with the place where it keeps its files. A name is "memory", "sqlite" or "sqlcipher".
class TestEngine {
 public:
  explicit TestEngine(std::string_view name) {
    if (name == "memory") {
      engine_ = storage::memory_engine();
    } else if (name == "sqlite") {
      engine_ = storage::sqlite_engine(folder_ / "data");
    } else if (name == "sqlcipher") {
      engine_ = storage::sqlcipher_engine(folder_ / "data");
    } else {
      throw std::invalid_argument("no such engine");
    }
  }
  operator std::shared_ptr<storage::Engine>() const { return engine_; }  // NOLINT(google-explicit-constructor)
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_{};
  std::shared_ptr<storage::Engine> engine_{};
};

inline constexpr std::string_view engine_names[] = {"memory", "sqlite", "sqlcipher"};

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

/// A hospital with one administrator; `member` and `as` make the others.
inline Hospital make_platform(std::shared_ptr<storage::Engine> engine) {
  auto clock = std::make_shared<FakeClock>();
  PlatformOptions options = test_options(std::move(engine), clock);
  return Hospital(std::move(options), std::move(clock));
}

}  // namespace medflow::testing
