// The built-in roles, as the matrix has them.
#include "kernel/access.hpp"
#include "kernel/handler.hpp"
#include "kernel/role_matrix.hpp"
#include "kernel/work.hpp"
#include "medflow/users.hpp"

namespace medflow::inline v1::roles {

Page<RoleInfo> handle(kernel::Work& work, const List&) {
  Page<RoleInfo> page;
  const std::size_t first = work.store().realm() == Realm::platform ? 0 : 1;  // a tenant never gives `super_admin`
  for (std::size_t role = first; role < kernel::role_count; ++role) {
    RoleInfo& info = page.data.emplace_back(RoleInfo{.name = static_cast<Role>(role)});
    for (const kernel::MatrixRow& row : kernel::role_matrix()) {
      const kernel::Granted granted = kernel::parse_cell(row.cells[role]);
      if (granted.scope == Scope::none) continue;
      info.grants.push_back({.permission = std::string(permission_name(row.permission)),
                             .scope = std::string(kernel::scope_letter(granted.scope)),
                             .condition = std::string(granted.condition)});
    }
  }
  work.event().count = static_cast<std::uint32_t>(page.data.size());
  return page;
}

}  // namespace medflow::inline v1::roles

MEDFLOW_HANDLE(medflow::roles::List);
