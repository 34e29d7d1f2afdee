// The tenant's users, as administrators keep them (USR-13, RBA-8).
#include "kernel/handler.hpp"
#include "kernel/lists.hpp"
#include "kernel/paging.hpp"
#include "users/accounts.hpp"
#include "users/codes.hpp"
#include "users/custom_roles.hpp"
#include "users/session_rows.hpp"
#include "users/throttles.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::Rows;
using kernel::Work;

/// The user of this id, who is somebody else than the caller.
StoredUser get_other(Work& work, UserId id) {
  StoredUser user = Rows<StoredUser>(work).get(id);
  if (work.actor().user == id) throw Failure(own_account);
  return user;
}

}  // namespace

Page<User> handle(Work& work, const List& request) {
  const std::string_view query =
      request.status ? Words<UserStatus>::words[static_cast<std::size_t>(*request.status)] : "";
  auto found = kernel::page_by_id<StoredUser>(work, request.limit, request.cursor, query, [&](const StoredUser& user) {
    return !request.status || user.status == *request.status;
  });
  Page<User> page{.page = std::move(found.page)};
  for (const StoredUser& user : found.data) page.data.push_back(view_of(work, user));
  return page;
}

User handle(Work& work, const Get& request) { return view_of(work, Rows<StoredUser>(work).get(request.id)); }

User handle(Work& work, const Update& request) {
  StoredUser user = Rows<StoredUser>(work).get(request.id);
  user.display_name = request.display_name;
  if (request.phone != user.phone) user.phone = phone_of(work, request.phone);
  user.locale = request.locale;
  update_user(work, user, request.revision);
  return view_of(work, user);
}

User handle(Work& work, const SetRoles& request) {
  StoredUser user = get_other(work, request.id);
  std::vector<Role> roles = request.roles;
  std::vector<RoleId> custom_roles = request.custom_roles;
  require_assignable(roles, !custom_roles.empty());
  roles::require_known(work, custom_roles);
  StoredUser changed = user;
  changed.roles = std::move(roles);
  changed.custom_roles = std::move(custom_roles);
  // A stale revision is told first, by the update.
  if (request.revision == user.revision && !has_role(changed, Role::tenant_admin)) require_another_admin(work, user);
  update_rights(work, changed, request.revision);
  return view_of(work, changed);
}

User handle(Work& work, const SetFacilities& request) {
  StoredUser user = get_other(work, request.id);
  user.facilities = request.facilities;
  require_facilities(work, user.facilities);
  update_rights(work, user, request.revision);
  return view_of(work, user);
}

User handle(Work& work, const SetLabels& request) {
  StoredUser user = get_other(work, request.id);
  user.labels = kernel::without_repeats(request.labels);
  update_rights(work, user, request.revision);
  return view_of(work, user);
}

User handle(Work& work, const SetPatient& request) {
  StoredUser user = get_other(work, request.id);
  require_patient(work, request.patient_id);
  user.patient_id = request.patient_id;
  update_rights(work, user, request.revision);
  return view_of(work, user);
}

User handle(Work& work, const Disable& request) {
  StoredUser user = get_other(work, request.id);
  if (user.status == UserStatus::disabled) return view_of(work, user);
  require_another_admin(work, user);
  user.status = UserStatus::disabled;
  user.invitation_expires_at.reset();
  update_invitation(work, user, {});
  revoke_all(work, user.id, "disabled");
  return view_of(work, user);
}

User handle(Work& work, const Enable& request) {
  work.open_classes(block_flags);  // whether there is a password decides what the account becomes
  StoredUser user = Rows<StoredUser>(work).get(request.id);
  if (user.status != UserStatus::disabled)
    throw Failure(codes::illegal_transition, "only a disabled account can be enabled");
  const bool complete = !user.password_hash.empty() || user.issuer;
  user.status = complete ? UserStatus::active : UserStatus::invited;
  update_user(work, user, user.revision);
  forget_live(work, user.id);
  return view_of(work, user);
}

Done handle(Work& work, const ClearThrottle& request) {
  const StoredUser user = Rows<StoredUser>(work).get(request.id);
  if (user.email) forget_failures(work, *user.email);
  return {};
}

}  // namespace medflow::inline v1::users

MEDFLOW_HANDLE(medflow::users::List);
MEDFLOW_HANDLE(medflow::users::Get);
MEDFLOW_HANDLE(medflow::users::Update);
MEDFLOW_HANDLE(medflow::users::SetRoles);
MEDFLOW_HANDLE(medflow::users::SetFacilities);
MEDFLOW_HANDLE(medflow::users::SetLabels);
MEDFLOW_HANDLE(medflow::users::SetPatient);
MEDFLOW_HANDLE(medflow::users::Disable);
MEDFLOW_HANDLE(medflow::users::Enable);
MEDFLOW_HANDLE(medflow::users::ClearThrottle);
