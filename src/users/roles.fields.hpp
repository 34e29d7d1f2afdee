// The fields of roles and of proposals to change them, and of their operations (RBA-8).
#pragma once

#include "medflow/custom_roles.hpp"
#include "medflow/fields.hpp"

namespace medflow::inline v1::roles::rule {

inline constexpr Rules id{.meaning = "The role's id."};
inline constexpr Rules own_id{.meaning = "An id of the caller's own (any UUID); makes the call repeatable."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};
inline constexpr Rules name{.max = 60, .text = TextRule::name, .meaning = "What it is called; unique in the tenant."};
inline constexpr Rules grants{.items_max = 500, .meaning = "What it may do."};

}  // namespace medflow::inline v1::roles::rule

namespace medflow {

template <>
struct Described<roles::Grant> {
  using T = roles::Grant;
  static constexpr std::string_view name = "Grant";
  static constexpr Field fields[] = {
      field<&T::permission>(1, "permission", required, {.max = 100, .meaning = "The permission, as resource.verb."}),
      field<&T::scope>(2, "scope", required, {.max = 1, .meaning = "The rows it reaches: A, F, C, O, W or M."}),
      field<&T::condition>(3, "condition", none, {.max = 100, .meaning = "A condition on it; empty for none."})};
};

template <>
struct Described<roles::RoleInfo> {
  using T = roles::RoleInfo;
  static constexpr std::string_view name = "RoleInfo";
  static constexpr std::string_view page_name = "RolePage";
  static constexpr Field fields[] = {
      field<&T::name>(1, "name", none, {.meaning = "What it is called; of a built-in role its word."}),
      field<&T::grants>(2, "grants", none, roles::rule::grants),
      field<&T::id>(3, "id", none, {.meaning = "The id of a role of the tenant's own."}),
      field<&T::revision>(4, "revision", none, {.meaning = "Counts its changes, from 1; 0 of a built-in role."}),
      field<&T::built_in>(5, "built_in", none, {.meaning = "Whether every tenant has it."}),
      field<&T::proposal_id>(6, "proposal_id", none,
                             {.meaning = "The change of it that waits for a second administrator."})};
};

template <>
struct Words<roles::ProposalStatus> {
  static constexpr std::string_view name = "ProposalStatus";
  static constexpr std::string_view words[] = {"pending", "approved", "rejected", "superseded"};
};

template <>
struct Described<roles::Proposal> {
  using T = roles::Proposal;
  static constexpr std::string_view name = "RoleProposal";
  static constexpr std::string_view page_name = "RoleProposalPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "The proposal's id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::role_id>(3, "role_id", immutable, roles::rule::id),
      field<&T::role_revision>(4, "role_revision", immutable,
                               {.meaning = "The revision of the role that it is a change of."}),
      field<&T::name>(5, "name", immutable, {.max = 60, .meaning = "What the role will be called."}),
      field<&T::grants>(6, "grants", immutable, {.items_max = 500, .meaning = "What the role will hold."}),
      field<&T::status>(7, "status", none, {.meaning = "What has become of it."}),
      field<&T::created_at>(8, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(9, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::decided_at>(10, "decided_at", none, {.meaning = "When it was decided."}),
      field<&T::decided_by>(11, "decided_by", none, {.meaning = "Who decided it."})};
};

template <>
struct Described<roles::List> {
  static constexpr std::string_view name = "RolesList";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Described<roles::Get> {
  using T = roles::Get;
  static constexpr std::string_view name = "RolesGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, roles::rule::id)};
};

template <>
struct Described<roles::Create> {
  using T = roles::Create;
  static constexpr std::string_view name = "RolesCreate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", none, roles::rule::own_id),
                                     field<&T::name>(2, "name", required, roles::rule::name),
                                     field<&T::grants>(3, "grants", none, roles::rule::grants)};
};

template <>
struct Described<roles::Update> {
  using T = roles::Update;
  static constexpr std::string_view name = "RolesUpdate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, roles::rule::id),
                                     field<&T::revision>(2, "revision", none, roles::rule::revision),
                                     field<&T::name>(3, "name", required, roles::rule::name),
                                     field<&T::grants>(4, "grants", none, roles::rule::grants)};
};

template <>
struct Described<roles::Delete> {
  using T = roles::Delete;
  static constexpr std::string_view name = "RolesDelete";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, roles::rule::id),
                                     field<&T::revision>(2, "revision", none, roles::rule::revision)};
};

template <>
struct Described<role_proposals::List> {
  using T = role_proposals::List;
  static constexpr std::string_view name = "RoleProposalsList";
  static constexpr Field fields[] = {
      field<&T::status>(1, "status", none, {.meaning = "Only proposals in this state."}),
      field<&T::limit>(2, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(3, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<role_proposals::Approve> {
  using T = role_proposals::Approve;
  static constexpr std::string_view name = "RoleProposalsApprove";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "The proposal's id."})};
};

template <>
struct Described<role_proposals::Reject> {
  using T = role_proposals::Reject;
  static constexpr std::string_view name = "RoleProposalsReject";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "The proposal's id."})};
};

}  // namespace medflow
