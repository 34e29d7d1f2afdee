// docs/permissions.md, made from the operations and the roles that the library tells of.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/support/platform.hpp"
#include "users/users.fields.hpp"

namespace medflow::testing {

inline std::string short_form(Role role) {
  static constexpr std::string_view forms[] = {"SA", "TA", "DR", "NU", "RE", "BC", "LB", "PH", "PT", "AU"};
  return std::string(forms[static_cast<std::size_t>(role)]);
}

inline Role built_in(const roles::RoleInfo& role) {
  const auto& words = Words<Role>::words;
  return static_cast<Role>(std::find(std::begin(words), std::end(words), role.name) - std::begin(words));
}

inline std::string permissions_page(const std::vector<roles::RoleInfo>& all_roles) {
  std::map<std::string, std::map<Role, std::string>> held;
  for (const auto& role : all_roles)
    for (const auto& grant : role.grants)
      held[grant.permission][built_in(role)] =
          grant.scope + (grant.condition.empty() ? "" : " (" + grant.condition + ")");

  std::string page =
      "# Permissions\n\n"
      "<!-- Made from the operations and the built-in roles by tests/access; MEDFLOW_WRITE_DOCS=1 writes it anew. "
      "-->\n\n"
      "Every operation asks for one permission. A role holds a permission in a scope: **A** all rows of the tenant, "
      "**F** those of\n"
      "one's own facilities, **C** those of patients in a care relation (as F while relations are not enforced), **O** "
      "one's own,\n"
      "**W** one's work items, **M** metadata only. A condition stands in parentheses. What no cell grants is "
      "denied.\n"
      "Who calls `invoices.bill` needs `invoice.draft` as well.\n\n"
      "Roles:";
  for (const auto& role : all_roles)
    page += (role.name == all_roles.front().name ? " " : ", ") + short_form(built_in(role)) + " `" + role.name + "`";
  page += ".\n\n## Operations\n\n| operation | permission | reason |";
  for (const auto& role : all_roles) page += " " + short_form(built_in(role)) + " |";
  page += "\n| --- | --- | --- |";
  for (std::size_t i = 0; i < all_roles.size(); ++i) page += " --- |";
  page += "\n";

  std::vector<const Operation*> rows;
  for (const OperationRow& row : operations()) rows.push_back(row.operation);
  std::sort(rows.begin(), rows.end(), [](const Operation* a, const Operation* b) { return a->name < b->name; });
  for (const Operation* row : rows) {
    const std::string permission(permission_name(row->permission));
    page += "| `" + std::string(row->name) + "` | `" + permission + "` | " + (row->reason_required ? "yes" : "") + " |";
    for (const auto& role : all_roles) {
      const bool everybody = row->permission == Permission::anonymous || row->permission == Permission::session;
      const bool there =
          row->realm == Realm::any || (row->realm == Realm::platform) == (built_in(role) == Role::super_admin);
      const auto& cells = held[permission];
      const auto cell = cells.find(built_in(role));
      page += " " +
              (!there                ? std::string("–")
               : everybody           ? std::string("yes")
               : cell == cells.end() ? std::string("–")
                                     : cell->second) +
              " |";
    }
    page += "\n";
  }

  page += "\nOpen to a caller without a session:";
  for (const Operation* row : rows)
    if (row->permission == Permission::anonymous) page += " `" + std::string(row->name) + "`";
  return page + ".\n";
}

}  // namespace medflow::testing
