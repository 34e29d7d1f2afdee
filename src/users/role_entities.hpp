// What is stored of the roles that a tenant makes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel/rows.hpp"
#include "medflow/custom_roles.hpp"
#include "storage/entity.hpp"
#include "users/roles.fields.hpp"

namespace medflow::inline v1::roles {

inline constexpr Code role_in_use{"role.in_use", Errc::conflict, "Users have this role."};
inline constexpr Code too_many_roles{"role.too_many", Errc::conflict, "The tenant has 100 roles of its own."};
inline constexpr Code own_proposal{"proposal.own", Errc::forbidden, "Nobody decides what they have proposed."};
inline constexpr Code stale_proposal{"proposal.stale", Errc::conflict,
                                     "The proposal was decided, or the role was changed meanwhile."};

/// A role of the tenant's own. What waits for a second administrator is a `Proposal`, and no part of it.
struct StoredRole {
  RoleId id{};
  std::uint64_t revision = 0;
  std::string name{};
  std::vector<Grant> grants{};
  std::optional<RoleProposalId> proposal_id{};
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

}  // namespace medflow::inline v1::roles

namespace medflow {

template <>
struct Described<roles::StoredRole> {
  using T = roles::StoredRole;
  static constexpr std::string_view name = "StoredRole";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, roles::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::name>(3, "name", none, roles::rule::name),
      field<&T::grants>(4, "grants", none, {.meaning = "what it may do, as a list"}),
      field<&T::proposal_id>(5, "proposal_id", none, {.meaning = "the change that waits for a second administrator"}),
      field<&T::created_at>(6, "created_at", immutable, {.meaning = "when it was made"}),
      field<&T::created_by>(7, "created_by", immutable, {.meaning = "who made it"}),
      field<&T::updated_at>(8, "updated_at", none, {.meaning = "when it was last changed"}),
      field<&T::updated_by>(9, "updated_by", none, {.meaning = "who changed it last"})};
};

}  // namespace medflow

namespace medflow::inline v1::storage {

template <>
struct Stored<roles::StoredRole> {
  static const Entity entity;
};
template <>
struct Stored<roles::Proposal> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
