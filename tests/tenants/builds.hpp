// One deployment, opened by builds of different age: the tables of this one, and of those that are to come.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/token.hpp"
#include "kernel/background.hpp"
#include "kernel/platform_state.hpp"
#include "tests/support/platform.hpp"
#include "users/sessions.hpp"

namespace medflow::testing {

/// The tables of this build, and one more with each later version of tenants', the platform's and key stores'.
class LaterTables {
 public:
  /// `later` versions after this build's.
  explicit LaterTables(std::uint32_t later) {
    const auto now = kernel::Schemas::of_this_build();
    schemas_ = {.tenant = &grow(*now.tenant, later), .platform = now.platform, .keys = &grow(*now.keys, later)};
  }
  LaterTables(const LaterTables&) = delete;

  void with_platform(std::uint32_t later) { schemas_.platform = &grow(*schemas_.platform, later); }
  const kernel::Schemas& schemas() const { return schemas_; }

  /// The table that a version brings.
  static const storage::Table& table(std::uint32_t later) {
    static constexpr storage::Column columns[] = {{.name = "id", .kind = storage::CellKind::integer}};
    static constexpr storage::Table tables[] = {{.id = 901, .name = "later_1", .columns = columns},
                                                {.id = 902, .name = "later_2", .columns = columns},
                                                {.id = 903, .name = "later_3", .columns = columns}};
    return tables[later - 1];
  }

 private:
  const storage::Schema& grow(const storage::Schema& now, std::uint32_t later) {
    auto& migrations = migrations_.emplace_back(now.migrations.begin(), now.migrations.end());
    for (std::uint32_t i = 1; i <= later; ++i) {
      auto& changes = changes_.emplace_back();
      changes.push_back({.table = &table(i)});
      migrations.push_back({.number = migrations.back().number + 1, .name = table(i).name, .changes = changes});
    }
    return grown_.emplace_back(storage::Schema{.name = now.name, .migrations = migrations});
  }

  std::deque<std::vector<storage::SchemaChange>> changes_{};
  std::deque<std::vector<storage::Migration>> migrations_{};
  std::deque<storage::Schema> grown_{};
  kernel::Schemas schemas_{};
};

/// A process of a later build.
class LaterBuild {
 public:
  LaterBuild(PlatformOptions options, const LaterTables& tables)
      : state_(std::make_shared<kernel::PlatformState>(std::move(options), tables.schemas())) {
    state_->open();
  }
  ~LaterBuild() { state_->close(); }
  LaterBuild(const LaterBuild&) = delete;

  kernel::PlatformState& state() const { return *state_; }
  Session root() const { return Session(state_->operator_session("test")); }

  /// As `Platform::authenticate`, but for what it catches.
  Session as(const std::string& access_token) const {
    const auto store = state_->store(*crypto::AccessTokens::tenant_of(access_token));
    crypto::AccessClaims claims;
    if (!store || store->tokens().verify(access_token, state_->clock().now(), claims) != crypto::TokenStatus::ok)
      throw std::runtime_error("unauthenticated");
    auto session = store->sessions().find(claims.session);
    if (!session) session = users::resume(state_, store, claims.session);
    if (!session) throw std::runtime_error("no such session");
    return Session(std::move(session));
  }

  /// What went wrong in a tick, in words.
  std::string tick() const {
    std::string words;
    for (const auto& trouble : kernel::run_background(*state_, state_->clock().now()))
      words += trouble.task + ' ' + std::string(trouble.error.code.name) + ' ';
    return words;
  }

 private:
  std::shared_ptr<kernel::PlatformState> state_;
};

}  // namespace medflow::testing
