// The roles that a tenant makes of what the built-in ones hold: finding them, checking them, and telling the sessions of a change.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/work.hpp"
#include "users/role_entities.hpp"

namespace medflow::inline v1::roles {

inline constexpr std::size_t roles_max = 100;

/// All of them, by id.
std::vector<StoredRole> all(kernel::Work& work);
/// Those of these ids, in their order; what is not there is left out.
std::vector<StoredRole> find(kernel::Work& work, std::span<const RoleId> ids);
/// The same by name. Throws Failure invalid with every name that no role has (`role.unknown`).
std::vector<StoredRole> named(kernel::Work& work, std::span<const std::string> names);
std::vector<RoleId> ids_of(std::span<const StoredRole> roles);

/// Takes out what is there twice, and throws Failure invalid with every id that is no role's (`role.unknown`).
void require_known(kernel::Work& work, std::vector<RoleId>& ids);
/// Whether no other role of the tenant, built-in or its own, has the name; case does not count.
bool is_free(kernel::Work& work, std::string_view name, RoleId self);
/// Throws Failure invalid (`role.name_taken`) where it is not.
void require_free(kernel::Work& work, std::string_view name, RoleId self);
/// Takes out what is there twice, and throws Failure invalid with all grants that no built-in role of a tenant holds in this way
/// (`grant.unknown`), or that change what the role could not read (`grant.needs_read`).
void require_grants(std::vector<Grant>& grants);
/// Throws Failure `user.own_account` where the caller has the role.
void require_not_own(const kernel::Work& work, RoleId role);

/// Whether `after` holds something that needs a second administrator and that `before` does not.
bool needs_second(std::span<const Grant> before, std::span<const Grant> after);

/// The change that waited is none any more.
void supersede(kernel::Work& work, const std::optional<RoleProposalId>& proposal);
/// Lets the sessions that hold the role be read anew, once its change is durable.
void forget_live(kernel::Work& work, RoleId role);

RoleInfo view_of(const StoredRole& role);

}  // namespace medflow::inline v1::roles
