// Roles: the built-in ones, those that a tenant makes of them, and the proposals that a second administrator decides (RBA-8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"

namespace medflow::inline v1::roles {

/// The built-in roles, then those that the tenant has made (100 at most), and what each may do.
/// Fails: forbidden.
struct List {
  using Output = Page<RoleInfo>;

  static constexpr Operation operation{.name = "roles.list",
                                       .method = Method::get,
                                       .path = "/roles",
                                       .permission = Permission::role_read,
                                       .summary = "List the roles and their permissions",
                                       .realm = Realm::any,
                                       .object = "role"};
};

/// One role that the tenant has made.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = RoleInfo;
  RoleId id{};

  static constexpr Operation operation{.name = "roles.get",
                                       .method = Method::get,
                                       .path = "/roles/{id}",
                                       .permission = Permission::role_read,
                                       .summary = "Read a role of the tenant's own",
                                       .object = "role"};
};

/// Makes a role. A grant is one that some built-in role of a tenant holds: with the same scope and condition. One that changes
/// something needs the grant to read it, as built-in roles have both. With `record.*`, `break_glass.*` or `patient.export` it comes to be
/// without any grant, and with a proposal (`proposal_id`) that a second administrator approves.
/// Fails, first match wins: forbidden; invalid (`grant.unknown`, `grant.needs_read`, `role.name_taken` among them); conflict
/// `conflict.id_reused`; conflict `role.too_many`.
struct Create {
  using Output = RoleInfo;
  std::optional<RoleId> id{};
  std::string name{};
  std::vector<Grant> grants{};

  static constexpr Operation operation{.name = "roles.create",
                                       .method = Method::post,
                                       .path = "/roles",
                                       .permission = Permission::role_manage,
                                       .effect = Effect::write,
                                       .summary = "Make a role of the tenant's own",
                                       .object = "role",
                                       .status = 201};
};

/// Changes a role: from then on it holds these grants and no others; the sessions of who has it are read anew. Where it gains
/// `record.*`, `break_glass.*` or `patient.export`, it stays as it is until a second administrator approves the change. A proposal
/// that waited is superseded. Nobody changes a role that they have.
/// Fails, first match wins: forbidden; not_found; forbidden `user.own_account`; invalid (as for `roles.create`); precondition_required;
/// conflict `conflict.revision`.
struct Update {
  using Output = RoleInfo;
  RoleId id{};
  std::optional<std::uint64_t> revision{};
  std::string name{};
  std::vector<Grant> grants{};

  static constexpr Operation operation{.name = "roles.update",
                                       .method = Method::put,
                                       .path = "/roles/{id}",
                                       .permission = Permission::role_manage,
                                       .effect = Effect::write,
                                       .summary = "Change a role of the tenant's own",
                                       .object = "role"};
};

/// Removes a role that nobody has.
/// Fails, first match wins: forbidden; not_found; forbidden `user.own_account`; conflict `role.in_use` (its detail says how many users
/// have it); conflict `conflict.revision`.
struct Delete {
  using Output = Done;
  RoleId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "roles.delete",
                                       .method = Method::del,
                                       .path = "/roles/{id}",
                                       .permission = Permission::role_manage,
                                       .effect = Effect::write,
                                       .summary = "Remove a role of the tenant's own",
                                       .object = "role",
                                       .status = 204};
};

}  // namespace medflow::inline v1::roles

namespace medflow::inline v1::role_proposals {

/// The proposed changes of roles, newest first.
/// Fails: forbidden.
struct List {
  using Output = Page<roles::Proposal>;
  std::optional<roles::ProposalStatus> status{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "role_proposals.list",
                                       .method = Method::get,
                                       .path = "/role_proposals",
                                       .permission = Permission::role_read,
                                       .summary = "List the proposed changes of roles",
                                       .object = "role_proposal"};
};

/// Lets a proposed change take effect. Nobody decides what they have proposed, or a change of a role that they have.
/// Fails, first match wins: forbidden; not_found; forbidden `proposal.own`; forbidden `user.own_account`; conflict `proposal.stale`
/// (it was decided, or the role is no longer the one that was to be changed).
struct Approve {
  using Output = roles::RoleInfo;
  RoleProposalId id{};

  static constexpr Operation operation{.name = "role_proposals.approve",
                                       .method = Method::post,
                                       .path = "/role_proposals/{id}/approve",
                                       .permission = Permission::role_manage,
                                       .effect = Effect::write,
                                       .summary = "Approve a proposed change of a role",
                                       .object = "role_proposal"};
};

/// Refuses a proposed change: the role stays as it is.
/// Fails: as `role_proposals.approve`.
struct Reject {
  using Output = roles::RoleInfo;
  RoleProposalId id{};

  static constexpr Operation operation{.name = "role_proposals.reject",
                                       .method = Method::post,
                                       .path = "/role_proposals/{id}/reject",
                                       .permission = Permission::role_manage,
                                       .effect = Effect::write,
                                       .summary = "Refuse a proposed change of a role",
                                       .object = "role_proposal"};
};

}  // namespace medflow::inline v1::role_proposals
