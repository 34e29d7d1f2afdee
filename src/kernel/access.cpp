#include "kernel/access.hpp"

#include <algorithm>
#include <cassert>

#include "kernel/role_matrix.hpp"
#include "medflow/fields.hpp"

namespace medflow::kernel {
namespace {

constexpr std::string_view letters[] = {"-", "A", "F", "C", "O", "W", "M"};

Scope scope_of(char letter) {
  for (std::size_t i = 1; i < std::size(letters); ++i)
    if (letters[i].front() == letter) return static_cast<Scope>(i);
  return Scope::none;
}

/// A permission opens classes only where it reaches more than metadata.
bool opens(std::span<const Granted> ways) {
  return std::any_of(ways.begin(), ways.end(), [](const Granted& way) { return way.scope != Scope::metadata; });
}

}  // namespace

std::string_view scope_letter(Scope scope) { return letters[static_cast<std::size_t>(scope)]; }

Granted parse_cell(std::string_view cell) {
  assert(!cell.empty());
  Granted granted{.scope = scope_of(cell.front())};
  if (cell.size() > 3) granted.condition = cell.substr(2, cell.size() - 3);
  return granted;
}

std::optional<Held> grant_of(const roles::Grant& grant) {
  for (const MatrixRow& row : role_matrix()) {
    if (permission_name(row.permission) != grant.permission) continue;
    for (std::size_t role = static_cast<std::size_t>(Role::tenant_admin); role < role_count; ++role) {
      const Granted way = parse_cell(row.cells[role]);
      if (way.scope != Scope::none && scope_letter(way.scope) == grant.scope && way.condition == grant.condition)
        return Held{.permission = row.permission, .way = way};
    }
    return std::nullopt;
  }
  return std::nullopt;
}

Access::Access(std::span<const Role> roles, std::span<const roles::Grant> grants) {
  granted_[static_cast<std::size_t>(Permission::anonymous)].push_back({.scope = Scope::all});
  if (!roles.empty() || !grants.empty())
    granted_[static_cast<std::size_t>(Permission::session)].push_back({.scope = Scope::own});
  for (const MatrixRow& row : role_matrix()) {
    auto& ways = granted_[static_cast<std::size_t>(row.permission)];
    for (Role role : roles) {
      const Granted way = parse_cell(row.cells[static_cast<std::size_t>(role)]);
      if (way.scope != Scope::none) ways.push_back(way);
    }
  }
  for (const roles::Grant& grant : grants)
    if (const auto held = grant_of(grant)) granted_[static_cast<std::size_t>(held->permission)].push_back(held->way);
  if (opens(ways(Permission::patient_read)) || opens(ways(Permission::patient_search))) classes_ |= identity | contact;
  if (opens(ways(Permission::record_read))) classes_ |= clinical;
  if (opens(ways(Permission::record_read_sensitive))) classes_ |= restricted;
  if (opens(ways(Permission::invoice_read))) classes_ |= billing;
}

bool Access::holds(Permission permission, Scope scope) const {
  const auto held = ways(permission);
  return std::any_of(held.begin(), held.end(),
                     [&](const Granted& way) { return way.scope == scope && way.condition.empty(); });
}

}  // namespace medflow::kernel
