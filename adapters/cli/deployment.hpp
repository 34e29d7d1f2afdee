// Making a hospital: what `init` and `demo` do before anybody can sign in.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "adapters/cli/trouble.hpp"
#include "adapters/config/settings.hpp"
#include "medflow/operations.hpp"
#include "medflow/platform.hpp"

namespace medflow::cli {

struct Hospital {
  std::string slug{};
  std::string name{};
  std::string zone{};
  std::string currency{};
  std::string locale{};
  std::string facility{};
};

/// The value of an answer; throws Trouble for its error.
template <class T>
T must(Result<T> result) {
  if (!result.ok()) throw Trouble(result.error());
  return std::move(*result);
}

/// Opens the deployment that the settings name. `create` makes what is missing.
Platform open_deployment(const config::Settings& settings, bool create, std::uint32_t password_memory_kib = 0,
                         std::shared_ptr<Executor> commits = {});

/// Opens a deployment whose platform's own tables may be behind, and brings these up to date where asked to. Throws Trouble.
Platform open_to_migrate(const config::Settings& settings, bool migrate);

/// Makes the root key file where neither it nor data is there; true where it was made. Throws Trouble where the data is there and its
/// key is not: a new key would never open it.
bool ensure_root_key(const config::Settings& settings);

/// Makes the tenant, or finds it. Throws Trouble.
tenants::Tenant ensure_tenant(const Platform& platform, const Hospital& hospital);

/// Invites the tenant's first administrator; none where it has one already. Throws Trouble.
std::optional<users::Invitation> invite_administrator(const Platform& platform, const tenants::Tenant& tenant,
                                                      const std::string& email, const std::string& display_name);

}  // namespace medflow::cli
