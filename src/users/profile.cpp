// One's own account.
#include "kernel/handler.hpp"
#include "users/accounts.hpp"

namespace medflow::inline v1::profile {
namespace {

using kernel::Rows;
using kernel::Work;
using users::StoredUser;

StoredUser own(Work& work) {
  if (work.actor().user.is_nil()) throw Failure(codes::forbidden, "the local operator has no account");
  return Rows<StoredUser>(work).get(work.actor().user);
}

}  // namespace

users::User handle(Work& work, const Get&) { return users::view_of(work, own(work)); }

users::User handle(Work& work, const Update& request) {
  StoredUser user = own(work);
  user.display_name = request.display_name;
  if (request.phone != user.phone) user.phone = users::phone_of(work, request.phone);
  user.locale = request.locale;
  users::update_user(work, user, request.revision);
  return users::view_of(work, user);
}

}  // namespace medflow::inline v1::profile

MEDFLOW_HANDLE(medflow::profile::Get);
MEDFLOW_HANDLE(medflow::profile::Update);
