// Roles: the built-in ones as the matrix has them, and those of the tenant's own (RBA-8).
#include <algorithm>

#include "kernel/access.hpp"
#include "kernel/expected.hpp"
#include "kernel/handler.hpp"
#include "kernel/role_matrix.hpp"
#include "users/custom_roles.hpp"
#include "users/entities.hpp"

namespace medflow::inline v1::roles {
namespace {

using kernel::Rows;
using kernel::Work;

RoleInfo built_in(std::size_t role) {
  RoleInfo info{.name = std::string(Words<Role>::words[role]), .built_in = true};
  for (const kernel::MatrixRow& row : kernel::role_matrix()) {
    const kernel::Granted granted = kernel::parse_cell(row.cells[role]);
    if (granted.scope == Scope::none) continue;
    info.grants.push_back({.permission = std::string(permission_name(row.permission)),
                           .scope = std::string(kernel::scope_letter(granted.scope)),
                           .condition = std::string(granted.condition)});
  }
  return info;
}

/// Puts a change of the role before a second administrator. `role` is as it is to stay until then; it is stored with this.
RoleProposalId propose(Work& work, StoredRole& role, std::string name, std::vector<Grant> grants) {
  Proposal proposal{.id = work.make_id<RoleProposalId>(),
                    .role_id = role.id,
                    .role_revision = role.revision + 1,
                    .name = std::move(name),
                    .grants = std::move(grants)};
  Rows<Proposal>(work).insert(proposal);
  return proposal.id;
}

std::size_t holders_of(Work& work, RoleId role) {
  std::size_t count = 0;
  Rows<users::StoredUser>(work).scan({}, [&](const users::StoredUser& user) {
    if (std::find(user.custom_roles.begin(), user.custom_roles.end(), role) != user.custom_roles.end()) ++count;
    return true;
  });
  return count;
}

/// Whether a role that is there already is the one that the request makes.
bool is_made_by(Work& work, const StoredRole& role, const Create& request, const std::vector<Grant>& grants) {
  if (role.name != request.name) return false;
  if (role.grants == grants) return true;
  const auto waiting = role.proposal_id ? Rows<Proposal>(work).find(*role.proposal_id) : std::nullopt;
  return waiting && waiting->grants == grants;
}

}  // namespace

Page<RoleInfo> handle(Work& work, const List&) {
  Page<RoleInfo> page;
  const bool platform = work.store().realm() == Realm::platform;
  // A tenant never gives `super_admin`.
  for (std::size_t role = platform ? 0 : 1; role < kernel::role_count; ++role) page.data.push_back(built_in(role));
  for (const StoredRole& role : all(work)) page.data.push_back(view_of(role));
  work.event().count = static_cast<std::uint32_t>(page.data.size());
  return page;
}

RoleInfo handle(Work& work, const Get& request) { return view_of(Rows<StoredRole>(work).get(request.id)); }

RoleInfo handle(Work& work, const Create& request) {
  Rows<StoredRole> rows(work);
  std::vector<Grant> grants = request.grants;
  require_grants(grants);
  StoredRole role{.id = request.id ? *request.id : work.make_id<RoleId>(), .name = request.name};
  work.about(role.id.uuid);
  if (request.id) {
    if (const auto there = rows.find(*request.id)) {
      if (is_made_by(work, *there, request, grants)) return view_of(*there);
      throw Failure(codes::id_reused);
    }
  }
  require_free(work, role.name, role.id);
  if (all(work).size() >= roles_max) throw Failure(too_many_roles);
  if (needs_second({}, grants)) {
    role.proposal_id = propose(work, role, request.name, std::move(grants));
  } else {
    role.grants = std::move(grants);
  }
  rows.insert(role);
  return view_of(role);
}

RoleInfo handle(Work& work, const Update& request) {
  Rows<StoredRole> rows(work);
  StoredRole role = rows.get(request.id);
  require_not_own(work, role.id);
  std::vector<Grant> grants = request.grants;
  require_grants(grants);
  require_free(work, request.name, role.id);
  kernel::require_named(request.revision);
  const auto waited = role.proposal_id;
  const bool waits = needs_second(role.grants, grants);
  if (*request.revision == role.revision && waits) {
    role.proposal_id = propose(work, role, request.name, std::move(grants));
  } else if (!waits) {
    role.proposal_id.reset();
    role.name = request.name;
    role.grants = std::move(grants);
  }
  rows.update(role, request.revision);
  supersede(work, waited);
  forget_live(work, role.id);
  return view_of(role);
}

Done handle(Work& work, const Delete& request) {
  Rows<StoredRole> rows(work);
  const StoredRole role = rows.get(request.id);
  require_not_own(work, role.id);
  if (const std::size_t count = holders_of(work, role.id); count != 0)
    throw Failure(role_in_use, std::to_string(count) + (count == 1 ? " user has it" : " users have it"));
  rows.remove(role.id, request.revision.value_or(role.revision));
  supersede(work, role.proposal_id);
  return {};
}

}  // namespace medflow::inline v1::roles

MEDFLOW_HANDLE(medflow::roles::List);
MEDFLOW_HANDLE(medflow::roles::Get);
MEDFLOW_HANDLE(medflow::roles::Create);
MEDFLOW_HANDLE(medflow::roles::Update);
MEDFLOW_HANDLE(medflow::roles::Delete);
