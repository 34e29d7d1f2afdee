// Changes of roles that take a second administrator (RBA-8).
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "users/custom_roles.hpp"

namespace medflow::inline v1::role_proposals {
namespace {

using kernel::Rows;
using kernel::Work;
using roles::Proposal;
using roles::ProposalStatus;
using roles::StoredRole;

/// A proposal that the caller may decide, and the role that it would change.
struct Open {
  Proposal proposal{};
  StoredRole role{};
};

Open open(Work& work, RoleProposalId id) {
  Proposal proposal = Rows<Proposal>(work).get(id);
  // Who proposed, and who would gain by it, must be told apart from who decides.
  if (work.actor().user.is_nil() || work.actor().user == proposal.created_by) throw Failure(roles::own_proposal);
  roles::require_not_own(work, proposal.role_id);
  auto role = Rows<StoredRole>(work).find(proposal.role_id);
  if (!role || role->proposal_id != proposal.id || role->revision != proposal.role_revision ||
      proposal.status != ProposalStatus::pending)
    throw Failure(roles::stale_proposal);
  return {.proposal = std::move(proposal), .role = std::move(*role)};
}

roles::RoleInfo decide(Work& work, Open& decided, ProposalStatus status) {
  decided.proposal.status = status;
  decided.proposal.decided_at = work.now();
  decided.proposal.decided_by = work.actor().user;
  Rows<Proposal>(work).update(decided.proposal, decided.proposal.revision);
  decided.role.proposal_id.reset();
  Rows<StoredRole>(work).update(decided.role, decided.role.revision);
  return roles::view_of(decided.role);
}

}  // namespace

Page<Proposal> handle(Work& work, const List& request) {
  const std::string_view query =
      request.status ? Words<ProposalStatus>::words[static_cast<std::size_t>(*request.status)] : "";
  return kernel::page_by_id<Proposal>(
      work, request.limit, request.cursor, query,
      [&](const Proposal& proposal) { return !request.status || proposal.status == *request.status; },
      {.backwards = true});
}

roles::RoleInfo handle(Work& work, const Approve& request) {
  Open found = open(work, request.id);
  if (!roles::is_free(work, found.proposal.name, found.role.id))
    throw Failure(roles::stale_proposal, "another role has the name by now");
  found.role.name = found.proposal.name;
  found.role.grants = found.proposal.grants;
  roles::forget_live(work, found.role.id);
  return decide(work, found, ProposalStatus::approved);
}

roles::RoleInfo handle(Work& work, const Reject& request) {
  Open found = open(work, request.id);
  return decide(work, found, ProposalStatus::rejected);
}

}  // namespace medflow::inline v1::role_proposals

MEDFLOW_HANDLE(medflow::role_proposals::List);
MEDFLOW_HANDLE(medflow::role_proposals::Approve);
MEDFLOW_HANDLE(medflow::role_proposals::Reject);
